"""The results as Markdown tables: printed, and kept in RESULTS.md."""

import os
import platform
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from benchmarks.measuring import Figures

RESULTS = Path(__file__).parent / "RESULTS.md"
_PACKAGES = ("dlt", "duckdb", "pyarrow", "aiohttp", "orjson", "sqlglot")
_HEAD = ("", "runs", "wall s", "CPU s", "peak MB", "rows/s", "requests", "wall ÷ ours")


@dataclass(frozen=True)
class BenchmarkPart:
    """One table of results: contestants that took turns.

    Attributes:
        rows: that each contestant loaded; 0 where it is not all of them.
        remarks: lines below the table.
    """

    title: str
    figures: Sequence[Figures]
    rows: int
    remarks: Sequence[str] = ()


def write(parts: Sequence[BenchmarkPart], left_out: Sequence[str], keep: bool) -> None:
    """Print the tables, and with `keep` write them to RESULTS.md."""
    text = "\n".join(_lines(parts, left_out))
    print(text)
    if keep:
        RESULTS.write_text(text)


def _lines(parts: Sequence[BenchmarkPart], left_out: Sequence[str]) -> Iterator[str]:
    yield "# Measured"
    yield ""
    yield (
        "`make bench`: whole processes, imports included, medians; the contestants of a table took "
        "turns. Machines drift: compare within a table."
    )
    yield ""
    yield f"- {datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, {_memory():.0f} GB, "
    yield f"  {platform.system()}, Python {platform.python_version()}"
    yield "- " + ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    if left_out:
        yield f"- not measured this time: {', '.join(left_out)}"
    for part in parts:
        yield ""
        yield f"## {part.title}"
        yield ""
        yield f"| {' | '.join(_HEAD)} |"
        yield f"|{'---|' * len(_HEAD)}"
        for figures in part.figures:
            yield _line(figures, part)
        if part.remarks:
            yield ""
            yield from (f"- {remark}" for remark in part.remarks)
    yield ""


def _line(figures: Figures, part: BenchmarkPart) -> str:
    loads = figures.requests > 0 and part.rows > 0
    cells = (
        figures.name,
        str(len(figures.samples)),
        f"{figures.wall:.2f}",
        f"{figures.cpu:.2f}",
        f"{figures.peak:.0f}",
        f"{part.rows / figures.wall:,.0f}" if loads else "",
        f"{figures.requests:,}" if figures.requests else "",
        f"{figures.wall / part.figures[0].wall:.2f}" if loads else "",
    )
    return f"| {' | '.join(cells)} |"


def _memory() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
