"""Exports (§2.6, §2.7, §2.9): started by the first request, then prepared, then kept."""

from collections.abc import Callable
from dataclasses import dataclass

from .options import SimulatorOptions
from .row_sets import RowSet

ExportKey = tuple[str, int, int]


@dataclass(slots=True)
class _Export:
    rows: RowSet
    asked: float
    polls: int = 0
    ready: float | None = None


class Exports:
    """The exports under way and those ready, by feed, airmeet and part.

    An export holds the rows as they were when it was asked for, until it is dropped
    `export_seconds` after it was ready.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._exports: dict[ExportKey, _Export] = {}

    def ask(
        self, key: ExportKey, rows: Callable[[], RowSet], options: SimulatorOptions
    ) -> RowSet | None:
        """Return a ready export's rows; None while it is being prepared."""
        now = self._clock()
        export = self._exports.get(key)
        if export is not None:
            if export.ready is None:
                export.ready = _readiness(export, now, options)
            if export.ready is None:
                return None
            if now - export.ready < options.export_seconds:
                return export.rows
        self._exports[key] = _Export(rows(), now)
        return None

    def forget(self) -> None:
        """Drop every export: the next requests see fresh rows."""
        self._exports.clear()


def _readiness(export: _Export, now: float, options: SimulatorOptions) -> float | None:
    """Return when an export was ready, None if it is not, and count the question."""
    if options.prepare_polls >= 0:
        export.polls += 1
        return now if export.polls > options.prepare_polls else None
    due = export.asked + options.prepare_seconds
    return due if now >= due else None
