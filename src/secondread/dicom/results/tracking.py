"""By what name one finding is known in every object that tells of it."""

from secondread.core.finding import Finding
from secondread.core.report import Read


def finding_name(read: Read, number: int, finding: Finding) -> str:
    """The tracking identifier of a finding: the same in the structured report and in the segmentation.

    Args:
        read: The answer.
        number: Place of the finding in it, from 1.
        finding: The finding.

    Source: DICOM PS3.16 TID 1410 (112039 Tracking Identifier); PS3.3 table C.8.20-4 (Tracking ID).
    """
    return f"{read.reader} finding {number}: {finding.code.display}"


def purpose(name: str, sop_instance_uid: str) -> str:
    """What the tracking UID of that name is asked for."""
    return f"tracking: {name} on {sop_instance_uid}"
