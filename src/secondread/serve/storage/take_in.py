"""One received object: to its place on disk, then into the index, then it may be acknowledged."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Insert, func, select, update

from secondread.core.errors import InputError, short_uid
from secondread.core.identity import patient_pseudonym
from secondread.dicom.index_entry import IndexEntry
from secondread.serve.database.connect import writing
from secondread.serve.database.tables import instances, series, studies
from secondread.serve.room import Room
from secondread.serve.storage.place import place_of, settle


class Kept(StrEnum):
    """What became of an object."""

    STORED = "stored"
    ALREADY_HERE = "already here"  # the same object, byte for byte: acknowledged, nothing changes


class ConflictError(InputError):
    """An object with this SOP Instance UID is here already, with another content."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A received object, whole, in the folder of incoming files.

    Attributes:
        part: Its file, Part 10 format; moved or removed by :func:`take_in`.
        entry: What the index must know.
        sha256: Of the data set, without the file's own header.
        source: AE title, name of the user, or ``secondread``.
        own: Whether it was made here: a result, which is never read.
    """

    part: Path
    entry: IndexEntry
    sha256: str
    source: str
    own: bool = False


def take_in(room: Room, arrival: Arrival) -> Kept:
    """Store and index one object. When this returns, the object outlives what the room's durability promises.

    Raises:
        ConflictError: If the room holds another object under its SOP Instance UID; nothing is changed.
        OSError: If there is no room on the disk.
    """
    entry = arrival.entry
    path = place_of(entry.study_uid, entry.sop_instance_uid, arrival.sha256)
    settle(arrival.part, room.folders.images / path, durable=room.settings.storage.durability == "power")
    with writing(room.database) as connection:
        known = connection.execute(
            select(instances.c.sha256).where(instances.c.sop_instance_uid == entry.sop_instance_uid)
        ).scalar_one_or_none()
        if known is not None:
            if known == arrival.sha256:
                return Kept.ALREADY_HERE
            (room.folders.images / path).unlink(missing_ok=True)
            raise ConflictError(
                f"object {short_uid(entry.sop_instance_uid)}: another content is stored under this SOP Instance UID. "
                "A changed object needs a UID of its own; send it under one."
            )
        _index(connection, room, arrival, path)
    return Kept.STORED


def _index(connection: Connection, room: Room, arrival: Arrival, path: str) -> None:
    now, entry = room.now(), arrival.entry
    study_id = _study(connection, room, arrival, now)
    series_id = _series(connection, study_id, arrival)
    connection.execute(
        instances.insert().values(
            series_id=series_id,
            study_id=study_id,
            sop_instance_uid=entry.sop_instance_uid,
            sop_class_uid=entry.sop_class_uid,
            transfer_syntax_uid=entry.transfer_syntax_uid,
            instance_number=entry.instance_number,
            rows=entry.rows,
            columns=entry.columns,
            bits_allocated=entry.bits_allocated,
            frames=entry.frames,
            path=path,
            size_bytes=(room.folders.images / path).stat().st_size,
            sha256=arrival.sha256,
            source=arrival.source[:64],
            received_at=now,
        )
    )


def _study(connection: Connection, room: Room, arrival: Arrival, now: str) -> int:
    """The row of the study, new or changed; a new image of a study that was read makes it arrive again."""
    entry = arrival.entry
    row = connection.execute(select(studies).where(studies.c.study_uid == entry.study_uid)).one_or_none()
    if row is None:
        key = patient_pseudonym(entry.patient_id, room.secret) if entry.patient_id else ""
        fields = {name: getattr(entry, name) for name in _STUDY_FIELDS}
        return _made(
            connection,
            studies.insert().values(
                **fields,
                patient_key=key,
                modalities="" if arrival.own else entry.modality,
                body_parts="" if arrival.own else entry.body_part,
                instance_count=0 if arrival.own else 1,
                first_received_at=now,
                last_received_at=now,
                changed_at=now,
            ),
        )
    if not arrival.own:
        changes: dict[str, Any] = {
            "instance_count": studies.c.instance_count + 1,
            "last_received_at": now,
            "changed_at": now,
            "modalities": _with(row.modalities, entry.modality),
            "body_parts": _with(row.body_parts, entry.body_part),
            "late_images": row.read_version > 0 or row.state != "arriving",
        }
        if row.state not in {"arriving", "signed"}:  # a signed study stays signed, with its late images shown
            changes["state"] = "arriving"
        connection.execute(update(studies).where(studies.c.id == row.id).values(**changes))
    return int(row.id)


_STUDY_FIELDS = (
    "study_uid", "patient_id", "issuer_of_patient_id", "patient_name", "patient_birth_date", "patient_sex",
    "patient_age", "study_date", "study_time", "accession_number", "study_id", "study_description",
    "referring_physician",
)  # fmt: skip


def _with(words: str, word: str) -> str:
    return " ".join(sorted({*words.split(), *word.split()}))[:256]


def _series(connection: Connection, study_id: int, arrival: Arrival) -> int:
    entry = arrival.entry
    found = connection.execute(
        select(series.c.id).where(series.c.study_id == study_id, series.c.series_uid == entry.series_uid)
    ).scalar_one_or_none()
    if found is not None:
        connection.execute(
            update(series).where(series.c.id == found).values(instance_count=series.c.instance_count + 1)
        )
        return int(found)
    return _made(
        connection,
        series.insert().values(
            study_id=study_id,
            series_uid=entry.series_uid,
            modality=entry.modality,
            series_number=entry.series_number,
            series_description=entry.series_description,
            body_part=entry.body_part,
            laterality=entry.laterality,
            performed_date=entry.performed_date,
            performed_time=entry.performed_time,
            own=arrival.own,
            instance_count=1,
        ),
    )


def _made(connection: Connection, insert: Insert) -> int:
    """The key of the row that an insert makes."""
    key = connection.execute(insert).inserted_primary_key
    assert key is not None
    return int(key[0])


def image_count(connection: Connection) -> int:
    """How many objects the room holds."""
    return int(connection.execute(select(func.count()).select_from(instances)).scalar_one())
