"""The segments of a segmentation: what each mask is, who made it, and by what name it is tracked."""

from collections.abc import Callable, Sequence

from pydicom import Dataset

from secondread.core.code import DCM, LOCAL, SCT, Code
from secondread.core.finding import Finding
from secondread.core.mask import Mask
from secondread.core.report import Read
from secondread.dicom import codes
from secondread.dicom.results.derived import Algorithm
from secondread.dicom.results.tracking import finding_name, purpose

# Source: DICOM PS3.16 CID 7150 Segmentation Property Category.
ABNORMAL = Code(SCT, "49755003", "Morphologically Abnormal Structure")
ANATOMICAL = Code(SCT, "91723000", "Anatomical Structure")
NOT_STATED = Code(LOCAL, "segment-category-not-stated", "Category of the segment not stated")
BACKGROUND = Code(DCM, "125040", "Background")
# Structures of the body, by SNOMED CT value. Source: DICOM PS3.16 CID 7192 Anatomical Structure Segmentation Property.
STRUCTURES = frozenset({
    "10200004", "12738006", "39607008", "44567001", "45653009", "5366008", "66720007", "72481006", "76752008",
    "78961009", "80891009", "816094009", "90572001",
})  # fmt: skip


def describe_segments(
    masks: Sequence[Mask], read: Read, author: Algorithm, source: Dataset, uid: Callable[[str], str]
) -> list[Dataset]:
    """One item a mask, numbered from 1 in their order.

    The mask of a finding bears the finding's tracking identifier and UID, as its measurement group does, and says
    whether it was called. A mask coded as a known structure is anatomy, one that is coded as its finding, where a
    call is made, an abnormality; of any other the category is said not to be stated, rather than guessed.

    Source: DICOM PS3.3 table C.8.20-4 Segment Description.
    """
    findings = {id(finding.mask): (number, finding) for number, finding in enumerate(read.findings, start=1)}
    items = []
    for number, mask in enumerate(masks, start=1):
        place, finding = findings.get(id(mask), (0, None))
        name = finding_name(read, place, finding) if finding else f"{read.reader} segment {number}: {mask.code.display}"
        item = _segment(number, mask.code, category(mask, finding))
        item.SegmentAlgorithmName = author.name[:64]
        item.SegmentationAlgorithmIdentificationSequence = [_algorithm(author)]
        if finding is not None:
            item.SegmentDescription = told_of(finding)
        item.TrackingID, item.TrackingUID = name, uid(purpose(name, source.SOPInstanceUID))
        items.append(item)
    return items


def background() -> Dataset:
    """Segment 0 of a label map: what lies in no segment."""
    return _segment(0, BACKGROUND, BACKGROUND)


def category(mask: Mask, finding: Finding | None) -> Code:
    """What kind of thing the mask is."""
    if mask.code.system == SCT and mask.code.value in STRUCTURES:
        return ANATOMICAL
    called = finding is not None and finding.basis != "description"
    alike = finding is not None and (finding.code.system, finding.code.value) == (mask.code.system, mask.code.value)
    return ABNORMAL if called and alike else NOT_STATED


def told_of(finding: Finding) -> str:
    """What a viewer of the segment alone must know: whether what it outlines was called a finding."""
    if finding.unsure:
        return "Outlined by a program that cannot tell: undecided; a draft, not reviewed."
    if finding.positive:
        return "Called positive by a program; a draft, not reviewed."
    if finding.basis == "description":
        return "Described by a program, no call is made; a draft, not reviewed."
    return "Outlined by a program but not called: below its threshold or not beyond its limit."


def _segment(number: int, kind: Code, group: Code) -> Dataset:
    item = Dataset()
    item.SegmentNumber, item.SegmentLabel = number, kind.display[:64]
    item.SegmentedPropertyCategoryCodeSequence = [codes.concept(group)]
    item.SegmentedPropertyTypeCodeSequence = [codes.concept(kind)]
    item.SegmentAlgorithmType = "AUTOMATIC"
    return item


def _algorithm(author: Algorithm) -> Dataset:
    """Source: DICOM PS3.3 table 10-19 Algorithm Identification."""
    item = Dataset()
    item.AlgorithmFamilyCodeSequence = [codes.concept(codes.ARTIFICIAL_INTELLIGENCE)]
    item.AlgorithmName, item.AlgorithmVersion = author.name[:64], author.version[:64]
    return item
