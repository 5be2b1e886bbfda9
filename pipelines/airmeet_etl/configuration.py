"""The source's settings as a command reads them: each fault is one line that says the mend."""

import os
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import dlt
from airmeet.nearest import nearest
from airmeet.settings import Layout, Settings, SourceOptions, layout_of
from dlt.common.configuration import resolve_configuration
from dlt.common.configuration.exceptions import (
    ConfigFieldMissingException,
    ConfigValueCannotBeCoercedException,
)

from .exit_codes import CommandError, print_error, wrong_kind

_OURS = "SOURCES__AIRMEET__"
COMMUNITIES = f"{_OURS}COMMUNITIES__"
"""How variables of one of several communities begin (`communities`)."""
_GUESSED = "AIRMEET_"
"""How variables begin that somebody guessed."""
_FURTHER = (
    "AIRMEET__WEBHOOK_URL",
    "DESTINATION__DUCKDB__CREDENTIALS",
    "DESTINATION__DUCKLAKE__CREDENTIALS",  # two letters from the one above
    "REPORTS__FILE",
    "REPORTS__PARQUET",
    "REPORTS__PUBLISH",
    "REPORTS__CERTIFICATE_RULES",
    "REPORTS__FREE_MAIL_DOMAINS",
    "REPORTS__ROLE_GROUPS",
    "REPORTS__SCORE_WEIGHTS",
    "REPORTS__STAFF_TYPES",
    "REPORTS__WAIVED_FEEDS",
)
_ALIKE = 0.8
"""How alike two names are, of 1, where one is taken for the other misspelt."""
_SHORTEST = 6
"""Characters of a variable without a section that may be a setting misspelt: shorter ones are
alike by accident."""


def read_settings(log_format: str = "text") -> Settings:
    """The settings, from dlt's configuration; names that look misspelt are said.

    Args:
        log_format: of the lines that say so.

    Raises:
        CommandError: one is missing or has no meaning.
    """
    for line in misspelt_settings():
        print_error(line, log_format)
    return resolved_settings()


def resolved_settings() -> Settings:
    """The settings, from dlt's configuration.

    Raises:
        CommandError: one is missing or has no meaning.
    """
    try:
        settings = resolve_configuration(Settings(), sections=("sources", "airmeet"))
    except ConfigFieldMissingException as missing:
        names = " and ".join(missing.traces)
        variables = " and ".join(f"{_OURS}{name.upper()}" for name in missing.traces)
        raise CommandError(
            f"no {names}: airmeet init asks for them; or set {variables}, or write them into "
            ".dlt/secrets.toml"
        ) from None
    except ConfigValueCannotBeCoercedException as wrong:
        raise CommandError(wrong_kind(f"sources.airmeet.{wrong.field_name}", wrong.hint)) from None
    for name in ("access_key", "secret_key"):
        if not getattr(settings, name):
            raise CommandError(f"{name} is empty: set {_OURS}{name.upper()}")
    return settings


def configured_layout() -> Layout:
    """How the configured region's paths are laid out; no API key is needed.

    Raises:
        SettingsError: the region is unknown.
    """
    return layout_of(str(dlt.config.get("sources.airmeet.region") or Settings.region).strip())


def misspelt_settings() -> list[str]:
    """Names in the environment and in dlt's files that are read by nothing but look like settings,
    one line each, with the nearest name. Values are never shown."""
    found = list(_misspelt_variables(os.environ))
    for file, document in settings_files():
        found += (f"{file}: {line}" for line in _misspelt_keys(document))
    return found


def settings_files() -> Iterator[tuple[Path, dict[str, Any]]]:
    """dlt's files of settings and what they hold; one that cannot be read is left to dlt, which
    says what is wrong with it."""
    context = dlt.current.run_context()
    folders = dict.fromkeys(map(Path, (context.settings_dir, context.global_dir)))
    for file in (folder / name for folder in folders for name in ("config.toml", "secrets.toml")):
        try:
            yield file, tomllib.loads(file.read_text())
        except (OSError, ValueError):
            continue


def _known() -> list[str]:
    return [*SourceOptions.get_resolvable_fields()]


def _misspelt_variables(environment: Mapping[str, str]) -> Iterator[str]:
    names = [name.upper() for name in _known()]
    whole = [*(_OURS + name for name in names), *_FURTHER]
    others = {name for name in environment if not name.upper().startswith(COMMUNITIES)}
    for variable in sorted(others - {*names, *whole}):
        if meant := _meant(variable.upper(), names, whole):
            yield _no_setting(variable, meant)


def _meant(variable: str, names: list[str], whole: list[str]) -> str:
    """The variable that one which is read by nothing stands for; "" where it is not about us."""
    section, _, last = variable.rpartition("__")
    if f"{section}__" == _OURS and last:
        return _OURS + nearest(last, names, 0.0)
    if alike := nearest(variable, whole, 0.9):
        return alike
    bare = variable.removeprefix(_GUESSED)
    alike = nearest(bare, names, _ALIKE) if len(bare) >= _SHORTEST else ""
    return alike and _OURS + alike


def _misspelt_keys(document: Mapping[str, Any]) -> Iterator[str]:
    names = _known()
    sources = document.get("sources")
    sources = sources if isinstance(sources, dict) else {}
    ours = sources.get("airmeet")
    for key, value in (ours if isinstance(ours, dict) else {}).items():
        if key not in names and not isinstance(value, dict):
            yield f"[sources.airmeet] {_no_setting(key, nearest(key, names, 0.0))}"
    for key, value in {**document, **sources}.items():
        if isinstance(value, dict):
            wanted = "sources" if key in document else "airmeet"
            if key != wanted and nearest(key, [wanted], _ALIKE):
                yield f"[{key}] is no section of ours; did you mean [sources.airmeet]?"
        elif key not in names and (alike := nearest(key, names, _ALIKE)):
            yield _no_setting(key, f"[sources.airmeet] {alike}")


def _no_setting(name: str, meant: str) -> str:
    return f"{name} is no setting; did you mean {meant}?"
