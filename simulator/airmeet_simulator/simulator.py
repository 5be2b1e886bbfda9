"""The simulated Airmeet without HTTP: a request in, an answer out."""

import time
from collections.abc import Callable, Iterator
from urllib.parse import parse_qsl

import orjson

from . import answers, rows
from .airmeets import Airmeet, Plan
from .answers import Answer
from .community import Community
from .effects import Effects
from .errors import SimulatorError
from .event import Event
from .faults import FaultKind, Faults, corrupt
from .feeds import Place, find, listed
from .journal import Journal
from .options import SimulatorOptions
from .outcomes import OUTCOMES, outcomes_of, totals_of
from .reads import Reads
from .rows import Row
from .series import SERIES_TABLES, true_rows
from .tokens import ACCESS_KEY, SECRET_KEY
from .truth import GATEWAY_TABLES, TABLES, count_of, listed_row, rows_of
from .webhooks import METHODS, Sent, Webhooks, payloads_of
from .writes import payload_of


class Simulator(Reads, Effects):
    """One community and its API.

    Args:
        plan: what the community is like.
        options: how the service behaves.
        faults: none, if left out.
        clock: seconds since the epoch; two years of events end at its first moment.

    Attributes:
        requests: the log of all requests.
        webhooks: those that are registered.
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
        self.webhooks = Webhooks(community.plan.seed)
        self._window: tuple[int, int] = (0, 0)

    def airmeets(self) -> list[Airmeet]:
        """Return the listed airmeets in order of creation."""
        with self.lock:
            found = self.community.listing(self.options.archived_listed)
            return [self.community.airmeets[number] for number in found.items]

    def truth(self, table: str, layout: str = "v1") -> list[Row]:
        """Return the rows of a raw table that a perfect client has (see `truth`).

        The gateway names an airmeet's hosts beside its sessions, too: for that layout
        `session_people` has more rows. Further tables are `outcomes`: what reports are to say.
        """
        return [row for rows_of_one in self._truths(table, layout) for row in rows_of_one]

    def deliver(self, *triggers: str) -> Sent:
        """Send what happened so far to those who registered for these triggers, or for any."""
        payloads = payloads_of(self.truth)
        wanted = [(name, payload) for name, payload in payloads if not triggers or name in triggers]
        return self.webhooks.deliver(wanted, self.options)

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
            place = find(path, method)
            name = place.name if place else ""
            airmeet_id, part_id = self._ids(place)
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
                elif name in METHODS:
                    answer = self._about_webhooks(name, query, access_key, secret_key, sent)
                else:
                    answer = self._checked(place, query, token, sent, kind)
                if kind:
                    answer = corrupt(kind, answer)
            self.requests.add(self.clock(), name, airmeet_id, part_id, answer.meant)
            self._run_hooks(name)
            return answer

    def _truths(self, table: str, layout: str) -> Iterator[list[Row]]:
        if table not in (known := (*TABLES, *GATEWAY_TABLES, *OUTCOMES)):
            raise SimulatorError(f"no table {table}; there are {', '.join(known)}")
        if table in SERIES_TABLES:
            with self.lock:
                yield [*self._series_truth(table)]
            return
        for airmeet in self.airmeets():
            # The lock is held for one airmeet at a time: requests are answered in between.
            with self.lock:
                if table == "airmeets":
                    made = [
                        listed_row(row) for row in listed([rows.airmeet(airmeet)], self.options)
                    ]
                else:
                    event = self.community.event_of(airmeet)
                    made = list(self._rows_of(event, table, layout))
            yield made

    def _series_truth(self, table: str) -> Iterator[Row]:
        for series in self.community.series.values():
            editions = listed([rows.airmeet(each) for each in self._editions(series)], self.options)
            yield from true_rows(
                table, series, [listed_row(row) for row in editions], self.options.series
            )

    def _rows_of(self, event: Event, table: str, layout: str) -> Iterator[Row]:
        if table == "event_totals":
            yield totals_of(event, self.options, layout)
        elif table == "event_outcomes":
            yield from outcomes_of(event, self.options, layout)
        else:
            yield from rows_of(event, table, self.options, layout)

    def _ids(self, place: Place | None) -> tuple[str, str]:
        """Return the ids of the airmeet and of the session, booth or series that a path names."""
        if place is None:
            return "", ""
        if place.session and place.write is None:
            found = self.community.find_session(place.session)
            return (found[0].uid if found else ""), place.session
        return place.airmeet, place.booth or place.series

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

    def _about_webhooks(
        self, name: str, query: str, access_key: str, secret_key: str, sent: bytes
    ) -> Answer:
        """They take the keys themselves, and no token."""
        if (access_key, secret_key) != (ACCESS_KEY, SECRET_KEY) or self.tokens.revoked:
            return answers.error(401, "Supplied access key or secret key is missing or incorrect")
        airmeets = {airmeet.uid for airmeet in self.community.airmeets if not airmeet.foreign}
        try:
            return self.webhooks.answer(name, query, sent, airmeets, self.options)
        except ValueError as invalid:
            return answers.error(400, str(invalid))

    def _checked(
        self, place: Place, query: str, token: str, sent: bytes, kind: FaultKind | None
    ) -> Answer:
        """Check the rate and the token, then answer."""
        if self.options.rate_limit and self._over_rate():
            return answers.too_many(self.options.retry_after, 1, self.clock())
        validity = self.tokens.check(token, self.options)
        if validity == "expired":
            return answers.error(412, "Supplied token has expired")
        if validity == "bad":
            return answers.error(400, "Supplied token is bad")
        parameters = dict(parse_qsl(query))
        try:
            if place.write is not None:
                return self.write(place, payload_of(place.write, place.layout, sent))
            if place.name in SERIES_TABLES:
                return self.series(place, parameters)
            if place.feed is None:
                return self.listing(parameters)
            return self.rows(place, place.feed, parameters, kind == "repeat")
        except ValueError as invalid:
            return answers.error(400, str(invalid))

    def _over_rate(self) -> bool:
        second = int(self.clock())
        count = self._window[1] + 1 if self._window[0] == second else 1
        self._window = (second, count)
        return count > self.options.rate_limit
