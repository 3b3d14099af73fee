"""Whether what a monitor sees has changed: ok, watch, alarm, or too few to say.

An alarm needs two things. That it changed: the capital of bets against "nothing changed" reaches the number of monitors
divided by the false-alarm rate, so that over all monitors and all looks a false alarm comes no more often than that.
And that it changed enough to matter: a stability index of 0.2, or a rate of which the larger value is 1.25 times the
smaller.
"""

import hashlib
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from secondread.audit.drift import asked
from secondread.audit.drift.monitors import CATEGORY, NUMBER, RATE, Monitor, Value
from secondread.stats.betting import BLOCK, Evidence, benjamini_hochberg_e, evidence, ranks
from secondread.stats.checks import Floats
from secondread.stats.interval import Interval
from secondread.stats.proportion import wilson
from secondread.stats.two_samples import PSI_ALARM, numeric_index, stability_index

OK, WATCH, ALARM, TOO_FEW = "ok", "watch", "alarm", "too few"
MOVED = 1.25  # a rate that rose or fell by less is no alarm, however sure
LEAST_POINTS = 0.02  # likewise one that moved by less than two in a hundred
Parts = tuple[Sequence[str], Sequence[str]]
ORDERS = 3  # in how many orders categories are put


@dataclass(frozen=True, slots=True)
class Judged:
    """What a monitor says at one look.

    Attributes:
        area: As the monitor's; likewise the next two.
        name: Of what was looked at.
        kind: ``number``, ``rate`` or ``category``.
        status: ``ok``, ``watch``, ``alarm`` or ``too few``.
        n_reference: Values of the reference.
        n_current: Values after it.
        since: How many of these came before the change, as far as can be told.
        log_e: Logarithm of the e-value: what a gambler who starts with 1 has won from "nothing changed".
        p: The p value it stands for, valid at every look.
        index: Stability index, less what chance gives, or None for a rate.
        was: Share or median of the reference, or None for categories.
        now: The same since the change.
        reference: Text: rate with interval, median with quartiles, or the most frequent categories.
        current: The same since the change.
        told: A sentence.
        course: Means (rates: shares; categories: share of the reference's most frequent) of blocks, oldest first.
    """

    area: str
    name: str
    kind: str
    status: str
    n_reference: int
    n_current: int
    since: int = 0
    log_e: float = 0.0
    p: float = 1.0
    index: float | None = None
    was: float | None = None
    now: float | None = None
    reference: str = ""
    current: str = ""
    told: str = ""
    course: tuple[float, ...] = ()


def judged(
    monitors: Sequence[Monitor],
    values: Sequence[tuple[Sequence[Value], Sequence[Value]]],
    *,
    level: float = 0.05,
    least: int = 50,
    among: int | None = None,
    parts: Sequence[Parts] | None = None,
) -> tuple[Judged, ...]:
    """Each monitor at one look.

    Args:
        monitors: What is watched.
        values: Of each monitor (reference, current), each in the order of time.
        level: How often there may be a false alarm at all, over all monitors and looks, in (0, 1).
        least: Fewer reference values than so many: too few.
        among: How many monitors share ``level``; the number of these unless told otherwise.
        parts: Likewise the part of the week of each value; all are of one part unless told.
    """
    each: Sequence[Parts | None] = parts or [None] * len(monitors)
    looked = [_looked(*three, least=least) for three in zip(monitors, values, each, strict=True)]
    able = [one for one in looked if one.status != TOO_FEW]
    if not able:
        return tuple(looked)
    needed = math.log(max(among or 0, len(able)) / level)
    speaks = dict(zip(map(id, able), benjamini_hochberg_e([one.log_e for one in able], level), strict=True))
    return tuple(_settled(one, needed, speaks=speaks.get(id(one), False)) for one in looked)


def _settled(one: Judged, needed: float, *, speaks: bool) -> Judged:
    if one.status == TOO_FEW:
        return one
    sure, large = one.log_e >= needed, _large(one)
    status = ALARM if sure and large else WATCH if sure or speaks else OK
    return replace(one, status=status, told=_sentence(one, status, large=large))


def _looked(
    monitor: Monitor, values: tuple[Sequence[Value], Sequence[Value]], parts: Parts | None, *, least: int
) -> Judged:
    old, new = values
    blank = Judged(monitor.area, monitor.name, monitor.kind, TOO_FEW, len(old), len(new))
    if len(old) < least or len(new) < BLOCK:
        told = f"Found {len(old)} values for the reference and {len(new)} after it; needed {least} and {BLOCK}."
        return replace(blank, told=told)
    found = _evidence(monitor, old, new, parts)
    gone = asked.gone_since(old, new) if monitor.name == asked.NAME else None
    since = found.since if gone is None else gone
    late = new[since:]
    return replace(
        blank,
        status=OK,
        since=since,
        log_e=round(found.log_e, 4),
        p=found.p,
        index=_index(monitor.kind, old, late),
        was=_middle(monitor.kind, old),
        now=_middle(monitor.kind, late),
        reference=summary(monitor.kind, old),
        current=summary(monitor.kind, late),
        course=_course(monitor.kind, old, new),
    )


def ranks_of(monitor: Monitor, old: Sequence[Value], new: Sequence[Value], parts: Parts | None = None) -> list[Floats]:
    """The ranks that bets are made on; of categories in several orders by lot.

    Categories have no order of their own; in several, every change shows in one of them.
    """
    seed = int.from_bytes(hashlib.sha256(monitor.name.encode()).digest()[:4], "big")
    if monitor.kind != CATEGORY:
        return [ranks(_numbers(old), _numbers(new), seed, parts)]
    each = []
    for order in range(ORDERS):
        place = {value: _place(value, order) for value in {*old, *new}}
        each.append(ranks([place[v] for v in old], [place[v] for v in new], seed + order, parts))
    return each


def _evidence(monitor: Monitor, old: Sequence[Value], new: Sequence[Value], parts: Parts | None) -> Evidence:
    several = [evidence(each) for each in ranks_of(monitor, old, new, parts)]
    total = float(np.logaddexp.reduce([one.log_e for one in several])) - math.log(len(several))
    return Evidence(total, max(several, key=lambda one: one.log_e).since)


def _place(value: Value, order: int) -> float:
    """Where a category stands in an order that depends on its name alone."""
    return float(int.from_bytes(hashlib.sha256(f"{order} {value}".encode()).digest()[:6], "big"))


def _index(kind: str, old: Sequence[Value], new: Sequence[Value]) -> float | None:
    if kind == NUMBER:
        return round(numeric_index(_numbers(old), _numbers(new)), 4)
    if kind == RATE:
        return None
    names = sorted({*map(str, old), *map(str, new)})
    counts = [[Counter(map(str, values))[name] for name in names] for values in (old, new)]
    chance = (len(names) - 1) * (1 / len(old) + 1 / len(new))
    return round(max(0.0, stability_index(*counts) - chance), 4)


def _large(one: Judged) -> bool:
    if one.index is not None:
        return one.index >= PSI_ALARM
    assert one.was is not None
    assert one.now is not None
    large = moved(one.was, one.now)
    return asked.is_alarm(*_counts(one), moved=large) if one.name == asked.NAME else large


def moved(was: float, now: float) -> bool:
    """Whether a share moved far enough for an alarm."""
    low, high = min(was, now), max(was, now)
    return high - low >= LEAST_POINTS and high >= MOVED * low


def _counts(one: Judged) -> tuple[tuple[int, int], tuple[int, int]]:
    """Of a rate, how many values were true, of how many: of the reference, and since the change."""
    assert one.was is not None
    assert one.now is not None
    late = one.n_current - one.since
    return (round(one.was * one.n_reference), one.n_reference), (round(one.now * late), late)


def _middle(kind: str, values: Sequence[Value]) -> float | None:
    if kind == CATEGORY:
        return None
    numbers = _numbers(values)
    return round(float(np.median(numbers) if kind == NUMBER else np.mean(numbers)), 6)


def summary(kind: str, values: Sequence[Value]) -> str:
    """In a few words: rate with its interval, median with middle half and 95th percentile, or categories."""
    if kind == RATE:
        return str(rate(values))
    if kind == NUMBER:
        low, middle, high, last = np.quantile(_numbers(values), [0.25, 0.5, 0.75, 0.95])
        return f"median {middle:.3g}, middle half {low:.3g} to {high:.3g}, 95 % below {last:.3g}"
    counts = Counter(map(str, values)).most_common(3)
    return ", ".join(f"{name or 'not stated'} {100 * count / len(values):.0f} %" for name, count in counts)


def rate(values: Sequence[Value]) -> Interval:
    """The share of true values, with Wilson's interval."""
    return wilson(sum(map(bool, values)), len(values))


def _course(kind: str, old: Sequence[Value], new: Sequence[Value]) -> tuple[float, ...]:
    """At most 60 blocks of the current values."""
    if kind == CATEGORY:
        usual = Counter(map(str, old)).most_common(1)[0][0]
        numbers = [float(str(value) == usual) for value in new]
    else:
        numbers = _numbers(new)
    size = max(BLOCK, math.ceil(len(numbers) / 60))
    blocks = [numbers[at : at + size] for at in range(0, len(numbers), size)]
    if len(blocks) > 1 and len(blocks[-1]) < size / 2:
        blocks[-2:] = [blocks[-2] + blocks[-1]]
    return tuple(round(float(np.mean(block)), 5) for block in blocks)


def _sentence(one: Judged, status: str, *, large: bool) -> str:
    if status == OK:
        return f"No sign of a change among {one.n_current} values."
    if one.name == asked.NAME:
        return asked.sentence(*_counts(one))
    since = f"the last {one.n_current - one.since} of {one.n_current} values"
    size = "" if large else " The change is small."
    return f"Was {one.reference}; is {one.current} in {since}.{size}"


def _numbers(values: Sequence[Value]) -> list[float]:
    return [float(value) for value in values]
