"""A Part 10 file that is written as it comes in: hashed and looked into on the way, so that it is not read again."""

import hashlib
import os
from pathlib import Path
from types import TracebackType

from pydicom.uid import ExplicitVRLittleEndian

from secondread.dicom.head import head_elements
from secondread.dicom.header import identifier
from secondread.dicom.index_entry import entry_of_head
from secondread.serve.storage.arrive import arrival_of
from secondread.serve.storage.index import Arrival

HEAD_BYTES = 1 << 16
_META_START = 144  # after preamble, prefix and the group length with its value: DICOM PS3.10 section 7.1
_GROUP_LENGTH = b"DICM\x02\x00\x00\x00UL\x04\x00"


class StreamedFile:
    """A file in the folder of incoming files, open until its context ends."""

    def __init__(self, part: Path) -> None:
        """``part`` must not be there yet."""
        self.part = part
        self._handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self._start = bytearray()  # of the file: meta information and the head of the data set
        self._data_at = 0  # where the data set begins; 0 while that is not known, -1 when it cannot be told
        self._length = 0
        self._digest = hashlib.sha256()

    def __enter__(self) -> "StreamedFile":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._handle)

    def write(self, piece: bytes | memoryview) -> None:
        """Add to the file.

        Raises:
            OSError: If there is no room on the disk.
        """
        rest = memoryview(piece)
        while rest:
            rest = rest[os.write(self._handle, rest) :]
        self._length += len(piece)
        if self._data_at > 0:
            self._digest.update(piece)
        if len(self._start) < self._data_at + HEAD_BYTES:
            self._start += piece[: HEAD_BYTES + max(self._data_at, _META_START) - len(self._start)]
            if self._data_at == 0:
                self._find_data_set(piece)

    def _find_data_set(self, piece: bytes | memoryview) -> None:
        """Hash what came of the data set so far, as soon as it is known where it begins."""
        if len(self._start) < _META_START:
            return
        if not self._start.startswith(_GROUP_LENGTH, 128):
            self._data_at = -1
            return
        at = _META_START + int.from_bytes(self._start[140:144], "little")
        if at > HEAD_BYTES:
            self._data_at = -1
        elif self._length >= at:
            self._data_at = at
            self._digest.update(memoryview(piece)[max(0, at - (self._length - len(piece))) :])

    def arrival(self, source: str) -> Arrival:
        """What lies in the file, which must be whole.

        Raises:
            FormatError: If it is no DICOM file, is damaged or lacks a UID.
        """
        if self._data_at > 0:
            meta = head_elements(
                bytes(self._start[_META_START : self._data_at]),
                ExplicitVRLittleEndian,
                ("TransferSyntaxUID",),
                whole=True,
            )
            syntax = identifier(meta, "TransferSyntaxUID") if meta is not None else ""
            head = bytes(self._start[self._data_at :])
            if syntax and head:
                entry = entry_of_head(head, syntax, whole=self._length == self._data_at + len(head))
                if entry is not None:
                    return Arrival(self.part, entry, self._digest.hexdigest(), source)
        return arrival_of(self.part, source)
