"""Dates and times as DICOM writes them, moved by whole days."""

import re
from datetime import date, timedelta

# Source: DICOM PS3.5 table 6.2-1; dots as in ACR-NEMA files, colons and dashes as careless software writes them.
_DATE = re.compile(r"(\d{4})[.\-/]?(\d\d)[.\-/]?(\d\d)")
_TIME = re.compile(r"([01]\d|2[0-3])(?::?[0-5]\d(?::?([0-5]\d|60)(\.\d{1,6})?)?)?")
_ZONE = re.compile(r"[+-](0\d|1[0-4])[0-5]\d")


def shifted(text: str, vr: str, days: int) -> str | None:
    """One value of a date, time or offset from UTC, moved by whole days; None when it is none.

    Times of day and offsets stay. A date that names no day cannot be moved, and is None.

    Args:
        text: The value.
        vr: ``DA``, ``TM``, ``DT``, or ``SH`` for an offset from UTC.
        days: How far; 0 checks the form only.

    >>> shifted("20240228", "DA", -254), shifted("20240331101500.5+0900", "DT", -254), shifted("101500", "TM", -254)
    ('20230619', '20230721101500.5+0900', '101500')
    >>> shifted("Kim, born 2024", "DA", -254), shifted("2024", "DT", -254), shifted("+0900", "SH", -254)
    (None, None, '+0900')
    """
    value = text.strip(" \0")
    if not value:
        return ""
    match vr:
        case "DA":
            return _day(value, days)
        case "TM":
            return value.replace(":", "") if _TIME.fullmatch(value) else None
        case "DT":
            return _moment(value, days)
        case _:
            return value if _ZONE.fullmatch(value) else None


def _day(value: str, days: int) -> str | None:
    found = _DATE.fullmatch(value)
    if not found:
        return None
    try:
        return f"{date(*map(int, found.groups())) + timedelta(days):%Y%m%d}".zfill(8)
    except (ValueError, OverflowError):
        return None


def _moment(value: str, days: int) -> str | None:
    zone = value[-5:] if _ZONE.fullmatch(value[-5:]) else ""
    plain = value.removesuffix(zone)
    day, time = _day(plain[:8], days), plain[8:]
    if day is None or (time and not _TIME.fullmatch(time)):
        return None
    return day + time.replace(":", "") + zone
