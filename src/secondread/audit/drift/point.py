"""What monitors keep of one read: no picture, no name, no UID."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

ANSWERED = ("found", "nothing found", "undecided")
DAY, SATURDAY = (7, 19), 5
# A reader that was refused for one of these before it chose a picture had nothing to do with the study.
IDLE = frozenset({"modality", "body-part", "no-prior", "switched-off"})


@dataclass(frozen=True, slots=True)
class Point:
    """One reader's read of one study, as numbers and words.

    Attributes:
        at: When it was made; text that sorts as time passes.
        reader: Name of the reader.
        bundle: Name of the leading bundle or method, and its version.
        weights: SHA-256 of its network, or the version where there is none: thresholds and references belong to it.
        outcome: As ``core.report.Outcome``.
        probabilities: Name of the finding to the network's probability; empty where nothing was answered.
        positives: Names of the findings that are positive and sure.
        distances: Name of the bundle, and of each part, to the distance of the input from its training data, 1 at the
            threshold.
        checks: Name of the check to its verdict.
        tags: What the header says: modality, manufacturer, model, station, view, sex, age.
        seconds: How long the reader took, or None.
        waited: Seconds from the last image to the draft, or None.
        part: Part of the week, such as ``night`` or ``weekend``: reads are compared with those of their own part.
        overridden: Whether a person rejected or turned round a finding; None until the report is signed.
    """

    at: str
    reader: str
    bundle: str
    weights: str
    outcome: str
    probabilities: Mapping[str, float] = field(default_factory=dict)
    positives: tuple[str, ...] = ()
    distances: Mapping[str, float] = field(default_factory=dict)
    checks: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str | float] = field(default_factory=dict)
    seconds: float | None = None
    waited: float | None = None
    overridden: bool | None = None
    part: str = ""

    @property
    def answered(self) -> bool:
        """Whether there is an answer; a refusal or a failure is none, and never a negative."""
        return self.outcome in ANSWERED


def points_of(
    report: Mapping[str, Any], tags: Mapping[str, Mapping[str, str | float]] | None = None
) -> Iterator[Point]:
    """The points of a report; readers that had nothing to do with the study are left out.

    Args:
        report: As ``report.json`` has it.
        tags: By reader, where somebody looked at the headers.
    """
    for read in report["reads"]:
        if not is_idle(read):
            yield _point(read, report["created_at"], (tags or {}).get(read["reader"], {}))


def part_of_week(moment: datetime) -> str:
    """``day``, ``night`` or ``weekend`` by the clock on the wall; other people are examined in each.

    >>> [part_of_week(datetime(2026, 3, day, hour)) for day, hour in ((4, 10), (4, 22), (7, 10))]
    ['day', 'night', 'weekend']
    """
    if moment.weekday() >= SATURDAY:
        return "weekend"
    return "day" if DAY[0] <= moment.hour < DAY[1] else "night"


def is_idle(read: Mapping[str, Any]) -> bool:
    """Whether a reader of ``report.json`` was refused before any picture was chosen, for its kind of examination."""
    refusal = read.get("refusal")
    return refusal is not None and refusal["reason"] in IDLE and "input_sop_instance_uids" not in read["provenance"]


def _point(read: Mapping[str, Any], at: str, tags: Mapping[str, str | float]) -> Point:
    ran = read["provenance"]
    name, version = ran.get("bundle") or ran.get("method") or "", ran.get("version", "")
    scored = [one for one in read["findings"] if one["probability"] is not None]
    named = {_name(one): one for one in scored}
    return Point(
        at=at,
        reader=read["reader"],
        bundle=f"{name} {version}".strip(),
        weights=ran.get("sha256") or version,
        outcome=read["outcome"],
        probabilities={key: float(one["probability"]) for key, one in named.items()},
        positives=tuple(_name(one) for one in read["findings"] if one["positive"] and not one.get("unsure", False)),
        distances=dict(_distances(read)),
        checks={one["name"]: one["verdict"] for one in read.get("checks", ())},
        tags=tags,
        seconds=read.get("seconds"),
    )


def _distances(read: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    """The distance from each bundle's training data, and each part of it: a scanner shows in greys or grain first."""
    for one in read.get("distances", ()):
        yield one["bundle"], float(one["value"])
        for part in one.get("parts", ()):
            yield f"{one['bundle']}, {part['name']}", float(part["value"])


def _name(finding: Mapping[str, Any]) -> str:
    """The operating point where there is one, since several may share a code."""
    point = finding.get("point")
    return str(point["name"]) if point else str(finding["code"]["display"])
