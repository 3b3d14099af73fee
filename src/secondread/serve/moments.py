"""Moments as text that sorts as time passes: UTC, microseconds, one length."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Clock = Callable[[], datetime]


def wall_clock() -> datetime:
    """The time now. The only clock of the reading room; tests pass another."""
    return datetime.now(UTC)


def text(moment: datetime) -> str:
    """The moment as it stands in the database.

    >>> text(datetime(2026, 3, 4, 10, 22, 5, tzinfo=UTC))
    '2026-03-04T10:22:05.000000Z'
    """
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def moment(stored: str) -> datetime:
    """What :func:`text` wrote.

    >>> moment("2026-03-04T10:22:05.000000Z").hour
    10
    """
    return datetime.strptime(stored, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)


def after(stored: str, seconds: float) -> str:
    """A stored moment moved by seconds.

    >>> after("2026-03-04T10:22:05.000000Z", -5.5)
    '2026-03-04T10:21:59.500000Z'
    """
    return text(moment(stored) + timedelta(seconds=seconds))
