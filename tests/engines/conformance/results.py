"""What the suite ran and how it ended: `results.json`, which docs/destinations.md is drawn from.

A run writes the steps that it ran, and leaves the others as they were; what is declared as not run
stands there with its reason.
"""

import json
from pathlib import Path

from tests.engines.conformance.places import PLACES, STEPS, Place

FILE = Path(__file__).parent / "results.json"

Ran = dict[str, dict[str, str]]
"""How each step ended, by destination: `passed`, `failed`, or `not run: ` and why."""


def write(ran: Ran) -> None:
    """Write down what was run just now."""
    text = json.dumps({place.name: _of(place, ran) for place in PLACES}, indent=2) + "\n"
    if not FILE.exists() or FILE.read_text(encoding="utf-8") != text:
        FILE.write_text(text, encoding="utf-8")


def _of(place: Place, ran: Ran) -> dict[str, object]:
    before = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}
    known = {**before.get(place.name, {}).get("steps", {}), **ran.get(place.name, {})}
    steps = {
        step: f"not run: {place.not_run[step]}" if step in place.not_run else known[step]
        for step in STEPS
        if step in place.not_run or step in known
    }
    return {"emulator": place.emulator, "steps": steps}
