"""A reading room whose server and workers are killed at random moments, while senders send until they are heard.

The server is ``secondread serve`` in a process of its own, as a person starts it. The senders are dcmtk and plain HTTP;
they remember what was acknowledged: status 0x0000, or a SOP instance in the answer to STOW-RS.
"""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import httpx2
import pydicom

import fakes
from ports import free_port
from witness import NO_DELAY, need

TOKEN = "storm-token"
BOUNDARY = "storm"
PATIENCE_SECONDS = 1800  # how long anything is waited for: a study that is never read ends the test
SETTINGS = """
[server]
port = {web}
[dicom]
port = {dicom}
idle_seconds = 5
[storage]
folder = "room"
durability = "{durability}"
[database]
url = "{url}"
[reading]
workers = {workers}
quiet_seconds = 3
lease_seconds = 3
retry_seconds = 0
max_attempts = 100
bundles = ["{bundles}"]
[[route]]
name = "all"
readers = ["chest-xray-pneumonia"]
"""


@dataclass
class Storm:
    """One room in bad weather.

    Attributes:
        folder: Where its settings lie, and the room below it.
        url: Of its database, empty for SQLite.
        durability: As in the settings.
        workers_wanted: How many the server starts.
        acknowledged: SOP Instance UIDs that a sender was told are received.
        strikes: How often something was killed.
    """

    folder: Path
    url: str = ""
    durability: str = "process"
    workers_wanted: int = 1
    acknowledged: set[str] = field(default_factory=set)
    strikes: int = 0
    _server: "subprocess.Popen[str] | None" = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.web, self.dicom = free_port(), free_port()
        self.settings = self.folder / "room.toml"
        self.settings.write_text(
            SETTINGS.format(
                web=self.web, dicom=self.dicom, url=self.url, durability=self.durability, workers=self.workers_wanted,
                bundles=fakes.write_bundles(self.folder / "bundles"),
            ),
            encoding="utf-8",
        )  # fmt: skip

    def start(self) -> None:
        """Start the server and wait until it says that it is there."""
        command = [sys.executable, "-m", "secondread", "serve", "--json", "--settings", str(self.settings)]
        self._server = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=self.folder
        )
        assert self._server.stdout is not None
        line = self._server.stdout.readline()
        assert json.loads(line)["dicom_port"] == self.dicom

    def kill_server(self) -> None:
        """``kill -9``, and start it again."""
        assert self._server is not None
        self._server.kill()
        self.wait_for_server()
        self.start()

    def kill_worker(self, random: Random) -> None:
        """``kill -9`` of one of its workers; the server sees to the rest."""
        workers = self.workers()
        if workers:
            with suppress(ProcessLookupError):  # it was faster
                os.kill(random.choice(workers), signal.SIGKILL)

    def stop(self) -> None:
        """As a person does."""
        assert self._server is not None
        self._server.terminate()
        self.wait_for_server()

    def wait_for_server(self) -> None:
        """Until its process is gone."""
        assert self._server is not None
        assert self._server.stdout is not None
        self._server.stdout.close()
        self._server.wait(60)

    def workers(self) -> list[int]:
        """Process numbers of the server's children. Source: proc(5), /proc/pid/task/tid/children."""
        assert self._server is not None
        try:
            tasks = list(Path(f"/proc/{self._server.pid}/task").iterdir())
            return [int(child) for task in tasks for child in (task / "children").read_text().split()]
        except OSError:
            return []

    def send(self, studies: Sequence[Sequence[Path]], *, web: bool = False) -> None:
        """Send studies one after another, each image again and again until it is acknowledged."""
        for files in studies:
            left = {str(pydicom.dcmread(file, stop_before_pixels=True).SOPInstanceUID): file for file in files}
            deadline = time.monotonic() + PATIENCE_SECONDS
            while left:
                assert time.monotonic() < deadline
                done = self._stow(left) if web else self._store(left)
                with self._lock:
                    self.acknowledged |= done
                left = {uid: file for uid, file in left.items() if uid not in done}
                if left:
                    time.sleep(0.1)

    def _store(self, files: dict[str, Path]) -> set[str]:
        """C-STORE over one association, for as long as it lasts. dcmtk tells of each file how it was answered."""
        limits = ["-to", "10", "-ta", "10", "-td", "10"]
        command = [need("storescu", "dcmtk"), "-v", *limits, "-aec", "SECONDREAD", "127.0.0.1", str(self.dicom)]
        sent = subprocess.run(
            [*command, *files.values()],
            capture_output=True, text=True, check=False, env=NO_DELAY,
        )  # fmt: skip
        uid_of = {str(file): uid for uid, file in files.items()}
        answered = re.findall(
            r"^I: Sending file: (.*)$|^I: Received Store Response \((.*)\)$", sent.stderr, re.MULTILINE
        )
        done, file = set(), ""
        for started, status in answered:
            file = started or file
            if status == "Success":
                done.add(uid_of[file])
        return done

    def _stow(self, files: dict[str, Path]) -> set[str]:
        """One STOW-RS request a study. Source: DICOM PS3.18 10.5; ReferencedSOPSequence of its answer."""
        parts = b"".join(
            f"--{BOUNDARY}\r\nContent-Type: application/dicom\r\n\r\n".encode() + file.read_bytes() + b"\r\n"
            for file in files.values()
        )
        headers = {
            "Content-Type": f'multipart/related; type="application/dicom"; boundary={BOUNDARY}',
            "Accept": "application/dicom+json",
            "Authorization": f"Bearer {TOKEN}",
        }
        try:
            answer = httpx2.post(
                f"http://127.0.0.1:{self.web}/dicom-web/studies",
                content=parts + f"--{BOUNDARY}--\r\n".encode(), headers=headers, timeout=30,
            )  # fmt: skip
        except httpx2.HTTPError:
            return set()
        if answer.status_code not in {200, 202}:
            return set()
        stored = answer.json().get("00081199", {}).get("Value", [])
        return {item["00081155"]["Value"][0] for item in stored}
