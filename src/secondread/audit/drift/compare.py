"""Two folders of reports side by side: one look, so ordinary tests, held together by Benjamini and Hochberg."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from secondread.audit.drift import asked
from secondread.audit.drift.judge import ALARM, OK, TOO_FEW, WATCH, moved, rate, summary
from secondread.audit.drift.monitors import CATEGORY, NUMBER, RATE, Monitor, Value, monitors_of
from secondread.audit.drift.point import Point, points_of
from secondread.stats.multiplicity import benjamini_hochberg
from secondread.stats.two_samples import (
    PSI_ALARM,
    Compared,
    categories,
    chance_index,
    energy_test,
    kolmogorov_smirnov,
    numeric_index,
    stability_index,
)

JOINT = "distances together"
READS = "reads"  # whether they can be compared


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing of one reader in two folders.

    Attributes:
        reader: Name of the reader.
        name: Of what was compared.
        status: ``ok``, ``watch`` (different, but little), ``alarm`` or ``too few``.
        test: What was compared by, with its statistic and p value; None where there are too few.
        q: P value raised for all comparisons made, or None.
        index: Stability index, less what chance gives, or None.
        told: A sentence.
    """

    reader: str
    name: str
    status: str
    told: str
    test: Compared | None = None
    q: float | None = None
    index: float | None = None

    def entry(self) -> dict[str, Any]:
        """As JSON has it."""
        return asdict(self)


def compared(
    reference: Sequence[Mapping[str, Any]], current: Sequence[Mapping[str, Any]], *, level: float, least: int
) -> tuple[Difference, ...]:
    """Every monitor of every reader that stands in both; a reader whose network differs is named and not compared.

    Of a reader that stands in one alone there is only how often it is asked: gone is an alarm, new is watched.

    Args:
        reference: Objects of ``report.json``.
        current: Likewise.
        level: Share of false alarms among the alarms, in (0, 1).
        least: With fewer values than so many in either, nothing is said.
    """
    old, new = ([tuple(points_of(report)) for report in reports] for reports in (reference, current))
    found: list[Difference] = []
    for reader in sorted({point.reader for points in (*old, *new) for point in points}):
        of_it = [[[one for one in points if one.reader == reader] for points in reports] for reports in (old, new)]
        both = [[one for points in reports for one in points] for reports in of_it]
        found.append(_asked(reader, *([bool(points) for points in reports] for reports in of_it), least=least))
        if all(both):
            found += _reader(reader, *both, least=least)
    tested = [one for one in found if one.test is not None]
    raised = benjamini_hochberg([one.test.p for one in tested if one.test]) if tested else ()
    q_of = dict(zip(map(id, tested), raised, strict=True))
    return tuple(_settled(one, q_of.get(id(one)), level) for one in found)


def _reader(reader: str, old: Sequence[Point], new: Sequence[Point], *, least: int) -> list[Difference]:
    networks = {point.weights for point in (*old, *new)}
    if len(networks) > 1:
        told = f"Found {len(networks)} versions of its network; needed one: each has a reference of its own."
        return [Difference(reader, READS, TOO_FEW, told)]
    found = [_one(reader, monitor, old, new, least) for monitor in monitors_of((*old, *new))]
    joint = _joint(reader, old, new, least)
    return [one for one in (*found, joint) if one is not None]


def _asked(reader: str, old: Sequence[bool], new: Sequence[bool], *, least: int) -> Difference:
    """How often it is asked; the exact test of a reader that is gone, or new, needs no least number of reports.

    Args:
        reader: Name.
        old: Whether it was asked in earnest, for each report of the reference.
        new: Likewise, of the others.
        least: How many reports of each are needed where it stands in both.
    """
    if any(old) and any(new) and min(len(old), len(new)) < least:
        return _too_few(reader, asked.NAME, old, new, least)
    counts = (sum(old), len(old)), (sum(new), len(new))
    alarm = asked.is_alarm(*counts, moved=_moved(old, new))
    return Difference(
        reader, asked.NAME, ALARM if alarm else WATCH, asked.sentence(*counts), _tested(RATE, old, new)[0]
    )


def _too_few(reader: str, name: str, old: Sequence[Value], new: Sequence[Value], least: int) -> Difference:
    return Difference(reader, name, TOO_FEW, f"Found {len(old)} and {len(new)} values; needed {least} of each.")


def _one(reader: str, monitor: Monitor, old: Sequence[Point], new: Sequence[Point], least: int) -> Difference | None:
    first, second = (_values(monitor, points) for points in (old, new))
    if not first and not second:
        return None
    if min(len(first), len(second)) < least:
        return _too_few(reader, monitor.name, first, second, least)
    test, index = _tested(monitor.kind, first, second)
    large = index >= PSI_ALARM if index is not None else _moved(first, second)
    told = f"Was {summary(monitor.kind, first)}; is {summary(monitor.kind, second)}."
    return Difference(reader, monitor.name, ALARM if large else WATCH, told, test, index=index)


def _tested(kind: str, old: Sequence[Value], new: Sequence[Value]) -> tuple[Compared, float | None]:
    if kind == NUMBER:
        first, second = ([float(value) for value in values] for values in (old, new))
        return kolmogorov_smirnov(first, second), round(numeric_index(first, second), 4)
    names = sorted({*map(str, old), *map(str, new)})
    counts = [[Counter(map(str, values))[name] for name in names] for values in (old, new)]
    test = categories(*counts)
    if kind == RATE:
        return test, None
    assert kind == CATEGORY
    chance = chance_index(len(names), len(old), len(new))
    return test, round(max(0.0, stability_index(*counts) - chance), 4)


def _joint(reader: str, old: Sequence[Point], new: Sequence[Point], least: int) -> Difference | None:
    """All distances of an input as one point, for what moves in none of them alone; only where there are several."""
    names = sorted({name for point in (*old, *new) for name in point.distances})
    clouds = [
        [[p.distances[n] for n in names] for p in points if len(p.distances) == len(names)] for points in (old, new)
    ]
    if len(names) < 2 or min(map(len, clouds)) < least:
        return None
    first, second = (cloud[-1000:] for cloud in clouds)  # all pairs are held at once
    test = energy_test(first, second, permutations=999, seed=0)
    return Difference(reader, JOINT, WATCH, f"Energy distance {test.statistic:.3g}.", test)


def _moved(old: Sequence[Value], new: Sequence[Value]) -> bool:
    return moved(rate(old).value, rate(new).value)


def _settled(one: Difference, q: float | None, level: float) -> Difference:
    """Status is what it would be if the difference is sure."""
    if q is None:
        return one
    return replace(one, status=one.status if q <= level else OK, q=q)


def _values(monitor: Monitor, points: Sequence[Point]) -> list[Value]:
    found = (monitor.take(point) for point in points)
    return [value for value in found if value is not None]
