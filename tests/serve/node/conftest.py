"""A node in front of a room whose clock stands still."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

import orthanc
import rooms
from nodes import Reached, node_of
from secondread.serve.config.room import DicomSettings, Peer, RoomSettings

Start = Callable[..., Reached]


@pytest.fixture
def start(tmp_path) -> Iterator[Start]:
    """Starts a node with DICOM settings of one's own; ends it with the test."""
    running = []

    def starts(*peers: Peer, url: str = "", **settings: object) -> Reached:
        dicom = replace(DicomSettings(port=0, idle_seconds=20.0, peers=peers), **settings)
        room = rooms.make_room(tmp_path, RoomSettings(dicom=dicom), url=url)
        context = node_of(room)
        running.append((context, room))
        return context.__enter__()

    yield starts
    for context, room in running:
        context.__exit__(None, None, None)
        room.database.dispose()


@pytest.fixture
def reached(start) -> Reached:
    """A node that knows one peer, who may do everything."""
    return start(Peer("PEER"))


@pytest.fixture(scope="session")
def pacs(tmp_path_factory):
    """An Orthanc that answers everybody."""
    with orthanc.running(tmp_path_factory.mktemp("orthanc"), **orthanc.OPEN) as running:
        yield running
