"""`airmeet check`: proves keys, hosts and destination with a few requests."""

import asyncio
from collections.abc import Iterator

import dlt
from airmeet import token_folder
from airmeet.api.client import Client
from airmeet.api.pagination import Page
from airmeet.errors import AirmeetError, FeedError, Pending, Unavailable
from airmeet.feeds import AIRMEETS, FEEDS, Feed
from airmeet.settings import Settings

from ..exit_codes import to_command_error
from ..warehouse.warehouse import is_loaded, location
from .finding import Finding
from .write_check import check_writes


def check_api(settings: Settings) -> list[Finding]:
    """Keys and hosts: a token, a page of the list, and one small feed of each further host."""
    return asyncio.run(_check_api(settings))


async def _check_api(settings: Settings) -> list[Finding]:
    findings = []
    async with Client(settings, token_folder()) as client:
        hosts = client.hosts
        try:
            await client.token()
        except AirmeetError as error:
            return [Finding("keys", False, str(error))]
        findings.append(Finding("keys", True, f"a token from {hosts.api}"))
        try:
            page = Page.of(AIRMEETS, await client.get("api", AIRMEETS.path, {"size": 1}))
        except AirmeetError as error:
            return [*findings, Finding("airmeets", False, str(error))]
        findings.append(Finding("airmeets", True, f"{hosts.api} lists {_some(page)}"))
        if page.rows:
            for feed in (FEEDS["questions"], FEEDS["booths"]):
                findings.append(await _check_host(client, feed, str(page.rows[0].get("uid"))))
    return findings


async def _check_host(client: Client, feed: Feed, airmeet_id: str) -> Finding:
    host = getattr(client.hosts, feed.service)
    path = feed.path_in(client.hosts.layout, airmeet_id=airmeet_id)
    try:
        Page.of(feed, await client.get(feed.service, path))
    except (Unavailable, Pending) as answer:
        return Finding(feed.name, True, f"{host} answers: {answer}")
    except (FeedError, AirmeetError) as error:
        return Finding(feed.name, False, str(error))
    return Finding(feed.name, True, f"{host} answers")


def _some(page: Page) -> str:
    return "airmeets" if page.rows else "no airmeet yet"


def check_destination(pipeline: dlt.Pipeline) -> Iterator[Finding]:
    """Whether the destination opens, whether something was loaded there before, and whether it
    takes what a load and the reports write."""
    try:
        loaded = is_loaded(pipeline)
    except Exception as error:
        yield Finding("destination", False, str(to_command_error(error)))
        return
    state = "has been loaded before" if loaded else "is new"
    yield Finding(
        "destination", True, f"{location(pipeline)}, dataset {pipeline.dataset_name} {state}"
    )
    yield from check_writes(pipeline)
