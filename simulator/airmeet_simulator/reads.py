"""The GET requests of section 2: pages of the listing and of the feeds."""

import orjson

from . import answers, rows
from .access import refused, visible
from .airmeets import Airmeet
from .answers import Answer
from .changes import Changes
from .event import Event
from .feeds import Feed, Place, listed, slice_of
from .pages import DEFAULT_SIZE, MOST_ROWS, Cursor, newest_first, window
from .row_sets import RowSet
from .rows import Row
from .series import Series, edition_row, enveloped, series_row


class Reads(Changes):
    """The reads; `Simulator` inherits it. A parameter that is refused raises ValueError: 400."""

    def listing(self, parameters: dict[str, str]) -> Answer:
        """Answer with a page of the listing (§2.1)."""
        options = self.options
        found = self.community.listing(options.archived_listed)
        asked = _cursor(parameters, MOST_ROWS)
        if options.airmeets_after == "ignored" and asked.after is not None:
            asked = Cursor(asked.size)
        key = ("airmeets", found.version, asked)
        page = self.pages.get(key)
        if page is None:
            is_reversed = options.airmeets_after == "newest_first"
            shown = (newest_first if is_reversed else window)(found.ids, asked, options.last_page)
            numbers = found.items[shown.low : shown.high]
            data = [
                rows.airmeet(self.community.airmeets[number])
                for number in (reversed(numbers) if is_reversed else numbers)
            ]
            body: Row = {"data": listed(data, options)}
            if shown.cursors is not None:
                body["cursors"] = shown.cursors
                if options.page_count == "pages":
                    pages = -(-len(found) // asked.size)
                    body["cursors"] = shown.cursors | {"pageCount": pages}
            page = self.pages.keep(key, orjson.dumps(body))
        return answers.success(page)

    def series(self, place: Place, parameters: dict[str, str]) -> Answer:
        """Answer with the series of the community, or the airmeets of one; of the gateway alone."""
        options = self.options
        if options.series_refused:
            return answers.error(options.series_refused, "Event series are not in your plan")
        asked = _cursor(parameters, MOST_ROWS)
        made: list[Row | str]
        if place.series:
            series = self.community.series.get(place.series)
            if series is None:
                return answers.error(404, "Supplied seriesId is invalid")
            editions = listed([rows.airmeet(each) for each in self._editions(series)], options)
            made = [edition_row(row, n, options.series) for n, row in enumerate(editions)]
        else:
            known = [series_row(each, options.series) for each in self.community.series.values()]
            made = [*known]
        if options.series != "data":
            return answers.success(orjson.dumps(enveloped(place.name, made, options.series)))
        shown = window(range(1, len(made) + 1), asked, options.last_page)
        body: Row = {"data": made[shown.low : shown.high]}
        if shown.cursors is not None:
            body["cursors"] = shown.cursors
        return answers.success(orjson.dumps(body))

    def _editions(self, series: Series) -> list[Airmeet]:
        """Return the listed airmeets of a series."""
        found = self.community.listing(self.options.archived_listed)
        numbers = {*found.items}
        airmeets = (self.community.find(uid) for uid in series.airmeets)
        return [each for each in airmeets if each is not None and each.number in numbers]

    def rows(self, place: Place, feed: Feed, parameters: dict[str, str], repeat: bool) -> Answer:
        """Answer with rows of a feed (§2.2 to §2.11).

        Args:
            repeat: a fault: the page starts with the last row of the page before it.
        """
        # The analytics service answers 400 for every unknown id.
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
            return self._whole(place, feed, event, parameters)
        if feed.paging == "number":
            return self._numbered(place, feed, event, parameters, repeat)
        options = self.options
        asked = _cursor(parameters, options.attendance_page_max if feed.attendance else MOST_ROWS)
        refusal = refused(event, feed, part, options)
        if refusal:
            return answers.refusal(options.refusal, refusal)
        if not feed.export:
            shown = visible(event, feed, part)
            return self._cursored(place, feed, event, part, shown, asked, repeat)
        export = (feed.table, airmeet.number, part)
        ready = self.exports.ask(export, lambda: visible(event, feed, part), options)
        if ready is None:
            return answers.pending(options.pending)
        return self._cursored(place, feed, event, part, ready, asked, repeat)

    def _recordings(self, made: list[Row], parameters: dict[str, str]) -> Answer:
        """Answer with links that are signed anew each time."""
        asked = [uid for uid in parameters.get("sessionIds", "").split(",") if uid]
        shown = [row for row in made if not asked or row["session_id"] in asked]
        for row in shown:
            row["download_link"] = self.recordings.link(str(row["session_id"]), self.options)
        body = {"recordings": shown, "recordingsCount": len(shown), "totalCount": len(made)}
        return answers.success(orjson.dumps(body))

    def _whole(self, place: Place, feed: Feed, event: Event, parameters: dict[str, str]) -> Answer:
        found = visible(event, feed, 0)
        key = (feed.table, place.layout, event.airmeet.number, found.version)
        if feed.table == "session_recordings":
            made = slice_of(event, feed, 0, found, range(len(found)), self.options)
            return self._recordings(made, parameters)
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
        asked = {each.strip().lower() for each in parameters.get("emailIds", "").split(",")} - {""}
        if asked and place.layout == "gateway":
            every = slice_of(event, feed, 0, found, range(len(found)), options, layout="gateway")
            made = [row for row in every if str(row["email"]).lower() in asked]
            shown = made[(number - 1) * size :][:size]
            counts = {"userCount": len(shown), "totalUserCount": len(made)}
            return answers.success(orjson.dumps({options.participants_key: shown, **counts}))
        low = (number - 1) * size
        of = (feed.table, place.layout, event.airmeet.number, found.version)
        key = (*of, size, number, by, descending)
        page = None if repeat else self.pages.get(key)
        if page is None:
            ordered = self._order(feed, event, found, by, descending)
            positions = list(ordered[max(0, low - repeat) : low + size])
            made = slice_of(event, feed, 0, found, positions, options, layout=place.layout)
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
        """Return positions of a row set in the order asked for; sorted once by name or address."""
        if by == "registrationDate":
            return range(len(found) - 1, -1, -1) if descending else range(len(found))
        order = self.pages.orders.get((found.version, by))
        if order is None:
            made = slice_of(event, feed, 0, found, range(len(found)), self.options)
            values = [str(row[by] or "").lower() for row in made]
            order = sorted(range(len(values)), key=values.__getitem__)
            self.pages.orders[found.version, by] = order
        return order[::-1] if descending else order

    def _cursored(
        self,
        place: Place,
        feed: Feed,
        event: Event,
        part: int,
        found: RowSet,
        asked: Cursor,
        repeat: bool,
    ) -> Answer:
        key = (place.layout, found.version, asked)
        page = None if repeat else self.pages.get(key)
        if page is None:
            shown = window(found.ids, asked, self.options.last_page)
            # A row that names nobody is not repeated: no client could tell it from another one.
            before = found.items[shown.low - 1] if repeat and shown.low else 0
            repeat = repeat and (feed.analytics or event.hidden(before) < 2)
            positions = range(max(0, shown.low - repeat), shown.high)
            made = slice_of(event, feed, part, found, positions, self.options, layout=place.layout)
            body: Row = {"data": made}
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
