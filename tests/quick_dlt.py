"""Makes dlt quicker for the tests, which load thousands of times: it asks the same of the same type
hints hundreds of times a load, and a load of a few rows spends a fifth of its time on that."""

import sys
from collections.abc import Callable
from functools import cache, wraps
from typing import Any

from dlt.common import typing as hints
from dlt.common.configuration.specs import base_configuration as specs

_PURE = (
    (specs, ("extract_inner_hint", "is_secret_hint", "get_config_if_union_hint")),
    (hints, ("extract_inner_type", "is_union_type", "is_literal_type", "is_optional_type")),
)
"""Functions of a type hint and nothing else."""


def remember_answers() -> None:
    """Put caches in place of the functions, wherever dlt has imported them."""
    for module, names in _PURE:
        for name in names:
            plain = getattr(module, name)
            quick = _remembering(plain)
            for loaded in [m for n, m in sys.modules.items() if n.partition(".")[0] == "dlt"]:
                if vars(loaded).get(name) is plain:
                    setattr(loaded, name, quick)
    fields: Any = cache(specs.BaseConfiguration.get_resolvable_fields.__func__)  # type: ignore[attr-defined]
    specs.BaseConfiguration.get_resolvable_fields = classmethod(  # type: ignore[method-assign,assignment]
        lambda cls: dict(fields(cls))
    )


def _remembering(plain: Callable[..., Any]) -> Callable[..., Any]:
    remembered = cache(plain)

    @wraps(plain)
    def quick(*args: Any, **kwargs: Any) -> Any:
        try:
            return remembered(*args, **kwargs)
        except TypeError:  # a hint that cannot be a key
            return plain(*args, **kwargs)

    return quick
