"""Seeded communities with the faults and oddities of the field, as raw tables."""

from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

from airmeet.feeds import TABLE_FEEDS

from tests.figures import texts
from tests.figures.deliveries import add_deliveries
from tests.figures.seeds import drawn
from tests.figures.twin.facts import Seeds
from tests.figures.visits import Visits
from tests.figures.vocabulary import (
    AIRMEETS,
    DOMAINS,
    FETCHED,
    LENGTHS,
    LIES,
    NOBODY,
    NUMBERS,
    QUESTIONS,
    STATUSES,
    SYNCS,
    TEXTS,
    TYPES,
    UTMS,
    WAYS_TO_ATTEND,
    ZONES,
)
from tests.reports.raw import Tables

Row = dict[str, Any]


class Drawing:
    """One community, drawn from a seed."""

    def __init__(self, seed: int) -> None:
        self.draw = Random(seed)
        self.number = 0
        self.tables: dict[str, list[Row]] = {
            name: []
            for name in (
                "airmeets", *TABLE_FEEDS, "registration_utms", "replay_attendance", "event_series",
                "event_series_airmeets", "feed_syncs",
            )
        }  # fmt: skip
        self.people = [self._somebody(n) for n in range(30)]
        self.waived: set[tuple[str, str]] = set()

    def _somebody(self, n: int) -> tuple[Any, Any, Any]:
        """An address, a user id and a name; each may be missing."""
        address: Any = f"p{n}@{self.draw.choice(DOMAINS)}"
        user_id: Any = f"u{n}"
        kind = self.draw.random()
        if kind < 0.15:
            address = self.draw.choice(NOBODY)
        elif kind < 0.25:
            user_id = self.draw.choice(NOBODY)
        elif kind < 0.3:
            user_id = f"u{n - 1}"  # two addresses of one account
        elif kind < 0.34:
            user_id = f"U{n - 1}"  # another account: ids are told apart by their capitals
        elif kind < 0.38:
            address, user_id = self.draw.choice(NOBODY), f"P{n}@acme.example.com"
        elif kind < 0.4:
            address = f"person {n}"
        elif kind < 0.42:
            address = f"ÉΣΑΣ{n}@Acme.example.com"
        return address, user_id, self.draw.choice((f"Person {n}", f"P. {n}", "Ann", None))

    def chance(self, share: float) -> bool:
        return self.draw.random() < share

    def id(self) -> int:
        self.number += 1
        return self.number

    def moment(self, around: datetime | None, days: float = 20) -> datetime | None:
        """Mostly a time near another one; at times none, or one that cannot be true."""
        kind = self.draw.random()
        if kind < 0.1:
            return None
        if kind < 0.13:
            return self.draw.choice(LIES)
        if kind < 0.18 and around:
            return around
        shift = timedelta(minutes=round(self.draw.uniform(-days, days) * 24 * 60))
        return (around or FETCHED) + shift

    def who(self, people: list[tuple[Any, Any, Any]]) -> Row:
        """Somebody as one row names them: in any spelling, or by half."""
        address, user_id, name = self.draw.choice(people)
        if self.chance(0.06):
            address = self.draw.choice(NOBODY)
        if self.chance(0.06):
            user_id = self.draw.choice(NOBODY)
        if isinstance(user_id, str) and user_id not in NOBODY and self.chance(0.05):
            user_id = f" {user_id} "
        if isinstance(address, str) and self.chance(0.3):
            address = self.draw.choice((f" {address}", f"{address}\u00a0", address.upper()))
        return {
            "email": address,
            "user_id": user_id,
            "name": self.draw.choice((name, name, None, "", " Somebody", "somebody")),
        }

    def run(self) -> None:
        for n in range(AIRMEETS):
            self.airmeet(f"a{n:02}")
        self.series(Random(self.draw.random()))

    def series(self, draw: Random) -> None:
        """Series of any airmeets, some of which the list never had; airmeets may be in several."""
        ids = [*(f"a{n:02}" for n in range(AIRMEETS)), "z0", "z1"]
        for n in range(3):
            if draw.random() < 0.8:
                name = draw.choice((f"Series {n}", None, "", " Talks ", *texts.AIRMEETS))
                self.tables["event_series"].append({"series_id": f"r{n}", "name": name})
            for airmeet_id in draw.sample(ids, draw.choice((1, 4, 14))):
                self.tables["event_series_airmeets"].append(
                    {
                        "series_id": f"r{n}",
                        "airmeet_id": airmeet_id,
                        "name": draw.choice((None, "", "Other name", " Other ")),
                        "status": draw.choice((None, "FINISHED", " cancelled")),
                        "start_time": draw.choice((None, FETCHED - timedelta(days=40))),
                    }
                )

    def airmeet(self, airmeet_id: str) -> None:
        is_plain = self.chance(0.4)
        start = self.moment(FETCHED - timedelta(days=60), 80)
        if is_plain:  # of like size, so that those to come have some beside them
            days = self.draw.choice((-100, -50, -30, -10, -3, 1, 8, 30))
            start = FETCHED + timedelta(days=days, minutes=self.draw.choice((0, 0, 600)))
        elif self.chance(0.15):  # where rules begin and end
            start = FETCHED - timedelta(days=self.draw.choice((0, 7, 30, 90)))
        end = None
        if start and self.chance(0.8):
            end = start + timedelta(
                hours=self.draw.choice(
                    (0, 1, 1, 2, 2, 3, 24, 25, 30, 50, 50, 150, 200, -5)
                    if self.chance(0.85)
                    else (366 * 24, 367 * 24, 368 * 24)
                )
            )
        listed = self.draw.choice((FETCHED, FETCHED, FETCHED, FETCHED - timedelta(days=30), None))
        self.tables["airmeets"].append(
            {
                "airmeet_id": airmeet_id,
                "name": self.draw.choice((f"Meet {airmeet_id}", None, *texts.AIRMEETS)),
                "status": "CREATED" if is_plain else self.draw.choice(STATUSES),
                "timezone": self.draw.choice(ZONES),
                "start_time": start,
                "end_time": end,
                "last_listed_at": FETCHED if is_plain else listed,
            }
        )
        if self.chance(0.05):
            return  # nothing of it was ever asked for
        sizes = (12, 20) if is_plain else (0, 3, 8, 12, 20)
        people = self.draw.sample(self.people, self.draw.choice(sizes))
        if people:
            self.fill(airmeet_id, start, end, people)
        self.sync(airmeet_id, start, is_plain)

    def add(self, table: str, airmeet_id: str, **row: Any) -> None:
        self.tables[table].append({"airmeet_id": airmeet_id, **row})

    def some(self, most: int) -> range:
        return range(self.draw.choice((0, most // 2, most)))

    def fill(
        self, airmeet_id: str, start: datetime | None, end: datetime | None, people: list[Any]
    ) -> None:
        sessions = [f"s{n}" for n in self.some(5)]
        visits = Visits(self.draw, start, end)
        booths = [f"b{n}" for n in self.some(4)]
        for session_id in sessions:
            self.add(
                "sessions",
                airmeet_id,
                session_id=session_id,
                name=self.draw.choice((f"Talk {session_id}", *texts.SESSIONS)),
                status=self.draw.choice(("FINISHED", "FINISHED", "CREATED", "ONGOING", None)),
                start_time=self.moment(start, 0.2) if self.chance(0.3) else visits.within(0.05),
                duration=self.draw.choice(LENGTHS[:6] if self.chance(0.6) else LENGTHS),
            )
        for booth_id in booths:
            self.add("booths", airmeet_id, booth_id=booth_id, name=self.draw.choice(texts.BOOTHS))
        self.staff(airmeet_id, sessions, booths, people)
        self.registered(airmeet_id, start or end, people)
        self.present(airmeet_id, [*sessions, "s9"], [*booths, "b9"], people, visits)
        self.said(airmeet_id, start, [*sessions, "s9", None, ""], people)

    def staff(
        self, airmeet_id: str, sessions: list[str], booths: list[str], people: list[Any]
    ) -> None:
        for session_id in [*sessions, None]:
            for role in ("host", "cohost", "speaker", "speaker"):
                if self.chance(0.2):
                    row = self.who(people)
                    row["id"] = row.pop("user_id")
                    if self.chance(0.4):
                        row["email"] = None
                    self.add("session_people", airmeet_id, session_id=session_id, role=role, **row)
        for booth_id in booths:
            if self.chance(0.4):
                row = self.who(people)
                row["id"] = row.pop("user_id")
                self.add("booth_exhibitors", airmeet_id, booth_id=booth_id, **row)

    def registered(self, airmeet_id: str, around: datetime | None, people: list[Any]) -> None:
        given = Random(self.draw.random())
        kinds = WAYS_TO_ATTEND if given.random() < 0.4 else (None,)
        for n in self.some(3):
            label = self.draw.choice(texts.LABELS)
            self.add("custom_fields", airmeet_id, field_id=f"f{n}", label=label)
            for code in ("dev", "ops"):
                if self.chance(0.6):
                    self.add(
                        "custom_field_options",
                        airmeet_id,
                        field_id=f"f{n}",
                        code=code,
                        display_value=self.draw.choice((code.title(), None, "")),
                    )
        days = self.draw.choice((5, 20, 60, 500))
        for shift in self.draw.choice(((), (), (0, 366), (0, 367), (0, 368), (-367, -366))):
            if around:
                self.add(
                    "registrations",
                    airmeet_id,
                    registration_date=around + timedelta(days=shift),
                    email=f"far{shift}@far.example.com",
                )
        for _ in range(round(len(people) * self.draw.choice((0.0, 0.7, 1.2)))):
            row = self.who(people)
            user_id = row.pop("user_id")
            self.add(
                "registrations",
                airmeet_id,
                registration_date=self.moment(around and around - timedelta(days=days / 2), days),
                attendance_type=given.choice(kinds),
                **texts.person(self.draw),
                **row,
            )
            if self.chance(0.7):
                self.add(
                    "participants",
                    airmeet_id,
                    email=row["email"],
                    user_type=self.draw.choice((*TYPES[:2] * 5, *TYPES)),
                    attendance_type=given.choice(kinds),
                    **texts.person(self.draw),
                )
            for _ in self.some(2):
                self.add(
                    "participant_answers",
                    airmeet_id,
                    email=row["email"],
                    field_id=f"f{given.randrange(4)}",
                    value=given.choice(texts.ANSWERS),
                )
            if self.chance(0.4):
                self.add(
                    "registration_utms",
                    airmeet_id,
                    id=self.id(),
                    email=row["email"] or user_id,
                    **{
                        f"utm_{p}": self.draw.choice(UTMS) for p in ("source", "medium", "campaign")
                    },
                )

    def present(
        self,
        airmeet_id: str,
        sessions: list[str],
        booths: list[str],
        people: list[Any],
        visits: Visits,
    ) -> None:
        few = len(people)
        for _ in self.some(few * 2):
            row = {**self.who(people), **visits.one()}
            self.add("event_attendance", airmeet_id, id=self.id(), **row)
        for table in ("session_attendance", "replay_attendance"):
            is_live = table == "session_attendance"
            for _ in self.some(few * 2 if is_live else 6):
                session_id = self.draw.choice(sessions)
                row = {**self.who(people), **(visits.one() if is_live else visits.replay())}
                self.add(table, airmeet_id, session_id=session_id, id=self.id(), **row)
        for _ in self.some(few // 2):
            self.add(
                "booth_attendance",
                airmeet_id,
                booth_id=self.draw.choice(booths),
                id=self.id(),
                visits=self.draw.choice(NUMBERS),
                interested_in_being_contacted=self.draw.choice((True, False, None)),
                **self.who(people),
            )

    def said(
        self, airmeet_id: str, start: datetime | None, sessions: list[Any], people: list[Any]
    ) -> None:
        places: dict[tuple[str, str], int] = {}

        def place(table: str, row: Row) -> int:
            key = (table, str(row["user_id"]))
            places[key] = places.get(key, -1) + 1
            return places[key]

        for _ in self.some(len(people) * 2):
            row = self.who(people)
            row["user_id"] = row["user_id"] or "undefined"
            first = place("poll_responses", row)
            asked = {
                "question": self.draw.choice(QUESTIONS),
                "session_id": self.draw.choice(sessions),
                "time_stamp": self.moment(start, 0.1) if self.chance(0.5) else None,
            }
            choices = self.draw.choice((1, 1, 1, 2, 3))
            for n in range(choices):
                self.add(
                    "poll_responses",
                    airmeet_id,
                    position=first if n == 0 else place("poll_responses", row),
                    response_position=first if choices > 1 or self.chance(0.8) else None,
                    answer=self.draw.choice(TEXTS),
                    **asked,
                    **row,
                )
        for _ in self.some(6):
            row = self.who(people)
            row["user_id"] = row["user_id"] or "undefined"
            self.add(
                "questions",
                airmeet_id,
                position=place("questions", row),
                question=self.draw.choice(QUESTIONS),
                session_id=self.draw.choice(sessions),
                upvote_count=self.draw.choice(NUMBERS),
                time_stamp=self.moment(start, 0.1),
                **row,
            )

    def sync(self, airmeet_id: str, start: datetime | None, is_plain: bool) -> None:
        """The ledger: half of the airmeets have all there is."""
        complete = is_plain or self.chance(0.35)
        attended = start is None or start <= FETCHED
        statuses: dict[str, str] = {}
        for feed in (*TABLE_FEEDS, "registration_utms", "replay_attendance"):
            gateway = feed not in TABLE_FEEDS
            status = "loaded" if complete and not gateway else self.draw.choice(SYNCS)
            if feed == "event_attendance" and not attended and self.chance(0.7):
                status = "unavailable"
            if gateway and self.chance(0.4):
                status = "absent"
            if not gateway:  # one answer fills all tables of a feed
                status = statuses.setdefault(TABLE_FEEDS[feed].name, status)
            if status not in ("loaded", "unavailable") and self.chance(0.15) and not gateway:
                self.waived.add((airmeet_id, feed))
            if status == "absent":
                continue
            fetched = FETCHED - timedelta(days=self.draw.choice((0, 0, 0, 1, 40)))
            self.add(
                "feed_syncs",
                airmeet_id,
                feed=feed,
                status=status,
                rows=len([r for r in self.tables[feed] if r["airmeet_id"] == airmeet_id]),
                expected_rows=self.draw.choice((None, None, 7)),
                requested_at=fetched,
                loaded_at=fetched + timedelta(minutes=1) if status == "loaded" else None,
                is_final=self.chance(0.9) if status == "loaded" else self.chance(0.3),
            )


def community(seed: int) -> tuple[Tables, Seeds]:
    """The raw tables of a community, and the seeds and settings that its reports are built with."""
    drawing = Drawing(seed)
    drawing.run()
    add_deliveries(drawing.tables, drawing.people, seed)
    seeds = replace(drawn(drawing.draw), waived=frozenset(drawing.waived))
    return {name: list(rows) for name, rows in drawing.tables.items()}, seeds
