"""The simulated Airmeet without HTTP: a request in, an answer out."""

import time
from collections.abc import Callable, Iterator
from urllib.parse import parse_qsl

import orjson

from . import answers, rows
from .access import refused, visible
from .airmeets import Airmeet, Plan
from .answers import Answer
from .community import Community
from .effects import Effects
from .errors import SimulatorError
from .event import Event
from .faults import FaultKind, Faults, corrupt
from .feeds import Feed, Place, find, listed, slice_of
from .journal import Journal
from .options import SimulatorOptions
from .pages import DEFAULT_SIZE, MOST_ROWS, Cursor, newest_first, window
from .row_sets import RowSet
from .rows import Row
from .tokens import ACCESS_KEY, SECRET_KEY
from .truth import GATEWAY_TABLES, TABLES, count_of, listed_row, rows_of
from .writes import payload_of


class Simulator(Effects):
    """One community and its API.

    Args:
        plan: what the community is like.
        knobs: how the service behaves.
        faults: what goes wrong, if anything.
        clock: seconds since the epoch; two years of events end at its first moment.

    Attributes:
        requests: the log of all requests.
    """

    def __init__(
        self,
        plan: Plan | None = None,
        options: SimulatorOptions | None = None,
        faults: Faults | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        community = Community(plan or Plan(), int(clock() * 1000))
        super().__init__(community, options or SimulatorOptions(), faults, clock)
        self.requests = Journal()
        self._window: tuple[int, int] = (0, 0)
        self._orders: dict[tuple[int, str], list[int]] = {}

    def airmeets(self) -> list[Airmeet]:
        """Return the listed airmeets in order of creation."""
        with self.lock:
            found = self.community.listing(self.options.archived_listed)
            return [self.community.airmeets[number] for number in found.items]

    def truth(self, table: str, layout: str = "v1") -> list[Row]:
        """Return the rows of a raw table that a perfect client has (see `truth`).

        The gateway names an airmeet's hosts beside its sessions, too: for that layout
        `session_people` has more rows.
        """
        return [row for rows_of_one in self._truths(table, layout) for row in rows_of_one]

    def counts(self) -> dict[str, int]:
        """Return the number of rows of every raw table."""
        counts = dict.fromkeys(TABLES, 0)
        for airmeet in self.airmeets():
            with self.lock:
                event = self.community.event_of(airmeet)
                counts["airmeets"] += 1
                for table in TABLES[1:]:
                    counts[table] += count_of(event, table, self.options)
        return counts

    def respond(
        self,
        method: str,
        path: str,
        query: str = "",
        token: str = "",
        access_key: str = "",
        secret_key: str = "",
        sent: bytes = b"",
    ) -> Answer:
        """Answer one request, and log it."""
        with self.lock:
            place = find(path)
            name = place.name if place else ""
            airmeet_id, part_id = self._whose(place)
            kind = self._broken.get((airmeet_id, name))
            if kind is None:
                kind = self.chaos.decide(f"{path}?{query}", name == "auth")
            answer = self.chaos.instead(kind) if kind else None
            if answer is None:
                if kind == "expire":
                    self.tokens.expire()
                if place is None:
                    answer = answers.error(404, "No such path")
                elif method != place.method:
                    answer = answers.not_allowed(place.method)
                elif name == "auth":
                    answer = self._auth(access_key, secret_key)
                else:
                    answer = self._guarded(place, query, token, sent, kind)
                if kind:
                    answer = corrupt(kind, answer)
            self.requests.add(self.clock(), name, airmeet_id, part_id, answer.meant)
            self._run_hooks(name)
            return answer

    def _truths(self, table: str, layout: str) -> Iterator[list[Row]]:
        if table not in (known := (*TABLES, *GATEWAY_TABLES)):
            raise SimulatorError(f"no table {table}; there are {', '.join(known)}")
        for airmeet in self.airmeets():
            # The lock is held for one airmeet at a time: requests are answered in between.
            with self.lock:
                if table == "airmeets":
                    made = [
                        listed_row(row) for row in listed([rows.airmeet(airmeet)], self.options)
                    ]
                else:
                    event = self.community.event_of(airmeet)
                    made = list(rows_of(event, table, self.options, layout))
            yield made

    def _whose(self, place: Place | None) -> tuple[str, str]:
        """Return the ids of the airmeet and of the session or booth that a path names."""
        if place is None:
            return "", ""
        if place.session:
            found = self.community.find_session(place.session)
            return (found[0].uid if found else ""), place.session
        return place.airmeet, place.booth

    def _run_hooks(self, feed: str) -> None:
        for hook in list(self._hooks):
            if hook.feed in ("", feed):
                hook.left -= 1
                if hook.left <= 0:
                    self._hooks.remove(hook)
                    hook.change()

    def _auth(self, access_key: str, secret_key: str) -> Answer:
        """§1.2."""
        if (access_key, secret_key) != (ACCESS_KEY, SECRET_KEY):
            return answers.error(400, "Supplied access key or secret key is missing or incorrect")
        if self.tokens.revoked:
            return answers.error(403, "Keys are revoked")
        token = self.tokens.issue()
        if self.options.token_at_top:
            body: Row = {"success": True, "token": token, "communityId": self.community.uid}
        else:
            body = {"success": True, "data": {"label": "simulated", "token": token}}
        return answers.success(orjson.dumps(body))

    def _guarded(
        self, place: Place, query: str, token: str, sent: bytes, kind: FaultKind | None
    ) -> Answer:
        """Answer where the rate, the token, the ids and the parameters are in order."""
        if self.options.rate_limit and self._over_rate():
            return answers.too_many(self.options.retry_after, 1, self.clock())
        worth = self.tokens.check(token, self.options)
        if worth == "expired":
            return answers.error(412, "Supplied token has expired")
        if worth == "bad":
            return answers.error(400, "Supplied token is bad")
        parameters = dict(parse_qsl(query))
        try:
            if place.write is not None:
                return self.write(place, payload_of(place.write, place.layout, sent))
            if place.feed is None:
                return self._listing(parameters)
            return self._feed(place, place.feed, parameters, kind == "repeat")
        except ValueError as invalid:
            return answers.error(400, str(invalid))

    def _over_rate(self) -> bool:
        second = int(self.clock())
        count = self._window[1] + 1 if self._window[0] == second else 1
        self._window = (second, count)
        return count > self.options.rate_limit

    def _listing(self, parameters: dict[str, str]) -> Answer:
        """§2.1."""
        options = self.options
        found = self.community.listing(options.archived_listed)
        asked = _cursor(parameters, MOST_ROWS)
        if options.airmeets_after == "ignored" and asked.after is not None:
            asked = Cursor(asked.size)
        key = ("airmeets", found.version, asked)
        page = self.pages.get(key)
        if page is None:
            turned = options.airmeets_after == "newest_first"
            shown = (newest_first if turned else window)(found.ids, asked, options.last_page)
            numbers = found.items[shown.low : shown.high]
            data = [
                rows.airmeet(self.community.airmeets[number])
                for number in (reversed(numbers) if turned else numbers)
            ]
            body: Row = {"data": listed(data, options)}
            if shown.cursors is not None:
                body["cursors"] = shown.cursors
                if options.page_count == "pages":
                    pages = -(-len(found) // asked.size)
                    body["cursors"] = shown.cursors | {"pageCount": pages}
            page = self.pages.keep(key, orjson.dumps(body))
        return answers.success(page)

    def _feed(self, place: Place, feed: Feed, parameters: dict[str, str], repeat: bool) -> Answer:
        """§2.2 to §2.11."""
        # Analytics calls everything unknown a bad request.
        unknown, foreign = (400, 400) if feed.analytics else (404, 401)
        part = 0
        airmeet: Airmeet | None
        if place.session:
            found = self.community.find_session(place.session)
            if found is None:
                return answers.error(unknown, "Supplied sessionId is invalid")
            airmeet, part = found
        else:
            airmeet = self.community.find(place.airmeet)
            if airmeet is None:
                return answers.error(unknown, "Supplied airmeet_id is invalid")
        if airmeet.foreign:
            return answers.error(foreign, "Token does not belong to this Airmeet's community")
        event = self.community.event_of(airmeet)
        if place.booth:
            booths = [booth.uid for booth in event.booths]
            if place.booth not in booths:
                return answers.error(unknown, "Supplied boothId is invalid")
            part = booths.index(place.booth)
        if feed.paging == "whole":
            return self._whole(place, feed, event)
        if feed.paging == "number":
            return self._numbered(place, feed, event, parameters, repeat)
        options = self.options
        asked = _cursor(parameters, options.attendance_page_max if feed.attendance else MOST_ROWS)
        refusal = refused(event, feed, part, options)
        if refusal:
            return answers.refusal(options.refusal, refusal)
        rolled: RowSet | None = visible(event, feed, part)
        if feed.export:
            export = (feed.table, airmeet.number, part)
            rolled = self.exports.ask(export, lambda: visible(event, feed, part), options)
            if rolled is None:
                return answers.pending(options.pending)
        assert rolled is not None
        return self._cursored(feed, event, part, rolled, asked, repeat)

    def _whole(self, place: Place, feed: Feed, event: Event) -> Answer:
        found = visible(event, feed, 0)
        key = (feed.table, place.layout, event.airmeet.number, found.version)
        page = self.pages.get(key)
        if page is None:
            made = slice_of(event, feed, 0, found, range(len(found)), self.options)
            body: Row = {feed.key: made}
            if feed.table == "booths" and self.options.booths_null:
                body[feed.key] = None
            if feed.table == "questions":
                body |= {"statusCode": 200, "statusMessage": "SUCCESS"}
            if feed.table == "sessions" and place.layout == "gateway":
                body |= rows.about(event)
            if feed.table == "session_recordings":
                body |= {"recordingsCount": len(made), "totalCount": len(made)}
            page = self.pages.keep(key, orjson.dumps(body))
        return answers.success(page)

    def _numbered(
        self, place: Place, feed: Feed, event: Event, parameters: dict[str, str], repeat: bool
    ) -> Answer:
        """§2.3."""
        options = self.options
        most = (
            options.participants_page_max
            if place.layout == "v1"
            else options.gateway_participants_page_max
        )
        size = min(_whole_number(parameters, "resultSize", DEFAULT_SIZE, 1), most)
        number = _whole_number(parameters, "pageNumber", 1, 1)
        by = _choice(parameters, "sortingKey", ("registrationDate", "name", "email"))
        descending = _choice(parameters, "sortingDirection", ("DESC", "ASC")) == "DESC"
        found = visible(event, feed, 0)
        low = (number - 1) * size
        key = (feed.table, event.airmeet.number, found.version, size, number, by, descending)
        page = None if repeat else self.pages.get(key)
        if page is None:
            ordered = self._order(feed, event, found, by, descending)
            positions = list(ordered[max(0, low - repeat) : low + size])
            made = slice_of(event, feed, 0, found, positions, options)
            body = {
                options.participants_key: made,
                "userCount": len(made),
                "totalUserCount": len(found),
            }
            page = orjson.dumps(body)
            if not repeat:
                self.pages.keep(key, page)
        return answers.success(page)

    def _order(
        self, feed: Feed, event: Event, found: RowSet, by: str, descending: bool
    ) -> range | list[int]:
        """Return positions of a roll in the order asked for; by name or address costs a sort."""
        if by == "registrationDate":
            return range(len(found) - 1, -1, -1) if descending else range(len(found))
        order = self._orders.get((found.version, by))
        if order is None:
            made = slice_of(event, feed, 0, found, range(len(found)), self.options)
            values = [str(row[by] or "").lower() for row in made]
            order = sorted(range(len(values)), key=values.__getitem__)
            self._orders[found.version, by] = order
        return order[::-1] if descending else order

    def _cursored(
        self, feed: Feed, event: Event, part: int, found: RowSet, asked: Cursor, repeat: bool
    ) -> Answer:
        key = (found.version, asked)
        page = None if repeat else self.pages.get(key)
        if page is None:
            shown = window(found.ids, asked, self.options.last_page)
            positions = range(max(0, shown.low - repeat), shown.high)
            body: Row = {"data": slice_of(event, feed, part, found, positions, self.options)}
            if shown.cursors is not None:
                totals = {"totalCount": len(found)} if feed.analytics else {}
                if self.options.page_count == "pages":
                    totals["pageCount"] = -(-len(found) // asked.size)
                body["cursors"] = shown.cursors | totals
            if feed.analytics:
                body |= {"statusCode": 200, "statusMessage": "SUCCESS"}
            page = orjson.dumps(body)
            if not repeat:
                self.pages.keep(key, page)
        return answers.success(page)


def _cursor(parameters: dict[str, str], most: int) -> Cursor:
    size = min(_whole_number(parameters, "size", DEFAULT_SIZE, 1), most)
    after, before = (
        _whole_number(parameters, name, 0, 0) if name in parameters else None
        for name in ("after", "before")
    )
    return Cursor(size, after, before)


def _whole_number(parameters: dict[str, str], name: str, default: int, least: int) -> int:
    text = parameters.get(name)
    if text is None:
        return default
    if not text.isdecimal() or int(text) < least:
        raise ValueError(f"Supplied {name} is invalid")
    return int(text)


def _choice(parameters: dict[str, str], name: str, choices: tuple[str, ...]) -> str:
    """Return a parameter that must be one of these; the first where it is left out."""
    chosen = parameters.get(name, choices[0])
    if chosen not in choices:
        raise ValueError(f"Supplied {name} is invalid")
    return chosen
