"""The coded concepts our DICOM objects are made of.

Every DCM, SCT and LN code here stands, with its meaning, in DICOM PS3.16; a test compares each with pydicom's
copy of that dictionary. What has no published code gets one of our own, never a guessed one.
"""

import re
from typing import TYPE_CHECKING

from secondread.core.code import DCM, LN, LOCAL, SCT, Code
from secondread.core.report import Outcome

if TYPE_CHECKING:
    from highdicom.sr import CodedConcept

# Source: DICOM PS3.16, TID 1500 Measurement Report, TID 1501 Measurement Group, TID 1600 Image Library.
IMAGE_LIBRARY = Code(DCM, "111028", "Image Library")
IMAGE_LIBRARY_GROUP = Code(DCM, "126200", "Image Library Group")
MODALITY = Code(DCM, "121139", "Modality")
ROWS = Code(DCM, "110910", "Pixel Data Rows")
COLUMNS = Code(DCM, "110911", "Pixel Data Columns")
IMAGE_REGION = Code(DCM, "111030", "Image Region")
COMMENT = Code(DCM, "121106", "Comment")
ARTIFICIAL_INTELLIGENCE = Code(DCM, "123110", "Artificial Intelligence")
CERTAINTY = Code(DCM, "111012", "Certainty of Finding")
SOURCE_IMAGE = Code(DCM, "121322", "Source image for image processing operation")

# Source: CID 241 Present-Absent only.
PRESENT = Code(SCT, "52101004", "Present")
ABSENT = Code(SCT, "272519000", "Absent")

# Source: concept names of TID 4100 Chest CAD; values of CID 6047 (summary) and CID 6042 (status). The standard has
# one summary for "nothing could be read"; the status beside it tells a refusal (not attempted) from a failure.
SUMMARY = Code(DCM, "111017", "CAD Processing and Findings Summary")
STATUS = Code(DCM, "111064", "Summary of Detections")
NO_ALGORITHM_SUCCEEDED = Code(DCM, "111245", "No algorithms succeeded; without findings")
SUMMARIES = {
    Outcome.FOUND: Code(DCM, "111242", "All algorithms succeeded; with findings"),
    Outcome.NOTHING_FOUND: Code(DCM, "111241", "All algorithms succeeded; without findings"),
    Outcome.REFUSED: NO_ALGORITHM_SUCCEEDED,
    Outcome.FAILED: NO_ALGORITHM_SUCCEEDED,
}
SUCCEEDED = Code(DCM, "111222", "Succeeded")
STATUSES = {
    Outcome.FOUND: SUCCEEDED,
    Outcome.NOTHING_FOUND: SUCCEEDED,
    Outcome.REFUSED: Code(DCM, "111225", "Not Attempted"),
    Outcome.FAILED: Code(DCM, "111224", "Failed"),
}

# Source: CID 29 Acquisition Modality.
MODALITIES = {
    "CR": Code(DCM, "CR", "Computed Radiography"),
    "DX": Code(DCM, "DX", "Digital Radiography"),
    "CT": Code(DCM, "CT", "Computed Tomography"),
    "MR": Code(DCM, "MR", "Magnetic Resonance"),
}
# Source: CID 100 Quantitative Diagnostic Imaging Procedure: the region is left open, it is often not stated.
_RADIOGRAPH = Code(LN, "43468-8", "XR unspecified body region")
PROCEDURES = {
    "CR": _RADIOGRAPH,
    "DX": _RADIOGRAPH,
    "CT": Code(LN, "25045-6", "CT unspecified body region"),
    "MR": Code(LN, "25056-3", "MRI unspecified body region"),
}
ANY_PROCEDURE = Code(SCT, "363679005", "Imaging procedure")

# Source: CID 4 Anatomic Region.
LUNG = Code(SCT, "39607008", "Lung")
CHEST = Code(SCT, "816094009", "Chest")
# Pneumonia is a disease of the lung by definition; SCT 233604007 as cross-checked in reference lists.
SITE_OF_FINDING = {(SCT, "233604007"): LUNG}
SITE_OF_BODY_PART = {"CHEST": CHEST, "THORAX": CHEST, "LUNG": LUNG}

# Our own concepts: no published code was found.
THRESHOLD = Code(LOCAL, "threshold", "Decision threshold for Certainty of Finding")
REFUSAL_REASON = Code(LOCAL, "refusal-reason", "Reason for not reading")
UNCERTAINTY = Code(LOCAL, "uncertainty-95", "Half width of 95 % interval")

LONGEST_MEANING = 64  # Code Meaning has VR LO. Source: DICOM PS3.5 section 6.2.


def local(text: str) -> Code:
    """A code of our own for words that have no published one.

    >>> local("Cardiothoracic ratio").value
    'cardiothoracic-ratio'
    """
    return Code(LOCAL, re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or "unnamed", text)


def site(finding: Code | None, body_part: str) -> Code | None:
    """Where the finding lies: what the finding itself implies, else the examined body part, else None."""
    implied = SITE_OF_FINDING.get((finding.system, finding.value)) if finding else None
    return implied or SITE_OF_BODY_PART.get(body_part)


def concept(code: Code) -> "CodedConcept":
    """The code as an item of a DICOM code sequence; a meaning that is too long is cut."""
    from highdicom.sr import CodedConcept

    return CodedConcept(code.value, code.system, code.display[:LONGEST_MEANING])
