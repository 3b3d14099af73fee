"""A browser for tests, and pages of it that are logged in to a room."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from starlette.testclient import TestClient

from secondread.serve.people.browser import COOKIE
from witness import need

PATIENCE_MS = 60_000


@contextmanager
def browser(flags: Sequence[str] = ()) -> Iterator[Any]:
    """Debian's Chromium; the test is skipped where it is missing."""
    program = need("chromium", "chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", *flags])
        try:
            yield chromium
        finally:
            chromium.close()


def page_for(chromium: Any, client: TestClient, url: str, size: tuple[int, int] = (1280, 900)) -> Any:
    """A page with the session of ``client``; whoever asks for it closes its context."""
    context = chromium.new_context(viewport={"width": size[0], "height": size[1]}, locale="en-GB")
    context.add_cookies([{"name": COOKIE, "value": client.cookies[COOKIE], "url": url}])
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    return page


def hold(page: Any, address: str, method: str = "GET") -> list[Any]:
    """Requests that the page makes from now on are held back in this list; ``continue_()`` lets one go."""
    held: list[Any] = []
    page.route(address, lambda route: held.append(route) if route.request.method == method else route.continue_())
    return held


def waited_for(page: Any, held: list[Any]) -> Any:
    """The first that is held back, once there is one."""
    for _ in range(PATIENCE_MS // 20):
        if held:
            return held.pop(0)
        page.wait_for_timeout(20)
    raise AssertionError("the page never asked")
