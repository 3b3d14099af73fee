"""``/metrics``: figures of the room for Prometheus, with a token that may measure.

Source: Prometheus documentation, "Exposition formats" (text format 0.0.4) and "Metric and label naming".
"""

import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from sqlalchemy import Column, Connection, Table, case, func, select

from secondread.audit.drift.judge import ALARM, OK, TOO_FEW, WATCH
from secondread.core.version import __version__
from secondread.serve.database.connect import reading
from secondread.serve.database.tables import (
    DELIVERY_STATES,
    JOB_STATES,
    STUDY_STATES,
    deliveries,
    instances,
    jobs,
    monitor_alarms,
    reads,
    studies,
)
from secondread.serve.moments import moment
from secondread.serve.monitor.look import latest_looks
from secondread.serve.monitor.switches import off_readers
from secondread.serve.people.person import Person, permit, room_of
from secondread.serve.people.rights import Right
from secondread.serve.room import Room

router = APIRouter()
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
READ_SECONDS = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0)


@dataclass(frozen=True, slots=True)
class Metric:
    """One name of the page.

    Attributes:
        name: With the unit, as Prometheus' conventions ask.
        kind: ``gauge`` or ``histogram``.
        help: One sentence.
        labels: Names of its labels.
    """

    name: str
    kind: str
    help: str
    labels: tuple[str, ...] = ()


METRICS = (
    Metric("secondread_build_info", "gauge", "Always 1; the version is its label.", ("version",)),
    Metric("secondread_instances", "gauge", "DICOM objects that the room holds, its own results included."),
    Metric("secondread_studies", "gauge", "Studies by state.", ("state",)),
    Metric("secondread_jobs", "gauge", "Reading jobs by state.", ("state",)),
    Metric(
        "secondread_deliveries", "gauge", "Deliveries of results by destination and state.", ("destination", "state")
    ),
    Metric("secondread_read_duration_seconds", "histogram", "Seconds that finished reads took."),
    Metric(
        "secondread_queue_oldest_age_seconds", "gauge", "Age of the oldest job that waits and may begin; 0 for none."
    ),
    Metric(
        "secondread_outbox_oldest_age_seconds", "gauge", "Age of the oldest delivery that is not confirmed; 0 for none."
    ),
    Metric("secondread_monitors", "gauge", "Monitors at the latest look, by reader and status.", ("reader", "status")),
    Metric("secondread_drift_alarms_open", "gauge", "Alarms of monitors that nobody acknowledged."),
    Metric("secondread_readers_off", "gauge", "Readers that are switched off."),
    Metric("secondread_storage_bytes", "gauge", "Bytes of the objects that the room holds."),
    Metric("secondread_storage_free_bytes", "gauge", "Bytes that are free where images are stored."),
)
Sample = tuple[str, Mapping[str, str], float]


@router.get("/metrics")
def metrics(request: Request, person: Annotated[Person, Depends(permit(Right.MEASURE))]) -> Response:
    """All of ``METRICS``."""
    del person  # only asked whether they may
    return Response(exposition(room_of(request)), media_type=CONTENT_TYPE)


def exposition(room: Room) -> str:
    """The page as text."""
    with reading(room.database) as connection:
        samples = list(_samples(connection, room))
    lines: list[str] = []
    for metric in METRICS:
        lines += [f"# HELP {metric.name} {metric.help}", f"# TYPE {metric.name} {metric.kind}"]
        lines += [_line(*sample) for sample in samples if _base(sample[0], metric)]
    return "\n".join(lines) + "\n"


def _base(name: str, metric: Metric) -> bool:
    ends = ("_bucket", "_sum", "_count") if metric.kind == "histogram" else ("",)
    return any(name == metric.name + end for end in ends)


def _line(name: str, labels: Mapping[str, str], value: float) -> str:
    told = ",".join(f'{key}="{_escaped(text)}"' for key, text in labels.items())
    return f"{name}{f'{{{told}}}' if told else ''} {value!r}"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def _samples(connection: Connection, room: Room) -> Iterator[Sample]:
    yield "secondread_build_info", {"version": __version__}, 1
    count, size = connection.execute(select(func.count(), func.coalesce(func.sum(instances.c.size_bytes), 0))).one()
    yield "secondread_instances", {}, count
    yield "secondread_storage_bytes", {}, float(size)
    yield "secondread_storage_free_bytes", {}, shutil.disk_usage(room.folders.images).free
    yield from _by_state(connection, "secondread_studies", studies, STUDY_STATES)
    yield from _by_state(connection, "secondread_jobs", jobs, JOB_STATES)
    yield from _deliveries(connection, [one.name for one in room.settings.destinations])
    yield from _read_seconds(connection)
    yield from _monitors(connection)
    now = room.now()
    ready = (jobs.c.state == "waiting") & (jobs.c.not_before <= now)
    unconfirmed = deliveries.c.state.in_(("waiting", "sent"))
    for name, column, which in (
        ("secondread_queue_oldest_age_seconds", jobs.c.created_at, ready),
        ("secondread_outbox_oldest_age_seconds", deliveries.c.created_at, unconfirmed),
    ):
        oldest = connection.execute(select(func.min(column)).where(which)).scalar_one()
        yield name, {}, (moment(now) - moment(oldest)).total_seconds() if oldest else 0


def _monitors(connection: Connection) -> Iterator[Sample]:
    for _, one in latest_looks(connection):
        for status in (OK, WATCH, ALARM, TOO_FEW):
            count = sum(said.status == status for said in one.monitors)
            yield "secondread_monitors", {"reader": one.reader, "status": status}, count
    unseen = select(func.count()).select_from(monitor_alarms).where(monitor_alarms.c.acknowledged_at.is_(None))
    yield "secondread_drift_alarms_open", {}, connection.execute(unseen).scalar_one()
    yield "secondread_readers_off", {}, len(off_readers(connection))


def _by_state(connection: Connection, name: str, table: Table, states: Iterable[str]) -> Iterator[Sample]:
    """Every state, also those that nothing is in: a series that comes and goes cannot be watched."""
    state: Column[str] = table.c.state
    found = {row[0]: row[1] for row in connection.execute(select(state, func.count()).group_by(state))}
    for one in states:
        yield name, {"state": one}, found.get(one, 0)


def _deliveries(connection: Connection, configured: Iterable[str]) -> Iterator[Sample]:
    columns = (deliveries.c.destination, deliveries.c.state)
    found = {(row[0], row[1]): row[2] for row in connection.execute(select(*columns, func.count()).group_by(*columns))}
    for name in sorted({*configured, *(destination for destination, _ in found)}):
        for state in DELIVERY_STATES:
            yield "secondread_deliveries", {"destination": name, "state": state}, found.get((name, state), 0)


def _read_seconds(connection: Connection) -> Iterator[Sample]:
    name, seconds = "secondread_read_duration_seconds", reads.c.seconds
    below = [func.coalesce(func.sum(case((seconds <= bound, 1), else_=0)), 0) for bound in READ_SECONDS]
    row = connection.execute(select(*below, func.count(seconds), func.coalesce(func.sum(seconds), 0.0))).one()
    for bound, count in zip((*(f"{one:g}" for one in READ_SECONDS), "+Inf"), row[:-1], strict=True):
        yield f"{name}_bucket", {"le": bound}, count
    yield f"{name}_sum", {}, row[-1]
    yield f"{name}_count", {}, row[-2]
