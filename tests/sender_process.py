"""A program that only sends what an outbox holds, until it is killed: python sender_process.py FOLDER URL PORT."""

import sys
import time
from dataclasses import replace
from pathlib import Path

import outbox_desk as desk
from secondread.serve.config.room import (
    DatabaseSettings,
    Destination,
    DicomSettings,
    Peer,
    RoomSettings,
    StorageSettings,
)
from secondread.serve.room import open_room
from secondread.serve.sending import claim
from secondread.serve.sending.sender import Sender


def settings(folder: Path, url: str, port: int) -> RoomSettings:
    """An archive and a shelf get everything."""
    archive = Destination("archive", "dicom", peer="WITNESS")
    shelf = Destination("shelf", "folder", path=folder / "shelf")
    dicom = DicomSettings(peers=(Peer("WITNESS", "127.0.0.1", port),))
    return replace(
        desk.settings_for(archive, shelf, dicom=dicom),
        storage=StorageSettings(folder=folder / "room", durability="process"),
        database=DatabaseSettings(url),
    )


if __name__ == "__main__":
    claim.LEASE_SECONDS = 3.0  # a busy machine holds a delivery in time too
    sender = Sender(open_room(settings(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))))
    sender.start()
    sys.stdout.write("sending\n")
    sys.stdout.flush()
    time.sleep(600)
