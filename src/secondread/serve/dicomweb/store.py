"""STOW-RS: each part of a body to a file, then into the store; what fails leaves the others stored.

Source: DICOM PS3.18 section 10.5.
"""

import errno
import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from pydicom.uid import UID, MediaStorageDirectoryStorage

from secondread.core.errors import FormatError, TooLargeError
from secondread.dicom.index_entry import IndexEntry
from secondread.dicom.web.multipart import Parts, media_type
from secondread.dicom.web.refusals import WebRequestError
from secondread.dicom.web.store_answer import Failure, Outcome, Reason
from secondread.serve.dicomweb.access import DICOM
from secondread.serve.room import Room
from secondread.serve.storage.arrive import incoming_file
from secondread.serve.storage.index import Arrival, Known
from secondread.serve.storage.place import sync
from secondread.serve.storage.streamed import StreamedFile
from secondread.serve.storage.together import take_in_together

_log = logging.getLogger(__name__)
BATCH, BATCH_BYTES = 16, 64_000_000  # objects that share a transaction
SYNCING = 4  # files that are synced at a time: a disk does several in little more than the time of one
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
    parts = Parts(boundary, _limited(read, sending.limit))
    with _Taking(room, sending) as taking:
        try:
            while (headers := parts.next_part()) is not None:
                taking.take(parts, headers.get("content-type", DICOM))
        except WebRequestError:
            taking.finish()
            if not taking.outcome.stored:
                raise
            taking.outcome.failed.append(Failure("", "", Reason.NOT_UNDERSTOOD))
    return taking.outcome


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


class _Taking:
    """The objects of one request on their way into the store, some of them at a time.

    A file is synced in another thread while the next one comes in; a batch shares one sync of its folder and one
    transaction. What is in the outcome as stored is on disk and in the index.
    """

    def __init__(self, room: Room, sending: Sending) -> None:
        self._room, self._sending, self._known = room, sending, Known()
        self._waiting: list[tuple[Arrival, Future[None] | None]] = []
        self._bytes = 0
        self._syncing = ThreadPoolExecutor(SYNCING) if room.settings.storage.durable else None
        self.outcome = Outcome()

    def __enter__(self) -> "_Taking":
        return self

    def __exit__(self, *_: object) -> None:
        self.finish()  # what was whole when the body broke off stays
        if self._syncing is not None:
            self._syncing.shutdown()

    def take(self, parts: Parts, content_type: str) -> None:
        """One part."""
        part = incoming_file(self._room)
        kept = False
        try:
            with StreamedFile(part) as file:
                parts.copy_to(file.write)
            if media_type(content_type)[0] == DICOM:
                kept = self._is_kept(file.arrival(self._sending.source))
            else:
                self._fail("", "", Reason.NOT_UNDERSTOOD)
        except FormatError:
            self._fail("", "", Reason.NOT_UNDERSTOOD)
        except OSError as error:
            self._no_room(error)
        finally:
            if not kept:
                part.unlink(missing_ok=True)
        if len(self._waiting) >= BATCH or self._bytes >= BATCH_BYTES:
            self.finish()

    def finish(self) -> None:
        """Take in what waits."""
        arrivals = []
        for arrival, synced in self._waiting:
            try:
                if synced is not None:
                    synced.result()
                arrivals.append(arrival)
            except OSError as error:
                self._no_room(error, arrival.entry)
        self._waiting, self._bytes = [], 0
        try:
            kept = take_in_together(self._room, arrivals, self._known)
        finally:
            for arrival in arrivals:
                arrival.part.unlink(missing_ok=True)
        for arrival, one in zip(arrivals, kept, strict=True):
            entry = arrival.entry
            if one is None:
                self._fail(entry.sop_class_uid, entry.sop_instance_uid, Reason.DUPLICATE)
            else:
                self.outcome.stored.append(
                    (entry.study_uid, entry.series_uid, entry.sop_class_uid, entry.sop_instance_uid)
                )

    def _is_kept(self, arrival: Arrival) -> bool:
        entry = arrival.entry
        if (reason := _reason_against(entry, self._sending.study_uid)) is not None:
            self._fail(entry.sop_class_uid, entry.sop_instance_uid, reason)
            return False
        synced = self._syncing.submit(sync, arrival.part) if self._syncing is not None else None
        self._waiting.append((arrival, synced))
        self._bytes += arrival.part.stat().st_size
        return True

    def _fail(self, sop_class_uid: str, sop_instance_uid: str, reason: Reason) -> None:
        self.outcome.failed.append(Failure(sop_class_uid, sop_instance_uid, reason))

    def _no_room(self, error: OSError, entry: IndexEntry | None = None) -> None:
        if error.errno not in _NO_ROOM:
            raise error
        _log.error("no room on the disk: an object was not stored")
        uids = (entry.sop_class_uid, entry.sop_instance_uid) if entry else ("", "")
        self._fail(*uids, Reason.OUT_OF_RESOURCES)


def _reason_against(entry: IndexEntry, study_uid: str) -> Reason | None:
    if study_uid and entry.study_uid != study_uid:
        return Reason.MISMATCH
    if entry.sop_class_uid == MediaStorageDirectoryStorage:
        return Reason.CLASS_NOT_SUPPORTED
    if UID(entry.transfer_syntax_uid).is_private:
        return Reason.SYNTAX_NOT_SUPPORTED
    return None
