"""The floor: the cost of a load that only fetches, parses, converts and inserts.

It uses aiohttp, orjson, pyarrow and DuckDB. It has no dlt, no state and no retries, and does not
handle rows that come twice or disappear. Each page becomes Arrow at once (keeping dicts to the end
took twice the time and a gigabyte more); after the last page everything is inserted. It sends as
many requests at once as the pipeline.
"""

import asyncio
import os
from collections import defaultdict
from collections.abc import Coroutine
from typing import Any

import aiohttp
import duckdb
import orjson
import pyarrow as pa

CONCURRENCY = 16
PAGE_SIZE = 500

Row = dict[str, Any]


class Fetch:
    """All feeds of all airmeets, as pages by table."""

    def __init__(self, session: aiohttp.ClientSession, base: str) -> None:
        self.pages: defaultdict[str, list[pa.Table]] = defaultdict(list)
        self._session = session
        self._base = base
        self._slots = asyncio.Semaphore(CONCURRENCY)

    async def all(self) -> None:
        """Fetch everything."""
        await self._cursor("airmeets", "/airmeets", {})
        listed = [uid for page in self.pages["airmeets"] for uid in page["uid"].to_pylist()]
        await asyncio.gather(*(self._airmeet(uid) for uid in listed))

    async def _airmeet(self, uid: str) -> None:
        at, keys = f"/airmeet/{uid}", {"airmeet_id": uid}
        await asyncio.gather(
            self._whole("custom_fields", f"{at}/custom-fields", "customFields", keys),
            self._whole("questions", f"{at}/questions", "data", keys),
            self._cursor("registrations", f"{at}/registrations", keys),
            self._cursor("poll_responses", f"{at}/polls", keys),
            self._cursor("event_attendance", f"{at}/attendees", keys),
            self._numbered("participants", f"{at}/participants", keys),
            self._children("sessions", f"{at}/info", keys),
            self._children("booths", f"{at}/booth/public", keys),
        )

    async def _children(self, table: str, path: str, keys: Row) -> None:
        parents = await self._whole(table, path, table, keys)
        jobs: list[Coroutine[Any, Any, None]] = []
        for row in parents:
            if table == "sessions":
                own = {**keys, "session_id": row["sessionid"]}
                path = f"/session/{row['sessionid']}/attendees"
                jobs.append(self._cursor("session_attendance", path, own))
            else:
                own = {**keys, "booth_id": row["uid"]}
                path = f"/airmeet/{keys['airmeet_id']}/booth/{row['uid']}/booth-attendance"
                jobs.append(self._cursor("booth_attendance", path, own))
        await asyncio.gather(*jobs)

    async def _whole(self, table: str, path: str, key: str, keys: Row) -> list[Row]:
        body = await self._get(path, {})
        rows: list[Row] = (body or {}).get(key) or []
        self._keep(table, rows, keys)
        return rows

    async def _cursor(self, table: str, path: str, keys: Row) -> None:
        params: Row = {"size": PAGE_SIZE}
        while body := await self._get(path, params):
            self._keep(table, body["data"], keys)
            after = body["cursors"]["after"]
            if after is None:
                return
            params = {"size": PAGE_SIZE, "after": after}

    async def _numbered(self, table: str, path: str, keys: Row) -> None:
        order = {"sortingKey": "registrationDate", "sortingDirection": "ASC"}

        async def page(number: int) -> Row:
            params = {"resultSize": PAGE_SIZE, "pageNumber": number, **order}
            body = await self._get(path, params)
            assert body is not None
            self._keep(table, body["paticipants"], keys)
            return body

        total = (await page(1))["totalUserCount"]
        await asyncio.gather(*(page(n) for n in range(2, -(-total // PAGE_SIZE) + 1)))

    def _keep(self, table: str, rows: list[Row], keys: Row) -> None:
        if not rows:
            return
        for row in rows:
            row.update(keys)
            for name, value in row.items():
                if isinstance(value, dict | list):  # of several kinds, which no Arrow type holds
                    row[name] = orjson.dumps(value).decode()
        self.pages[table].append(pa.Table.from_pylist(rows))

    async def _get(self, path: str, params: Row) -> Row | None:
        """The body of an answer; None for a refusal."""
        while True:
            async with self._slots, self._session.get(self._base + path, params=params) as answer:
                content = await answer.read()
            if answer.status == 200:
                body: Row = orjson.loads(content)
                return body
            if answer.status == 400:
                return None
            assert answer.status == 202, answer.status


def _as_one(pages: list[pa.Table]) -> pa.Table:
    """The pages of a table; what some send as text is text in all."""
    texts = {f.name for page in pages for f in page.schema if pa.types.is_string(f.type)}
    cast = [
        page.cast(
            pa.schema(f.with_type(pa.string()) if f.name in texts else f for f in page.schema)
        )
        for page in pages
    ]
    return pa.concat_tables(cast, promote_options="permissive")


async def _fetch(base: str, access_key: str, secret_key: str) -> dict[str, list[pa.Table]]:
    keys = {"X-Airmeet-Access-Key": access_key, "X-Airmeet-Secret-Key": secret_key}
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=CONCURRENCY)) as session:
        async with session.post(f"{base}/auth", headers=keys) as answer:
            token = orjson.loads(await answer.read())["data"]["token"]
        session.headers["X-Airmeet-Access-Token"] = token
        fetch = Fetch(session, base)
        await fetch.all()
        return fetch.pages


def main() -> None:
    """Fetch, then insert."""
    environment = os.environ
    fetched = asyncio.run(
        _fetch(
            environment["SOURCES__AIRMEET__API_URL"],
            environment["SOURCES__AIRMEET__ACCESS_KEY"],
            environment["SOURCES__AIRMEET__SECRET_KEY"],
        )
    )
    with duckdb.connect(environment["DESTINATION__DUCKDB__CREDENTIALS"]) as database:
        for name, pages in fetched.items():
            database.register("arrow", _as_one(pages))
            database.execute(f"create table {name} as select * from arrow")
            database.unregister("arrow")


if __name__ == "__main__":
    main()
