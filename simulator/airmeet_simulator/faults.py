"""Faults: errors between client and Airmeet, drawn from a seed; the data stay as they are."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random
from typing import Literal, get_args

from . import answers
from .answers import Answer

FaultKind = Literal[
    "400", "401", "404", "412", "429", "500", "502", "503",
    "hang", "reset", "cut", "html", "truncated", "expire", "repeat", "refusal", "error_body",
    "late", "accepted",
]  # fmt: skip
KINDS: tuple[FaultKind, ...] = get_args(FaultKind)
# After these a client that tries again gets complete data.
PASSING: tuple[FaultKind, ...] = (
    "429", "500", "502", "503", "reset", "cut", "html", "truncated", "expire", "repeat",
    "error_body",
)  # fmt: skip
_TEXTS = {
    400: "Supplied token is bad",
    401: "Token does not belong to this Airmeet's community",
    404: "Supplied airmeet_id is invalid",
    412: "Supplied token has expired",
}


@dataclass(frozen=True, slots=True)
class Faults:
    """A schedule of faults.

    Attributes:
        probability: that a request gets a fault.
        most: at most this many faults; after them everything works.
        most_each: at most this many faults for the same request (path and query).
        kinds: each equally likely. After `hang` a client without a timeout waits
            `hang_seconds`; after `refusal` a client leaves a feed out until its next run.
        retry_after, retry_after_seconds: of a 429.
        hang_seconds: after them the reverse proxy answers 504.
    """

    seed: int = 1
    probability: float = 0.1
    most: int = 100
    most_each: int = 2
    kinds: tuple[FaultKind, ...] = PASSING
    retry_after: Literal["seconds", "date"] = "seconds"
    retry_after_seconds: int = 1
    hang_seconds: float = 60.0


class Chaos:
    """Decides for each request which fault it gets."""

    def __init__(self, faults: Faults, clock: Callable[[], float]) -> None:
        self.faults = faults
        self.met: Counter[FaultKind] = Counter()
        self._clock = clock
        self._draw = Random(faults.seed)
        self._each: Counter[str] = Counter()

    def decide(self, request: str, at_auth: bool) -> FaultKind | None:
        """Return the fault for a request (its path and query), or None."""
        faults = self.faults
        # Both draws are made each time: the schedule does not depend on earlier requests.
        due = self._draw.random() < faults.probability
        kind = self._draw.choice(faults.kinds)
        if not due or self.met.total() >= faults.most or self._each[request] >= faults.most_each:
            return None
        if at_auth and kind in ("412", "expire", "repeat", "refusal", "error_body"):
            return None
        self.met[kind] += 1
        self._each[request] += 1
        return kind

    def instead(self, kind: FaultKind) -> Answer | None:
        """Return the answer that replaces Airmeet's; None if a fault corrupts Airmeet's own."""
        if kind == "429":
            faults = self.faults
            return answers.too_many(faults.retry_after, faults.retry_after_seconds, self._clock())
        if kind.isdigit():
            status = int(kind)
            return answers.error(status, _TEXTS.get(status, "Something went wrong"))
        if kind == "html":
            return answers.web_page()
        if kind == "refusal":
            return answers.in_body(400, "Session status is not valid")
        if kind == "error_body":
            return answers.in_body(500, "Something went wrong")
        if kind == "hang":
            return replace(answers.error(504, "Timed out"), effect="hang", meant=0)
        if kind == "reset":
            return Answer(200, b"", 0, effect="reset")
        return None


def corrupt(kind: FaultKind, answer: Answer) -> Answer:
    """Return an answer after a fault corrupted it."""
    if kind == "cut":
        return replace(answer, effect="cut", meant=0)
    if kind == "late":
        # The proxy timed out (§3, timeouts), but Airmeet did what it was asked.
        return answers.error(504, "Timed out")
    if kind == "accepted":
        # A status that the specification does not list for writes.
        return answers.pending("http")
    if kind == "truncated":
        return replace(answer, body=answer.body[: len(answer.body) // 2], meant=0)
    return answer
