"""A page of docs/ that a tool writes: written anew, or compared with what is there; its tables."""

import argparse
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path


def write_or_check(tool: str, file: Path, page: str, arguments: Sequence[str] | None) -> int:
    """Write the page, or with `--check` say whether it is stale; returns the exit code."""
    parser = argparse.ArgumentParser(prog=f"python -m {tool}")
    parser.add_argument("--check", action="store_true", help="do not write; exit 1 if stale")
    if parser.parse_args(arguments).check:
        if file.exists() and file.read_text(encoding="utf-8") == page:
            return 0
        print(f"{file.name} is stale: run `make docs`", file=sys.stderr)
        return 1
    file.parent.mkdir(exist_ok=True)
    file.write_text(page, encoding="utf-8")
    return 0


def grid(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown."""

    def lines() -> Iterator[str]:
        yield f"| {' | '.join(heads)} |"
        yield f"|{'---|' * len(heads)}"
        for row in rows:
            yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"

    return "\n".join([*lines(), ""])
