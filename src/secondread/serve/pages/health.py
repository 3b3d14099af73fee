"""``/healthz``: whether the room works, and if not, which part does not; nothing else, because anybody may ask."""

import logging
import shutil
from collections.abc import Callable, Mapping

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from secondread.serve.database import migrate
from secondread.serve.people.person import room_of
from secondread.serve.room import Room

router = APIRouter()
_log = logging.getLogger(__name__)
LEAST_FREE_BYTES = 256 * 2**20  # below this nothing large can be received


def _database(room: Room) -> None:
    migrate.check_version(room.database)


def _storage(room: Room) -> None:
    probe = room.folders.incoming / f"health-{room.draw()[:16]}.part"
    try:
        probe.write_bytes(b"health")
    finally:
        probe.unlink(missing_ok=True)
    if shutil.disk_usage(room.folders.images).free < LEAST_FREE_BYTES:
        raise OSError("disk is full")


PARTS: Mapping[str, Callable[[Room], None]] = {"database": _database, "storage": _storage}


def broken_part(room: Room) -> str:
    """Name of the first part that does not work, or ``""``."""
    for name, check in PARTS.items():
        try:
            check(room)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with it, it does not work
            _log.warning("not healthy: part=%s error=%s", name, type(error).__name__)
            return name
    return ""


@router.get("/healthz")
def healthz(request: Request) -> JSONResponse:
    """200 or 503, for a load balancer or a container's keeper."""
    part = broken_part(room_of(request))
    return JSONResponse({"status": "not ok", "part": part}, 503) if part else JSONResponse({"status": "ok"})
