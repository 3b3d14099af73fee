"""Where things stand in a chart; the template draws them. Nothing here needs a script or a style in the page."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from secondread.serve.pages.admin.turnaround import Spread

WIDTH, LABEL, RIGHT, ROW, HEAD = 720, 190, 20, 26, 24
TICKS = (1, 10, 60, 600, 3600, 6 * 3600, 24 * 3600, 7 * 24 * 3600, 30 * 24 * 3600)


@dataclass(frozen=True, slots=True)
class Bar:
    """One row of a chart of spans; x in the chart's units.

    Attributes:
        label: Beside it.
        y: Of its middle.
        left: Where a quarter is done.
        median: Where half is done.
        right: Where three quarters are done.
        end: Where nine of ten are done.
    """

    label: str
    y: float
    left: float
    median: float
    right: float
    end: float


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart of spans on a logarithmic scale.

    Attributes:
        bars: From the top.
        ticks: Place and seconds of each line of the scale.
        width: Of the whole.
        height: Of the whole.
    """

    bars: tuple[Bar, ...]
    ticks: tuple[tuple[float, int], ...]
    width: int
    height: int


def spans(rows: Iterable[tuple[str, Spread]]) -> Chart:
    """Spans from a second on; the scale ends at the first line beyond all of them."""
    given = list(rows)
    longest = max((spread.p90 for _, spread in given), default=1.0)
    end = next((tick for tick in TICKS[1:] if tick >= longest), max(TICKS[-1], longest))

    def x(seconds: float) -> float:
        part = math.log(max(seconds, 1.0)) / math.log(end)
        return round(LABEL + min(part, 1.0) * (WIDTH - LABEL - RIGHT), 1)

    bars = tuple(
        Bar(label, HEAD + ROW * (at + 0.5), x(one.quarter), x(one.median), x(one.three_quarters), x(one.p90))
        for at, (label, one) in enumerate(given)
    )
    return Chart(bars, tuple((x(tick), tick) for tick in TICKS if tick <= end), WIDTH, HEAD + ROW * len(bars) + 6)


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a bar that is a whole.

    Attributes:
        kind: What it is of, also its class.
        x: Where it begins.
        width: How wide it is.
        y: Of its top.
        count: How many it stands for.
    """

    kind: str
    x: float
    width: float
    y: float
    count: int


def shares(rows: Sequence[tuple[str, Mapping[str, int]]]) -> tuple[tuple[str, float, tuple[Part, ...]], ...]:
    """Bars of one length, each split by what it consists of; label, middle and parts of each."""
    drawn = []
    for at, (label, counts) in enumerate(rows):
        total, x, parts = sum(counts.values()), float(LABEL), []
        for kind, count in counts.items():
            width = round(count / total * (WIDTH - LABEL - RIGHT), 1) if total else 0.0
            parts.append(Part(kind, round(x, 1), width, ROW * at + 5, count))
            x += width
        drawn.append((label, ROW * (at + 0.5), tuple(parts)))
    return tuple(drawn)
