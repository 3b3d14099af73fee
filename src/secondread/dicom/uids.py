"""Unique identifiers for the objects we write."""

import hashlib
import hmac
import uuid
from collections.abc import Callable


def uid_source(seed: str | None = None) -> Callable[[str], str]:
    """A function from a purpose, in words, to the DICOM UID for it.

    With a seed the same purpose gives the same UID in every run, so a run can be repeated byte for byte. Without
    one each purpose gets a random UID the first time it is asked for. Either way different purposes never share
    a UID, and one source answers the same purpose the same way.

    Args:
        seed: Any text, or None for random UIDs. Use one seed for one run over one study.

    Returns:
        The function; its UIDs are ``2.25.`` and a 128-bit number, at most 44 characters, no leading zeros.

    Source: DICOM PS3.5 section 9.1 (form of a UID) and B.2 (UIDs derived from UUIDs).

    >>> make = uid_source("a run")
    >>> make("report") == uid_source("a run")("report"), make("report") == make("picture")
    (True, False)
    """
    drawn: dict[str, str] = {}

    def uid(purpose: str) -> str:
        if purpose not in drawn:
            drawn[purpose] = f"2.25.{uuid.uuid4().int if seed is None else _keyed(seed, purpose)}"
        return drawn[purpose]

    return uid


def _keyed(seed: str, purpose: str) -> int:
    digest = hmac.digest(seed.encode(), purpose.encode(), hashlib.sha256)
    return int.from_bytes(digest[:16], "big")
