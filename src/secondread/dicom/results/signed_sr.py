"""The signed report as a structured report: verified, final, and in the place of the drafts that it names.

A new document beside the drafts, never a changed one. It holds what the person holds; what a program said stands in
it as the program's word, and rejected findings are no findings of it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
from pydicom import Dataset

from secondread.core.code import DCM, LN, Code
from secondread.core.errors import OutputError
from secondread.core.finding import Finding
from secondread.core.report import NOTICE, Read
from secondread.core.signature import Held, SignedReport, Verdict
from secondread.dicom import codes
from secondread.dicom.identity import discreet, first
from secondread.dicom.results import derived
from secondread.dicom.results.derived import MANUFACTURER, Algorithm, spoken
from secondread.dicom.results.measurement_groups import comment
from secondread.dicom.results.own_codes import declare_own_codes, nested
from secondread.dicom.results.segment_references import Segment, references

if TYPE_CHECKING:
    from highdicom import sr

SIGNED_SR = derived.Kind("signed structured report", derived.SR.sop_class_uid, "SR", 910)
# Source: DICOM PS3.16 CID 7001 Diagnostic Imaging Report Headings.
FINDINGS, IMPRESSIONS, ADDENDUM = (
    Code(LN, "59776-5", "Findings"),
    Code(LN, "19005-8", "Impressions"),
    Code(LN, "55107-7", "Addendum"),
)
DEVICE_OBSERVER, PERSON_OBSERVER = Code(DCM, "121007", "Device"), Code(DCM, "121006", "Person")
NO_ORGANISATION = "not stated"  # Verifying Organization must have a value: DICOM PS3.3 C.17.2
_SAID = {Verdict.ACCEPTED: "Accepted", Verdict.EDITED: "Edited", Verdict.ADDED: "Added"}
_LANGUAGES = {"en": ("en", "English"), "ko": ("ko", "Korean")}


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


@discreet()
def build_signed_sr(signed: SignedReport, basis: Basis, uid: Callable[[str], str], now: datetime) -> Dataset:
    """The document.

    Args:
        signed: What a person signed.
        basis: What it rests on.
        uid: Purpose to UID, see :func:`secondread.dicom.uids.uid_source`; of a seed that no other document has.
        now: When it is made, with its zone.

    Raises:
        OutputError: If there is no image of the study, or it cannot be referred to.

    Source: DICOM PS3.3 A.35.13 (the IOD), C.17.2 (completion, verification, predecessors), PS3.16 TID 1500, TID 1003.
    """
    if not basis.images:
        raise OutputError("signed report: the study has no image to refer to. Bring its images back, then sign.")
    source = min(basis.images, key=lambda header: str(header.SOPInstanceUID))
    document = derived.derived(SIGNED_SR, _nobody(signed), None, source, uid, now)
    document.SeriesDescription = "Signed report" if not signed.number else f"Signed report, addendum {signed.number}"
    document.ManufacturerModelName, document.DeviceSerialNumber = MANUFACTURER, document.SoftwareVersions[0]
    document.SoftwareVersions = document.SoftwareVersions[0]
    document.CompletionFlag = "COMPLETE"
    document.PreliminaryFlag = "FINAL"
    document.VerificationFlag = "VERIFIED"  # by the person who is named; the only place that writes it
    document.VerifyingObserverSequence = [_verifying(signed, now)]
    document.PerformedProcedureCodeSequence = []
    document.ReferencedPerformedProcedureStepSequence = []
    if basis.predecessors:
        document.PredecessorDocumentsSequence = derived.evidence_by_study(basis.predecessors)
    document.CurrentRequestedProcedureEvidenceSequence = [derived.evidence([*basis.images, *basis.segmentations])]
    root = _tree(signed, basis, source)
    for element in root:
        document.add(element)
    declare_own_codes(document, [root])
    return document


def _nobody(signed: SignedReport) -> Read:
    """A read without evidence, for what :func:`derived` asks of one: any image of the study may stand for all."""
    return replace(signed.draft.reads[0], evidence=None)


def _verifying(signed: SignedReport, now: datetime) -> Dataset:
    """Source: DICOM PS3.3 table C.17-2, Verifying Observer Sequence."""
    item = Dataset()
    item.VerifyingOrganization = (signed.signer.organisation or NO_ORGANISATION)[:64]
    item.VerificationDateTime = now.strftime("%Y%m%d%H%M%S.%f%z")
    item.VerifyingObserverName = person_name(signed.signer.name)
    item.VerifyingObserverIdentificationCodeSequence = []
    return item


def person_name(shown: str) -> str:
    r"""A name as it is shown, as DICOM writes names: in one component, without its delimiters.

    The caret at the end says that one component is meant. Source: DICOM PS3.5 section 6.2.1.2.

    >>> person_name("Kim, Minji^MD")
    'Kim, Minji MD^'
    """
    return " ".join(shown.replace("^", " ").replace("=", " ").replace("\\", " ").split())[:63] + "^"


def _tree(signed: SignedReport, basis: Basis, source: Dataset) -> Dataset:
    from highdicom import sr

    person = sr.ObserverContext(
        observer_type=codes.concept(PERSON_OBSERVER),
        observer_identifying_attributes=sr.PersonObserverIdentifyingAttributes(
            name=person_name(signed.signer.name),
            login_name=signed.signer.login,
            organization_name=signed.signer.organisation or None,
        ),
    )
    language = sr.CodedConcept(_LANGUAGES[signed.language][0], "RFC5646", _LANGUAGES[signed.language][1])
    report = sr.MeasurementReport(
        observation_context=sr.ObservationContext(observer_person_context=person),
        procedure_reported=codes.concept(codes.PROCEDURES.get(first(source, "Modality"), codes.ANY_PROCEDURE)),
        imaging_measurements=[_group(signed, basis, held, n) for n, held in enumerate(signed.held, start=1)] or None,
        language_of_content_item_and_descendants=sr.LanguageOfContentItemAndDescendants(language),
    )
    root = report[0]
    root.ContentSequence = sr.ContentSequence([*root.ContentSequence, _whole(signed)])
    for item in nested(root):
        if "ContinuityOfContent" in item:
            item.ContinuityOfContent = "SEPARATE"
    return root


def _whole(signed: SignedReport) -> Any:
    """The texts, who signed, and what the report says nothing about. Source: DICOM PS3.16 TID 1500 rows 12 to 14."""
    from highdicom import sr

    texts = [(FINDINGS, signed.findings_text), (IMPRESSIONS, signed.impression)]
    texts += [(ADDENDUM, f"{text}\n({name}, {at})") for name, at, text in signed.addenda]
    written = [sr.TextContentItem(codes.concept(name), text, "CONTAINS") for name, text in texts if text.strip()]
    sentences = [
        NOTICE.removeprefix("Draft. "),
        f"Signed by {signed.signer.name}, {signed.signed_at}.",
        f"Rejected answers of programs: {len(signed.rejected)}. They are no findings of this report.",
        f"Answers of programs without a decision: {len(signed.undecided)}. Nothing is said about them here.",
        *(derived.outcome_sentence(read) for read in signed.draft.concerned if not read.findings),
    ]
    name = sr.CodedConcept("C0034375", "UMLS", "Qualitative Evaluations")
    container = sr.ContainerContentItem(name, relationship_type="CONTAINS")
    container.ContentSequence = sr.ContentSequence([*written, *(comment(sentence) for sentence in sentences)])
    return container


def _group(signed: SignedReport, basis: Basis, held: Held, number: int) -> Any:
    """One finding that the person holds: theirs are presence, place, text and outline; numbers say whose they are."""
    from highdicom import sr

    segment = (basis.segments or {}).get(held.source) if held.source else None
    tracked = segment.tracking_uid if segment else None
    said = _program(signed, held)
    where = codes.site(held.code, _body_part(basis))
    group = sr.MeasurementsAndQualitativeEvaluations(
        tracking_identifier=sr.TrackingIdentifier(
            uid=tracked or None, identifier=f"signed finding {number}: {held.code.display}"[:64]
        ),
        finding_type=codes.concept(held.code),
        finding_sites=[sr.FindingSite(codes.concept(where))] if where else None,
        algorithm_id=_algorithm(*said) if said and held.verdict is Verdict.ACCEPTED else None,
        qualitative_evaluations=_presence(held),
        measurements=[*(_numbers(said[1]) if said and held.verdict is Verdict.ACCEPTED else []), *_quantities(held)],
    )
    content = group[0].ContentSequence
    if segment is not None:
        group[0].ContentTemplateSequence[0].TemplateIdentifier = "1411" if segment.over_slices else "1410"
        content.extend(references(segment))
    elif held.outlines:
        group[0].ContentTemplateSequence[0].TemplateIdentifier = "1410" if len(held.outlines) == 1 else "1411"
        content.extend(_drawn(held, basis))
    content.extend(comment(sentence) for sentence in _sentences(held, said) if sentence)
    return group


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
        frames = [one.frame] if one.frame else None
        region.ContentSequence = sr.ContentSequence(
            [sr.SourceImageForRegion(header.SOPClassUID, header.SOPInstanceUID, frames)]
        )
        made.append(region)
    return made


def _body_part(basis: Basis) -> str:
    return next((part for header in basis.images if (part := first(header, "BodyPartExamined").upper())), "")
