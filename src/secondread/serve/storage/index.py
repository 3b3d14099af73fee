"""The index of what the room holds: one row an object, with few statements, whoever else writes at the same time."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, bindparam, case, or_, select, update

from secondread.core.identity import patient_pseudonym
from secondread.dicom.index_entry import IndexEntry
from secondread.serve.database.tables import instances, series, studies
from secondread.serve.database.upsert import insert_new
from secondread.serve.room import Room

_STUDY_FIELDS = (
    "study_uid", "patient_id", "issuer_of_patient_id", "patient_name", "patient_birth_date", "patient_sex",
    "patient_age", "study_date", "study_time", "accession_number", "study_id", "study_description",
    "referring_physician",
)  # fmt: skip
_SERIES_FIELDS = (
    "series_uid", "modality", "series_number", "series_description", "body_part", "laterality", "performed_date",
    "performed_time",
)  # fmt: skip
_INSTANCE_FIELDS = (
    "sop_instance_uid", "sop_class_uid", "transfer_syntax_uid", "instance_number", "rows", "columns", "bits_allocated",
    "frames",
)  # fmt: skip
_MOST_KNOWN = 500

# Made once: an object's row costs three statements, and building them anew costs more than running them.
_FIND_STUDY = select(studies.c.id).where(studies.c.study_uid == bindparam("uid"))
_FIND_SERIES = select(series.c.id).where(
    series.c.study_id == bindparam("study"), series.c.series_uid == bindparam("uid")
)
_THIS_STUDY = (studies.c.id == bindparam("key"), studies.c.study_uid == bindparam("uid"))
# A new image of a study that was read makes it arrive again; a signed study stays signed, with its late images shown.
_COUNT_STUDY = (
    update(studies)
    .where(*_THIS_STUDY)
    .values(
        instance_count=studies.c.instance_count + 1,
        last_received_at=bindparam("now"),
        changed_at=bindparam("now"),
        late_images=or_(studies.c.read_version > 0, studies.c.state != "arriving"),
        state=case((studies.c.state.in_(("arriving", "signed")), studies.c.state), else_="arriving"),
    )
)
_HOLD_STUDY = update(studies).where(*_THIS_STUDY).values(instance_count=studies.c.instance_count)
_WORDS = select(studies.c.modalities, studies.c.body_parts).where(studies.c.id == bindparam("key"))
_SET_WORDS = (
    update(studies)
    .where(studies.c.id == bindparam("key"))
    .values(modalities=bindparam("modality_words"), body_parts=bindparam("body_part_words"))
)
_COUNT_SERIES = (
    update(series)
    .where(
        series.c.id == bindparam("key"),
        series.c.study_id == bindparam("study"),
        series.c.series_uid == bindparam("uid"),
    )
    .values(instance_count=series.c.instance_count + 1)
)
_ADD_INSTANCE = instances.insert().inline()


@dataclass(frozen=True, slots=True)
class Arrival:
    """A received object, whole, in the folder of incoming files.

    Attributes:
        part: Its file, Part 10 format; moved or removed by :func:`~secondread.serve.storage.take_in.take_in`.
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


@dataclass(slots=True)
class Known:
    """Keys of studies and series that one sender's objects needed. They are checked whenever they are used.

    Attributes:
        studies: Study UID to its key and the words that it surely has.
        series: (Study UID, series UID) to its key.
    """

    studies: dict[str, tuple[int, frozenset[str]]] = field(default_factory=dict)
    series: dict[tuple[str, str], int] = field(default_factory=dict)

    def forget(self, study_uid: str) -> None:
        """What was known of a study is not so any more."""
        self.studies.pop(study_uid, None)
        for key in [key for key in self.series if key[0] == study_uid]:
            del self.series[key]


def add(connection: Connection, room: Room, arrival: Arrival, known: Known, *, path: str, size: int) -> None:
    """Add an object to the index, and its study and series where they are new.

    The row of the study is held from the first statement on, so two who add to one study wait for each other.

    Raises:
        IntegrityError: If an object with its SOP Instance UID is there; the transaction must be given up.
    """
    now, entry = room.now(), arrival.entry
    study_id = _study(connection, room, arrival, known, now)
    series_id = _series(connection, arrival, known, study_id)
    row: dict[str, Any] = {name: getattr(entry, name) for name in _INSTANCE_FIELDS}
    row |= {
        "series_id": series_id,
        "study_id": study_id,
        "path": path,
        "size_bytes": size,
        "sha256": arrival.sha256,
        "source": arrival.source[:64],
        "received_at": now,
    }
    connection.execute(_ADD_INSTANCE, row)


def _study(connection: Connection, room: Room, arrival: Arrival, known: Known, now: str) -> int:
    """The key of the study, whose row is counted up and held."""
    entry = arrival.entry
    key, words = known.studies.get(entry.study_uid, (0, frozenset()))
    if not key or not _held(connection, arrival, key, now):
        known.forget(entry.study_uid)
        key, words = _found_or_made(connection, room, entry, now), frozenset()
        if not _held(connection, arrival, key, now):
            raise RuntimeError("the study was erased while it was being added to")
    if not arrival.own:
        mine = _words_of(entry)
        if not mine <= words:
            words = _with_words(connection, entry, key) | mine
    if len(known.studies) >= _MOST_KNOWN:
        known.studies.clear()
        known.series.clear()
    known.studies[entry.study_uid] = (key, words)
    return key


def _held(connection: Connection, arrival: Arrival, key: int, now: str) -> bool:
    """Count and hold the row of a study; whether it is there."""
    values: dict[str, Any] = {"key": key, "uid": arrival.entry.study_uid}
    if arrival.own:
        return connection.execute(_HOLD_STUDY, values).rowcount == 1
    return connection.execute(_COUNT_STUDY, values | {"now": now}).rowcount == 1


def _found_or_made(connection: Connection, room: Room, entry: IndexEntry, now: str) -> int:
    found = connection.execute(_FIND_STUDY, {"uid": entry.study_uid}).scalar_one_or_none()
    if found is not None:
        return int(found)
    made = insert_new(
        connection,
        studies,
        "study_uid",
        **{name: getattr(entry, name) for name in _STUDY_FIELDS},
        patient_key=patient_pseudonym(entry.patient_id, room.secret) if entry.patient_id else "",
        first_received_at=now,
        last_received_at=now,
        changed_at=now,
    )
    return made or int(connection.execute(_FIND_STUDY, {"uid": entry.study_uid}).scalar_one())


def _words_of(entry: IndexEntry) -> frozenset[str]:
    return frozenset({f"modality {word}" for word in entry.modality.split()}) | {
        f"body part {word}" for word in entry.body_part.split()
    }


def _with_words(connection: Connection, entry: IndexEntry, key: int) -> frozenset[str]:
    """Add what an object says of modality and body part; the row is held, so nobody else adds meanwhile."""
    modalities, body_parts = connection.execute(_WORDS, {"key": key}).one()
    values = {
        "modality_words": _with(modalities, entry.modality),
        "body_part_words": _with(body_parts, entry.body_part),
    }
    if (modalities, body_parts) != tuple(values.values()):
        connection.execute(_SET_WORDS, {"key": key, **values})
    return frozenset(f"modality {word}" for word in modalities.split()) | {
        f"body part {word}" for word in body_parts.split()
    }


def _with(words: str, word: str) -> str:
    return " ".join(sorted({*words.split(), *word.split()}))[:256]


def _series(connection: Connection, arrival: Arrival, known: Known, study_id: int) -> int:
    """The key of the series, counted up. Its study's row is held, so nobody else makes it meanwhile."""
    entry = arrival.entry
    name = (entry.study_uid, entry.series_uid)
    key = (
        known.series.get(name)
        or connection.execute(_FIND_SERIES, {"study": study_id, "uid": entry.series_uid}).scalar_one_or_none()
    )
    values = {"key": key, "study": study_id, "uid": entry.series_uid}
    if key is None or connection.execute(_COUNT_SERIES, values).rowcount != 1:
        row = {field_name: getattr(entry, field_name) for field_name in _SERIES_FIELDS}
        made = connection.execute(
            series.insert().values(study_id=study_id, own=arrival.own, instance_count=1, **row)
        ).inserted_primary_key
        assert made is not None
        key = int(made[0])
    known.series[name] = int(key)
    return int(key)
