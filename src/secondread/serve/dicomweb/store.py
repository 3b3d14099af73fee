"""STOW-RS: each part of a body to a file, then into the store; what fails leaves the others stored.

Source: DICOM PS3.18 section 10.5.
"""

import errno
import logging
from collections.abc import Callable
from dataclasses import dataclass

from pydicom.uid import UID, MediaStorageDirectoryStorage

from secondread.core.errors import FormatError, TooLargeError
from secondread.dicom.index_entry import IndexEntry
from secondread.dicom.web.multipart import Parts, media_type
from secondread.dicom.web.refusals import WebRequestError
from secondread.dicom.web.store_answer import Failure, Outcome, Reason
from secondread.serve.dicomweb.access import DICOM
from secondread.serve.room import Room
from secondread.serve.storage.arrive import arrival_of, incoming_file
from secondread.serve.storage.take_in import Arrival, ConflictError, take_in

_log = logging.getLogger(__name__)
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT})


@dataclass(frozen=True, slots=True)
class Sending:
    """One request.

    Attributes:
        study_uid: The study that all objects must be of, or empty.
        source: Who sends.
        limit: Most bytes that the body may have.
    """

    study_uid: str
    source: str
    limit: int


def store(room: Room, sending: Sending, boundary: bytes, read: Callable[[], bytes]) -> Outcome:
    """Store the objects of a body that is read piece by piece.

    Raises:
        WebRequestError: If the body is damaged before any object of it was whole.
        TooLargeError: If it is longer than the limit; what came before stays stored.
    """
    outcome = Outcome()
    parts = Parts(boundary, _limited(read, sending.limit))
    try:
        while (headers := parts.next_part()) is not None:
            _part(room, sending, parts, headers.get("content-type", DICOM), outcome)
    except WebRequestError:
        if not outcome.stored:
            raise
        outcome.failed.append(Failure("", "", Reason.NOT_UNDERSTOOD))
    return outcome


def _limited(read: Callable[[], bytes], limit: int) -> Callable[[], bytes]:
    total = 0

    def piece() -> bytes:
        nonlocal total
        found = read()
        total += len(found)
        if total > limit:
            raise TooLargeError(
                f"the request is longer than {limit:,} bytes, the most that is taken. Send less at once."
            )
        return found

    return piece


def _part(room: Room, sending: Sending, parts: Parts, content_type: str, outcome: Outcome) -> None:
    part = incoming_file(room)
    try:
        with part.open("wb", buffering=0) as stream:
            parts.copy_to(stream.write)
        if media_type(content_type)[0] != DICOM:
            outcome.failed.append(Failure("", "", Reason.NOT_UNDERSTOOD))
            return
        _take(room, sending, arrival_of(part, sending.source), outcome)
    except FormatError:
        outcome.failed.append(Failure("", "", Reason.NOT_UNDERSTOOD))
    except OSError as error:
        if error.errno not in _NO_ROOM:
            raise
        _log.error("no room on the disk: nothing more is stored")
        outcome.failed.append(Failure("", "", Reason.OUT_OF_RESOURCES))
    finally:
        part.unlink(missing_ok=True)


def _take(room: Room, sending: Sending, arrival: Arrival, outcome: Outcome) -> None:
    entry = arrival.entry
    reason = _reason_against(entry, sending.study_uid)
    if reason is None:
        try:
            take_in(room, arrival)
        except ConflictError:
            reason = Reason.DUPLICATE
    if reason is None:
        outcome.stored.append((entry.study_uid, entry.series_uid, entry.sop_class_uid, entry.sop_instance_uid))
    else:
        outcome.failed.append(Failure(entry.sop_class_uid, entry.sop_instance_uid, reason))


def _reason_against(entry: IndexEntry, study_uid: str) -> Reason | None:
    if study_uid and entry.study_uid != study_uid:
        return Reason.MISMATCH
    if entry.sop_class_uid == MediaStorageDirectoryStorage:
        return Reason.CLASS_NOT_SUPPORTED
    if UID(entry.transfer_syntax_uid).is_private:
        return Reason.SYNTAX_NOT_SUPPORTED
    return None
