"""The measurement groups of a report: one for each finding, or one that says that nothing was read."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydicom import Dataset

from secondread.core.code import Code
from secondread.core.errors import OutputError
from secondread.core.finding import Finding
from secondread.core.measurement import Measurement
from secondread.core.report import Read
from secondread.core.trust import IN_GRAPH
from secondread.dicom import codes
from secondread.dicom.identity import first
from secondread.dicom.results.derived import (
    MANUFACTURER,
    Algorithm,
    one_of_several,
    only_frame,
    outcome_sentence,
    size,
    spoken,
)
from secondread.dicom.results.outline import Points, outline, rectangle
from secondread.dicom.results.segment_references import Segment, references
from secondread.dicom.results.tracking import finding_name, purpose

if TYPE_CHECKING:
    from highdicom import sr

DIGITS = 10  # of a percentage: far fewer would lift a probability just below its threshold onto it
_WHOLE = "The region is the whole picture."
_AREA = (
    "The region is the outline of the area around the strongest support where the map reaches half of it. "
    "It shows what the score rests on; it is not a segmentation."
)
_COVERED = (
    "The region is the outline of the area around the strongest place where the occlusion map reaches half of it: "
    "covering that place lowered the score. It is not a segmentation."
)
_SEGMENT = "The region is a segment of the segmentation referred to."
_SLICES = "The finding is about the slices as a whole; no region is drawn."
_SEVERAL = "Several pictures were read; the finding is tied to none of them, and its place is told in words."


@dataclass(frozen=True, slots=True)
class Subject:
    """What all groups of one report share.

    Attributes:
        read: The answer.
        author: Who gave it.
        source: Header of the image it is about.
        uid: Purpose to UID.
        over_slices: Whether it is about slices as a whole, of which the source is one.
        segmentation: The segments that were written, by tracking identifier, or None.
    """

    read: Read
    author: Algorithm
    source: Dataset
    uid: Callable[[str], str]
    over_slices: bool = False
    segmentation: Mapping[str, Segment] | None = None

    @property
    def image(self) -> tuple[str, str, list[int] | None]:
        """SOP Class UID, SOP Instance UID and frame numbers of the source image."""
        frame = only_frame(self.source)
        return self.source.SOPClassUID, self.source.SOPInstanceUID, None if frame is None else [frame]

    @property
    def body_part(self) -> str:
        """The examined body part in upper case, or ``""``."""
        return first(self.source, "BodyPartExamined").upper()


def groups(subject: Subject) -> list[Any]:
    """The groups in the order of the findings; where nothing was read, one that says so.

    What refines a finding has its group only where the finding is there: a cause of what is absent would be shown as
    one more finding.

    Raises:
        OutputError: If a map does not lie on the grid of the source image, or a mask is not in the segmentation.

    Source: DICOM PS3.16 TID 1410 (a region of a picture), TID 1411 (of a volume), TID 1501 (none).
    """
    if not subject.read.findings:
        return [_nothing_read(subject)]
    made = []
    for number, finding in enumerate(subject.read.findings, start=1):
        made.append(_finding(subject, number, finding))
        refined = finding.details if finding.decided else ()
        for place, (code, probability) in enumerate(refined, start=1):
            made.append(_detail(subject, f"{number}.{place}", finding, code, probability))
    return made


def comment(text: str, relationship: str = "CONTAINS") -> "sr.TextContentItem":
    """A sentence in the report."""
    from highdicom import sr

    return sr.TextContentItem(codes.concept(codes.COMMENT), text, relationship)


def _finding(subject: Subject, number: int, finding: Finding) -> Any:
    """Finding, present or absent, certainty, threshold, measurements and region."""
    name = finding_name(subject.read, number, finding)
    segment = _segment(subject, name, finding)
    region, how = (segment, _SEGMENT) if segment else _region(subject, finding)
    numbers = []
    if finding.probability is not None and finding.threshold is not None:
        numbers = [_percent(codes.CERTAINTY, finding.probability), _percent(codes.THRESHOLD, finding.threshold)]
    call = codes.presence(finding)
    seen = [] if call is None else [(finding.code, call)]
    group = _group(
        subject,
        name,
        finding=finding.code,
        where=codes.site(finding.code, subject.body_part),
        evaluations=seen,
        measurements=[*numbers, *map(_quantity, finding.measurements)],
        region=region,
    )
    place = f"Location: {finding.location}" if finding.location else ""
    said = (how, _undecided(finding), place, _limit(finding))
    return _saying(group, *said, *finding.notes, *(one.sentence for one in finding.rulings))


def _undecided(finding: Finding) -> str:
    """From where to where the network cannot tell; empty where it can."""
    if finding.undecided is None or not finding.unsure:
        return ""
    low, high = (100.0 * end for end in finding.undecided)
    return f"Undecided: from {low:.1f} % to {high:.1f} % this network cannot tell. A person has to decide."


def _limit(finding: Finding) -> str:
    """What the first measurement was compared with; empty where the call does not rest on one."""
    if finding.limit is None:
        return ""
    first, side = finding.measurements[0], "below" if finding.limit.below else "above"
    value = spoken(finding.limit.value, first.unit)
    return f"Limit of {first.name}: positive at or {side} {value}. Rule: {finding.limit.rule}"


def _detail(subject: Subject, number: str, finding: Finding, code: Code, probability: float) -> Any:
    """What refines a finding: its own certainty, and no region, so that it is not drawn as one more finding."""
    group = _group(
        subject,
        f"{subject.read.reader} detail {number} of {finding.code.display}: {code.display}",
        finding=code,
        where=codes.site(finding.code, subject.body_part),
        measurements=[_percent(codes.CERTAINTY, probability)],
    )
    name = finding.code.display
    return _saying(group, f"Refines {name}; not a finding of its own, and no threshold applies to it.")


def _nothing_read(subject: Subject) -> Any:
    """The refusal or failure; of a picture tied to the whole of it: many viewers show only what has a region."""
    outcome, grid = subject.read.outcome, size(subject.source)
    group = _group(
        subject,
        f"{subject.read.reader} not read",
        where=codes.site(None, subject.body_part),
        evaluations=[(codes.SUMMARY, codes.SUMMARIES[outcome]), (codes.STATUS, codes.STATUSES[outcome])],
        region=rectangle(*grid) if grid and not subject.over_slices else None,
    )
    return _saying(group, outcome_sentence(subject.read))


def _saying(group: Any, *sentences: str) -> Any:
    """The group with these sentences at its end, empty ones left out."""
    group[0].ContentSequence.extend(comment(sentence) for sentence in sentences if sentence)
    return group


def _segment(subject: Subject, name: str, finding: Finding) -> Segment | None:
    """The segment of a finding's mask; None where there is no mask, it is empty, or none were written."""
    if subject.segmentation is None or finding.mask is None:
        return None
    found = subject.segmentation.get(name)
    if found is None:
        raise OutputError(
            f"mask of {finding.code.display!r}: is not in the segmentation. Write the masks of all findings of the "
            "read into it, or pass none."
        )
    return found if found.frames and finding.mask.inside.any() else None


def _region(subject: Subject, finding: Finding) -> tuple[Points | None, str]:
    """The outline of a positive finding's map, else the whole picture (what is absent has no place); and which."""
    if subject.over_slices:
        return None, _SLICES
    grid = size(subject.source)
    if grid is None:
        return None, "The source has no rows and columns to draw a region on."
    if finding.map is None or not finding.positive:
        return (None, _SEVERAL) if one_of_several(subject.read) else (rectangle(*grid), _WHOLE)
    if finding.map.values.shape != grid:
        raise OutputError(
            f"map of {finding.code.display!r}: has shape {finding.map.values.shape}, its image {grid}. "
            "A region is written on the original grid only; map it back before writing."
        )
    points = outline(finding.map.values)
    told = _AREA if finding.map.method == IN_GRAPH else _COVERED
    return (rectangle(*grid), _WHOLE) if points is None else (points, told)


def _group(
    subject: Subject,
    name: str,
    *,
    finding: Code | None = None,
    where: Code | None,
    evaluations: Iterable[tuple[Code, Code]] = (),
    measurements: Iterable[Any] = (),
    region: Points | Segment | None = None,
) -> Any:
    from highdicom import sr

    tracked = (
        region.tracking_uid
        if isinstance(region, Segment)
        else subject.uid(purpose(name, subject.source.SOPInstanceUID))
    )
    shared: dict[str, Any] = {
        "tracking_identifier": sr.TrackingIdentifier(uid=tracked, identifier=name),
        "finding_type": codes.concept(finding) if finding else None,
        "algorithm_id": _algorithm(subject),
        "finding_sites": [sr.FindingSite(codes.concept(where))] if where else None,
        "measurements": list(measurements),
        "qualitative_evaluations": [
            sr.QualitativeEvaluation(codes.concept(question), codes.concept(answer)) for question, answer in evaluations
        ],
    }
    one_picture = size(subject.source) is not None and not subject.over_slices and not one_of_several(subject.read)
    bare = region is None and one_picture
    images = [sr.SourceImageForMeasurementGroup(*subject.image)] if bare else None
    group = sr.MeasurementsAndQualitativeEvaluations(**shared, source_images=images)
    if isinstance(region, Segment):
        group[0].ContentTemplateSequence[0].TemplateIdentifier = "1411" if region.over_slices else "1410"
        group[0].ContentSequence.extend(references(region))
    elif region is not None:
        group[0].ContentTemplateSequence[0].TemplateIdentifier = "1410"
        group[0].ContentSequence.append(_polyline(subject, region))
    return group


def _polyline(subject: Subject, points: Points) -> "sr.ScoordContentItem":
    """The region on the source image. highdicom's own region item accepts only image classes that it knows."""
    from highdicom import sr

    region = sr.ScoordContentItem(codes.concept(codes.IMAGE_REGION), "POLYLINE", points, relationship_type="CONTAINS")
    region.ContentSequence = sr.ContentSequence([sr.SourceImageForRegion(*subject.image)])
    return region


def _algorithm(subject: Subject) -> "sr.AlgorithmIdentification":
    """Name, version, and what the answer was made with; of what, the evidence says. Source: DICOM PS3.16 TID 4019."""
    from highdicom import sr

    made_with = {key: text for key, text in subject.read.provenance.items() if not key.startswith("input_")}

    return sr.AlgorithmIdentification(
        name=subject.author.name,
        version=subject.author.version,
        parameters=["; ".join(f"{key}={value}" for key, value in sorted(made_with.items()))],
        family=codes.concept(codes.ARTIFICIAL_INTELLIGENCE),
        manufacturer=MANUFACTURER,
    )


def _percent(name: Code, fraction: float) -> "sr.Measurement":
    return _number(name, round(100.0 * fraction, DIGITS), "%", "Percent")


def _quantity(measurement: Measurement) -> "sr.Measurement":
    """A measured quantity with its method and uncertainty; its name has a code of our own."""
    from highdicom import sr

    item = _number(codes.local(measurement.name), measurement.value, measurement.unit, measurement.unit)
    properties: list[Any] = [comment(f"Method: {measurement.method}", "HAS PROPERTIES")]
    if measurement.uncertainty is not None:
        unit = sr.CodedConcept(measurement.unit, "UCUM", measurement.unit)
        half_width = float(measurement.uncertainty)
        properties.append(
            sr.NumContentItem(codes.concept(codes.UNCERTAINTY), half_width, unit, relationship_type="HAS PROPERTIES")
        )
    item[0].ContentSequence = sr.ContentSequence(properties)
    return item


def _number(name: Code, value: float, unit: str, meaning: str) -> "sr.Measurement":
    from highdicom import sr

    return sr.Measurement(codes.concept(name), float(value), sr.CodedConcept(unit, "UCUM", meaning))
