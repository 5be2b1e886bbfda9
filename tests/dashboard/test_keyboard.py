"""The app without a mouse, in a real browser."""

from itertools import product
from pathlib import Path

import pytest

playwright = pytest.importorskip("playwright.sync_api")

from tests.dashboard.watched import WatchedPage  # noqa: E402
from tests.sweeps import each_once  # noqa: E402
from tools.screenshot import CHROMIUM  # noqa: E402

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        not Path(CHROMIUM).exists(), reason="chromium is not installed: apt-get install chromium"
    ),
]


@pytest.mark.parametrize(("key", "column"), each_once(product(["Enter", "Space"], [0, 3])))
def test_a_key_opens_the_event_of_the_cell_that_has_the_focus(
    watched: WatchedPage, key: str, column: int
) -> None:
    row = watched.page.locator("[data-table=events] tbody tr", has_text="Night")
    row.locator("td").nth(column).focus()
    watched.page.keyboard.press(key)
    watched.page.wait_for_selector("[data-page=event] [data-event=night]")
    watched.page.wait_for_url("**/?page=event&event=night")
    assert not watched.errors


def test_arrows_move_between_cells_and_enter_opens_where_they_came_to(
    watched: WatchedPage,
) -> None:
    rows = watched.page.locator("[data-table=events] tbody tr")
    names = [name.replace("\n", " ") for name in rows.locator("td:first-child").all_inner_texts()]
    at = next(number for number, name in enumerate(names) if "Night" in name)
    rows.first.locator("td").first.focus()
    for _ in range(at):
        watched.page.keyboard.press("ArrowDown")
    for key in ("ArrowRight", "ArrowRight", "ArrowLeft", "Enter"):
        watched.page.keyboard.press(key)
    watched.page.wait_for_selector("[data-page=event] [data-event=night]")
    assert not watched.errors
