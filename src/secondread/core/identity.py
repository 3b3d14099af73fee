"""Identifiers that reveal nobody: pseudonyms of patients, UIDs of files that carry none."""

import hashlib
import hmac


def patient_pseudonym(patient_id: str, key: bytes) -> str:
    """The same patient under the same key gets the same pseudonym; without the key it cannot be undone.

    HMAC-SHA256 (RFC 2104), the first 16 hexadecimal digits.

    >>> patient_pseudonym("A1", b"key") == patient_pseudonym("A1", b"other key")
    False
    """
    return "p-" + hmac.new(key, patient_id.encode(), hashlib.sha256).hexdigest()[:16]


def study_pseudonym(study_uid: str) -> str:
    """A pseudonym for the patient of one study; it does not link two studies.

    >>> study_pseudonym("2.25.1")
    's-49b1b035c2cf7aa7'
    """
    return "s-" + hashlib.sha256(study_uid.encode()).hexdigest()[:16]


def uid_of(digest: bytes, purpose: str = "") -> str:
    """A UID for content that carries none; the same content gets the same UID everywhere.

    ``2.25.`` and a 128-bit number. Source: DICOM PS3.5 B.2, UUID derived UID.

    Args:
        digest: SHA-256 of the content.
        purpose: Tells apart several UIDs of one content, e.g. ``series``.

    >>> uid_of(bytes(31) + b"1")
    '2.25.0'
    >>> uid_of(bytes(32), "study") == uid_of(bytes(32), "series")
    False
    """
    chosen = hashlib.sha256(digest + purpose.encode()).digest() if purpose else digest
    return f"2.25.{int.from_bytes(chosen[:16], 'big')}"
