"""A page of the app in a real browser, watched for errors."""

from playwright.sync_api import Page

from tools.screenshot import wait_for_page

TABS = {
    "Portfolio": "portfolio",
    "Event": "event",
    "Compare": "compare",
    "Pace": "pace",
    "Follow-up": "follow_up",
    "People": "people",
    "Data health": "health",
}


class WatchedPage:
    """A page, and the errors in it."""

    def __init__(self, page: Page, own: tuple[str, ...]) -> None:
        self.page = page
        self.errors: list[str] = []
        page.on("console", lambda m: self.errors.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("dialog", lambda dialog: self.errors.append(f"dialog {dialog.message}"))
        page.on(
            "request",
            lambda request: (
                None if request.url.startswith(own) else self.errors.append(request.url)
            ),
        )

    def figure(self, key: str) -> str:
        return self.page.locator(f'[data-figure="{key}"]').last.inner_text()

    def open(self, tab: str) -> None:
        self.page.get_by_role("tab", name=tab, exact=True).click()
        wait_for_page(self.page, TABS[tab])

    def choose_event(self, words: str) -> None:
        """Search the filter for some words, and choose the first event found."""
        self.page.locator("marimo-dropdown button").first.click()
        self.page.keyboard.type(words)
        self.page.get_by_role("option").first.click()
