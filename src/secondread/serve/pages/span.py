"""Spans of time in words."""

from secondread.serve.moments import moment
from secondread.serve.pages.words import Phrases


def since(stored: str, now: str, say: Phrases) -> str:
    """How long ago a stored moment was."""
    return span((moment(now) - moment(stored)).total_seconds(), say)


def span(seconds: float, say: Phrases) -> str:
    """Seconds in words, as exactly as a person wants to know them.

    >>> from secondread.serve.pages.words import phrases
    >>> [span(n, phrases("en")) for n in (20, 720, 12000, 190000)]
    ['< 1 min', '12 min', '3 h 20 min', '2 d 4 h']
    """
    minutes = int(max(seconds, 0) // 60)
    if minutes < 1:
        return say("span.now")
    if minutes < 60:
        return say("span.minutes", count=minutes)
    if minutes < 48 * 60:
        return say("span.hours", hours=minutes // 60, minutes=minutes % 60)
    return say("span.days", days=minutes // 1440, hours=minutes % 1440 // 60)


def duration(seconds: float, say: Phrases) -> str:
    """As :func:`span`, to the second below an hour.

    >>> from secondread.serve.pages.words import phrases
    >>> [duration(n, phrases("en")) for n in (0.4, 59, 90)]
    ['0.4 s', '59 s', '1 min 30 s']
    """
    if seconds < 60:
        return say("span.seconds", count=f"{seconds:.1f}".removesuffix(".0"))
    if seconds < 3600:
        return say("span.exact", minutes=int(seconds // 60), seconds=int(seconds % 60))
    return span(seconds, say)


def tick(seconds: int, say: Phrases) -> str:
    """A whole number of one unit, for the scale of a chart.

    >>> from secondread.serve.pages.words import phrases
    >>> [tick(n, phrases("en")) for n in (10, 600, 6 * 3600, 7 * 86400)]
    ['10 s', '10 min', '6 h', '7 d']
    """
    for name, unit in (("day", 86400), ("hour", 3600), ("minutes", 60)):
        if seconds >= unit:
            return say(f"span.{name}", count=seconds // unit)
    return say("span.seconds", count=seconds)


def size(count: float) -> str:
    """Bytes as a person reads them, in powers of ten.

    >>> [size(n) for n in (12, 1500, 2_340_000_000)]
    ['12 B', '1.5 kB', '2.3 GB']
    """
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"
