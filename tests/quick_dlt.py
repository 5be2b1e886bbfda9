"""Makes dlt quicker for the tests, which load hundreds of times: in a load of a few rows it asks
the same of the same type hints and names thousands of times."""

import sys
from collections.abc import Callable, Iterator
from functools import cache, partial, wraps
from types import SimpleNamespace
from typing import Any

import duckdb
import yaml
from dlt.common import typing as hints
from dlt.common import validation
from dlt.common.configuration import resolve
from dlt.common.configuration.providers import environ
from dlt.common.configuration.specs import base_configuration as specs
from dlt.extract import extract

_PURE: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (
        specs,
        (
            "extract_inner_hint",
            "get_config_if_union_hint",
            "is_base_configuration_inner_hint",
            "is_context_inner_hint",
            "is_hint_not_resolvable",
            "is_secret_hint",
        ),
    ),
    (
        hints,
        (
            "extract_inner_type",
            "is_literal_type",
            "is_optional_type",
            "is_subclass",
            "is_union_type",
        ),
    ),
    (resolve, ("_build_section_lookup_paths",)),
)
"""Functions of their arguments and nothing else."""


def use_one_thread() -> None:
    """Open DuckDB with one thread: over a few rows several cost a sixth of a load's CPU."""
    plain = duckdb.connect

    @wraps(plain)
    def connect(*arguments: Any, **options: Any) -> duckdb.DuckDBPyConnection:
        connection = plain(*arguments, **options)
        connection.execute("SET threads = 1")
        return connection

    duckdb.connect = connect


def remember_answers() -> None:
    """Put caches in place of the functions, wherever dlt has imported them."""
    for module, names in _PURE:
        for name in names:
            plain = getattr(module, name)
            quick = _remembering(plain)
            for loaded in [m for n, m in sys.modules.items() if n.partition(".")[0] == "dlt"]:
                if vars(loaded).get(name) is plain:
                    setattr(loaded, name, quick)
    environ.EnvironProvider.get_key_name = staticmethod(  # type: ignore[method-assign]
        cache(environ.EnvironProvider.get_key_name)
    )
    _remember_fields()
    _remember_hints_of_dicts()
    # The hints of all resources, for its trace. The dumper in C writes the same.
    extract.yaml = SimpleNamespace(dump=partial(yaml.dump, Dumper=yaml.CDumper))  # type: ignore


def _remember_fields() -> None:
    configuration = specs.BaseConfiguration
    fields: Any = cache(configuration.get_resolvable_fields.__func__)  # type: ignore[attr-defined]
    configuration.get_resolvable_fields = classmethod(  # type: ignore[method-assign,assignment]
        lambda cls: dict(fields(cls))
    )
    plain: Any = configuration.__iter__

    @cache
    def names(cls: Any) -> tuple[str, ...]:
        return tuple(plain(cls))

    def iterate(self: Any) -> Iterator[str]:
        cls: Any = type(self)
        return iter(names(cls))

    configuration.__iter__ = iterate  # type: ignore[method-assign]


def _remember_hints_of_dicts() -> None:
    module: Any = validation
    plain, remembered = module.get_type_hints, dict[Any, dict[str, Any]]()

    def quick(spec: Any, globalns: Any) -> dict[str, Any]:
        """`globalns` is the spec's own module."""
        if spec not in remembered:
            remembered[spec] = plain(spec, globalns)
        return remembered[spec]

    module.get_type_hints = quick


def _remembering(plain: Callable[..., Any]) -> Callable[..., Any]:
    remembered = cache(plain)

    @wraps(plain)
    def quick(*args: Any, **kwargs: Any) -> Any:
        try:
            return remembered(*args, **kwargs)
        except TypeError:  # a hint that cannot be a key
            return plain(*args, **kwargs)

    return quick
