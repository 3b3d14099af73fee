"""The coded concepts our DICOM objects are made of.

Every DCM, SCT and LN code here stands, with its meaning, in DICOM PS3.16; a test compares each with pydicom's
copy of that dictionary. What has no published code gets one of our own, never a guessed one.
"""

import re
from typing import TYPE_CHECKING

from pydicom import Dataset

from secondread.core.code import DCM, LN, LOCAL, SCT, Code
from secondread.core.finding import Finding
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

# Source: CID 240 Present-Absent.
PRESENT = Code(SCT, "52101004", "Present")
ABSENT = Code(SCT, "272519000", "Absent")
UNDETERMINED = Code(SCT, "373068000", "Undetermined")

# Source: concept names of TID 4100 Chest CAD; values of CID 6047 (summary) and CID 6042 (status). The standard has
# one summary for "nothing could be read"; the status beside it tells a refusal (not attempted) from a failure. It has
# none for "undecided": "with findings" makes a person look, and the finding itself says that it is undetermined.
SUMMARY = Code(DCM, "111017", "CAD Processing and Findings Summary")
STATUS = Code(DCM, "111064", "Summary of Detections")
WITH_FINDINGS = Code(DCM, "111242", "All algorithms succeeded; with findings")
NO_ALGORITHM_SUCCEEDED = Code(DCM, "111245", "No algorithms succeeded; without findings")
SUMMARIES = {
    Outcome.FOUND: WITH_FINDINGS,
    Outcome.NOTHING_FOUND: Code(DCM, "111241", "All algorithms succeeded; without findings"),
    Outcome.UNDECIDED: WITH_FINDINGS,
    Outcome.REFUSED: NO_ALGORITHM_SUCCEEDED,
    Outcome.FAILED: NO_ALGORITHM_SUCCEEDED,
}
SUCCEEDED = Code(DCM, "111222", "Succeeded")
STATUSES = {
    Outcome.FOUND: SUCCEEDED,
    Outcome.NOTHING_FOUND: SUCCEEDED,
    Outcome.UNDECIDED: SUCCEEDED,
    Outcome.REFUSED: Code(DCM, "111225", "Not Attempted"),
    Outcome.FAILED: Code(DCM, "111224", "Failed"),
}

# Source: CID 29 Acquisition Modality.
MODALITIES = {
    "CR": Code(DCM, "CR", "Computed Radiography"),
    "DX": Code(DCM, "DX", "Digital Radiography"),
    "CT": Code(DCM, "CT", "Computed Tomography"),
    "MR": Code(DCM, "MR", "Magnetic Resonance"),
    "MG": Code(DCM, "MG", "Mammography"),
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
BREAST = Code(SCT, "76752008", "Breast")
# Pneumonia is a disease of the lung by definition; SCT 233604007 as cross-checked in reference lists.
SITE_OF_FINDING = {(SCT, "233604007"): LUNG}
SITE_OF_BODY_PART = {"CHEST": CHEST, "THORAX": CHEST, "LUNG": LUNG, "BREAST": BREAST}

# Source: CID 7010 Key Object Selection Document Title; TID 2010.
OF_INTEREST = Code(DCM, "113000", "Of Interest")
KEY_OBJECT_DESCRIPTION = Code(DCM, "113012", "Key Object Description")

# Source: CID 7000 Diagnostic Imaging Report Document Title.
IMAGING_REPORT = Code(LN, "18748-4", "Diagnostic Imaging Report")

# Source: TID 4000 Mammography CAD Document Root and the templates it includes.
MAMMOGRAPHY_CAD_REPORT = Code(DCM, "111036", "Mammography CAD Report")
INDIVIDUAL_IMPRESSION = Code(DCM, "111034", "Individual Impression/Recommendation")
IMPRESSION = Code(DCM, "111033", "Impression Description")
RENDERING_INTENT = Code(DCM, "111056", "Rendering Intent")
SINGLE_IMAGE_FINDING = Code(DCM, "111059", "Single Image Finding")
CENTER = Code(DCM, "111010", "Center")
OUTLINE = Code(DCM, "111041", "Outline")
ANALYSES = Code(DCM, "111065", "Summary of Analyses")
SUCCESSFUL_DETECTIONS = Code(DCM, "111063", "Successful Detections")
FAILED_DETECTIONS = Code(DCM, "111025", "Failed Detections")
DETECTION_PERFORMED = Code(DCM, "111022", "Detection Performed")
ALGORITHM_NAME = Code(DCM, "111001", "Algorithm Name")
ALGORITHM_VERSION = Code(DCM, "111003", "Algorithm Version")
IMAGE_LATERALITY = Code(DCM, "111027", "Image Laterality")
IMAGE_VIEW = Code(DCM, "111031", "Image View")
IMAGE_VIEW_MODIFIER = Code(DCM, "111032", "Image View Modifier")
STUDY_DATE = Code(DCM, "111060", "Study Date")
LANGUAGE = Code(DCM, "121049", "Language of Content Item and Descendants")

# Source: CID 6034 Intended Use of CAD Output.
PRESENT_IT = Code(DCM, "111150", "Presentation Required: Rendering device is expected to present")

# Source: CID 6022 Side, CID 4014 View for Mammography.
SIDES_OF_BREAST = {
    "R": Code(SCT, "73056007", "Right breast"),
    "L": Code(SCT, "80248007", "Left breast"),
    "B": Code(SCT, "63762007", "Both breasts"),
}
MAMMOGRAPHY_VIEWS = {
    "CC": Code(SCT, "399162004", "cranio-caudal"),
    "MLO": Code(SCT, "399368009", "medio-lateral oblique"),
}

# Source: CID 6014 Mammography Single Image Finding: what is seen on one image. A mass is a composite feature (CID
# 6017), made of densities on single images; alone on one image it is a density (PS3.17 E.3.2, node 1.2.2).
BREAST_DENSITY = Code(SCT, "129793001", "Mammography breast density")
CALCIFICATION_CLUSTER = Code(SCT, "129769006", "Calcification Cluster")
MAMMOGRAPHIC_MASS = Code(SCT, "129788004", "Mammographic breast mass")
ON_ONE_IMAGE = {
    "129788004": BREAST_DENSITY,
    "129793001": BREAST_DENSITY,
    "129769006": CALCIFICATION_CLUSTER,
    "129770007": Code(SCT, "129770007", "Individual Calcification"),
    "129792006": Code(SCT, "129792006", "Architectural distortion of breast"),
}

# Our own concepts: no published code was found.
THRESHOLD = Code(LOCAL, "threshold", "Decision threshold for Certainty of Finding")
REFUSAL_REASON = Code(LOCAL, "refusal-reason", "Reason for not reading")
UNCERTAINTY = Code(LOCAL, "uncertainty-95", "Half width of 95 % interval")

LONGEST_VALUE = 16  # Code Value has VR SH; a longer one is a Long Code Value. Source: DICOM PS3.3 section 8.1.
LONGEST_MEANING = 64  # Code Meaning has VR LO. Source: DICOM PS3.5 section 6.2.


def local(text: str) -> Code:
    """A code of our own for words that have no published one.

    >>> local("Cardiothoracic ratio").value
    'cardiothoracic-ratio'
    """
    return Code(LOCAL, re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or "unnamed", text)


def presence(finding: Finding) -> Code | None:
    """What is said of a finding: present, absent, or undetermined where the network cannot tell; None: no call."""
    if finding.basis == "description":
        return None
    if finding.unsure:
        return UNDETERMINED
    return PRESENT if finding.positive else ABSENT


def site(finding: Code | None, body_part: str) -> Code | None:
    """Where the finding lies: what the finding itself implies, else the examined body part, else None."""
    implied = SITE_OF_FINDING.get((finding.system, finding.value)) if finding else None
    return implied or SITE_OF_BODY_PART.get(body_part)


def item(code: Code) -> Dataset:
    """The code as a plain item of a DICOM code sequence, for objects that are written without highdicom."""
    made = Dataset()
    short = len(code.value) <= LONGEST_VALUE
    setattr(made, "CodeValue" if short else "LongCodeValue", code.value)
    made.CodingSchemeDesignator = code.system
    made.CodeMeaning = code.display[:LONGEST_MEANING]
    return made


def concept(code: Code) -> "CodedConcept":
    """The code as an item of a DICOM code sequence; a meaning that is too long is cut."""
    from highdicom.sr import CodedConcept

    return CodedConcept(code.value, code.system, code.display[:LONGEST_MEANING])
