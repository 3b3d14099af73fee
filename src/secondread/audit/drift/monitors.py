"""Which things are watched: each monitor takes one value out of each point, or none."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from secondread.audit.drift.point import Point

Value = float | bool | str
NUMBER, RATE, CATEGORY = "number", "rate", "category"
AREAS = ("input", "output", "outcome", "people", "time")


@dataclass(frozen=True, slots=True)
class Monitor:
    """One thing that is watched.

    Attributes:
        area: One of :data:`AREAS`.
        name: Of what it looks at, e.g. ``probability: pneumonia``.
        kind: ``number``, ``rate`` (share of reads for which it is true) or ``category``.
        take: Its value of a point; None where the point says nothing about it.
    """

    area: str
    name: str
    kind: str
    take: Callable[[Point], Value | None]


def monitors_of(points: Sequence[Point]) -> tuple[Monitor, ...]:
    """Every monitor that these points say something about, in a fixed order."""
    return tuple(_all(points))


def _all(points: Sequence[Point]) -> Iterator[Monitor]:
    for name in _names(points, lambda one: tuple(one.distances)):
        yield Monitor("input", f"distance: {name}", NUMBER, lambda one, name=name: one.distances.get(name))  # type: ignore[misc]
    for name in _names(points, lambda one: tuple(one.tags)):
        number = all(isinstance(one.tags[name], float | int) for one in points if name in one.tags)
        kind = NUMBER if number else CATEGORY
        yield Monitor("input", f"tag: {name}", kind, lambda one, name=name: one.tags.get(name))  # type: ignore[misc]
    for name in _names(points, lambda one: tuple(key for key, verdict in one.checks.items() if verdict in _TOLD)):
        yield Monitor("input", f"check: {name}", RATE, lambda one, name=name: _told(one, name))  # type: ignore[misc]
    for name in _names(points, lambda one: tuple(one.probabilities)):
        yield Monitor("output", f"probability: {name}", NUMBER, lambda one, name=name: one.probabilities.get(name))  # type: ignore[misc]
    yield Monitor("output", "positive", RATE, lambda one: one.outcome == "found" if one.answered else None)
    yield Monitor("output", "undecided", RATE, lambda one: one.outcome == "undecided" if one.answered else None)
    yield Monitor("outcome", "refused", RATE, lambda one: one.outcome == "refused")
    yield Monitor("outcome", "failed", RATE, lambda one: one.outcome == "failed")
    yield Monitor("people", "overridden", RATE, lambda one: one.overridden)
    yield Monitor("time", "reader", NUMBER, lambda one: one.seconds)
    yield Monitor("time", "turnaround", NUMBER, lambda one: one.waited)


_TOLD = frozenset({"warned", "refused"})


def _told(point: Point, name: str) -> bool | None:
    """Whether a check warned or refused; None where it was not made."""
    verdict = point.checks.get(name, "not checked")
    return None if verdict == "not checked" else verdict in _TOLD


def _names(points: Sequence[Point], of: Callable[[Point], tuple[str, ...]]) -> list[str]:
    return sorted({name for point in points for name in of(point)})
