"""Rows as the API writes them, one function a feed: (event, part, row id, item) to a row.

`part` is the position of the session or booth that the feed belongs to, `item` what the
row is drawn from (see `row_sets.RowSet`). Details come from the event's salt and the item, so a
row is the same whenever it is made.
"""

from datetime import date
from functools import lru_cache

from . import visits
from .airmeets import MINUTE, Airmeet
from .event import Event
from .kinds import Kind
from .names import CAMPAIGNS, POLLS, QUESTIONS, WISHES
from .people import Person
from .visits import Visit

_USER_TYPES: dict[int, str] = {
    Kind.REGISTERED: "Registered User",
    Kind.INVITED: "Invitee",
    Kind.GUEST: "Guest",
    Kind.HOST: "Host",
    Kind.SPEAKER: "Speaker",
    Kind.EXHIBITOR: "Exhibitor",
    Kind.ORGANIZER: "Organizer",
    Kind.MODERATOR: "Moderator",
    Kind.TEAM: "Team",
    Kind.LATE: "Registered User",
}
EXTRA_FIELDS = ("time_stamp", "time_spent", "duration_viewed")
"""What rows gained since the specification; moments are milliseconds until they are served."""
OF_MEMBERS = ("registrations", "participants")
"""The feeds of people that say how somebody attends, where the airmeet is hybrid."""
Row = dict[str, object]

_EPOCH = date(1970, 1, 1).toordinal()


def iso(moment: int) -> str:
    """Write milliseconds since the epoch as `2021-10-14T07:30:00.000Z`."""
    seconds, millisecond = divmod(moment, 1000)
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    days, hour = divmod(hours, 24)
    return f"{_day(days)}T{hour:02}:{minute:02}:{second:02}.{millisecond:03}Z"


@lru_cache(maxsize=4096)
def _day(days: int) -> str:
    return date.fromordinal(_EPOCH + days).isoformat()


def airmeet(listed: Airmeet) -> Row:
    """One airmeet of the listing (§2.1)."""
    return {
        "uid": listed.uid,
        "name": listed.name,
        "status": "ARCHIVE" if listed.archived else listed.status,
        "timezone": listed.timezone,
        "startTime": iso(listed.start),
        "endTime": _end(listed),
    }


def _end(airmeet: Airmeet) -> str | None:
    return None if airmeet.endless else iso(airmeet.end)


def registration(event: Event, part: int, row_id: int, member: int) -> Row:
    """One registration (§2.2); it names a user id where there is no address."""
    person = event.person(member)
    row: Row = {
        "email": event.address(member, 1),
        "name": person.name,
        "city": person.city,
        "country": person.country,
        "organisation": person.organisation,
        "Designation": person.designation,
        "registrationDate": iso(event.moments[member]),
    }
    if event.hidden(member) == 1:
        row["user_id"] = person.user_id
    return row


def participant(event: Event, part: int, row_id: int, member: int) -> Row:
    """One participant with the answers to custom fields (§2.3); an invitee has no date."""
    kind = event.kinds[member]
    row = registration(event, part, row_id, member)
    if kind == Kind.INVITED:
        row["registrationDate"] = None
    bits = event.bits(member, 2)
    row["profile_url"] = None
    row["user_type"] = _USER_TYPES[kind]
    row["token"] = f"https://entry.example.com/e/{event.airmeet.uid}?code={bits:016x}"
    row["invite_sent"] = kind != Kind.GUEST
    if member in event.blocked:
        row["is_blocked"] = event.blocked[member]
        if event.blocked[member]:
            row["token"] = None
    if member in event.given:
        row["user_profile"] = [dict(answer) for answer in event.given[member]]
    else:
        row["user_profile"] = _answers(event, member) if event.registers(member) else []
    return row


def _answers(event: Event, member: int) -> list[Row]:
    answers: list[Row] = []
    rest = event.bits(member, 3)
    eagerness = event.people.eagerness(event.persons[member])
    for field in event.fields:
        rest, bits = divmod(rest, 1024)
        if bits % 8 == 0:
            continue
        bits >>= 3
        value: object
        if field.input_type == "text":
            value = None if bits < 12 else WISHES[bits % len(WISHES)]
        elif field.input_type == "radio":
            # Half of them say what those say who take part as much as they do.
            choice = int(eagerness * len(field.options)) if bits & 64 else bits
            value = field.options[choice % len(field.options)]
        else:
            # Each option has a bit of its own; nobody need choose any.
            value = [o for place, o in enumerate(field.options) if bits >> place & 1]
        answers.append({"value": value, "fieldId": field.uid})
    return answers


def session(event: Event, part: int, row_id: int, position: int) -> Row:
    """One session (§2.4)."""
    session = event.sessions[position]
    people = event.people.person
    return {
        "sessionid": session.uid,
        "name": session.name,
        "start_time": iso(session.start),
        "status": session.status,
        "duration": session.minutes,
        "summary": session.summary or (f"About {session.name}" if position % 2 else None),
        "host_id": [people(number).user_id for number in session.hosts],
        "cohost_ids": [people(number).user_id for number in session.cohosts],
        "speaker_id": [people(number).user_id for number in session.speakers],
        "speakerList": [described(people(number)) for number in session.speakers],
        "type": "HOSTING",
    }


def described(speaker: Person) -> Row:
    """One speaker, as sessions list them."""
    return {
        "id": speaker.user_id,
        "name": speaker.name,
        "email": speaker.email,
        "organisation": speaker.organisation,
        "designation": speaker.designation,
    }


def custom_field(event: Event, part: int, row_id: int, position: int) -> Row:
    """One custom registration field (§2.5)."""
    field = event.fields[position]
    return {
        "label": field.label,
        "name": field.name,
        "fieldId": field.uid,
        "options": [{"code": option, "displayValue": option} for option in field.options],
        "isRequired": position == 0,
        "type": {
            "fieldType": "custom",
            "inputType": field.input_type,
            "mappedFrom": field.name,
        },
    }


def attendance(event: Event, part: int, row_id: int, member: int) -> Row:
    """One attendee of an airmeet (§2.6)."""
    visit = visits.of_event(event, member, again=row_id >= event.return_ids)
    return _present(event, row_id, member, visit)


def session_attendance(event: Event, part: int, row_id: int, member: int) -> Row:
    """One attendee of a session (§2.7)."""
    return _present(event, row_id, member, visits.of_session(event, part, member))


def _present(event: Event, row_id: int, member: int, visit: Visit | None) -> Row:
    """One attendee; of some visits the API does not say when they were."""
    said = visit if row_id % 16 != 15 else None
    author = _author(event, member)
    return {
        "email": author["email"],
        "id": row_id,
        "name": author["name"],
        "user_id": author["user_id"],
        "time_stamp": said.start if said else None,
        "time_spent": str(said.spent) if said else None,
    }


def booth(event: Event, part: int, row_id: int, position: int) -> Row:
    """One booth (§2.8)."""
    booth = event.booths[position]
    return {
        "uid": booth.uid,
        "name": booth.name,
        "exhibitors": [event.people.person(number).email for number in booth.exhibitors],
        "tags": list(booth.tags),
        "airmeet_id": event.airmeet.uid,
        "logo_url": f"https://images.example.com/{booth.uid}.png",
        "video": None,
        "faqs": None,
        "order": position + 1,
        "resources": None,
        "layoutType": None,
        "layoutData": "null",
        "boothExhibitor": True,
        "social_media_links": None,
        "short_description": None,
        "long_description": None,
        "banner_url": None,
        "register_interest_details": None,
        "offer_details": None,
        "doc_url": None,
        "doc_name": None,
        "booth_space_id": None,
    }


def booth_attendance(event: Event, part: int, row_id: int, member: int) -> Row:
    """One attendee of a booth (§2.9)."""
    bits = event.bits(member, 5, part)
    row = _present(event, row_id, member, visits.of_booth(event, part, member))
    row["interested_in_being_contacted"] = bits % 3 == 0
    row["visits"] = 1 + (bits >> 8) % 4
    return row


def poll_response(event: Event, part: int, row_id: int, member: int) -> Row:
    """One person's answers to polls (§2.10): some are changed, some are missing.

    A changed answer stands before or behind the first one: its time tells.
    """
    polls: list[Row] = []
    for place, poll in enumerate(event.polls):
        bits = event.bits(member, 6, place)
        shown: Row = {"question": POLLS[poll.question][0]}
        if event.names_sessions and poll.session is not None:
            shown["session_id"] = event.sessions[poll.session].uid
        # All answer within two minutes of the moment at which the poll was put.
        put = visits.said_at(event, poll.session, event.salt >> place)
        moment = put + (bits >> 20) % 120 * 1000
        match bits % 10:
            case 0:
                continue
            case 1:
                entries: list[Row] = [{**shown, "time_stamp": None}]
            case 2:
                later = moment + (1 + (bits >> 28) % 9) * MINUTE
                entries = [
                    {**shown, "answer": _choice(poll.question, bits >> 8), "time_stamp": moment},
                    {**shown, "answer": _choice(poll.question, bits >> 9), "time_stamp": later},
                ]
                if bits >> 40 & 1:
                    entries.reverse()
            case _:
                entries = [
                    {**shown, "answer": _choice(poll.question, bits >> 8), "time_stamp": moment}
                ]
        polls += entries
    return {**_author(event, member), "polls": polls}


def _choice(question: int, bits: int) -> object:
    """What somebody answers to a poll; a list in any order where several may be chosen."""
    _, answers, several = POLLS[question]
    if not several:
        return answers[bits % len(answers)]
    first = bits % len(answers)
    turned = [*answers[first:], *answers[:first]]
    return turned[: 1 + (bits >> 4) % 3]


def question(event: Event, part: int, row_id: int, member: int) -> Row:
    """One person's questions (§2.11)."""
    questions: list[Row] = []
    for place in range(1 + event.bits(member, 7) % 3):
        bits = event.bits(member, 8, place)
        asked: Row = {"question": QUESTIONS[bits % len(QUESTIONS)]}
        within = (bits >> 32) % len(event.sessions) if event.sessions else None
        if within is not None:
            asked["session_id"] = event.sessions[within].uid
        asked["upvoteCount"] = float((bits >> 16) % 6)
        asked["time_stamp"] = visits.said_at(event, within, bits >> 12)
        questions.append(asked)
    return {**_author(event, member), "questions": questions}


def _author(event: Event, member: int) -> Row:
    person = event.person(member)
    return {
        "email": event.address(member, 4),
        "name": person.name,
        "user_id": person.user_id if event.hidden(member) < 2 else None,
    }


def about(event: Event) -> Row:
    """What the gateway says of the airmeet itself beside its sessions (§2.4)."""
    airmeet = event.airmeet
    hosts = dict.fromkeys(number for session in event.planned() for number in session.hosts)
    people = event.people.person
    return {
        "name": airmeet.name,
        "short_desc": event.about.get("short_desc", f"About {airmeet.name}"),
        "start_time": iso(airmeet.start),
        "end_time": _end(airmeet),
        "timezone": airmeet.timezone,
        "session_hosts": [
            {
                "id": people(number).user_id,
                "name": people(number).name,
                "email": people(number).email,
            }
            for number in hosts
        ],
    }


def track(event: Event, part: int, row_id: int, position: int) -> Row:
    """One track, of the gateway alone."""
    track = event.tracks[position]
    return {
        "uid": track.uid,
        "name": track.name,
        "sessions": [
            event.sessions[place].uid for place in track.sessions if place not in event.deleted
        ],
    }


def utms(event: Event, part: int, row_id: int, member: int) -> Row:
    """What brought one registrant here, of the gateway alone; some say it in part."""
    bits = event.bits(member, 9)
    # Some campaigns bring people who come, others do not.
    eagerness = event.people.eagerness(event.persons[member])
    choice = int(eagerness * len(CAMPAIGNS)) if bits >> 20 & 1 else bits
    source, medium, campaign = CAMPAIGNS[choice % len(CAMPAIGNS)]
    return {
        "id": row_id,
        "email": event.address(member, 1),
        "airmeetId": event.airmeet.uid,
        "utms": {
            "utm_source": source,
            "utm_medium": medium if bits >> 8 & 7 else None,
            "utm_campaign": campaign if bits >> 12 & 3 else None,
        },
    }


def recording(event: Event, part: int, row_id: int, position: int) -> Row:
    """One recording with its link, which `Recordings` signs; of the gateway alone."""
    session = event.sessions[position]
    return {
        "session_id": session.uid,
        "session_name": session.name,
        "download_link": f"https://recordings.example.com/{session.uid}.mp4",
    }


def replay(event: Event, part: int, row_id: int, member: int) -> Row:
    """One session's replay that somebody watched, of the gateway alone; minutes are minutes."""
    bits = event.bits(member, 10, row_id % 16)
    watched = (bits >> 32) % len(event.sessions)
    visit = visits.of_replay(event, member, watched, bits)
    row = _present(event, row_id, member, visit)
    del row["time_spent"]
    row["session_id"] = event.sessions[watched].uid
    row["duration_viewed"] = round(visit.spent / MINUTE, 1)
    return row
