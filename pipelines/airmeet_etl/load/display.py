"""What a person sees while a load runs: a live display on a terminal, plain lines elsewhere."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from types import TracebackType
from typing import Literal, Self

from airmeet.extract.progress import Progress
from airmeet.safe_text import printable
from rich.console import Console, RenderableType
from rich.live import Live
from rich.spinner import Spinner
from rich.text import Text

from ..exit_codes import as_json

_PLAIN_SECONDS = 10.0
_ENOUGH = 50
"""Finished feeds from which the time left is told."""
_LOGGERS = ("airmeet", "airmeet_etl")


class Display:
    """Shows on standard error how a load goes, until it is closed: a `LoadObserver`."""

    def __init__(self, log_format: Literal["text", "json"] = "text") -> None:
        """`json` writes each line as one JSON object, terminal or not."""
        self._as_json = log_format == "json"
        self._console = Console(stderr=True)
        self._progress: Progress | None = None
        self._step = ""
        self._said = ""
        self._loading = 0
        self._began = monotonic()
        self._spinner = Spinner("dots")
        self._live: Live | None = None
        self._ended = threading.Event()
        self._ticker = threading.Thread(target=self._tick, name="airmeet-progress", daemon=True)

    def __enter__(self) -> Self:
        if self._console.is_terminal and not self._as_json:
            self._live = Live(
                get_renderable=self._renderable,
                console=self._console,
                transient=True,
                refresh_per_second=8,
            )
            self._live.start()
        else:
            self._ticker.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        if self._live is not None:
            self._live.stop()

    def fetching(self, progress: Progress) -> None:
        """Show these counts from now on."""
        self._progress = progress

    def step(self, step: str) -> None:
        """Show what is done beside fetching."""
        self._step = self._said = step
        if self._live is None:
            self.line(step)

    def line(self, line: str, level: str = "info") -> None:
        """Print a line that stays."""
        line = printable(line)
        if self._as_json:
            line = as_json(level, line, **self._counts())
        self._console.print(Text(line), soft_wrap=True)

    def loading(self, rows: int) -> None:
        """Show that a package is being loaded."""
        self._loading = rows

    def package_committed(self) -> None:
        """Show that no more."""
        self._loading = 0

    def _counts(self) -> dict[str, int]:
        progress = self._progress or Progress()
        names = ("planned", "finished", "waiting", "requests", "rows")
        return {name: getattr(progress, name) for name in names}

    def _tick(self) -> None:
        while not self._ended.wait(_PLAIN_SECONDS):
            line = self._state()
            if line != self._said:
                self._said = line
                self.line(line)

    def _renderable(self) -> RenderableType:
        self._spinner.update(text=Text(f"{self._state()}  {monotonic() - self._began:.0f} s"))
        return self._spinner

    def _state(self) -> str:
        progress = self._progress
        if progress is None or self._step:
            return self._step or "opening the destination"
        parts = [progress.stage]
        if progress.planned:
            parts.append(f"{progress.finished} of {progress.planned} feeds")
        if progress.waiting:
            ready = progress.exports - progress.waiting
            parts.append(f"{ready:,} of {progress.exports:,} exports ready")
            if (seconds := progress.next_poll()) is not None:
                parts.append(f"next poll in {seconds:.0f} s")
        parts += [f"{progress.rows:,} rows", f"{progress.requests:,} requests"]
        if left := self._left(progress):
            parts.append(left)
        if self._loading:
            parts.append(f"loading {self._loading:,} rows")
        return " · ".join(parts)

    def _left(self, progress: Progress) -> str:
        """About how long the rest takes, once enough is done to say; an export's preparation is
        Airmeet's, and nobody knows how long it takes."""
        if progress.stage != "fetching" or progress.finished < _ENOUGH:
            return ""
        seconds = (monotonic() - self._began) / progress.finished
        seconds *= progress.planned - progress.finished - progress.waiting
        if seconds < _PLAIN_SECONDS:
            return ""
        return (
            f"about {seconds / 60:.0f} min left" if seconds > 90 else f"about {seconds:.0f} s left"
        )


@contextmanager
def shown_log(display: Display) -> Iterator[None]:
    """Show what the source and the command log, from INFO on, as lines of the display."""
    handler = _LinesOfDisplay(display)
    loggers = [logging.getLogger(name) for name in _LOGGERS]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.removeHandler(handler)
            logger.setLevel(level)


class _LinesOfDisplay(logging.Handler):
    def __init__(self, display: Display) -> None:
        super().__init__(logging.INFO)
        self._display = display

    def emit(self, record: logging.LogRecord) -> None:
        self._display.line(record.getMessage(), record.levelname.lower())
