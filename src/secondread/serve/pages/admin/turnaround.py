"""How long studies wait: arrival → draft → opened → signed, over all, by modality and by day."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import Connection, select

from secondread.serve.database.tables import studies

# Name of the step, the moment it begins, the moment it ends.
STEPS = (
    ("arrival-draft", "first_received_at", "drafted_at"),
    ("last-image-draft", "last_received_at", "drafted_at"),
    ("draft-opened", "drafted_at", "opened_at"),
    ("opened-signed", "opened_at", "signed_at"),
    ("arrival-signed", "first_received_at", "signed_at"),
)
MAX_STUDIES = 100_000  # the latest; more would say the same


@dataclass(frozen=True, slots=True)
class Spread:
    """How long a step took.

    Attributes:
        count: Studies that went through it.
        quarter: A quarter took no longer, in seconds.
        median: Half of them took no longer.
        three_quarters: Three quarters took no longer.
        p90: Nine of ten took no longer.
        p95: 19 of 20 took no longer.
    """

    count: int
    quarter: float
    median: float
    three_quarters: float
    p90: float
    p95: float


@dataclass(frozen=True, slots=True)
class Turnaround:
    """The figures of some days.

    Attributes:
        steps: Of all studies, by step.
        modalities: By modality, then by step; a study of two modalities counts under both.
        days: By day of arrival (UTC), then by step.
        arrived: Studies that arrived, by day.
    """

    steps: Mapping[str, Spread]
    modalities: Mapping[str, Mapping[str, Spread]]
    days: Mapping[str, Mapping[str, Spread]]
    arrived: Mapping[str, int]


def turnaround(connection: Connection, *, since: str) -> Turnaround:
    """Of the studies whose first image arrived after the moment ``since``."""
    moments = sorted({name for _, *both in STEPS for name in both})
    query = (
        select(studies.c.modalities, *(studies.c[name] for name in moments))
        .where(studies.c.first_received_at >= since)
        .order_by(studies.c.first_received_at.desc())
        .limit(MAX_STUDIES)
    )
    whole: dict[str, list[float]] = defaultdict(list)
    modalities: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    days: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    arrived: dict[str, int] = defaultdict(int)
    for row in connection.execute(query).mappings():
        day = row["first_received_at"][:10]
        arrived[day] += 1
        for step, seconds in _steps(row):
            whole[step].append(seconds)
            days[day][step].append(seconds)
            for modality in row["modalities"].split() or ["?"]:
                modalities[modality][step].append(seconds)
    return Turnaround(
        _spreads(whole),
        {name: _spreads(found) for name, found in sorted(modalities.items())},
        {day: _spreads(found) for day, found in sorted(days.items())},
        dict(sorted(arrived.items())),
    )


def spread(seconds: Sequence[float]) -> Spread:
    """The percentiles of some spans, at least one.

    >>> spread([1, 2, 3, 4, 5]).median
    3.0
    """
    points = np.percentile(np.asarray(seconds, dtype=float), (25, 50, 75, 90, 95))
    return Spread(len(seconds), *(float(point) for point in points))


def _spreads(found: Mapping[str, Sequence[float]]) -> dict[str, Spread]:
    return {step: spread(found[step]) for step, _, _ in STEPS if found.get(step)}


def _steps(row: Mapping[Any, Any]) -> Iterable[tuple[str, float]]:
    """Steps that are done. A step backwards, as when late images came after the draft, is none."""
    for step, begin, end in STEPS:
        if row[begin] and row[end]:
            seconds = (datetime.fromisoformat(row[end]) - datetime.fromisoformat(row[begin])).total_seconds()
            if seconds >= 0:
                yield step, seconds
