"""`airmeet listen`: receives what Airmeet's webhooks deliver, into the inbox."""

import argparse
from typing import TYPE_CHECKING

from ..exit_codes import CommandError, Exit, flush_output, print_line
from .arguments import add_community
from .communities import chosen, of_community

if TYPE_CHECKING:
    from ..webhooks.inbox import Inbox

HELP = "receive webhooks into the inbox, which the next load takes up"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    add_community(parser)
    add = parser.add_argument
    add("--port", type=int, default=8780, metavar="N", help="0 takes a free one (%(default)s)")
    add("--host", default="127.0.0.1", metavar="NAME", help="where to listen (%(default)s)")
    add("--inbox", metavar="FOLDER", help="the inbox, in place of the setting webhook_inbox")


def run(args: argparse.Namespace) -> int:
    """Receive until stopped; the exit code is returned.

    Raises:
        CommandError: there is no secret or no inbox, or nobody can listen there.
    """
    from ..webhooks.inbox import Inbox
    from ..webhooks.serving import listen

    inboxes: dict[str, Inbox] = {}
    for name in chosen(args):
        with of_community(name):
            secret, inbox = _secret_and_inbox(args, name)
        if secret in inboxes:
            raise CommandError(
                f"the community {name} has the webhook_secret of another one: their deliveries "
                "could not be told apart; let airmeet webhooks register make one for each"
            )
        inboxes[secret] = inbox

    def ready(address: str) -> None:
        folders = ", ".join(str(inbox.folder) for inbox in inboxes.values())
        print_line(f"listening on {address}; deliveries go to {folders}")
        flush_output()

    listen(inboxes, args.host, args.port, ready)
    return Exit.DONE


def _secret_and_inbox(args: argparse.Namespace, community: str | None) -> tuple[str, "Inbox"]:
    import dlt

    from ..webhooks.addresses import require_secret
    from ..webhooks.inbox import Inbox, inbox_folder

    secret = dlt.secrets.get("sources.airmeet.webhook_secret", str)
    if not secret:
        of = f" of the community {community}" if community else ""
        raise CommandError(
            f"no webhook_secret{of}: airmeet webhooks register makes it; on another machine set "
            "SOURCES__AIRMEET__WEBHOOK_SECRET to the same"
        )
    setting = args.inbox or dlt.config.get("sources.airmeet.webhook_inbox", str)
    folder = inbox_folder(setting, community)
    if folder is None:
        raise CommandError(
            "no inbox: set SOURCES__AIRMEET__WEBHOOK_INBOX to a folder, for listen and load alike"
        )
    return require_secret(secret), Inbox(folder)
