"""The draft that a review is about, as the readers' report again."""

from sqlalchemy import select

from secondread.core.report import Report
from secondread.core.study import FileRef, Series, Study
from secondread.report.from_json import finding_of, read_of, report_of
from secondread.report.kept import rebuild
from secondread.serve.database.connect import reading
from secondread.serve.database.tables import instances, series
from secondread.serve.review.store import Review
from secondread.serve.room import Room


def draft_of(review: Review) -> Report:
    """The report without masks, maps and images: enough for decisions and texts."""
    reads = [read_of(entry, [finding_of(one) for one in entry["findings"]]) for entry in review.report["reads"]]
    return report_of(review.report, reads)


def whole_draft(room: Room, review: Review) -> Report:
    """The report with masks and maps, and with the images it was made on as they lie now; pixels are not loaded.

    Raises:
        InputError: If what was kept of the read is damaged, or its images are gone.
    """
    return rebuild(room.folders.results / review.folder / "kept", study_of(room, review))


def study_of(room: Room, review: Review) -> Study:
    """The files of a study as the room holds them."""
    with reading(room.database) as connection:
        rows = connection.execute(
            select(
                series.c.series_uid, series.c.modality, instances.c.sop_class_uid, instances.c.sop_instance_uid,
                instances.c.frames, instances.c.path,
            )
            .join(series, series.c.id == instances.c.series_id)
            .where(instances.c.study_id == review.study_id, series.c.own.is_(False))
            .order_by(instances.c.sop_instance_uid)
        ).all()  # fmt: skip
    files: dict[tuple[str, str], list[FileRef]] = {}
    for row in rows:
        path = room.folders.images / row.path
        file = FileRef(path, row.sop_class_uid, row.sop_instance_uid, row.frames)
        files.setdefault((row.series_uid, row.modality), []).append(file)
    held = tuple(Series(uid, modality, "dicom", tuple(of)) for (uid, modality), of in files.items())
    return Study(review.study_uid, review.report["patient_key"], held)
