"""The secrets that the settings hold, so that no line of a command shows one."""

import os
import re
from collections.abc import Iterator
from typing import Any

_SECRET_NAME = re.compile(r"(?i)(key|secret|token|password|passphrase|webhook_url)$")
"""Names of settings whose whole value is secret."""
_OWN = re.compile(r"(?i)^(sources|destination|airmeet|reports)__|_proxy$")
"""Environment variables that this program or its libraries read."""


def keep_configured_secrets() -> None:
    """Let keys, tokens, passwords, and those within connection strings and proxies' addresses, of
    the environment and of dlt's files, be in nothing that is printed or stored."""
    from airmeet.safe_text import keep_secret, passwords_in

    from .configuration import settings_files

    settings = [(name, value) for name, value in os.environ.items() if _OWN.search(name)]
    for _, document in settings_files():
        settings += _texts(document)
    for name, value in settings:
        keep_secret(*passwords_in(value))
        if _SECRET_NAME.search(name):
            keep_secret(value)


def _texts(values: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in values.items():
        if isinstance(value, dict):
            yield from _texts(value)
        elif isinstance(value, str):
            yield name, value
