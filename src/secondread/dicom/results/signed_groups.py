"""The measurement groups of a signed report: one for each finding that the person holds."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from pydicom import Dataset

from secondread.core.code import Code
from secondread.core.errors import OutputError
from secondread.core.finding import Finding
from secondread.core.report import Read
from secondread.core.signature import Held, SignedReport, Verdict
from secondread.dicom import codes
from secondread.dicom.identity import first
from secondread.dicom.results.derived import MANUFACTURER, Algorithm, spoken
from secondread.dicom.results.measurement_groups import comment
from secondread.dicom.results.segment_references import Segment, references

if TYPE_CHECKING:
    from highdicom import sr

_SAID = {Verdict.ACCEPTED: "Accepted", Verdict.EDITED: "Edited", Verdict.ADDED: "Added"}


@dataclass(frozen=True, slots=True)
class Basis:
    """What a signed report rests on.

    Attributes:
        images: Headers of the images that were read, and of those that the person drew on, of the report's study.
        predecessors: Headers of the structured reports that it replaces: drafts, or the signed one before an addendum.
        segmentations: Those whose segments stand, of the program or new.
        segments: (number of the read, number of the finding) to its segment, where one stands.
    """

    images: tuple[Dataset, ...]
    predecessors: tuple[Dataset, ...]
    segmentations: tuple[Dataset, ...] = ()
    segments: Mapping[tuple[int, int], Segment] | None = None


def group(signed: SignedReport, basis: Basis, held: Held, number: int, uid: Callable[[str], str]) -> Any:
    """One finding that the person holds: theirs are presence, place, text and outline; numbers say whose they are."""
    from highdicom import sr

    segment = (basis.segments or {}).get(held.source) if held.source else None
    name = f"signed finding {number}: {held.code.display}"[:64]
    tracked = segment.tracking_uid if segment else uid(f"tracking: {name}")
    said = _program(signed, held)
    where = codes.site(held.code, _body_part(basis))
    made = sr.MeasurementsAndQualitativeEvaluations(
        tracking_identifier=sr.TrackingIdentifier(uid=tracked, identifier=name),
        finding_type=codes.concept(held.code),
        finding_sites=[sr.FindingSite(codes.concept(where))] if where else None,
        algorithm_id=_algorithm(*said) if said and held.verdict is Verdict.ACCEPTED else None,
        qualitative_evaluations=_presence(held),
        measurements=[*(_numbers(said[1]) if said and held.verdict is Verdict.ACCEPTED else []), *_quantities(held)],
    )
    content = made[0].ContentSequence
    if segment is not None:
        made[0].ContentTemplateSequence[0].TemplateIdentifier = "1411" if segment.over_slices else "1410"
        content.extend(references(segment))
    elif held.outlines:
        made[0].ContentTemplateSequence[0].TemplateIdentifier = "1410" if len(held.outlines) == 1 else "1411"
        content.extend(_drawn(held, basis))
    content.extend(comment(sentence) for sentence in _sentences(held, said) if sentence)
    return made


def _presence(held: Held) -> "list[sr.QualitativeEvaluation] | None":
    from highdicom import sr

    if held.present is None:
        return None
    answer = codes.PRESENT if held.present else codes.ABSENT
    return [sr.QualitativeEvaluation(codes.concept(held.code), codes.concept(answer))]


def _sentences(held: Held, said: tuple[Read, Finding] | None) -> tuple[str, ...]:
    told = f"{_SAID[held.verdict]} by the person who signed."
    place = f"Location: {held.location}" if held.location else ""
    if said is None:
        return told, place, held.text
    read, finding = said
    return told, place, held.text, f"The program {_name_of(read)} said: {_said_of(finding)}"


def _said_of(finding: Finding) -> str:
    if finding.probability is not None and finding.threshold is not None:
        side = "at or above" if finding.positive else "below"
        side = f"undecided, {side}" if finding.unsure else side
        return f"certainty {100 * finding.probability:.1f} %, {side} its threshold of {100 * finding.threshold:.1f} %."
    if finding.limit is None:
        return "a description, no call."
    first_one = finding.measurements[0]
    return f"{'positive' if finding.positive else 'not positive'} by {spoken(first_one.value, first_one.unit)}."


def _program(signed: SignedReport, held: Held) -> tuple[Read, Finding] | None:
    if held.source is None:
        return None
    return signed.draft.reads[held.source[0]], signed.finding(held.source)


def _name_of(read: Read) -> str:
    known = author_of(read)
    return f"{known.name} {known.version}".strip()


def author_of(read: Read) -> Algorithm:
    """Who gave an answer, as its provenance names it."""
    known = read.provenance
    name, version = known.get("bundle") or known.get("method") or read.reader, known.get("version", "")
    return Algorithm(name, version, known.get("sha256") or f"{name} {version}")


def _algorithm(read: Read, _finding: Finding) -> "sr.AlgorithmIdentification":
    """Source: DICOM PS3.16 TID 4019."""
    from highdicom import sr

    author = author_of(read)
    return sr.AlgorithmIdentification(
        name=author.name,
        version=author.version or "not stated",
        family=codes.concept(codes.ARTIFICIAL_INTELLIGENCE),
        manufacturer=MANUFACTURER,
    )


def _numbers(finding: Finding) -> "list[sr.Measurement]":
    """The program's certainty and threshold."""
    if finding.probability is None or finding.threshold is None:
        return []
    pairs = ((codes.CERTAINTY, finding.probability), (codes.THRESHOLD, finding.threshold))
    return [_number(name, round(100.0 * share, 10), "%", "Percent") for name, share in pairs]


def _quantities(held: Held) -> "list[sr.Measurement]":
    from highdicom import sr

    made = []
    for one in held.measurements:
        item = _number(codes.local(one.name), one.value, one.unit, one.unit)
        item[0].ContentSequence = sr.ContentSequence([comment(f"Method: {one.method}", "HAS PROPERTIES")])
        made.append(item)
    return made


def _number(name: Code, value: float, unit: str, meaning: str) -> "sr.Measurement":
    from highdicom import sr

    return sr.Measurement(codes.concept(name), float(value), sr.CodedConcept(unit, "UCUM", meaning))


def _drawn(held: Held, basis: Basis) -> list[Any]:
    """The person's outlines on their images; the corner of the first pixel is (0, 0). Source: PS3.3 C.18.6.1.2."""
    from highdicom import sr

    images = {str(header.SOPInstanceUID): header for header in basis.images}
    made = []
    for one in held.outlines:
        header = images.get(one.sop_instance_uid)
        if header is None:
            raise OutputError("signed report: an outline is drawn on an image that the study does not have.")
        points = np.array([*one.points, one.points[0]], dtype=np.float64) + 0.5
        region = sr.ScoordContentItem(
            codes.concept(codes.IMAGE_REGION), "POLYLINE", points, relationship_type="CONTAINS"
        )
        several = first(header, "NumberOfFrames") not in ("", "1")
        frames = [one.frame] if one.frame and several else None
        region.ContentSequence = sr.ContentSequence(
            [sr.SourceImageForRegion(header.SOPClassUID, header.SOPInstanceUID, frames)]
        )
        made.append(region)
    return made


def _body_part(basis: Basis) -> str:
    return next((part for header in basis.images if (part := first(header, "BodyPartExamined").upper())), "")
