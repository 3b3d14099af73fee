"""How long the worklist takes with 10,000 studies in it, against the same pages with 100.

    python benchmarks/worklist.py [--studies N] [--requests N] [--browsers N]

A server in a process of its own answers over loopback, with a session, as a browser asks: the page as it is opened
(with its entry in the audit trail), the rows that a change of the list makes every browser ask for again, the last
page of the list, a filter, and searches that find much, one study and nothing. Each is timed from the request to the
last byte; p50 and p95 are printed, and the ratio of the medians. Then several browsers ask for rows at once. On SQLite
with the durability of a power cut, and on PostgreSQL where it is installed.
"""

import argparse
import http.client
import multiprocessing
import re
import statistics
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode

from machine import facts, line, seconds_of

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import postgres
import rooms
import worklists
from secondread.serve.config.room import RoomSettings, StorageSettings
from secondread.serve.people.browser import COOKIE

FEW = 100


class Browser:
    """A connection that is kept open, with a session."""

    def __init__(self, port: int, cookie: str, csrf: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._headers = {"Cookie": f"{COOKIE}={cookie}", "X-CSRF-Token": csrf, "Accept": "text/html"}

    def get(self, path: str) -> str:
        """A page."""
        return self._ask("GET", path, None)

    def rows(self, **fields: str) -> str:
        """The rows of the list, as the page's script asks for them."""
        return self._ask("POST", "/", urlencode({"part": "rows", "live": "1", **fields}))

    def _ask(self, method: str, path: str, body: str | None) -> str:
        headers = self._headers | ({"Content-Type": "application/x-www-form-urlencoded"} if body else {})
        self._connection.request(method, path, body, headers)
        answer = self._connection.getresponse()
        text = answer.read().decode()
        if answer.status != 200:
            raise RuntimeError(f"{method} {path}: {answer.status} {text[:200]}")
        return text


def serve(folder: str, url: str, ready: "multiprocessing.connection.Connection") -> None:
    """The server's process."""
    import socket

    import uvicorn

    from secondread.serve.app import create_app
    from secondread.serve.room import open_room

    settings = RoomSettings(storage=StorageSettings(folder=Path(folder) / "room"))
    room = open_room(replace(settings, database=replace(settings.database, url=url)), clock=rooms.Clock())
    listener = socket.socket(proto=socket.IPPROTO_TCP)  # as the server does: asyncio then sets TCP_NODELAY
    listener.bind(("127.0.0.1", 0))
    listener.listen(64)
    ready.send(listener.getsockname()[1])
    config = uvicorn.Config(create_app(room), log_level="error", access_log=False, lifespan="off")
    uvicorn.Server(config).run(sockets=[listener])


@contextmanager
def listening(url: str, studies: int) -> Iterator[Callable[[], Browser]]:
    """A server with so many studies; gives new browsers."""
    with tempfile.TemporaryDirectory() as folder:
        room = rooms.make_room(Path(folder), url=url)
        worklists.add_studies(room, studies)
        client = rooms.logged_in(room)
        room.database.dispose()
        ours, theirs = multiprocessing.Pipe()
        process = multiprocessing.get_context("spawn").Process(target=serve, args=(folder, url, theirs), daemon=True)
        process.start()
        port = ours.recv()
        cookie, csrf = client.cookies[COOKIE], client.headers["x-csrf-token"]
        try:
            yield lambda: Browser(port, cookie, csrf)
        finally:
            process.kill()
            process.join()


def questions(browser: Browser) -> dict[str, Callable[[], str]]:
    """What is asked, by name; the last page is found by going there."""
    address = "/?state=all"
    for _ in range(1000):
        after = re.search(r'data-after="([^"]+)"', browser.get(address))
        if not after:
            break
        address = "/" + after[1].replace("&amp;", "&")
    return {
        "the page as it is opened": lambda: browser.get("/"),
        "rows after a change": browser.rows,
        "the last page": lambda: browser.get(address),
        "newest first, all states": lambda: browser.rows(state="all", order="newest"),
        "filter: CT, critical, last 7 days": lambda: browser.rows(modality="CT", priority="critical", period="week"),
        "search that finds a fifth": lambda: browser.rows(q="adams", state="all"),
        "search that finds one": lambda: browser.rows(q="P000042", state="all"),
        "search that finds nothing": lambda: browser.rows(q="nobody", state="all"),
    }


def percentiles(seconds: list[float]) -> tuple[float, float]:
    """p50 and p95."""
    points = statistics.quantiles(seconds, n=20, method="inclusive")
    return points[9], points[18]


def timed(new_browser: Callable[[], Browser], requests: int) -> dict[str, tuple[float, float]]:
    """p50 and p95 of every question, asked in turns."""
    asked = questions(new_browser())
    found: dict[str, list[float]] = {name: [] for name in asked}
    for turn in range(requests + 5):
        for name, ask in asked.items():
            seconds = seconds_of(ask)
            if turn >= 5:  # the first ones fill caches
                found[name].append(seconds)
    return {name: percentiles(seconds) for name, seconds in found.items()}


def at_once(new_browser: Callable[[], Browser], browsers: int, requests: int) -> tuple[float, float, float]:
    """p50, p95 and requests a second when several browsers ask for rows at the same time."""
    found: list[float] = []

    def look() -> None:
        browser = new_browser()
        found.extend([seconds_of(browser.rows) for _ in range(requests)])

    threads = [threading.Thread(target=look) for _ in range(browsers)]

    def run() -> None:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    whole = seconds_of(run)
    return *percentiles(found), len(found) / whole


def compare(name: str, url_of: Callable[[], str], args: argparse.Namespace) -> None:
    """One database: many studies against few."""
    print(f"{name}: p50 / p95 with {args.studies} studies, and the median's ratio to {FEW} studies")
    with listening(url_of(), FEW) as new_browser:
        few = timed(new_browser, args.requests)
    with listening(url_of(), args.studies) as new_browser:
        many = timed(new_browser, args.requests)
        p50, p95, rate = at_once(new_browser, args.browsers, args.requests)
    for question, (middle, high) in many.items():
        line(question, f"{1e3 * middle:6.1f} / {1e3 * high:6.1f} ms   {middle / few[question][0]:5.2f} x")
    line(f"rows for {args.browsers} browsers at once", f"{1e3 * p50:6.1f} / {1e3 * p95:6.1f} ms   {rate:5.0f} a second")


def main() -> None:
    """Both databases, one after the other."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--studies", type=int, default=10_000)
    parser.add_argument("--requests", type=int, default=100)
    parser.add_argument("--browsers", type=int, default=8)
    args = parser.parse_args()
    print(facts("fastapi", "uvicorn", "sqlalchemy", "jinja2"))
    compare("SQLite", lambda: "", args)
    if postgres.program("postgres") is None:
        print("PostgreSQL is not installed")
        return
    with postgres.cluster() as server, postgres.database(server) as first, postgres.database(server) as second:
        urls = iter((first, second))
        compare("PostgreSQL", lambda: next(urls), args)


if __name__ == "__main__":
    main()
