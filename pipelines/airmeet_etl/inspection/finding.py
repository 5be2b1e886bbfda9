"""What a check found."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One thing that was proved, or not."""

    what: str
    ok: bool
    found: str
