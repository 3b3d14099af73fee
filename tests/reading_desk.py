"""Desks of workers for tests: networks that say what the test wants, and studies of one frontal chest X-ray."""

import itertools
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Table, select

import dicom_factory
import fakes
import rooms
from fakes import FakeBundles
from secondread.readers import choose
from secondread.serve.config.room import ReadingSettings
from secondread.serve.database.tables import instances, series
from secondread.serve.reading import completion, queue
from secondread.serve.reading.attempt import attempt
from secondread.serve.reading.desk import Desk
from secondread.serve.room import Room

PNEUMONIA = ("chest-xray-pneumonia",)
HEALTHY = (9.0, 0.0, 0.0)
QUIET = ReadingSettings().quiet_seconds


def make_desk(room: Room, bundles: FakeBundles | None = None, *, all_readers: bool = False) -> Desk:
    """A desk with the pneumonia reader, or every reader where the test's bundles know them all."""
    return Desk(
        room,
        bundles or FakeBundles(),  # type: ignore[arg-type]
        choose if all_readers else (lambda names: choose(names or PNEUMONIA)),
        time.monotonic,
    )


def chest(path: Path, study: object = 1, image: object = 1, **tags: Any) -> Path:
    """A chest X-ray of a numbered study; images of one study differ."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = fakes.dicom_pixels()
    pixels[0, 0] = hash_of(study, image)
    uid = dicom_factory.uid
    own = {
        "StudyInstanceUID": uid("study", study),
        "SeriesInstanceUID": uid("series", study),
        "SOPInstanceUID": uid("image", study, image),
        "PatientID": f"INVENTED-{study}",
        "InstanceNumber": image if isinstance(image, int) else 1,
    }
    return dicom_factory.chest_xray(path, pixels, **(own | tags))


def hash_of(*parts: object) -> int:
    """A number below 200 that depends on the parts only."""
    return int(dicom_factory.uid(*parts)[-6:]) % 200


def read_all(desk: Desk, worker: str = "w") -> int:
    """Queue what is complete and work until nothing is left to do now; returns how many attempts were made."""
    completion.complete_due(desk.room)
    for count in itertools.count():
        held = queue.claim(desk.room, worker)
        if held is None:
            return count
        attempt(desk, held, threading.Event())
    raise AssertionError


def arrived(room: Room, folder: Path, study: object = 1, **tags: Any) -> None:
    """A study of one image came, and it is quiet."""
    rooms.send_in(room, chest(folder / f"{study}.dcm", study, **tags))
    room.clock.go_on(QUIET)  # type: ignore[attr-defined]


def only(room: Room, table: Table) -> Mapping[str, Any]:
    """The one row of a table."""
    (row,) = rooms.tables(room, select(table))
    return row


def own_objects(room: Room) -> list[Mapping[str, Any]]:
    """The rows of what was made here."""
    query = select(instances).join(series, series.c.id == instances.c.series_id).where(series.c.own)
    return rooms.tables(room, query.order_by(instances.c.id))
