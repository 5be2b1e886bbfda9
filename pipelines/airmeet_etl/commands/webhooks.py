"""`airmeet webhooks`: which webhooks Airmeet delivers to the receiver."""

import argparse
from typing import TYPE_CHECKING, Any

from ..exit_codes import AfterCommit, CommandError, Exit, print_line, print_notice
from .arguments import add_community
from .communities import chosen, in_turn, of_community

if TYPE_CHECKING:
    from airmeet.settings import Settings

    from ..webhooks.triggers import Trigger

HELP = "list, register and remove webhooks at Airmeet, and show samples"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    add_community(parser)
    add = parser.add_argument
    add("action", choices=("list", "register", "remove", "sample"), help="what to do")
    add(
        "names",
        nargs="*",
        metavar="TRIGGER|ID",
        help="triggers to register or sample (attendee.clicked_cta); ids to remove",
    )
    add("--all", action="store_true", help="register all triggers; remove all that are ours")
    add("--url", metavar="URL", help="register: the receiver's public address")
    add(
        "--airmeet",
        action="append",
        metavar="ID",
        help="register: for this airmeet alone; may be repeated",
    )
    add("--session", metavar="ID", default="", help="register: for this session of it")


def run(args: argparse.Namespace) -> int:
    """Act for each community; the exit code is returned."""
    names = chosen(args)
    if args.action != "list" and len(names) > 1:
        raise CommandError(
            f"name the community by --community: one of {', '.join(map(str, names))}", Exit.USAGE
        )
    return in_turn(names, lambda community: _act(args, community), AfterCommit())


def _act(args: argparse.Namespace, community: str | None) -> int:
    from ..configuration import read_settings

    actions = {"list": _list, "register": _register, "remove": _remove, "sample": _sample}
    _require_words(args)
    with of_community(community, with_keys=True):
        return actions[args.action](args, read_settings(), community)


def _require_words(args: argparse.Namespace) -> None:
    """See that what is given goes with the action.

    Raises:
        CommandError: it does not.
    """
    action, what = args.action, {"register": "triggers", "remove": "ids"}.get(args.action)
    if what and bool(args.names) == args.all:
        raise CommandError(f"webhooks {action} takes {what}, or --all", Exit.USAGE)
    if action == "sample" and not args.names:
        raise CommandError("webhooks sample takes a trigger", Exit.USAGE)
    if action == "list" and args.names:
        raise CommandError("webhooks list takes no names", Exit.USAGE)
    if action == "register" and not args.url:
        raise CommandError(
            "webhooks register takes --url, the receiver's public address", Exit.USAGE
        )


def _list(args: argparse.Namespace, settings: "Settings", community: str | None) -> int:
    from ..terminal import show_webhooks
    from ..webhooks.registration import list_webhooks

    if community:
        print_line(f"community {community}")
    show_webhooks(list_webhooks(settings), settings.webhook_secret)
    return Exit.DONE


def _register(args: argparse.Namespace, settings: "Settings", community: str | None) -> int:
    from ..webhooks.addresses import receiver_at
    from ..webhooks.registration import register, require_gateway, wanted_of

    require_gateway(settings)
    triggers = _triggers(args)
    wanted, left_out = wanted_of(triggers, args.airmeet or (), args.session, not args.all)
    receiver_at(args.url, "", settings.allow_http)  # before a secret is made
    secret = _secret(settings, community)
    done = register(settings, receiver_at(args.url, secret, settings.allow_http), wanted)
    if left_out:
        names = ", ".join(trigger.name for trigger in left_out)
        print_notice(f"left out, since they are for one airmeet or session (--airmeet): {names}")
    for one in done:
        of = f" of {one.airmeet_id}" if one.airmeet_id else ""
        print_line(f"registered  {one.trigger.name}{of}")
    print_line(f"{len(done):,} registered, {len(wanted) - len(done):,} were there already")
    return Exit.DONE


def _secret(settings: "Settings", community: str | None) -> str:
    """The secret of the settings, or a new one, which is kept beside the keys."""
    from ..webhooks.addresses import new_secret, require_secret
    from .init import SECRETS, write_secrets

    if settings.webhook_secret:
        return require_secret(settings.webhook_secret)
    secret = new_secret()
    try:
        write_secrets({"webhook_secret": secret}, community=community)
    except OSError as error:
        raise CommandError(
            f"{SECRETS} cannot be written ({error.strerror}): set SOURCES__AIRMEET__WEBHOOK_SECRET "
            "to a secret of your own (openssl rand -hex 32)"
        ) from None
    print_notice(f"made a webhook_secret; it is in {SECRETS}, for airmeet listen as well")
    return secret


def _remove(args: argparse.Namespace, settings: "Settings", community: str | None) -> int:
    from ..webhooks.registration import Webhook, remove

    def is_chosen(hook: Webhook) -> bool:
        return hook.is_ours(settings.webhook_secret) if args.all else hook.id in args.names

    found, left = remove(settings, is_chosen)
    print_line(f"{found - len(left):,} removed")
    if left:
        raise CommandError(
            f"Airmeet still lists {', '.join(hook.id or hook.trigger for hook in left)}; remove "
            "them in its settings",
            Exit.PARTLY,
        )
    if not args.all and found < len({*args.names}):
        raise CommandError("the others are not registered; airmeet webhooks list shows which are")
    return Exit.DONE


def _sample(args: argparse.Namespace, settings: "Settings", community: str | None) -> int:
    import orjson

    from ..webhooks.registration import sample

    for trigger in _triggers(args):
        found: Any = sample(settings, trigger.name)
        text = orjson.dumps(found, option=orjson.OPT_INDENT_2).decode()
        for line in text.splitlines():
            print_line(line)
    return Exit.DONE


def _triggers(args: argparse.Namespace) -> "list[Trigger]":
    """The triggers that are named, or all.

    Raises:
        CommandError: there is none of a name.
    """
    from ..webhooks.triggers import TRIGGERS, trigger_named

    if args.all:
        return [*TRIGGERS.values()]
    found = []
    for text in dict.fromkeys(args.names):
        name = trigger_named(text)
        if name is None:
            known = ", ".join(TRIGGERS)
            raise CommandError(f"there is no trigger {text}; there are {known}", Exit.USAGE)
        found.append(TRIGGERS[name])
    return found
