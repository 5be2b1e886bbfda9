"""How far a run is."""

from dataclasses import dataclass


@dataclass
class Progress:
    """Counts that the engine keeps and a display may read from another thread."""

    stage: str = "listing airmeets"
    airmeets: int = 0
    nameless: int = 0
    """Listed airmeets without an id, for which nothing can be requested."""
    unlisted: frozenset[str] = frozenset()
    """Airmeets that were asked for, and are another community's if anyone's."""
    planned: int = 0
    finished: int = 0
    waiting: int = 0
    requests: int = 0
    rows: int = 0
