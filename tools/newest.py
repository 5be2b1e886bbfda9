"""`python -m tools.newest`: what the project and its tests need, without any bound on versions.

One requirement a line, for `pip install -r`. Extras and markers stay.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).parents[1]

_REQUIREMENT = re.compile(r"(?P<name>[\w.-]+)(?P<extras>\[[\w,-]+\])?[^;]*(?P<marker>;.*)?")


def unbounded(requirement: str) -> str:
    """A requirement that any version meets."""
    match = _REQUIREMENT.fullmatch(requirement)
    assert match, requirement
    return match["name"] + (match["extras"] or "") + (match["marker"] or "")


def expanded(
    requirements: Iterable[str], name: str, extras: Mapping[str, list[str]]
) -> Iterator[str]:
    """Requirements, with the project's own extras in place of its name."""
    for requirement in requirements:
        if requirement.startswith(f"{name}["):
            for extra in requirement.removeprefix(f"{name}[").rstrip("]").split(","):
                yield from expanded(extras[extra], name, extras)
        else:
            yield requirement


def main() -> None:
    """Print them."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    needed = [*project["dependencies"], *extras["dev"]]
    print("\n".join(sorted({unbounded(r) for r in expanded(needed, project["name"], extras)})))


if __name__ == "__main__":
    main()
