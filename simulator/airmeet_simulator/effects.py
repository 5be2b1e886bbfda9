"""What the writes of sections 3 and 4 do to the community."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from zoneinfo import available_timezones

import orjson

from . import answers
from .airmeets import MINUTE, Airmeet
from .answers import Answer
from .changes import Changes
from .draws import uuid
from .event import Event, Kind
from .feeds import Place
from .programme import Session, session_uid

_LISTS = ("registrations", "participants")
_ZONES = available_timezones()


class Effects(Changes):
    """The writes; `Simulator` inherits it.

    Each method gets a payload with valid fields, and raises ValueError if a value is refused: 400.
    """

    def write(self, place: Place, payload: dict[str, Any]) -> Answer:
        """Do what a request asks for."""
        assert place.write is not None
        if place.write.name == "create_airmeet":
            return self._create_airmeet(payload)
        airmeet = self.community.find(place.airmeet)
        if airmeet is None:
            return answers.error(404, "Supplied airmeet_id is invalid")
        if airmeet.foreign:
            return answers.error(401, "Token does not have permission for this airmeet_id")
        if place.write.name == "revoke_attendee":
            return self._revoke(airmeet.uid, place.email)
        writes: dict[str, Callable[[Event, dict[str, Any]], Answer]] = {
            "add_user": self._add_user,
            "add_attendee": self._add_attendee,
            "add_speaker": self._add_speaker,
            "create_session": self._create_session,
            "set_status": self._set_status,
        }
        return writes[place.write.name](self._changing(airmeet.uid), payload)

    def _add_user(self, event: Event, payload: dict[str, Any]) -> Answer:
        """§3.1."""
        self._authorise(event, payload, payload.get("organisation"))
        return _ok({"email": payload["email"]})

    def _add_attendee(self, event: Event, payload: dict[str, Any]) -> Answer:
        """§3.2, §3.3."""
        given = [_answer(event, item) for item in payload.get("customFieldMapping", ())]
        if "firstName" in payload:
            name = f"{payload['firstName']} {payload['lastName']}".strip()
            payload = {**payload, "name": name}
        member = self._authorise(event, payload, payload.get("organization"), given)
        code = f"{event.bits(member, 11):016x}"
        link = f"https://entry.example.com/e/{event.airmeet.uid}?code={code}"
        return _ok({"email": payload["email"], "entryLink": link})

    def _authorise(
        self,
        event: Event,
        payload: dict[str, Any],
        organisation: str | None,
        given: list[dict[str, object]] | None = None,
    ) -> int:
        """Authorise somebody. A known person keeps their details, also after a revocation."""
        members = event.members_of(payload["email"])
        for member in members:
            if any(member in event.row_set(table).items for table in _LISTS):
                return member
        if members:
            member = members[0]
        else:
            person = self.community.people.give(
                payload["email"],
                payload["name"],
                payload.get("city") or None,
                payload.get("country") or None,
                organisation or None,
                payload.get("designation") or None,
            )
            member = event.join(person, self._now(), Kind.REGISTERED, payload["email"])
            event.given[member] = given or []
        for table in _LISTS:
            event.put(table, 0, event.row_set(table).added(event.next_id(table, 0), member))
        return member

    def _revoke(self, airmeet_id: str, email: str) -> Answer:
        """§3.4: a revoked person is on no list any more."""
        event = self._changing(airmeet_id)
        authorised = set(event.row_set("participants").items)
        if authorised.isdisjoint(event.members_of(email)):
            return answers.error(404, "No such email is authorized for the Airmeet")
        self.remove_registration(airmeet_id, email)
        return Answer(204, b"", 204, ())

    def _create_airmeet(self, payload: dict[str, Any]) -> Answer:
        """§4.1."""
        timing = payload["timing"]
        if timing["timezone"] not in _ZONES:
            raise ValueError("timezone is no canonical name of a time zone")
        if timing["endTime"] <= timing["startTime"]:
            raise ValueError("endTime is not after startTime")
        airmeets = self.community.airmeets
        number = len(airmeets)
        created = max(self._now(), *(known.created + 1 for known in airmeets))
        airmeet = Airmeet(
            number=number,
            uid=uuid(self.community.plan.seed, 14, number),
            name=payload["eventName"],
            status="CREATED",
            timezone=timing["timezone"],
            start=timing["startTime"],
            end=timing["endTime"],
            created=created,
            minutes=(),
            days=1,
            size=0,
        )
        self.community.put(airmeet)
        event = self._changing(airmeet.uid)
        event.about = {"short_desc": payload["shortDesc"], "host": payload["hostEmail"].lower()}
        self._invite(event, payload["hostEmail"], None, Kind.HOST)
        return _ok({"uuid": airmeet.uid, "airmeet status": "CREATED"})

    def _add_speaker(self, event: Event, payload: dict[str, Any]) -> Answer:
        """§4.2."""
        people = [self.community.people.person(number) for number in _speakers(event)]
        email, name = payload["email"].strip().lower(), payload["name"].strip().lower()
        if any(email == p.email or name == (p.name or "").strip().lower() for p in people):
            raise ValueError("A speaker with the same name or email already exists")
        details = (payload.get(k) or None for k in ("city", "country", "organisation"))
        number = self._invite(
            event, email, payload["name"], Kind.SPEAKER, *details, payload.get("designation")
        )
        event.speakers.append(number)
        return _ok({"email": payload["email"], "status": "ADDED_TO_EVENT"})

    def _invite(
        self, event: Event, email: str, name: str | None, kind: Kind, *details: str | None
    ) -> int:
        """Put somebody on the list of participants, unless they are there; return their number."""
        members = event.members_of(email)
        if members:
            return event.persons[members[0]]
        people = self.community.people
        number = people.team().get(email.strip().lower())
        if number is None:
            number = people.give(email, name, *details)
        member = event.join(number, self._now(), kind, email)
        found = event.row_set("participants")
        event.put("participants", 0, found.added(event.next_id("participants", 0), member))
        return number

    def _create_session(self, event: Event, payload: dict[str, Any]) -> Answer:
        """§4.3."""
        start, seconds = payload["sessionStartTime"], payload.get("sessionDuration", 1800)
        if start % MINUTE:
            raise ValueError("sessionStartTime is not rounded to minutes")
        if any(_overlap(known, start, start + seconds * 1000) for known in event.sessions):
            raise ValueError("There is already an overlapping session")
        team = self.community.people.team()
        host = payload["hostEmail"].strip().lower()
        if host == event.about.get("host"):
            team |= {host: event.persons[event.members_of(host)[0]]}
        person = self.community.people.person
        known = {person(number).email: number for number in _speakers(event)}
        speakers = [_one_of(known, email, "speaker") for email in payload.get("speakerEmails", ())]
        # A speaker may be a co-host as well.
        team_and_speakers = {person(number).email: number for number in speakers} | team
        position = len(event.sessions)
        session = Session(
            uid=session_uid(self.community.plan.seed, event.airmeet.number, position),
            name=payload["sessionTitle"],
            start=start,
            status="CREATED",
            minutes=seconds / 60 if seconds % 60 else seconds // 60,
            hosts=(_one_of(team, host, "team member"),),
            cohosts=tuple(
                _one_of(team_and_speakers, email, "team member")
                for email in payload.get("cohostEmails", ())
            ),
            speakers=tuple(speakers),
            summary=payload.get("sessionSummary"),
        )
        self.community.add_session(event.airmeet, session)
        tokens = [
            {
                "email": email,
                "token": f"https://entry.example.com/session?t={event.bits(place, 12):016x}",
            }
            for place, email in enumerate(payload.get("speakerEmails", ()))
        ]
        return _ok({"uuid": session.uid, "token": tokens})

    def _set_status(self, event: Event, payload: dict[str, Any]) -> Answer:
        """§4.4."""
        if payload["status"] == "FINISHED":
            event.end_sessions()
        self.community.put(replace(event.airmeet, status=payload["status"]))
        return _ok({"statusUpdated": True})


def _ok(body: dict[str, object]) -> Answer:
    return answers.success(orjson.dumps(body))


def _answer(event: Event, item: dict[str, Any]) -> dict[str, object]:
    field = next((field for field in event.fields if field.uid == item["fieldId"]), None)
    if field is None:
        raise ValueError("fieldId is no custom field of this airmeet")
    value = item["value"]
    if isinstance(value, list) != (field.input_type == "checkbox"):
        raise ValueError("the value of a custom field is of another kind")
    if field.options and not set(value if isinstance(value, list) else [value]) <= {*field.options}:
        raise ValueError("the value of a custom field is none of its options")
    return {"value": value, "fieldId": field.uid}


def _speakers(event: Event) -> list[int]:
    return [*(p for session in event.sessions for p in session.speakers), *event.speakers]


def _overlap(session: Session, start: int, end: int) -> bool:
    length = 30 if session.minutes is None else session.minutes
    return session.start < end and start < session.start + length * MINUTE


def _one_of(people: dict[str, int], email: str, what: str) -> int:
    number = people.get(email.strip().lower())
    if number is None:
        raise ValueError(f"an email is no {what}'s")
    return number
