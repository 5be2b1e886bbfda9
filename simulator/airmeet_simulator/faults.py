"""Faults: what goes wrong on the way, drawn from a seed, never altering the truth."""

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
# After these a client that tries again gets everything.
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
        probability: that a request meets one.
        most: faults in all; after them everything works.
        most_each: faults that one and the same request may meet before it succeeds.
        kinds: drawn from, evenly. `hang` takes `hang_seconds` of a client without a
            timeout; `refusal` makes a client leave a feed out until its next run.
        retry_after, retry_after_seconds: of a 429.
        hang_seconds: until a hanging answer ends as the reverse proxy's 504.
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
    """Decides request by request which fault it meets."""

    def __init__(self, faults: Faults, clock: Callable[[], float]) -> None:
        self.faults = faults
        self.met: Counter[FaultKind] = Counter()
        self._clock = clock
        self._draw = Random(faults.seed)
        self._each: Counter[str] = Counter()

    def decide(self, request: str, at_auth: bool) -> FaultKind | None:
        """Return the fault that a request (its path and query) meets, None for none."""
        faults = self.faults
        # Both draws are made each time: the schedule does not hang on what came before.
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
        """Return what a fault answers without asking Airmeet; None where it spoils an answer."""
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
    """Return an answer as a fault leaves it."""
    if kind == "cut":
        return replace(answer, effect="cut", meant=0)
    if kind == "late":
        # The proxy lost patience (§3, timeouts), and Airmeet did what it was asked.
        return answers.error(504, "Timed out")
    if kind == "accepted":
        # A status that the specification does not know of a write.
        return answers.pending("http")
    if kind == "truncated":
        return replace(answer, body=answer.body[: len(answer.body) // 2], meant=0)
    return answer
