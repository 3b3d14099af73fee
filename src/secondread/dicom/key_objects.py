"""The images with positive findings, marked for a person to look at: a Key Object Selection Document, TID 2010."""

from collections.abc import Callable, Sequence
from datetime import datetime

from pydicom import Dataset

from secondread.core.card import ModelCard
from secondread.core.report import NOTICE, Outcome, Read
from secondread.dicom import codes, derived
from secondread.dicom.identity import discreet
from secondread.dicom.observer import observer


@discreet()
def build_key_objects(
    read: Read, card: ModelCard | None, sources: Sequence[Dataset], uid: Callable[[str], str], now: datetime
) -> Dataset | None:
    """A selection of the images on which a read found something, with what it found in words.

    The title is "Of Interest" (113000, DCM): it asks a person to look and claims no more.

    Args:
        read: The answer.
        card: Card of the bundle that answered, or None.
        sources: Headers of the images to mark, at least one, all of one study.
        uid: Purpose to UID, see :func:`secondread.dicom.uids.uid_source`.
        now: When it is made, with its zone.

    Returns:
        A data set without file meta information; :func:`secondread.dicom.write.save` adds that. None unless the read
        found something: a selection of nothing would point at nothing, and one of an image without findings would
        call it remarkable.

    Raises:
        OutputError: If an image cannot be referred to, is not one that was read, or belongs to another study.

    Source: DICOM PS3.3 A.35.4 (the IOD), C.17.6.2 Key Object Document; PS3.16 TID 2010, CID 7010.
    """
    if read.outcome is not Outcome.FOUND:
        return None
    document = derived.derived(derived.KEY_OBJECTS, read, card, sources[0], uid, now)
    derived.check_one_study(read, sources)
    document.ReferencedPerformedProcedureStepSequence = []
    document.CurrentRequestedProcedureEvidenceSequence = [derived.evidence(sources)]
    for element in _tree(read, derived.algorithm(read, card), sources):
        document.add(element)
    return document


def _tree(read: Read, author: derived.Algorithm, sources: Sequence[Dataset]) -> Dataset:
    """The content tree. Source: DICOM PS3.16 TID 2010."""
    from highdicom.ko import KeyObjectSelection

    [root] = KeyObjectSelection(
        document_title=codes.concept(codes.OF_INTEREST),
        referenced_objects=sources,
        observer_device_context=observer(author),
        description=_description(read),
    )
    root.ContinuityOfContent = "SEPARATE"
    images = [item for item in root.ContentSequence if item.ValueType == "IMAGE"]
    for item, source in zip(images, sources, strict=True):
        item.ReferencedSOPSequence = [derived.reference(source)]  # with the frame, where there are several
    return root


def _description(read: Read) -> str:
    """What was found, never mistaken for a diagnosis. Source: DICOM PS3.3 C.17.3 (TEXT has VR UT)."""
    found = "; ".join(finding.code.display for finding in read.findings if finding.positive)
    return f"{NOTICE} Question: {read.question} Found: {found}."
