"""The second half of ``make demo``: the reading room, with the example images sent to it as a scanner would.

Leaves with 0 when every chest X-ray was read and the hand was refused.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, text

from secondread.dicom.node.client import Caller, store
from secondread.serve.people.demo import NAME

EXAMPLES = Path(__file__).parent
SENT = ("child-normal.dcm", "child-bacterial.dcm", "child-viral.dcm", "hand.dcm")
EXPECTED = {"draft": 3, "refused": 1}
PATIENCE_S = 300
SETTINGS = """# The reading room of the demo. Every key: docs/reference/room-settings.md
[server]
port = {port}

[storage]
folder = "room"

[dicom]
port = 0

[reading]
quiet_seconds = 1
"""


def main(folder: Path, *, stay: bool) -> int:
    """Open a room in ``folder``, which is made anew, send the examples in, and wait until they were read.

    Args:
        folder: For the settings and the room.
        stay: Whether the room stays open until Ctrl-C.
    """
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    settings = folder / "room.toml"
    settings.write_text(SETTINGS.format(port=free_port(8080)), encoding="utf-8")
    print(f"\nOpening the reading room: secondread serve --settings {settings} --demo")
    with serving(settings) as (room, url, seconds):
        for sentence in room["sentences"]:
            print(sentence)
        print(f"The first page came {seconds:.1f} s after the start.")
        sent = store(
            Caller("SECONDREAD", "127.0.0.1", room["dicom_port"], "SCANNER"), [EXAMPLES / name for name in SENT]
        )
        print(f"Sent in by C-STORE: {sum(one.ok for one in sent)} of {len(SENT)} images. Reading them ...")
        states = wait_for_reads(folder / "room" / "room.db")
        print("Read: " + ", ".join(f"{count} {state}" for state, count in sorted(states.items())))
        print(f"\nThe reading room is open, and the user '{NAME}' is logged in by this link:\n{url}")
        if stay:
            print("Ctrl-C closes it.")
            stay_open(url)
    return 0 if states == EXPECTED else 1


@contextmanager
def serving(settings: Path) -> Iterator[tuple[dict, str, float]]:
    """The line that the server prints, the link for the demo user, and the seconds from its start to a first page."""
    start = time.monotonic()
    command = [sys.executable, "-m", "secondread", "serve", "--settings", str(settings), "--demo", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            line = server.stdout.readline()
            if not line:
                sys.exit("The reading room did not open.")
            room = json.loads(line)
            with urllib.request.urlopen(room["url"].partition("/demo/")[0] + "/login") as page:  # loopback
                page.read()
            yield room, room["url"], time.monotonic() - start
        finally:
            server.terminate()
            server.wait(timeout=60)


def wait_for_reads(database: Path) -> dict[str, int]:
    """How many studies are in which state, once none is arriving or being read any more."""
    engine = create_engine(f"sqlite:///{database}")
    deadline = time.monotonic() + PATIENCE_S
    states: dict[str, int] = {}
    while time.monotonic() < deadline:
        with engine.connect() as connection:
            counted = connection.execute(text("SELECT state, count(*) FROM studies GROUP BY state"))
            states = {state: count for state, count in counted}  # noqa: C416 - a row is no tuple in older versions
        if sum(states.values()) == len(SENT) and not states.keys() & {"arriving", "reading"}:
            break
        time.sleep(0.5)
    engine.dispose()
    return states


def free_port(wanted: int) -> int:
    """The port that is wanted, or 0, for any, where another program has it."""
    with socket.socket() as probe:
        return 0 if probe.connect_ex(("127.0.0.1", wanted)) == 0 else wanted


def stay_open(url: str) -> None:
    """Show the room where there is a browser, and wait for Ctrl-C."""
    import webbrowser

    if os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY") or sys.platform in {"darwin", "win32"}:
        webbrowser.open(url)
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        print("\nThe reading room is closed.")


if __name__ == "__main__":
    sys.exit(main(Path("reports/demo-room"), stay=not os.environ.get("CI")))
