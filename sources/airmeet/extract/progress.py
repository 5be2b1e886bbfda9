"""How far a run is."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from time import monotonic


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
    exports: int = 0
    """Exports that were not read at once."""
    waiting: int = 0
    """Those of them that are not ready yet."""
    requests: int = 0
    rows: int = 0
    _polls: dict[object, float] = field(default_factory=dict, repr=False)

    def will_poll(self, export: object, seconds: float) -> None:
        """An export will be asked for again in so many seconds."""
        self._polls[export] = monotonic() + seconds

    def ends_polls(self, exports: Iterable[object]) -> None:
        """These are asked for no more."""
        for export in exports:
            self._polls.pop(export, None)

    def next_poll(self) -> float | None:
        """Seconds until an export is asked for again; None while none waits for that."""
        moments = list(self._polls.values())  # at once: another thread writes
        return max(0.0, min(moments) - monotonic()) if moments else None
