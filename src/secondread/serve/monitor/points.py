"""A read becomes points when it is filed, and each learns what a person made of it when the report is signed."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, exists, func, select, update

from secondread.audit.drift.point import Point, part_of_week, points_of
from secondread.core.errors import SecondreadError
from secondread.core.report import Report
from secondread.core.study import Series
from secondread.dicom.header import read_elements, text
from secondread.dicom.patient import age_years_of, sex_of
from secondread.serve.database.connect import reading
from secondread.serve.database.tables import monitor_points
from secondread.serve.review.store import Review
from secondread.serve.room import Room

_HEADER = (
    "Manufacturer", "ManufacturerModelName", "StationName", "PatientAge", "PatientBirthDate", "StudyDate", "PatientSex",
)  # fmt: skip
OLDEST = 90.0  # ages above are one group, since there are few: 45 CFR 164.514(b)(2)(i)(C)
Tags = Mapping[str, str | float]


def tags_of(report: Report) -> dict[str, Tags]:
    """By reader what the headers say of the pictures it chose. Their files must still be there."""
    chosen = {read.reader: read.evidence.series for read in report.reads if read.evidence is not None}
    known: dict[str, Tags] = {}
    for series in chosen.values():
        if series.uid not in known:
            known[series.uid] = _tags(series)
    return {reader: known[series.uid] for reader, series in chosen.items()}


def _tags(series: Series) -> Tags:
    stated: dict[str, str | float] = {
        "modality": series.modality,
        "body part": series.body_part,
        "view": series.view,
        "laterality": series.laterality,
    }
    try:
        header = read_elements(series.files[0].path, _HEADER, defer_pixels=True)
    except SecondreadError:  # it was read a moment ago; a header that fails now must not stop the filing
        return stated
    stated |= {
        "manufacturer": text(header, "Manufacturer"),
        "model": text(header, "ManufacturerModelName"),
        "station": text(header, "StationName"),
        "sex": sex_of(header),
    }
    age = age_years_of(header)
    return stated if age is None else {**stated, "age": min(float(int(age)), OLDEST)}


def file_points(
    connection: Connection, room: Room, row: Mapping[str, Any], report: str, tags: Mapping[str, Tags]
) -> None:
    """Keep what monitors need of a read.

    Args:
        connection: The transaction that makes the read known.
        room: The room.
        row: ``study_id``, ``read_id``, and ``waited``: seconds from the last image to the draft.
        report: Its report.json.
        tags: As :func:`tags_of`.
    """
    now, part = room.now(), part_of_week(room.clock().astimezone())  # the zone of this machine
    for point in points_of(json.loads(report), tags):
        kept = {**asdict(point), "at": now, "waited": row["waited"], "part": part}
        connection.execute(
            monitor_points.insert().values(
                study_id=row["study_id"],
                read_id=row["read_id"],
                at=now,
                reader=point.reader,
                weights=point.weights[:64],
                outcome=point.outcome,
                point=json.dumps(kept, ensure_ascii=False, sort_keys=True),
            )
        )


def note_signed(connection: Connection, review: Review) -> None:
    """A report was signed: of each reader with an answer, whether a finding was rejected or turned round."""
    decisions = review.content["findings"]
    for number, read in enumerate(review.report["reads"]):
        if read["findings"]:
            made = [
                _turned(decisions[f"{number}.{place}"], finding)
                for place, finding in enumerate(read["findings"])
                if f"{number}.{place}" in decisions
            ]
            connection.execute(
                update(monitor_points)
                .where(monitor_points.c.read_id == review.read_id, monitor_points.c.reader == read["reader"])
                .values(overridden=any(made))
            )


def _turned(decision: Mapping[str, Any], finding: Mapping[str, Any]) -> bool:
    """Rejected, or edited so that what the reader called present is absent, or the other way round."""
    if decision["decision"] == "rejected":
        return True
    said = "present" if finding["positive"] else "absent"
    described = finding["basis"] == "description"
    return decision["decision"] == "edited" and not described and decision["presence"] not in {None, said}


def stored_points(room: Room, first: int, latest: int, begins: Mapping[str, str]) -> list[Point]:
    """The points of every reader with the network that it used last: of each study the latest read.

    Args:
        room: The room.
        first: So many from the beginning are taken, the reference.
        latest: And so many from the end.
        begins: Reader to the moment from which on its points count.
    """
    table, found = monitor_points, list[Point]()
    with reading(room.database) as connection:
        for now in latest_networks(connection):
            query = select(table.c.id, table.c.point, table.c.overridden).where(counts_of(now, begins))
            rows = {
                row.id: row
                for order, count in ((table.c.id, first), (table.c.id.desc(), latest))
                for row in connection.execute(query.order_by(order).limit(count))
            }
            found += [_point(row.point, row.overridden) for _, row in sorted(rows.items())]
    return found


def counted(room: Room, begins: Mapping[str, str]) -> dict[str, int]:
    """By reader how many reads count with the network that it used last, as :func:`stored_points` takes them."""
    with reading(room.database) as connection:
        return {
            now.reader: int(
                connection.execute(
                    select(func.count()).select_from(monitor_points).where(counts_of(now, begins))
                ).scalar_one()
            )
            for now in latest_networks(connection)
        }


def latest_networks(connection: Connection) -> Sequence[Any]:
    """(reader, weights) of the last point of every reader."""
    table = monitor_points
    last = select(func.max(table.c.id)).group_by(table.c.reader)
    query = select(table.c.reader, table.c.weights).where(table.c.id.in_(last)).order_by(table.c.reader)
    return connection.execute(query).all()


def counts_of(now: Any, begins: Mapping[str, str]) -> ColumnElement[bool]:
    """Whether a point counts for a reader with the network that it used last, one of :func:`latest_networks`."""
    table = monitor_points
    since = table.c.at >= begins.get(now.reader, "")
    return and_(table.c.reader == now.reader, table.c.weights == now.weights, since, ~_read_again())


def _read_again() -> ColumnElement[bool]:
    """Whether the same reader read the same study later, as when images came late."""
    later = monitor_points.alias()
    return exists().where(
        later.c.study_id == monitor_points.c.study_id,
        later.c.reader == monitor_points.c.reader,
        later.c.id > monitor_points.c.id,
    )


def _point(stored: str, overridden: bool | None) -> Point:
    entry = json.loads(stored)
    return Point(**{**entry, "positives": tuple(entry["positives"]), "overridden": overridden})
