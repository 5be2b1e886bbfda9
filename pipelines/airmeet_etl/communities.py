"""Several Airmeet communities: an Airmeet key pair is of one, so each has its own.

`[sources.airmeet.communities.NAME]` holds a community's keys, and any setting of the source over
the common ones of `[sources.airmeet]`. Its tables are in a dataset of its own, `airmeet_NAME`;
docs/communities.md says what is over all of them.
"""

import os
import re
from collections.abc import Iterator, Mapping
from typing import Any

import dlt
from airmeet.nearest import did_you_mean, nearest
from airmeet.settings import Settings

from .configuration import misspelt_settings, settings_files
from .exit_codes import CommandError, Exit, print_error

SECTION = "communities"
_VARIABLE = re.compile(r"SOURCES__AIRMEET__COMMUNITIES__([A-Z0-9]\w*?)__([A-Z0-9]\w*)")
_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_TAKEN = ("reports", "staging", "next")
"""How no name ends: datasets of other things are named so."""
_THERE_ARE_NONE = "no communities are configured; write [sources.airmeet.communities.NAME]"
_KEYS = ("access_key", "secret_key")
"""What is never common to several: a pair is of one community."""


def configured_communities() -> tuple[str, ...]:
    """The names of the communities in dlt's files and in the environment, in alphabetical order;
    none where there is a single key pair.

    Raises:
        CommandError: a name cannot be part of a dataset's name.
    """
    names = {match[1].lower() for v in os.environ if (match := _VARIABLE.fullmatch(v.upper()))}
    for _, document in settings_files():
        names |= _sections(document).keys()
    for name in sorted(names):
        require_name(name)
    return tuple(sorted(names))


def chosen_communities(wanted: list[str] | None) -> tuple[str, ...]:
    """The communities that a command is for: those named by `--community`, else all.

    Args:
        wanted: the names, or None.

    Returns:
        Names; none where there is a single key pair.

    Raises:
        CommandError: there is none of that name; says the most similar one.
    """
    configured = configured_communities()
    for name in wanted or ():
        if name not in configured:
            hint = did_you_mean(name, configured) if configured else _THERE_ARE_NONE
            raise CommandError(f"no community {name}: {hint}", Exit.USAGE)
    return tuple(dict.fromkeys(wanted)) if wanted else configured


def require_name(name: str) -> None:
    """Fail where a name cannot stand in a dataset's name.

    Raises:
        CommandError: says why.
    """
    if not _NAME.fullmatch(name):
        raise CommandError(
            f"a community cannot be named {name!r}: write a letter a to z, then letters, digits "
            "and single underscores, in lower case; it is part of a dataset's name"
        )
    if name.split("_")[-1] in _TAKEN:
        raise CommandError(
            f"a community cannot be named {name!r}: datasets that end so are those of reports "
            "and of work in progress"
        )


def settings_of(name: str, with_keys: bool = True) -> dict[str, str]:
    """A community's settings over the common ones, as environment variables have them.

    Args:
        name: of a community.
        with_keys: whether it must have keys of its own, as whoever asks Airmeet needs them.

    Returns:
        Values by the names of variables.

    Raises:
        CommandError: it has no keys of its own.
    """
    found = {}
    for field in Settings.get_resolvable_fields():
        value = _value(name, field)
        if value is not None:
            found[f"SOURCES__AIRMEET__{field.upper()}"] = str(value)
    missing = [key for key in _KEYS if not found.get(f"SOURCES__AIRMEET__{key.upper()}")]
    if missing and with_keys:
        variables = " and ".join(variable_of(name, key) for key in missing)
        raise CommandError(
            f"the community {name} has no {' and '.join(missing)} of its own: set {variables}, or "
            f"write [sources.airmeet.{SECTION}.{name}] in .dlt/secrets.toml"
        )
    return found


def variable_of(name: str, field: str) -> str:
    """The environment variable of a community's setting."""
    return f"SOURCES__AIRMEET__COMMUNITIES__{name.upper()}__{field.upper()}"


def _value(name: str, field: str) -> Any:
    """A setting of a community alone, wherever dlt finds it."""
    path = f"sources.airmeet.{SECTION}.{name}.{field}"
    return dlt.secrets.get(path)


def _sections(document: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Any = document
    for section in ("sources", "airmeet", SECTION):
        found = found.get(section) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else {}


def say_doubtful(log_format: str = "text") -> None:
    """Say the names that look like settings, common or of a community, but are read by nothing,
    and a key pair that is not used.

    Args:
        log_format: of the lines.
    """
    for line in (*misspelt_settings(), *_misspelt_in_communities(), *_unused_keys()):
        print_error(line, log_format)


def _unused_keys() -> Iterator[str]:
    """Keys of `[sources.airmeet]` beside communities, each of which has its own."""
    names = [name for name in _KEYS if dlt.secrets.get(f"sources.airmeet.{name}", str)]
    if names and (communities := configured_communities()):
        yield (
            f"{' and '.join(names)} of [sources.airmeet] are not used beside communities "
            f"({', '.join(communities)}): give their account a name and a section of its own"
        )


def _misspelt_in_communities() -> Iterator[str]:
    fields = [*Settings.get_resolvable_fields()]
    for variable in sorted(os.environ):
        match = _VARIABLE.fullmatch(variable.upper())
        if match and match[2].lower() not in fields:
            meant = variable_of(match[1], nearest(match[2].lower(), fields, 0.0))
            yield f"{variable} is no setting; did you mean {meant}?"
    for file, document in settings_files():
        for name, section in _sections(document).items():
            for key in section if isinstance(section, dict) else ():
                if key not in fields:
                    where = f"[sources.airmeet.{SECTION}.{name}]"
                    meant = nearest(key, fields, 0.0)
                    yield f"{file}: {where} {key} is no setting; did you mean {meant}?"
