"""An airmeet's programme: its sessions, tracks, booths and registration fields, from a seed."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from .airmeets import MINUTE, Airmeet, timetable
from .draws import some, uuid
from .names import FIELDS, POLLS, SESSIONS, TAGS
from .people import TEAM, People


@dataclass(frozen=True, slots=True)
class Session:
    """One session (§2.4); hosts, cohosts and speakers are numbers of people, `booth` is the id of
    the one where it is held."""

    uid: str
    name: str
    start: int
    status: str
    minutes: float | None
    hosts: tuple[int, ...]
    cohosts: tuple[int, ...]
    speakers: tuple[int, ...]
    summary: str | None = None
    tags: tuple[str, ...] = ()
    booth: str = ""


@dataclass(frozen=True, slots=True)
class Track:
    """One track, in the gateway's layout; sessions are positions."""

    uid: str
    name: str
    sessions: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Poll:
    """One poll: the positions of its question in the vocabulary and of its session."""

    question: int
    session: int | None


@dataclass(frozen=True, slots=True)
class Booth:
    """One booth (§2.8); exhibitors are numbers of people, `rooms` what its creator said of chat,
    lounge and broadcast."""

    uid: str
    name: str
    exhibitors: tuple[int, ...]
    tags: tuple[str, ...]
    rooms: tuple[tuple[str, bool | int], ...] = ()


@dataclass(frozen=True, slots=True)
class Field:
    """One custom registration field (§2.5)."""

    uid: str
    label: str
    name: str
    input_type: str
    options: tuple[str, ...]


def booth_uid(seed: int, airmeet: int, position: int) -> str:
    """Return a booth's id."""
    return uuid(seed, 24, airmeet, position)


def session_uid(seed: int, airmeet: int, position: int) -> str:
    """Return a session's id without drawing its event."""
    return uuid(seed, 21, airmeet, position)


def plan_sessions(
    seed: int, airmeet: Airmeet, people: People, draw: Random, taken: set[int], now: int
) -> list[Session]:
    """Draw the sessions; their speakers are added to `taken`."""
    sessions = []
    offsets = timetable(airmeet.minutes, airmeet.days)
    for position, (offset, length) in enumerate(zip(offsets, airmeet.minutes, strict=True)):
        host = draw.randrange(TEAM)
        start = airmeet.start + offset * MINUTE
        status = airmeet.status
        if status == "CANCELLED":
            status = "CREATED"
        elif status == "PAUSED":
            status = "CREATED" if position else "FINISHED"
        elif status == "FINISHED" and position and draw.random() < 0.04:
            status = "CREATED"  # planned, and never started
        elif status == "ONGOING" and start + (length or 30) * MINUTE <= now:
            status = "FINISHED"
        elif status == "ONGOING" and start > now:
            status = "CREATED"
        sessions.append(
            Session(
                uid=session_uid(seed, airmeet.number, position),
                name=f"{draw.choice(SESSIONS)} {position + 1}",
                start=start,
                status=status,
                minutes=length,
                hosts=(host,),
                cohosts=((host + 1) % TEAM,) if draw.random() < 0.3 else (),
                speakers=tuple(people.strangers(draw, draw.choice((0, 1, 1, 2, 3)), taken)),
            )
        )
    return sessions


def plan_booths(
    seed: int, airmeet: Airmeet, people: People, draw: Random, taken: set[int]
) -> list[Booth]:
    """Draw the booths; their exhibitors are added to `taken`."""
    return [
        Booth(
            uid=booth_uid(seed, airmeet.number, position),
            name=f"Booth {position + 1}: {draw.choice(TAGS)}",
            exhibitors=tuple(people.strangers(draw, draw.choice((0, 1, 2)), taken)),
            tags=tuple(draw.sample(TAGS, draw.choice((0, 1, 2)))),
        )
        for position in range(draw.choice((0, 0, 0, 1, 2, 5) if airmeet.number else (2,)))
    ]


def plan_fields(seed: int, airmeet: Airmeet, draw: Random) -> list[Field]:
    """Draw the custom registration fields."""
    counts = (0, 1, 2, 3, 4) if airmeet.number else (6,)
    return [
        Field(uuid(seed, 23, airmeet.number, position), *FIELDS[position])
        for position in some(draw, len(FIELDS), counts)
    ]


def plan_polls(airmeet: Airmeet, sessions: Sequence[Session], draw: Random) -> list[Poll]:
    """Draw the polls; a question may be asked in several sessions."""
    polls: list[Poll] = []
    for question in some(draw, len(POLLS), (0, 0, 1, 2, 3, 4) if airmeet.number else (4,)):
        within: list[int | None] = [*some(draw, len(sessions), (1,))] if sessions else [None]
        if len(sessions) > 1 and (draw.random() < 0.3 or not polls):
            within = [*some(draw, len(sessions), (2,))]
        polls += [Poll(question, session) for session in within]
    return polls


def plan_tracks(
    seed: int, airmeet: Airmeet, sessions: Sequence[Session], draw: Random
) -> list[Track]:
    """Draw the tracks."""
    return [
        Track(
            uid=uuid(seed, 25, airmeet.number, number),
            name=f"{draw.choice(TAGS)} track {number + 1}",
            sessions=tuple(p for p in range(len(sessions)) if draw.random() < 0.5),
        )
        for number in range(draw.choice((0, 1, 2)) if airmeet.number else 2)
    ]


def plan_recordings(airmeet: Airmeet, sessions: Sequence[Session], draw: Random) -> list[int]:
    """Draw the positions of the sessions that were recorded."""
    return [
        position
        for position, session in enumerate(sessions)
        if session.status == "FINISHED" and (draw.random() < 0.7 or not airmeet.number)
    ]
