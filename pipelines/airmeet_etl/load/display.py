"""What a person sees while a load runs: a live display on a terminal, plain lines elsewhere."""

import threading
from time import monotonic
from types import TracebackType
from typing import Literal, Self

from airmeet.extract.progress import Progress
from rich.console import Console, RenderableType
from rich.live import Live
from rich.spinner import Spinner
from rich.text import Text

from ..exit_codes import as_json

_PLAIN_SECONDS = 10.0


class Display:
    """Shows the engine's counts on standard error until it is closed."""

    def __init__(self, log_format: Literal["text", "json"] = "text") -> None:
        """`json` writes each line as one JSON object, terminal or not."""
        self._as_json = log_format == "json"
        self._console = Console(stderr=True)
        self._progress: Progress | None = None
        self._step = ""
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

    def watch(self, progress: Progress) -> None:
        """Show these counts."""
        self._progress = progress

    def step(self, step: str) -> None:
        """Show what is done beside fetching."""
        self._step = step
        if self._live is None:
            self.say(step)

    def say(self, line: str) -> None:
        """Print a line that stays."""
        if self._as_json:
            line = as_json("info", line, **self._counts())
        self._console.print(Text(line), soft_wrap=True)

    def _counts(self) -> dict[str, int]:
        progress = self._progress or Progress()
        names = ("planned", "finished", "waiting", "requests", "rows")
        return {name: getattr(progress, name) for name in names}

    def _tick(self) -> None:
        last = ""
        while not self._ended.wait(_PLAIN_SECONDS):
            line = self._line()
            if line != last:
                self.say(line)
            last = line

    def _renderable(self) -> RenderableType:
        self._spinner.update(text=Text(f"{self._line()}  {monotonic() - self._began:.0f} s"))
        return self._spinner

    def _line(self) -> str:
        progress = self._progress
        if progress is None or self._step:
            return self._step or "opening the destination"
        parts = [progress.stage]
        if progress.planned:
            parts.append(f"{progress.finished} of {progress.planned} feeds")
        if progress.waiting:
            parts.append(f"{progress.waiting} exports in preparation")
        parts += [f"{progress.rows:,} rows", f"{progress.requests:,} requests"]
        if progress.loading:
            parts.append(f"loading {progress.loading:,} rows")
        return " · ".join(parts)
