"""A table of points to what every monitor of every reader says. References are frozen, one for each network."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from secondread.audit.drift.asked import ASKED
from secondread.audit.drift.judge import Judged, Parts, judged
from secondread.audit.drift.monitors import Monitor, Value, monitors_of
from secondread.audit.drift.point import Point


@dataclass(frozen=True, slots=True)
class Rules:
    """How strict monitors are.

    Attributes:
        reference: How many of the first points of a network make its reference.
        least: With fewer values than so many in the reference a monitor says nothing.
        level: How often there may be a false alarm at all while a reference holds, over all monitors and looks.
        window: At most so many points after the reference are looked at, the latest.
    """

    reference: int = 500
    least: int = 100
    level: float = 0.05
    window: int = 5000


@dataclass(frozen=True, slots=True)
class Watched:
    """A reader with one network, and what its monitors say.

    Attributes:
        reader: Name of the reader.
        bundle: Name and version of its leading bundle or method.
        weights: What the reference belongs to.
        reference: How many points make it; below the wanted number it is still being gathered.
        complete: Whether it is frozen.
        monitors: What each says.
    """

    reader: str
    bundle: str
    weights: str
    reference: int
    complete: bool
    monitors: tuple[Judged, ...]


# Of each study, in the order of time: whether the reader was asked, part of the week.
Asked = Sequence[tuple[bool, str]]


def watched(
    points: Sequence[Point],
    rules: Rules,
    begins: Mapping[str, str] | None = None,
    asked: Mapping[str, Asked] | None = None,
) -> tuple[Watched, ...]:
    """Every reader with the network that it uses now.

    Args:
        points: In any order.
        rules: How strict.
        begins: Reader to a moment: earlier points of it are not looked at, because a person began a new reference.
        asked: Reader to the studies since it began with this network; what is not there is not watched.
    """
    begins, asked = begins or {}, asked or {}
    kept = sorted((one for one in points if one.at >= begins.get(one.reader, "")), key=lambda one: one.at)
    latest = {one.reader: one.weights for one in kept}  # the last one of each counts
    groups = {reader: [p for p in kept if p.reader == reader and p.weights == latest[reader]] for reader in latest}
    planned = {reader: _planned(group, rules, asked.get(reader)) for reader, group in sorted(groups.items())}
    among = sum(len(monitors) for monitors, _, _ in planned.values())
    return tuple(
        Watched(
            reader,
            groups[reader][-1].bundle,
            latest[reader],
            min(len(groups[reader]), rules.reference),
            len(groups[reader]) >= rules.reference,
            judged(monitors, values, level=rules.level, least=rules.least, among=among, parts=parts),
        )
        for reader, (monitors, values, parts) in planned.items()
    )


Values = tuple[Sequence[Value], Sequence[Value]]
Plan = tuple[list[Monitor], list[Values], list[Parts]]


def _planned(group: Sequence[Point], rules: Rules, asked: Asked | None) -> Plan:
    monitors = list(monitors_of(group))
    taken = [[(monitor.take(point), point.part) for point in group] for monitor in monitors]
    if asked is not None:
        monitors.append(ASKED)
        taken.append(list(asked))
    values: list[Values] = []
    parts: list[Parts] = []
    for each in taken:
        some = (each[: rules.reference], each[rules.reference :][-rules.window :])
        old, new = ([(value, part) for value, part in one if value is not None] for one in some)
        values.append(([value for value, _ in old], [value for value, _ in new]))
        parts.append(([part for _, part in old], [part for _, part in new]))
    return monitors, values, parts
