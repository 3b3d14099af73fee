"""A new alarm as a message to an address of the settings, tried again until it is taken.

The message is told in ``docs/how-to/watch-for-drift.md``; nothing in it is about one patient.
"""

import hashlib
import hmac
import json
import logging
from typing import Any

import httpx2
from sqlalchemy import Row, select, update

from secondread.core.version import __version__
from secondread.serve.database.connect import reading, writing
from secondread.serve.database.tables import monitor_alarms
from secondread.serve.moments import after
from secondread.serve.room import Room
from secondread.serve.sending.backoff import MAX_REFUSALS, pause
from secondread.serve.sending.carriers.web import is_about_all

TIMEOUT = httpx2.Timeout(20.0, connect=10.0)
SIGNATURE, NUMBER = "X-Secondread-Signature", "X-Secondread-Alarm"
# What the message tells of an alarm, by the names of :class:`secondread.audit.drift.judge.Judged`.
TOLD = (
    "area", "name", "kind", "status", "n_reference", "n_current", "since", "p", "index", "was", "now", "reference",
    "current", "told", "bundle", "weights",
)  # fmt: skip
_log = logging.getLogger(__name__)


def send_due(room: Room) -> int:
    """Try every message that is due once; returns how many were taken."""
    with reading(room.database) as connection:
        due = connection.execute(
            select(monitor_alarms)
            .where(monitor_alarms.c.state == "waiting", monitor_alarms.c.not_before <= room.now())
            .order_by(monitor_alarms.c.id)
        ).all()
    return sum(_send(room, alarm) for alarm in due)


def message(room: Room, alarm: Row[Any]) -> bytes:
    """The body of the message about an alarm."""
    said = json.loads(alarm.said)
    told = {
        "event": "drift-alarm",
        "alarm": alarm.id,
        "at": alarm.at,
        "room": room.settings.server.public_url,
        "program": f"secondread {__version__}",
        "reader": alarm.reader,
        **{name: said.get(name) for name in TOLD},
    }
    return json.dumps(told, ensure_ascii=False, sort_keys=True).encode()


def signature(key: bytes, body: bytes) -> str:
    """HMAC-SHA256 of the body in hex, as receivers compute it again.

    Source: RFC 2104.
    """
    return "sha256=" + hmac.new(key, body, hashlib.sha256).hexdigest()


def _send(room: Room, alarm: Row[Any]) -> bool:
    settings, body = room.settings.monitor, message(room, alarm)
    headers = {"Content-Type": "application/json", NUMBER: str(alarm.id)}
    try:
        if settings.webhook_key_file is not None:
            headers[SIGNATURE] = signature(settings.webhook_key_file.read_bytes().strip(), body)
        answer = httpx2.post(settings.webhook_url, content=body, headers=headers, timeout=TIMEOUT)
    except OSError:
        return _later(room, alarm, "webhook_key_file cannot be read. Check that it is there.", refused=False)
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        return _later(room, alarm, f"webhook_url does not answer ({type(error).__name__}).", refused=False)
    if answer.is_success:
        _set(room, alarm.id, state="sent", error="")
        return True
    refused = not is_about_all(answer.status_code)
    return _later(room, alarm, f"webhook_url answered {answer.status_code}.", refused=refused)


def _later(room: Room, alarm: Row[Any], error: str, *, refused: bool) -> bool:
    """Tried again after a pause that grows; one that says no to this message is asked only so often."""
    attempts = alarm.attempts + 1
    gone = refused and attempts >= MAX_REFUSALS
    _log.warning("a drift alarm was not taken: alarm=%d attempt=%d", alarm.id, attempts)
    _set(
        room, alarm.id,
        state="failed" if gone else "waiting",
        attempts=attempts,
        error=error,
        not_before=after(room.now(), pause(attempts, room.draw)),
    )  # fmt: skip
    return False


def _set(room: Room, alarm_id: int, **values: Any) -> None:
    with writing(room.database) as connection:
        connection.execute(update(monitor_alarms).where(monitor_alarms.c.id == alarm_id).values(**values))
