"""The airmeets of a community: names, times, states and sizes, without anyone in them.

Times are whole milliseconds since the epoch, in UTC.
"""

from dataclasses import dataclass, replace
from itertools import accumulate
from math import exp

from .draws import mix, stream, uuid
from .errors import SimulatorError
from .names import FORMATS, TOPICS, ZONES

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
SPAN = 730 * DAY
# Nobody registers more than this for one airmeet: row ids leave room for a million.
MOST_REGISTRATIONS = 900_000
STARTED = ("ONGOING", "PAUSED", "FINISHED")
"""The states of an airmeet that people can have been at."""
_MANY = 100
"""Airmeets of a community that is there to be looked at."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a community is like.

    Attributes:
        airmeets: how many are listed; archived ones and another community's come on top.
        registrations: mean of an airmeet; sizes are heavy-tailed.
        seed: of every draw.
    """

    airmeets: int = 300
    registrations: int = 60
    seed: int = 1

    def __post_init__(self) -> None:
        if self.airmeets < 0 or self.registrations < 0:
            raise SimulatorError("airmeets and registrations are counts: 0 or more")


@dataclass(frozen=True, slots=True)
class Airmeet:
    """One airmeet as listed (§2.1), and what its people are drawn from.

    Attributes:
        minutes: each session's length in minutes, None where Airmeet does not say.
        days: over how many days the sessions spread.
        size: registrations made, cancelled ones left out.
        archived: left out of the listing, where its status is ARCHIVE.
        endless: the API does not say when it ends.
        foreign: belongs to another community: 401 or 400.
    """

    number: int
    uid: str
    name: str
    status: str
    timezone: str
    start: int
    end: int
    created: int
    minutes: tuple[int | None, ...]
    days: int
    size: int
    archived: bool = False
    endless: bool = False
    foreign: bool = False


def timetable(minutes: tuple[int | None, ...], days: int) -> list[int]:
    """Return when each session starts, in minutes after the airmeet's start."""
    ends = accumulate(((length or 30) + 10 for length in minutes), initial=0)
    return [
        offset + 1440 * (days * position // len(minutes))
        for position, (offset, _) in enumerate(zip(ends, minutes, strict=False))
    ]


def length_of(minutes: tuple[int | None, ...], days: int) -> int:
    """Return an airmeet's length in milliseconds."""
    if not minutes:
        return HOUR
    return (timetable(minutes, days)[-1] + (minutes[-1] or 30) + 15) * MINUTE


def plan_airmeets(plan: Plan, now: int) -> list[Airmeet]:
    """Return the listed airmeets, then archived ones, then the foreign one.

    Two years up to `now`, in order of creation. The first one is FINISHED, of middling size
    and has some of everything; the last one is upcoming and the one before it is live
    wherever there are enough of them. Of many the latest that is FINISHED is of more than middling
    size and has sessions: it is the one that people look at first.
    """
    draw = stream(plan.seed, 11)
    weights = [draw.lognormvariate(0, 1.1) for _ in range(plan.airmeets)]
    if weights:
        weights[0] = exp(1.1**2 / 2)  # the mean of all
    for number in range(1, plan.airmeets - 2):
        if mix(plan.seed, 12, number) % 25 == 0:
            weights[number] = 0.0
    scale = plan.registrations * plan.airmeets / (sum(weights) or 1.0)
    airmeets = [
        _airmeet(plan, now, number, min(round(weight * scale), MOST_REGISTRATIONS))
        for number, weight in enumerate(weights)
    ]
    for number in range(1, plan.airmeets - 2):
        airmeets[number] = _unusual(airmeets[number])
    if plan.airmeets > 3:
        airmeets[-1] = _moved(airmeets[-1], now + 9 * DAY, "CREATED")
    if plan.airmeets > 2:
        live = replace(airmeets[-2], minutes=(30, 60, 30, None), days=1)
        start = now - 70 * MINUTE
        airmeets[-2] = _moved(live, start - start % (5 * MINUTE), "ONGOING")
    if plan.airmeets >= _MANY:
        airmeets[-3:-2] = [_fine(airmeets[-3], now, 2 * plan.registrations)]
    for extra in range(max(2, plan.airmeets // 100)):
        airmeet = _airmeet(plan, now, plan.airmeets + extra, plan.registrations)
        airmeets.append(replace(airmeet, archived=True))
    foreign = _airmeet(plan, now, len(airmeets), plan.registrations)
    return [*airmeets, replace(foreign, foreign=True, minutes=(30, 60))]


def _unusual(airmeet: Airmeet) -> Airmeet:
    """Return an airmeet as it is, but for three of each 25 that are over."""
    match airmeet.number % 25 if airmeet.status == "FINISHED" else 0:
        case 13:
            return replace(airmeet, status="CANCELLED")
        case 17:
            return replace(airmeet, status="PAUSED")
        case 21:
            return replace(airmeet, endless=True)
    return airmeet


def _fine(airmeet: Airmeet, now: int, size: int) -> Airmeet:
    """Return it as one of some hours ago with an afternoon of sessions, for people to look at."""
    start = now - 8 * HOUR
    fine = replace(airmeet, minutes=(30, 45, 60, 30), days=1, size=size)
    return _moved(fine, start - start % HOUR, "FINISHED")


def _moved(airmeet: Airmeet, start: int, status: str) -> Airmeet:
    end = start + length_of(airmeet.minutes, airmeet.days)
    return replace(airmeet, start=start, end=end, status=status)


def _airmeet(plan: Plan, now: int, number: int, size: int) -> Airmeet:
    draw = stream(plan.seed, 13, number)
    # Beyond the listed ones, numbers fall somewhere in the middle of the two years.
    rank = number % max(plan.airmeets, 1) + (0.25 if number >= plan.airmeets else 0.0)
    spacing = SPAN / max(plan.airmeets, 1)
    created = int(now - SPAN - 3 * DAY + (rank + draw.random() * 0.2) * spacing)
    zone, hours = ZONES[draw.randrange(len(ZONES))]
    midnight = created - created % DAY + draw.randrange(3, 46) * DAY
    start = int(midnight + (draw.randrange(9, 18) - hours) * HOUR) + draw.choice((0, 30)) * MINUTE
    minutes = tuple(
        None if draw.random() < 0.03 else draw.choice((15, 20, 30, 45, 60, 90))
        for _ in range(draw.choice((0, 1, 1, 1, 2, 3, 3, 4, 5, 7) if number else (3,)))
    )
    days = 2 if len(minutes) > 3 and draw.random() < 0.3 else 1
    end = start + length_of(minutes, days)
    if end < now:
        # Some airmeets are never started, and stay CREATED for ever.
        status = "CREATED" if number and draw.random() < 0.01 else "FINISHED"
    else:
        status = "ONGOING" if start <= now else "CREATED"
    year = 1970 + int(start / DAY / 365.2425)
    return Airmeet(
        number=number,
        uid=uuid(plan.seed, 14, number),
        name=f"{draw.choice(TOPICS)} {draw.choice(FORMATS)} {year}",
        status=status,
        timezone=zone,
        start=start,
        end=end,
        created=created,
        minutes=minutes,
        days=days,
        size=size,
    )
