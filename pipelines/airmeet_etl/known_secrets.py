"""The secrets that the settings hold, so that no line of a command shows one."""

import os
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_SECRET_NAME = re.compile(r"(?i)(key|secret|token|password|passphrase|webhook_url)$")
"""Names of settings whose whole value is secret."""
_OWN = re.compile(r"(?i)^(sources|destination|airmeet|reports)__|_proxy$")
"""Environment variables that this program or its libraries read."""


def keep_configured_secrets() -> None:
    """Let keys, tokens, passwords, and those within connection strings and proxies' addresses, of
    the environment and of dlt's files, be in nothing that is printed or stored."""
    import dlt
    from airmeet.safe_text import keep_secret, passwords_in

    context = dlt.current.run_context()
    settings = [(name, value) for name, value in os.environ.items() if _OWN.search(name)]
    for folder in (context.settings_dir, context.global_dir):
        for file in ("secrets.toml", "config.toml"):
            settings += _settings_in(Path(folder) / file)
    for name, value in settings:
        keep_secret(*passwords_in(value))
        if _SECRET_NAME.search(name):
            keep_secret(value)


def _settings_in(file: Path) -> Iterator[tuple[str, str]]:
    """Names and values in a file; none where it cannot be read, which dlt says by itself."""
    try:
        document = tomllib.loads(file.read_text())
    except (OSError, ValueError):
        return
    yield from _texts(document)


def _texts(values: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in values.items():
        if isinstance(value, dict):
            yield from _texts(value)
        elif isinstance(value, str):
            yield name, value
