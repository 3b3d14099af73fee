"""Rooms with reads by the hundred, as monitors see them."""

import json
import random
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection

import rooms
import worklists
from secondread.audit.drift.point import Point
from secondread.serve.database.connect import writing
from secondread.serve.database.tables import monitor_points, reads, studies
from secondread.serve.room import Room


def file_reads(room: Room, points: Iterable[Point], first: int = 1) -> None:
    """A study with one read for each point; the first study has the number ``first``."""
    template = worklists.study(room, 1, random.Random(1))
    with writing(room.database) as connection:
        for number, point in enumerate(points, first):
            study_id, read_id = _file_read(connection, template, number, point.at)
            connection.execute(
                monitor_points.insert().values(
                    study_id=study_id, read_id=read_id, at=point.at, reader=point.reader, weights=point.weights,
                    outcome=point.outcome, point=json.dumps(asdict(point)), overridden=point.overridden,
                )
            )  # fmt: skip


def read_without_readers(room: Room, count: int, first: int) -> None:
    """Studies that are read while no reader has to do with them."""
    template = worklists.study(room, 1, random.Random(1))
    with writing(room.database) as connection:
        for number in range(first, first + count):
            _file_read(connection, template, number, f"2026-03-04T11:00:00.{number:06d}Z")


def _file_read(connection: Connection, template: dict[str, Any], number: int, at: str) -> tuple[int, int]:
    """The rows' ids of a study and of its read."""
    study = {**template, "study_uid": f"2.25.7{number}", "state": "draft"}
    study_id = connection.execute(studies.insert().values(study)).inserted_primary_key[0]  # type: ignore[index]
    row = {
        "study_id": study_id, "version": 1, "input_digest": "d", "folder": "f", "outcome": "draft", "priority": 2,
        "instance_count": 1, "report": "{}", "created_at": at,
    }  # fmt: skip
    return study_id, connection.execute(reads.insert().values(row)).inserted_primary_key[0]  # type: ignore[index]


def administrator(room: Room, name: str = "") -> rooms.TestClient:
    """A browser of an administrator."""
    return rooms.logged_in(room, "administrator", name)
