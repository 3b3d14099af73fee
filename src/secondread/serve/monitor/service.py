"""The service that looks now and then, and tells of alarms."""

from secondread.serve.moments import after
from secondread.serve.monitor.look import look
from secondread.serve.monitor.webhook import send_due
from secondread.serve.room import Room
from secondread.serve.service import Loop

TICK_SECONDS = 5.0


class Monitoring:
    """Looks every so many minutes; messages are tried more often, since each has its own pause."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._next = ""

    def tick(self) -> float:
        """Do what is due; returns the seconds until the next tick."""
        settings, now = self._room.settings.monitor, self._room.now()
        if settings.enabled and now >= self._next:
            self._next = after(now, 60.0 * settings.every_minutes)
            look(self._room)
        if settings.webhook_url:
            send_due(self._room)
        return TICK_SECONDS


def monitor(room: Room) -> Loop:
    """The service."""
    return Loop("monitors", Monitoring(room).tick)
