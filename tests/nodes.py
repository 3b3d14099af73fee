"""DICOM nodes for tests: one that runs on a free port of loopback, and dcmtk's programs against it."""

import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

import rooms
from ports import free_port
from secondread.dicom.node.client import Caller
from secondread.serve.database.tables import audit_events, instances
from secondread.serve.node.service import Node
from secondread.serve.room import Room
from witness import NO_DELAY, need


@dataclass(frozen=True)
class Reached:
    """A node that runs."""

    room: Room
    port: int

    def caller(self, calling: str = "PEER", called: str = "SECONDREAD") -> Caller:
        return Caller(called, "127.0.0.1", self.port, calling)

    def run(self, program: str, *arguments: object, calling: str = "PEER", called: str = "SECONDREAD") -> str:
        """A program of dcmtk against the node; what it prints. It must succeed."""
        done = self.try_run(program, *arguments, calling=calling, called=called)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    def try_run(
        self, program: str, *arguments: object, calling: str = "PEER", called: str = "SECONDREAD"
    ) -> "subprocess.CompletedProcess[str]":
        titles = ("--aetitle", calling, "--call", called)
        command = [need(program, "dcmtk"), *titles, "127.0.0.1", str(self.port), *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, check=False, env=NO_DELAY, timeout=300)

    def stored(self) -> list[dict[str, object]]:
        return [dict(row) for row in rooms.tables(self.room, select(instances))]

    def trail(self) -> list[str]:
        return [str(row["entry"]) for row in rooms.tables(self.room, select(audit_events))]

    def left_over(self) -> list[Path]:
        return list(self.room.folders.incoming.iterdir())


@contextmanager
def node_of(room: Room) -> Iterator[Reached]:
    node = Node(room)
    node.start()
    try:
        yield Reached(room, node.port)
    finally:
        node.stop()


@contextmanager
def storescp(folder: Path, title: str = "ARCHIVE") -> Iterator[int]:
    """dcmtk's receiver, writing into a folder; its port."""
    port = free_port()
    command = [need("storescp", "dcmtk"), "--aetitle", title, "+xa", "-od", str(folder), str(port)]
    process = subprocess.Popen(command, env=NO_DELAY)
    try:
        asked = [need("echoscu", "dcmtk"), "127.0.0.1", str(port)]
        assert eventually(lambda: subprocess.run(asked, check=False, capture_output=True).returncode == 0)
        yield port
    finally:
        process.terminate()
        process.wait(60)


def eventually(happened: Callable[[], object]) -> bool:
    """Whether something is so within a minute: what the node does after its last answer is not waited for."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if happened():
            return True
        time.sleep(0.01)
    return False
