"""The source's settings as a command reads them: each fault is one line that says the mend."""

from airmeet.settings import Settings
from dlt.common.configuration import resolve_configuration
from dlt.common.configuration.exceptions import (
    ConfigFieldMissingException,
    ConfigValueCannotBeCoercedException,
)

from .exit_codes import CommandError


def read_settings() -> Settings:
    """The settings, from dlt's configuration.

    Raises:
        CommandError: one is missing or has no meaning.
    """
    try:
        settings = resolve_configuration(Settings(), sections=("sources", "airmeet"))
    except ConfigFieldMissingException as missing:
        names = " and ".join(missing.traces)
        variables = " and ".join(f"SOURCES__AIRMEET__{name.upper()}" for name in missing.traces)
        raise CommandError(
            f"no {names}: set {variables}, or copy .dlt/example.secrets.toml to "
            ".dlt/secrets.toml and fill it in"
        ) from None
    except ConfigValueCannotBeCoercedException as wrong:
        raise CommandError(
            f"the setting {wrong.field_name} is no {getattr(wrong.hint, '__name__', wrong.hint)}"
        ) from None
    for name in ("access_key", "secret_key"):
        if not str(getattr(settings, name)).strip():
            raise CommandError(f"{name} is empty: set SOURCES__AIRMEET__{name.upper()}")
    return settings
