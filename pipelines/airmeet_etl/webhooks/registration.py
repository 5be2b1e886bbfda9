"""Webhooks at Airmeet: listed, registered, removed, and samples of what they deliver.

Nobody quotes what the list looks like, so any shape is accepted: a list at the top, under `data`,
or deeper; ids, triggers and addresses under their usual names. Registering and removing look at the
list before, so doing so twice is doing it once, and removing looks at it again behind.
"""

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from airmeet.api.auth import token_folder
from airmeet.api.client import Client
from airmeet.api.responses import AT_TOP
from airmeet.errors import NotAllowed, Pending, Unavailable, UnexpectedResponse, one_line
from airmeet.person import is_missing_id
from airmeet.rows import column_name
from airmeet.settings import Settings, only_the_gateway

from ..exit_codes import CommandError, Exit
from .addresses import Receiver, shown
from .triggers import TRIGGERS, Trigger

_PATH = "/platform-integration/v1"
PLATFORM = "airmeet-etl"
_LARGEST_LIST = 3
"""Objects that may be around the list."""

_IDS = ("id", "uid", "uuid", "webhook_id", "subscription_id", "_id")
_TRIGGERS = ("trigger_meta_info_id", "trigger_id", "trigger", "trigger_name")
_ADDRESSES = ("url", "webhook_url", "target_url", "hook_url", "callback_url", "endpoint")

_T = TypeVar("_T")


@dataclass(frozen=True)
class Webhook:
    """A webhook as Airmeet lists it.

    Attributes:
        id: Airmeet's; empty where it lists none.
        name: of the webhook.
        trigger: what it is about.
        url: where it is delivered to. It holds a secret, ours or somebody else's.
        airmeet_id: of which airmeet; empty where all of them.
    """

    id: str
    name: str
    trigger: str
    url: str
    airmeet_id: str

    @property
    def place(self) -> str:
        """What of the address may be shown."""
        return shown(self.url)

    @property
    def bare_url(self) -> str:
        """The address without a query, which Airmeet is known to add."""
        return self.url.partition("?")[0]

    def is_ours(self, secret: str | None) -> bool:
        """Whether it delivers to an address with our secret; by its name where none is listed."""
        if not self.url:
            return self.name.startswith(PLATFORM)
        return bool(secret) and secret in self.bare_url.split("/")


@dataclass(frozen=True)
class Wanted:
    """A webhook that is to be there."""

    trigger: Trigger
    airmeet_id: str = ""
    session_id: str = ""

    @property
    def name(self) -> str:
        """What Airmeet lists it as."""
        parts = (self.trigger.name.removeprefix("trigger."), self.airmeet_id, self.session_id)
        return " ".join((PLATFORM, *filter(None, parts)))

    def is_there(self, listed: Iterable[Webhook], receiver: Receiver) -> bool:
        """Whether it is listed: by its address, or by its name where no address is."""
        url = receiver.address(self.trigger.name, self.airmeet_id, self.session_id)
        return any(
            hook.bare_url == url if hook.url else hook.name == self.name
            for hook in listed
            if hook.trigger in ("", self.trigger.name)
        )


def wanted_of(
    triggers: Sequence[Trigger], airmeets: Sequence[str], session: str, by_name: bool
) -> tuple[list[Wanted], list[Trigger]]:
    """The webhooks that triggers stand for, and the triggers that lack an airmeet or a session.

    Args:
        triggers: to register.
        airmeets: to register them for; where none are named, for the whole community.
        session: likewise.
        by_name: whether each was asked for, so that none may be left out.

    Raises:
        CommandError: a trigger was asked for that needs an airmeet, or a session.
    """
    wanted, left_out = [], []
    for trigger in triggers:
        if trigger.scope == "community" or (trigger.scope == "any" and not airmeets):
            wanted.append(Wanted(trigger))
        elif airmeets and (trigger.scope != "session" or session):
            of_session = session if trigger.scope == "session" else ""
            wanted += (Wanted(trigger, airmeet, of_session) for airmeet in airmeets)
        elif by_name:
            needed = "--airmeet ID" + (" and --session ID" if trigger.scope == "session" else "")
            raise CommandError(f"{trigger.name} is registered by {needed}", Exit.USAGE)
        else:
            left_out.append(trigger)
    return wanted, left_out


def list_webhooks(settings: Settings) -> list[Webhook]:
    """All webhooks that are registered with these keys.

    Raises:
        AirmeetError: they cannot be listed.
        CommandError: these keys have none, or their list cannot be read.
    """
    return _with_client(settings, _listed)


def register(settings: Settings, receiver: Receiver, wanted: Sequence[Wanted]) -> list[Wanted]:
    """Register those that are not there yet; these are returned.

    Raises:
        AirmeetError: one cannot be registered; those before it are.
        CommandError: as `list_webhooks`; or a refusal, with what Airmeet says.
    """

    async def act(client: Client) -> list[Wanted]:
        there = await _listed(client)
        done: list[Wanted] = []
        for one in wanted:
            if one.is_there(there, receiver):
                continue
            params = {"airmeetId": one.airmeet_id, "sessionId": one.session_id}
            payload = {
                "name": one.name,
                "description": f"For {PLATFORM}: {one.trigger.about}",
                "url": receiver.address(one.trigger.name, one.airmeet_id, one.session_id),
                "triggerMetaInfoId": one.trigger.name,
                "platformName": PLATFORM,
            }
            try:
                await client.with_keys(
                    "POST",
                    f"{_PATH}/webhook-register",
                    {key: value for key, value in params.items() if value},
                    payload,
                )
            except (UnexpectedResponse, Pending):
                # It may have been registered all the same.
                if not one.is_there(await _listed(client), receiver):
                    raise
            except (Unavailable, NotAllowed) as refusal:
                already = f" ({len(done)} before it are)" if done else ""
                words = f"{one.trigger.name} is not registered: {refusal}{already}"
                raise CommandError(words) from None
            done.append(one)
        return done

    return _with_client(settings, act)


def remove(settings: Settings, chosen: Callable[[Webhook], bool]) -> tuple[int, list[Webhook]]:
    """Remove webhooks; returns how many there were, and those of them that are still there.

    Args:
        settings: resolved settings.
        chosen: which of them.

    Raises:
        AirmeetError: one cannot be removed.
        CommandError: as `list_webhooks`; or a refusal, with what Airmeet says.
    """

    async def act(client: Client) -> tuple[int, list[Webhook]]:
        found = [hook for hook in await _listed(client) if chosen(hook)]
        for hook in found:
            await _deregister(client, hook)
        left = [hook for hook in await _listed(client) if chosen(hook)] if found else []
        return len(found), left

    return _with_client(settings, act)


def sample(settings: Settings, trigger: str) -> Any:
    """What Airmeet shows as a delivery of a trigger.

    Raises:
        AirmeetError: there is no answer.
        CommandError: Airmeet has none.
    """

    async def act(client: Client) -> Any:
        params = {"triggerMetaInfoId": trigger}
        try:
            answer = await client.with_keys("GET", f"{_PATH}/sample-payload", params)
        except (Unavailable, NotAllowed) as refusal:
            raise CommandError(f"there is no sample of {trigger}: {refusal}") from None
        return answer.get(AT_TOP, answer)

    return _with_client(settings, act)


async def _deregister(client: Client, hook: Webhook) -> None:
    """Remove one. Nobody says by which method: where one is not served the next is tried."""
    named = {
        "id": hook.id,
        "triggerMetaInfoId": hook.trigger,
        "url": hook.url,
        "airmeetId": hook.airmeet_id,
    }
    payload = {key: value for key, value in named.items() if value}
    params = {"id": hook.id} if hook.id else None
    refusals: list[Exception] = []
    for method in ("DELETE", "POST"):
        try:
            await client.with_keys(method, f"{_PATH}/webhook-deregister", params, payload)
            return
        except (Unavailable, NotAllowed, UnexpectedResponse) as refusal:
            refusals.append(refusal)
            if not _is_of_method(refusal):
                break
    which = f"the webhook {hook.id or hook.trigger}"
    raise CommandError(f"{which} is not removed: {one_line(refusals[0])}") from None


def _is_of_method(refusal: Exception) -> bool:
    """Whether a refusal may be one of the method: 404, 405 or 501."""
    status = getattr(refusal, "status", None)
    return status == 404 or (isinstance(refusal, UnexpectedResponse) and "(405)" in str(refusal))


async def _listed(client: Client) -> list[Webhook]:
    try:
        answer = await client.with_keys("GET", f"{_PATH}/webhook-list")
    except Unavailable as refusal:
        raise CommandError(f"Airmeet lists no webhooks for these keys: {refusal}") from None
    found = _list_in(answer, _LARGEST_LIST)
    if found is None:
        if answer.get("data") in (None, {}, ""):
            return []  # `{"success": true}`: there are none
        raise CommandError("Airmeet's list of webhooks has a form that is not known")
    return [_webhook(entry) for entry in found if isinstance(entry, dict)]


def _list_in(holder: Mapping[str, Any], deepest: int) -> list[Any] | None:
    """The list in an answer, the outermost first."""
    for value in holder.values():
        if isinstance(value, list):
            return value
    for value in holder.values():
        if isinstance(value, dict) and deepest > 1:
            found = _list_in(value, deepest - 1)
            if found is not None:
                return found
    return None


def _webhook(entry: Mapping[str, Any]) -> Webhook:
    values: dict[str, Any] = {}
    for key, value in _flat(entry):
        values.setdefault(column_name(key), value)

    def first(names: Iterable[str]) -> str:
        return next((str(values[n]) for n in names if not is_missing_id(values.get(n))), "")

    trigger = first(_TRIGGERS)
    if not trigger:  # the trigger may be an object: `{"triggerMetaInfo": {"id": "trigger.…"}}`
        texts = (value for value in values.values() if isinstance(value, str))
        trigger = next((text for text in texts if text in TRIGGERS), "")
    own = {column_name(key): value for key, value in entry.items()}
    id = next((str(own[n]) for n in _IDS if not is_missing_id(own.get(n))), "") or first(_IDS[1:])
    return Webhook(id, first(("name",)), trigger, first(_ADDRESSES), first(("airmeet_id",)))


def _flat(entry: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The scalars of an object, and then those of objects within."""
    within = []
    for key, value in entry.items():
        if isinstance(value, dict):
            within.append(value)
        elif not isinstance(value, list):
            yield key, value
    for inner in within:
        yield from _flat(inner)


def require_gateway(settings: Settings) -> None:
    """See that webhooks are served.

    Raises:
        CommandError: by the specification's hosts they are not.
    """
    if settings.hosts().layout != "gateway":
        raise CommandError(only_the_gateway("serves webhooks"))


def _with_client(settings: Settings, act: Callable[[Client], Coroutine[Any, Any, _T]]) -> _T:
    require_gateway(settings)

    async def run() -> _T:
        async with Client(settings, token_folder()) as client:
            return await act(client)

    return asyncio.run(run())
