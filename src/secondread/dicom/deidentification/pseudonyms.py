"""What stands in for a patient, an object and a date: keyed, so that only who holds the key can do it again."""

import hashlib
import hmac
import re
from dataclasses import dataclass
from typing import Self

from pydicom.config import IGNORE
from pydicom.uid import UID

from secondread.core.identity import patient_pseudonym

# SOP classes of storage and transfer syntaxes, also those that are newer than pydicom's list.
_LIKE_REGISTERED = re.compile(r"1\.2\.840\.10008\.(1\.2|5\.1\.4\.1\.1)(\.\d{1,3}){1,4}")


@dataclass(frozen=True, slots=True)
class Keys:
    """Three keys of one secret, so that what one of them made public says nothing about the others.

    Pseudonym and date offset of a patient come from the same PatientID. Under one key, the digits of the pseudonym
    would give the offset away.
    """

    uids: bytes
    dates: bytes
    patients: bytes

    @classmethod
    def of(cls, secret: bytes) -> Self:
        """The keys of a secret. Source: HMAC as a key derivation, NIST SP 800-108 (one block)."""
        return cls(*(hmac.digest(secret, f"secondread deidentify {use}".encode(), hashlib.sha256) for use in _USES))


_USES = ("uids", "dates", "patients")


def registered(uid: str) -> bool:
    """Whether the standard gave out ``uid``: a SOP class, transfer syntax, frame of reference of an atlas and the like.

    Their common root is not enough: careless software makes UIDs of objects under it, with dates and numbers.

    Source: DICOM PS3.6 Annex A.

    >>> registered("1.2.840.10008.5.1.4.1.1.2"), registered("1.2.840.10008.20240131.7")
    (True, False)
    """
    return bool(UID(uid, validation_mode=IGNORE).type or _LIKE_REGISTERED.fullmatch(uid))


def keyed_uid(uid: str, key: bytes) -> str:
    """The UID that replaces ``uid`` wherever it occurs; one that the standard registers stays as it is.

    Source: DICOM PS3.5 B.2 (``2.25.`` and a 128-bit number); the number is the first half of HMAC-SHA256.

    >>> keyed_uid("1.2.840.113619.2.1", b"test-key")
    '2.25.186547584900052357851181882594872892427'
    >>> keyed_uid("1.2.840.10008.5.1.4.1.1.2", b"test-key")
    '1.2.840.10008.5.1.4.1.1.2'
    """
    if registered(uid):
        return uid
    return f"2.25.{int.from_bytes(hmac.digest(key, uid.encode(), hashlib.sha256)[:16], 'big')}"


def offset_days(patient_id: str, key: bytes) -> int:
    """By how many whole days all dates of a patient are moved: -365 to -1.

    >>> offset_days("12345", b"test-key")
    -254
    """
    return -(1 + int.from_bytes(hmac.digest(key, patient_id.encode(), hashlib.sha256)[:4], "big") % 365)


def pseudonym(patient_id: str, key: bytes) -> str:
    """What stands in place of name and ID, e.g. ``p-0123456789abcdef``."""
    return patient_pseudonym(patient_id, key)
