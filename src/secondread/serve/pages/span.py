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
