"""What would happen to a study: a dry run that changes nothing."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import select

from secondread import pipeline
from secondread.core.errors import InputError, UsageError, short_uid
from secondread.core.reader import Reader
from secondread.core.report import Refusal
from secondread.core.study import Series, Study
from secondread.dicom.header import is_dicom
from secondread.dicom.index_entry import read_entry
from secondread.engine.bundles import Bundles
from secondread.formats.archive import check_there
from secondread.formats.folder import files_in
from secondread.serve.config.room import RoomSettings
from secondread.serve.database.connect import reading
from secondread.serve.database.tables import studies
from secondread.serve.reading.routing import Decision, StudyFacts, check_readers, facts_of, route_for
from secondread.serve.reading.snapshot import images_of, lay_out, prior_of
from secondread.serve.room import Room
from secondread.sources import open_examination

RESULTS = frozenset({"SR", "SEG", "PR", "KO", "DOC"})  # Source: DICOM PS3.3 C.7.3.1.1.1, Modality


@dataclass(frozen=True, slots=True)
class Asked:
    """What one reader would make of the study.

    Attributes:
        reader: Its name.
        reads: Whether it would look at pixels.
        told: Which series, or why not.
    """

    reader: str
    reads: bool
    told: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """What would happen to a study.

    Attributes:
        facts: What routes ask about it.
        decision: Of the first route that matches.
        asked: Each reader that the route names, or every one.
        sends: (destination, kind, when) of each place that results would go to.
    """

    facts: StudyFacts
    decision: Decision
    asked: tuple[Asked, ...]
    sends: tuple[tuple[str, str, str], ...]


def explain_files(settings: RoomSettings, source: Path, sender: str = "") -> Explanation:
    """For a study on disk, as if ``sender`` had sent it.

    Raises:
        InputError: If there is no usable study.
        UsageError: If a route names a reader that is not installed.
    """
    check_there(source)
    facts = _facts_of_files(files_in(source) if source.is_dir() else [source], sender)
    return _explained(settings, facts, open_examination(source), None)


def explain_stored(room: Room, study_uid: str) -> Explanation:
    """For a study of the room.

    Raises:
        InputError: If there is none of that UID, or its images are no usable study.
        UsageError: If a route names a reader that is not installed.
    """
    with _stored(room, study_uid) as (facts, images, prior):
        study = open_examination(images)
        return _explained(room.settings, facts, study, None if prior is None else open_examination(prior))


@contextmanager
def _stored(room: Room, study_uid: str) -> Iterator[tuple[StudyFacts, Path, Path | None]]:
    with reading(room.database) as connection:
        row = connection.execute(select(studies).where(studies.c.study_uid == study_uid)).one_or_none()
        if row is None:
            raise InputError(f"study {short_uid(study_uid)}: the room does not hold it. Check its UID.")
        earlier = prior_of(connection, row) if room.settings.reading.priors else None
        images = images_of(connection, row.id)
        before = () if earlier is None else images_of(connection, earlier.id)
        facts = facts_of(connection, row.id)
    with TemporaryDirectory(prefix="secondread-") as place:
        here = lay_out(room, images, Path(place) / "images")
        yield facts, here, lay_out(room, before, Path(place) / "prior") if before else None


def _facts_of_files(files: Sequence[Path], sender: str) -> StudyFacts:
    entries = [read_entry(file) for file in files if is_dicom(file)]
    images = [one for one in entries if one.modality not in RESULTS]
    return StudyFacts(
        frozenset(one.modality for one in images if one.modality),
        frozenset(one.body_part for one in images if one.body_part),
        frozenset(text for one in images for text in (one.study_description, one.series_description) if text),
        frozenset({sender} if sender else ()),
    )


def _explained(settings: RoomSettings, facts: StudyFacts, study: Study, prior: Study | None) -> Explanation:
    from secondread.engine.bundle import shipped
    from secondread.readers import all_readers, choose

    check_readers(settings, tuple(all_readers()))
    decision = route_for(settings, facts)
    networks = Bundles([*settings.reading.bundles, shipped()], site=settings.reading.site)
    readers = [] if decision.ignore else choose(decision.readers or None)
    return Explanation(
        facts,
        decision,
        tuple(_asked(reader, study, prior, networks) for reader in readers),
        tuple((one.name, one.kind, one.when) for one in settings.destinations if one.name in decision.destinations),
    )


def _asked(reader: Reader, study: Study, prior: Study | None, networks: Bundles) -> Asked:
    """Its choice by the tags; what the pixels make it refuse only a read shows."""
    if reader.compares and prior is None:
        return Asked(reader.name, False, pipeline.NO_PRIOR.message)
    chosen = reader.select(study, reader.card(networks))
    if isinstance(chosen, Refusal):
        return Asked(reader.name, False, chosen.message)
    picked = (chosen,) if isinstance(chosen, Series) else chosen
    return Asked(reader.name, True, "; ".join(pipeline.described(one) for one in picked))


def check_uid(text: str) -> str:
    """A study UID that was typed.

    Raises:
        UsageError: If it is neither that nor, so it seems, a file.
    """
    if not text or len(text) > 64 or set(text) - set("0123456789."):
        raise UsageError(f"{Path(text).name!r}: there is no such file or folder, and it is no study UID.")
    return text
