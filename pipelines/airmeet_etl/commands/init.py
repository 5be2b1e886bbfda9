"""`airmeet init`: asks for the keys without showing them, proves them, and keeps them safe.

Writes `.dlt/secrets.toml` with mode 0600 and nothing else; a file that is there keeps all that it
says of other things.
"""

import argparse
import os
from collections.abc import Callable
from getpass import getpass
from pathlib import Path

from ..exit_codes import CommandError, Exit

HELP = "ask for the keys, prove them, and keep them in .dlt/secrets.toml"

SECRETS = Path(".dlt") / "secrets.toml"
_REGIONS = ("v1", "global", "eu", "us")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """It takes none."""


def run(args: argparse.Namespace) -> int:
    """Ask, prove and keep; the exit code is returned.

    Raises:
        CommandError: an answer is missing, or the keys are not accepted; nothing is written.
    """
    from ..configuration import read_settings
    from ..inspection.check import check_api
    from ..terminal import show_findings

    answers = ask_for_keys()
    # Variables stand above the file: so the check proves what was just typed.
    os.environ.update({f"SOURCES__AIRMEET__{k.upper()}": v for k, v in answers.items()})
    findings = check_api(read_settings())
    show_findings(findings)
    if not all(finding.ok for finding in findings):
        raise CommandError(f"nothing is written to {SECRETS}")
    write_secrets(answers)
    print(f"The keys are in {SECRETS}, for you alone to read. Next: airmeet load")
    return Exit.DONE


def ask_for_keys(
    ask: Callable[[str], str] = input, ask_unseen: Callable[[str], str] = getpass
) -> dict[str, str]:
    """Region and key pair, as a person types them.

    Raises:
        CommandError: there is nobody to ask, or an answer is missing.
    """
    try:
        region = ask(f"Region ({', '.join(_REGIONS)}) [v1]: ").strip() or "v1"
        if region not in _REGIONS:
            raise CommandError(f"region {region!r} is unknown; it is one of {', '.join(_REGIONS)}")
        keys = {
            "access_key": ask_unseen("Access key (not shown): ").strip(),
            "secret_key": ask_unseen("Secret key (not shown): ").strip(),
        }
    except EOFError:
        raise CommandError(
            "there is no terminal to ask for the keys on; set SOURCES__AIRMEET__ACCESS_KEY and "
            "SOURCES__AIRMEET__SECRET_KEY instead"
        ) from None
    if missing := [name for name, key in keys.items() if not key]:
        raise CommandError(f"no {' and '.join(missing)} was given; nothing is written")
    return {"region": region, **keys}


def write_secrets(
    answers: dict[str, str], file: Path = SECRETS, community: str | None = None
) -> None:
    """Put the answers into the secrets file, in place of those before.

    Args:
        answers: by the names of settings.
        file: which file.
        community: of several communities the one whose settings they are.

    Raises:
        CommandError: the file that is there is no TOML.
    """
    import tomlkit
    from airmeet.atomic_file import write_whole
    from tomlkit.exceptions import TOMLKitError

    try:
        document = tomlkit.parse(file.read_text()) if file.exists() else tomlkit.document()
    except TOMLKitError as error:
        raise CommandError(f"{file} is no TOML ({error}); mend or remove it") from None
    section = document.setdefault("sources", tomlkit.table(is_super_table=True))
    ours = section.setdefault("airmeet", tomlkit.table())
    if community:
        communities = ours.setdefault("communities", tomlkit.table(is_super_table=True))
        ours = communities.setdefault(community, tomlkit.table())
    ours.update(answers)
    file.parent.mkdir(parents=True, exist_ok=True)
    write_whole(file, tomlkit.dumps(document), private=True)
