"""Why somebody is on an airmeet's list."""

from enum import IntEnum


class Kind(IntEnum):
    """Why somebody is on an airmeet's list."""

    REGISTERED = 0
    CANCELLED = 1
    INVITED = 2
    GUEST = 3
    HOST = 4
    SPEAKER = 5
    EXHIBITOR = 6
    ORGANIZER = 7
    MODERATOR = 8
    TEAM = 9
    LATE = 10  # registered when all was over


BY_TYPE_ALONE = (
    Kind.ORGANIZER, Kind.MODERATOR, Kind.TEAM, Kind.SPEAKER, Kind.HOST, Kind.EXHIBITOR,
)  # fmt: skip
"""Staff of whom only the participants' type tells."""
