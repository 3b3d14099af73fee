"""The services of the node: their UIDs and the syntaxes of what is said. Source: DICOM PS3.4 Annexes A, B, C, J."""

from pydicom.uid import UID, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from secondread.dicom.syntaxes import DECODERS, DEFLATED_FRAMES, FRAGMENTED, NATIVE

VERIFICATION = "1.2.840.10008.1.1"
FIND = "1.2.840.10008.5.1.4.1.2.2.1"  # Study Root Query/Retrieve
MOVE = "1.2.840.10008.5.1.4.1.2.2.2"
GET = "1.2.840.10008.5.1.4.1.2.2.3"
COMMITMENT = "1.2.840.10008.1.20.1"  # Storage Commitment Push Model
COMMITMENT_INSTANCE = "1.2.840.10008.1.20.1.1"  # its well-known instance
REQUEST_COMMITMENT = 1  # action type: PS3.4 J.3.2
ALL_COMMITTED, SOME_NOT_COMMITTED = 1, 2  # event types: PS3.4 J.3.3

IDENTIFIER_SYNTAXES = (ExplicitVRLittleEndian, ImplicitVRLittleEndian)
UNCOMPRESSED = IDENTIFIER_SYNTAXES  # what one context can offer together: any archive turns one into the other
STORAGE_SYNTAXES = (*sorted(NATIVE), *DECODERS, FRAGMENTED, DEFLATED_FRAMES)  # every one that is read
_STORAGE_ROOT = "1.2.840.10008.5.1.4.1.1."
# Storage of objects of a study that have another root. Source: DICOM PS3.6 Annex A.
_STORAGE_ELSEWHERE = frozenset({"1.2.840.10008.5.1.4.34.7", "1.2.840.10008.5.1.4.34.10"})


def is_storage(uid: str) -> bool:
    """Whether a SOP class is one of storage; also one that is younger than this program.

    >>> is_storage("1.2.840.10008.5.1.4.1.1.2"), is_storage(FIND), is_storage("1.2.840.10008.5.1.4.1.1.66.7")
    (True, False, True)
    """
    if uid in _STORAGE_ELSEWHERE:
        return True
    name = UID(uid).name  # the UID itself where there is no name
    return uid.startswith(_STORAGE_ROOT) and (name == uid or "Storage" in name)
