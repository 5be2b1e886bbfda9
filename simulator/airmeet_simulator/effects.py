"""What the writes of sections 3 and 4, and the gateway's, do to the community."""

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
from .event import Event
from .feeds import Place
from .kinds import Kind
from .programme import Booth, Session, booth_uid, session_uid

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
        if place.write.name == "delete_session":
            return self._delete_session(self._changing(airmeet.uid), place.session)
        writes: dict[str, Callable[[Event, dict[str, Any]], Answer]] = {
            "add_user": self._add_user,
            "add_attendee": self._add_attendee,
            "add_speaker": self._add_speaker,
            "create_session": self._create_session,
            "set_status": self._set_status,
            "block_attendee": self._block,
            "unblock_attendee": self._unblock,
            "create_booth": self._create_booth,
            "duplicate_airmeet": self._duplicate,
        }
        return writes[place.write.name](self._changing(airmeet.uid), payload)

    def _add_user(self, event: Event, payload: dict[str, Any]) -> Answer:
        """§3.1."""
        self._authorise(event, payload, payload.get("organisation"))
        return _ok({"email": payload["email"]})

    def _add_attendee(self, event: Event, payload: dict[str, Any]) -> Answer:
        """§3.2, §3.3."""
        given = [_answer(event, item) for item in payload.get("customFieldMapping", ())]
        on_gateway = "firstName" in payload
        if on_gateway:
            name = f"{payload['firstName']} {payload['lastName']}".strip()
            payload = {**payload, "name": name}
        member = self._authorise(event, payload, payload.get("organization"), given)
        if on_gateway and payload.get("sendEmailInvite", True):
            event.mailed.append(payload["email"].strip().lower())
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
        if any(event.blocked.get(member) for member in members):
            raise ValueError("Attendee is blocked")
        for member in members:
            if any(member in event.row_set(table).items for table in _LISTS):
                if payload.get("registerAttendee"):
                    self._register(event, member)
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
            if "attendance_type" in payload:
                event.types_given[member] = payload["attendance_type"]
        for table in _LISTS:
            event.put(table, 0, event.row_set(table).added(event.next_id(table, 0), member))
        return member

    def _register(self, event: Event, member: int) -> None:
        """Put somebody who is let in already among the registrations, too."""
        found = event.row_set("registrations")
        if member not in found.items:
            event.put("registrations", 0, found.added(event.next_id("registrations", 0), member))

    def _block(self, event: Event, payload: dict[str, Any], blocked: bool = True) -> Answer:
        """A blocked attendee has no entry link any more, and is not let in again."""
        listed = set(event.row_set("participants").items)
        members = event.members_of(payload["attendeeEmail"])
        if listed.isdisjoint(members) and not any(member in event.blocked for member in members):
            return answers.error(404, "No such email is authorized for the Airmeet")
        event.blocked |= dict.fromkeys(members, blocked)
        return _ok({"success": True})

    def _unblock(self, event: Event, payload: dict[str, Any]) -> Answer:
        return self._block(event, payload, blocked=False)

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
        airmeet = self._put_airmeet(
            payload["eventName"], timing["timezone"], timing["startTime"], timing["endTime"]
        )
        event = self._changing(airmeet.uid)
        event.about = {"short_desc": payload["shortDesc"], "host": payload["hostEmail"].lower()}
        self._invite(event, payload["hostEmail"], None, Kind.HOST)
        return _ok({"uuid": airmeet.uid, "airmeet status": "CREATED"})

    def _put_airmeet(self, name: str, timezone: str, start: int, end: int) -> Airmeet:
        """Add an airmeet without people or sessions, the latest one created."""
        airmeets = self.community.airmeets
        number = len(airmeets)
        created = max(self._now(), *(known.created + 1 for known in airmeets))
        airmeet = Airmeet(
            number=number,
            uid=uuid(self.community.plan.seed, 14, number),
            name=name,
            status="CREATED",
            timezone=timezone,
            start=start,
            end=end,
            created=created,
            minutes=(),
            days=1,
            size=0,
        )
        self.community.put(airmeet)
        return airmeet

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
        self._put_on_list(event, number, kind, email)
        return number

    def _put_on_list(self, event: Event, number: int, kind: Kind, email: str) -> None:
        """Put a person on the list of participants."""
        member = event.join(number, self._now(), kind, email)
        found = event.row_set("participants")
        event.put("participants", 0, found.added(event.next_id("participants", 0), member))

    def _create_session(self, event: Event, payload: dict[str, Any]) -> Answer:
        """§4.3."""
        start, seconds = payload["sessionStartTime"], payload.get("sessionDuration", 1800)
        if start % MINUTE:
            raise ValueError("sessionStartTime is not rounded to minutes")
        if any(_overlap(known, start, start + seconds * 1000) for known in event.planned()):
            raise ValueError("There is already an overlapping session")
        within = payload.get("tracks", [])
        if not {*within} <= {track.uid for track in event.tracks}:
            raise ValueError("Supplied tracks are invalid")
        booth = payload.get("boothId", "")
        if booth and booth not in (known.uid for known in event.booths):
            raise ValueError("Supplied boothId is invalid")
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
            tags=tuple(payload.get("tags", ())),
            booth=booth,
        )
        self.community.add_session(event.airmeet, session)
        event.tracks = [
            replace(track, sessions=(*track.sessions, position)) if track.uid in within else track
            for track in event.tracks
        ]
        tokens = [
            {
                "email": email,
                "token": f"https://entry.example.com/session?t={event.bits(place, 12):016x}",
            }
            for place, email in enumerate(payload.get("speakerEmails", ()))
        ]
        return _ok({"uuid": session.uid, "token": tokens})

    def _set_status(self, event: Event, payload: dict[str, Any]) -> Answer:
        """§4.4. What was not started is not paused, and what runs is not archived."""
        airmeet, status = event.airmeet, payload["status"]
        is_running = airmeet.status in ("ONGOING", "PAUSED")
        if (status == "PAUSED" and not is_running) or (status == "ARCHIVE" and is_running):
            raise ValueError("Airmeet status is not valid")
        if status == "ARCHIVE":
            self.community.put(replace(airmeet, archived=True))
        elif airmeet.archived:
            raise ValueError("Airmeet status is not valid")
        else:
            if status == "FINISHED":
                event.end_sessions()
            self.community.put(replace(airmeet, status=status))
        return _ok({"statusUpdated": True})

    def _delete_session(self, event: Event, session_id: str) -> Answer:
        """What has begun is not deleted."""
        found = self.community.find_session(session_id)
        if found is None or found[0].number != event.airmeet.number:
            return answers.error(404, "Supplied sessionId is invalid")
        if event.sessions[found[1]].status != "CREATED":
            raise ValueError("Session status is not valid")
        self.community.delete_session(event.airmeet, session_id)
        return _ok({"success": True})

    def _create_booth(self, event: Event, payload: dict[str, Any]) -> Answer:
        exhibitors = dict.fromkeys(
            self._invite(event, email, None, Kind.EXHIBITOR)
            for email in payload.get("exhibitors", ())
        )
        booth = Booth(
            uid=booth_uid(self.community.plan.seed, event.airmeet.number, len(event.booths)),
            name=payload["name"],
            exhibitors=tuple(exhibitors),
            tags=tuple(payload.get("tags", ())),
            rooms=tuple(sorted(payload.get("metaData", {}).items())),
        )
        event.add_booth(booth)
        return _ok({"uid": booth.uid})

    def _duplicate(self, event: Event, payload: dict[str, Any]) -> Answer:
        """The copy has sessions, booths and fields like the original's, and nobody registered."""
        if payload["timezone"] not in _ZONES:
            raise ValueError("timezone is no canonical name of a time zone")
        known, seed = event.airmeet, self.community.plan.seed
        copy = self._put_airmeet(
            payload["eventName"],
            payload["timezone"],
            payload["startTime"],
            payload["startTime"] + known.end - known.start,
        )
        twin = self._changing(copy.uid)
        twin.about = dict(event.about)
        twin.fields = [
            replace(field, uid=uuid(seed, 23, copy.number, position))
            for position, field in enumerate(event.fields)
        ]
        twin.booths = [
            replace(booth, uid=booth_uid(seed, copy.number, position), exhibitors=())
            for position, booth in enumerate(event.booths)
        ]
        twin.tracks = []
        for position, session in enumerate(event.planned()):
            speakers = session.speakers if payload.get("duplicateSpeakers") else ()
            for number in speakers:
                if number not in twin.persons:
                    email = self.community.people.person(number).email
                    self._put_on_list(twin, number, Kind.SPEAKER, email)
            moved = replace(
                session,
                uid=session_uid(seed, copy.number, position),
                start=session.start + copy.start - known.start,
                status="CREATED",
                speakers=speakers,
                booth="",
            )
            self.community.add_session(copy, moved)
        return _ok({"airmeetId": copy.uid})


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
