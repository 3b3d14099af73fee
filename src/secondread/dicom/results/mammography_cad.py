"""The answer for mammography workstations: a Mammography CAD SR document, template TID 4000.

These workstations draw CAD marks from this document only. It says less than the structured report, which is always
written too: no measurements, no details, and of what was not found only that it was looked for.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from pydicom import Dataset

from secondread.core.card import ModelCard
from secondread.core.code import LOCAL, SCT, Code
from secondread.core.errors import OutputError
from secondread.core.finding import Finding
from secondread.core.report import NOTICE, Outcome, Read
from secondread.dicom import codes
from secondread.dicom.identity import discreet
from secondread.dicom.results import derived
from secondread.dicom.results.cad_images import IMAGES, library
from secondread.dicom.results.content import child, code, container, number, refer, region, text
from secondread.dicom.results.marks import areas, centre, support
from secondread.dicom.results.outline import Points

_PROPERTY = "HAS PROPERTIES"


@discreet()
def build_mammography_cad(
    read: Read,
    card: ModelCard | None,
    sources: Sequence[Dataset],
    uid: Callable[[str], str],
    now: datetime,
    *,
    looked_for: Sequence[Code],
    seen_on: Sequence[int] = (),
) -> Dataset:
    """The CAD report of one read; negative, refused and failed reads are reports too, and say which they are.

    Args:
        read: The answer, refusal or failure.
        card: Card of the bundle that answered, or None when none was asked.
        sources: Headers of the mammograms, at least one, all of one study.
        uid: Purpose to UID, see :func:`secondread.dicom.uids.uid_source`.
        now: When it is made, with its zone.
        looked_for: What the reader detects, each with a code in CID 6014; at least one, but for a refusal, which
            tried none.
        seen_on: For each finding of the read the place in ``sources`` of the image it was seen on; may be left out
            for a single image.

    Returns:
        A data set without file meta information; :func:`secondread.dicom.write.save` adds that.

    Raises:
        OutputError: If an image cannot be referred to, is not one that was read, or belongs to another study; if a
            finding has no code in CID 6014, or a positive one no place on its image.
        ValueError: If ``looked_for`` is empty where something was tried, or ``seen_on`` does not fit.

    Source: DICOM PS3.3 A.35.5 (the IOD), PS3.16 TID 4000 and those it includes; PS3.17 E.3 (worked examples).
    """
    where = list(seen_on) or [0] * len(read.findings)
    if len(where) != len(read.findings) or not all(0 <= at < len(sources) for at in where):
        raise ValueError(f"{len(read.findings)} findings on {len(sources)} images, seen on {where}: does not fit")
    if not looked_for and read.outcome is not Outcome.REFUSED:
        raise ValueError("nothing was looked for, and yet something was tried: does not fit")
    if len(sources) > 1 and read.findings and not seen_on:
        raise ValueError(f"there are {len(sources)} images; needed the one that each finding was seen on")
    document = derived.derived(derived.MAMMOGRAPHY_CAD, read, card, sources[0], uid, now)
    derived.check_one_study(read, sources)
    document.CompletionFlag = "COMPLETE"
    document.PreliminaryFlag = "PRELIMINARY"
    document.VerificationFlag = "UNVERIFIED"  # never anything else: a person who signs makes a new document
    document.PerformedProcedureCodeSequence = []
    document.ReferencedPerformedProcedureStepSequence = []
    document.CurrentRequestedProcedureEvidenceSequence = [derived.evidence(sources)]
    author = derived.algorithm(read, card)
    called = (finding.code for finding in read.findings if finding.basis != "description")
    detections = list(dict.fromkeys(_seen(one) for one in (*looked_for, *called)))
    found = [(finding, at) for finding, at in zip(read.findings, where, strict=True) if _marked(finding)]
    document.update(_root([
        _language(),
        library(sources),
        _summary(read, author, [_impression(finding, at, sources[at], author) for finding, at in found]),
        _detections(read, author, detections, len(sources)),
        code("CONTAINS", codes.ANALYSES, codes.STATUSES[Outcome.REFUSED]),  # none is attempted
    ]))  # fmt: skip
    return document


def can_be_told(read: Read) -> bool:
    """Whether every call of a read has a code in CID 6014, and a positive or undecided one a mask or map to draw.

    An undecided read whose finding has no place cannot be told: without a mark it would look like one of nothing.
    """
    called = [finding for finding in read.findings if finding.basis != "description"]
    undecided = read.outcome is Outcome.UNDECIDED
    needed = [finding for finding in called if finding.positive or (undecided and finding.unsure)]
    placed = all(finding.map is not None or finding.mask is not None for finding in needed)
    known = all(finding.code.system == SCT and finding.code.value in codes.ON_ONE_IMAGE for finding in called)
    return placed and known and bool(called or not read.findings)


def _marked(finding: Finding) -> bool:
    """Whether a finding gets a mark: it is positive, or the network cannot tell and there is a place to look at."""
    return finding.positive or (finding.unsure and (finding.map is not None or finding.mask is not None))


def _root(items: list[Dataset]) -> Dataset:
    """Source: DICOM PS3.16 TID 4000 row 1."""
    root = container("", codes.MAMMOGRAPHY_CAD_REPORT, items)
    template = Dataset()
    template.MappingResource, template.TemplateIdentifier = "DCMR", "4000"
    root.ContentTemplateSequence = [template]
    return root


def _language() -> Dataset:
    """Source: DICOM PS3.16 TID 1204, CID 5000 (RFC 5646 names the codes)."""
    item = child("HAS CONCEPT MOD", "CODE", codes.LANGUAGE)
    value = Dataset()
    value.CodeValue, value.CodingSchemeDesignator, value.CodeMeaning = "en-US", "RFC5646", "English (United States)"
    item.ConceptCodeSequence = [value]
    return item


def _summary(read: Read, author: derived.Algorithm, impressions: list[Dataset]) -> Dataset:
    """How it ended, what a reader of it must know, and what was found. Source: DICOM PS3.16 TID 4001, 4002 row 5."""
    sentences = " ".join(
        [
            NOTICE,
            f"Question: {read.question}",
            derived.outcome_sentence(read),
            *(f"Warning: {warning}" for warning in read.warnings),
        ]
    )
    said = [text(_PROPERTY, codes.IMPRESSION, sentences), *_algorithm(author)]
    return code("CONTAINS", codes.SUMMARY, codes.SUMMARIES[read.outcome], [*said, *impressions])


def _impression(finding: Finding, at: int, source: Dataset, author: derived.Algorithm) -> Dataset:
    """One finding, to be drawn. Source: DICOM PS3.16 TID 4003, TID 4006."""
    properties = [
        _drawn(),
        *_algorithm(author),
        *_certainty(finding),
        *_geometry(finding, at, source),
    ]
    seen = code("CONTAINS", codes.SINGLE_IMAGE_FINDING, _seen(finding.code), properties)
    return container("INFERRED FROM", codes.INDIVIDUAL_IMPRESSION, [_drawn(), seen])


def _certainty(finding: Finding) -> list[Dataset]:
    if finding.probability is None:  # found by rules: no number says how sure they are
        return []
    return [number(_PROPERTY, codes.CERTAINTY, 100.0 * finding.probability, "%", "Percent")]


def _drawn() -> Dataset:
    """Source: DICOM PS3.16 CID 6034; PS3.4 O.2.2.1 (what a workstation does with it)."""
    return code("HAS CONCEPT MOD", codes.RENDERING_INTENT, codes.PRESENT_IT)


def _geometry(finding: Finding, at: int, source: Dataset) -> list[Dataset]:
    """Centre and outline on an image of the library. Source: DICOM PS3.16 TID 4021."""
    points = _outline(finding, source)
    if points is None:
        raise OutputError(
            f"finding {finding.code.display!r}: has neither mask nor map, needed one: a CAD mark has a place. "
            "Write the structured report only."
        )
    image = refer("SELECTED FROM", (*IMAGES, at + 1))
    return [
        region(_PROPERTY, codes.CENTER, "POINT", list(centre(points)), image),
        region(_PROPERTY, codes.OUTLINE, "POLYLINE", points.ravel().tolist(), image),
    ]


def _outline(finding: Finding, source: Dataset) -> Points | None:
    """The largest area of the mask, else the area that spoke for the finding."""
    grid = derived.size(source) or (0, 0)
    masked, _ = areas(finding, grid)
    return masked[0] if masked else support(finding, grid)


def _detections(read: Read, author: derived.Algorithm, looked_for: list[Code], images: int) -> Dataset:
    """What was looked for, and whether that worked; nothing where it was not tried. Source: TID 4015, TID 4017."""
    lists = {
        Outcome.FOUND: codes.SUCCESSFUL_DETECTIONS,
        Outcome.NOTHING_FOUND: codes.SUCCESSFUL_DETECTIONS,
        Outcome.UNDECIDED: codes.SUCCESSFUL_DETECTIONS,
        Outcome.FAILED: codes.FAILED_DETECTIONS,
    }
    status = codes.STATUSES[read.outcome]
    if read.outcome not in lists:
        return code("CONTAINS", codes.STATUS, status)
    on = [refer(_PROPERTY, (*IMAGES, at + 1)) for at in range(images)]
    tried = [
        code("CONTAINS", codes.DETECTION_PERFORMED, detected, [*_algorithm(author), *on]) for detected in looked_for
    ]
    return code("CONTAINS", codes.STATUS, status, [container("INFERRED FROM", lists[read.outcome], tried)])


def _algorithm(author: derived.Algorithm) -> list[Dataset]:
    """Source: DICOM PS3.16 TID 4019."""
    return [
        text(_PROPERTY, codes.ALGORITHM_NAME, author.name),
        text(_PROPERTY, codes.ALGORITHM_VERSION, author.version),
    ]


def _seen(finding: Code) -> Code:
    """What a finding is on a single image. Source: DICOM PS3.16 CID 6014."""
    if finding.system != SCT or finding.value not in codes.ON_ONE_IMAGE:
        kind = "a code of our own" if finding.system == LOCAL else f"{finding.system} {finding.value}"
        raise OutputError(
            f"finding {finding.display!r}: found {kind}, needed one of CID 6014 (Mammography Single Image Finding). "
            "Write the structured report only."
        )
    return codes.ON_ONE_IMAGE[finding.value]
