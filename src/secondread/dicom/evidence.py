"""What a document is about: the objects it names as its evidence."""

from pathlib import Path

from secondread.dicom.header import identifier, read_elements

_SEQUENCE = "CurrentRequestedProcedureEvidenceSequence"


def evidence_of(file: Path) -> frozenset[str]:
    """SOP Instance UIDs of the images and objects that a document was made of; of an image, none.

    Raises:
        FormatError: If the file is damaged.

    Source: DICOM PS3.3 C.17.2.3 (Current Requested Procedure Evidence Sequence, Table C.17-3b).
    """
    found = read_elements(file, (_SEQUENCE,))
    return frozenset(
        identifier(item, "ReferencedSOPInstanceUID")
        for study in found.get(_SEQUENCE) or ()
        for series in study.get("ReferencedSeriesSequence") or ()
        for item in series.get("ReferencedSOPSequence") or ()
    )
