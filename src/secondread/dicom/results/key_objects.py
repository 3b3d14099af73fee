"""The images with something to look at, marked for a person: a Key Object Selection Document, TID 2010."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from pydicom import Dataset

from secondread.core.card import ModelCard
from secondread.core.report import NOTICE, Outcome, Read
from secondread.dicom import codes
from secondread.dicom.identity import discreet
from secondread.dicom.results import derived
from secondread.dicom.results.observer import observer
from secondread.dicom.results.segment_references import Segment, segments_of
from secondread.dicom.results.tracking import finding_name


@discreet()
def build_key_objects(
    read: Read,
    card: ModelCard | None,
    sources: Sequence[Dataset],
    uid: Callable[[str], str],
    now: datetime,
    segmentation: Dataset | None = None,
) -> Dataset | None:
    """A selection of the images on which a read found something or could not decide, with what in words.

    Over slices these are the ones under the masks of what was found, as long as there are such masks, else all.

    The title is "Of Interest" (113000, DCM): it asks a person to look and claims no more.

    Args:
        read: The answer.
        card: Card of the bundle that answered, or None.
        sources: Headers of the images that were read, at least one, all of one study.
        uid: Purpose to UID, see :func:`secondread.dicom.uids.uid_source`.
        now: When it is made, with its zone.
        segmentation: The masks of the findings as :func:`secondread.dicom.results.seg.build_seg` wrote them, or None.

    Returns:
        A data set without file meta information; :func:`secondread.dicom.write.save` adds that. None unless the read
        found something or is undecided: a selection of nothing would point at nothing, and one of an image without
        findings would call it remarkable.

    Raises:
        OutputError: If an image cannot be referred to, is not one that was read, or belongs to another study.

    Source: DICOM PS3.3 A.35.4 (the IOD), C.17.6.2 Key Object Document; PS3.16 TID 2010, CID 7010.
    """
    if read.outcome not in (Outcome.FOUND, Outcome.UNDECIDED):
        return None
    main = derived.main_source(read, sources)
    document = derived.derived(derived.KEY_OBJECTS, read, card, main, uid, now)
    marked = _marked(read, sources, None if segmentation is None else segments_of(segmentation, main, over_slices=True))
    document.ReferencedPerformedProcedureStepSequence = []
    document.CurrentRequestedProcedureEvidenceSequence = [derived.evidence([source for source, _ in marked])]
    for element in _tree(read, derived.algorithm(read, card), marked):
        document.add(element)
    return document


def _marked(
    read: Read, sources: Sequence[Dataset], segments: Mapping[str, Segment] | None
) -> list[tuple[Dataset, Dataset]]:
    """(header, reference) of each image to mark, in the order of the headers; with its frames, where it has several."""
    frames: dict[str, set[int]] = {}
    for number, finding in enumerate(read.findings, start=1):
        segment = (segments or {}).get(finding_name(read, number, finding)) if finding.positive else None
        for _, instance, frame in segment.sources if segment else ():
            frames.setdefault(instance, set()).update([] if frame is None else [int(frame)])
    apart = derived.one_of_several(read) and any(one.positive and one.mask is None for one in read.findings)
    if not frames or apart:  # what has no mask may have been seen on any of the pictures
        whole = derived.over_slices(read, sources)
        return [(source, derived.reference(source, whole=whole)) for source in sources]
    marked = []
    for source in sources:
        if source.SOPInstanceUID in frames:
            image = derived.reference(source, whole=True)
            if numbers := sorted(frames[source.SOPInstanceUID]):
                image.ReferencedFrameNumber = numbers
            marked.append((source, image))
    return marked


def _tree(read: Read, author: derived.Algorithm, marked: Sequence[tuple[Dataset, Dataset]]) -> Dataset:
    """The content tree. Source: DICOM PS3.16 TID 2010."""
    from highdicom.ko import KeyObjectSelection

    [root] = KeyObjectSelection(
        document_title=codes.concept(codes.OF_INTEREST),
        referenced_objects=[source for source, _ in marked],
        observer_device_context=observer(author),
        description=_description(read),
    )
    root.ContinuityOfContent = "SEPARATE"
    images = [item for item in root.ContentSequence if item.ValueType == "IMAGE"]
    for item, (_, image) in zip(images, marked, strict=True):
        item.ReferencedSOPSequence = [image]
    return root


def _description(read: Read) -> str:
    """What was found, never mistaken for a diagnosis. Source: DICOM PS3.3 C.17.3 (TEXT has VR UT)."""
    found = "; ".join(finding.code.display for finding in read.findings if finding.decided)
    unsure = "; ".join(finding.code.display for finding in read.findings if finding.unsure)
    said = [f"Found: {found}."] if found else []
    said += [f"Undecided, a person has to decide: {unsure}."] if unsure else []
    return " ".join([NOTICE, f"Question: {read.question}", *said])
