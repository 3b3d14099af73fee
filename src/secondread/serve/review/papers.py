"""What lies around when a report is signed: images, outlines, and the documents that it replaces."""

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, select

from secondread.core.signature import SignedReport
from secondread.report.kept import open_kept
from secondread.report.signed.basis import Papers
from secondread.report.signed.write import SR_FILE
from secondread.serve.database.connect import reading
from secondread.serve.database.tables import reads, signatures
from secondread.serve.review.draft import study_of
from secondread.serve.review.store import Review
from secondread.serve.room import Room


@dataclass(frozen=True, slots=True)
class Earlier:
    """The last signature of a study.

    Attributes:
        read_version: Of the read it is about.
        read_id: Row of that read.
        number: Of the signature.
        folder: Below the folder of results.
    """

    read_version: int
    read_id: int
    number: int
    folder: str


def last_signature(connection: Connection, study_id: int) -> Earlier | None:
    """The last signature of a study, of whatever read."""
    row = connection.execute(
        select(reads.c.version, reads.c.id, signatures.c.number, signatures.c.folder)
        .join(reads, reads.c.id == signatures.c.read_id)
        .where(signatures.c.study_id == study_id)
        .order_by(signatures.c.id.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else Earlier(row.version, row.id, row.number, row.folder)


def papers_of(room: Room, review: Review, signed: SignedReport, earlier: Earlier | None) -> Papers:
    """What the signed report rests on: files of the study, grids of the reads, the documents it replaces."""
    folder = room.folders.results / review.folder
    study, kept = study_of(room, review), open_kept(folder / "kept")
    images = {file.sop_instance_uid: file.path for series in study.series for file in series.files}
    grids = {n: grid for n in range(len(signed.draft.reads)) if (grid := kept.grid(n)) is not None}
    before = None if earlier is None else room.folders.results / earlier.folder
    drafts = tuple(sorted(folder.glob("*.sr.dcm")))
    replaced = (before / SR_FILE,) if signed.number and before else (*_all_drafts(room, review, drafts), *_last(before))
    outlines = _segmentations(folder)
    if signed.number:
        outlines |= _segmentations(folder / "signed-0")
    shown = {n: jpeg for n in range(len(signed.draft.reads)) if (jpeg := kept.shown(n)) is not None}
    return Papers(images, grids, replaced, outlines, min(images.values()), shown)


def _all_drafts(room: Room, review: Review, latest: tuple[Path, ...]) -> tuple[Path, ...]:
    """The drafts of this read and of every earlier one: a signed report replaces them all."""
    with reading(room.database) as connection:
        folders = connection.execute(
            select(reads.c.folder)
            .where(reads.c.study_id == review.study_id, reads.c.version < review.read_version)
            .order_by(reads.c.version)
        ).scalars()
        older = [file for one in folders for file in sorted((room.folders.results / one).glob("*.sr.dcm"))]
    return (*latest, *older)


def _last(before: Path | None) -> tuple[Path, ...]:
    return () if before is None else (before / SR_FILE,)


def _segmentations(folder: Path) -> dict[str, Path]:
    """Name of a reader to the file of its segmentation."""
    return {file.name.removesuffix(".seg.dcm"): file for file in folder.glob("*.seg.dcm")}
