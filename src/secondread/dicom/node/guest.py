"""What the node asks of whoever owns the objects: one guest for each association. It knows no database."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from pydicom.dataset import Dataset

from secondread.dicom.node.call import Caller
from secondread.dicom.node.part10 import StoredFile
from secondread.dicom.node.proposal import Rejection
from secondread.dicom.node.receive import Received

ECHO, STORE, QUERY, RETRIEVE, COMMIT = "echo", "store", "find", "retrieve", "commit"


class RefusedError(Exception):
    """A request that is not done; the answer carries the status and the comment, which name no patient."""

    def __init__(self, status: int, comment: str) -> None:
        super().__init__(comment)
        self.status = status
        self.comment = comment[:64]  # LO


@dataclass(frozen=True, slots=True)
class Promise:
    """The answer to a request for storage commitment.

    Attributes:
        transaction_uid: Of the request.
        event: 1 when everything is kept, 2 when something is not.
        data_set: What is kept and what is not.
    """

    transaction_uid: str
    event: int
    data_set: Dataset


class Guest(Protocol):
    """Who called, and what is done for them. The methods run in the association's thread."""

    @property
    def title(self) -> str:
        """AE title."""
        ...

    @property
    def rights(self) -> frozenset[str]:
        """Of echo, store, find, retrieve, commit."""
        ...

    def incoming(self) -> Path:
        """A new name for a file that is being received."""
        ...

    def store(self, received: Received) -> int:
        """Keep an object; the status of the answer. Success only when it is kept for good."""
        ...

    def find(self, level: str, keys: Dataset) -> Iterable[Dataset]:
        """What matches.

        Raises:
            RefusedError: If the query cannot be answered.
        """
        ...

    def held(self, keys: Dataset) -> Sequence[StoredFile]:
        """Objects that a retrieval names.

        Raises:
            RefusedError: If it cannot be answered.
        """
        ...

    def sent(self, files: Sequence[StoredFile], destination: str) -> None:
        """Told which objects were sent to whom."""
        ...

    def destination(self, ae_title: str) -> Caller | None:
        """Where an AE title is called; None where it may not be."""
        ...

    def commit(self, request: Dataset) -> None:
        """Take a request for storage commitment.

        Raises:
            RefusedError: If it is not accepted.
        """
        ...

    def promise(self) -> Promise | None:
        """An answer to such a request that can be given on this association."""
        ...

    def promised(self, promise: Promise) -> None:
        """Told that the answer was given."""
        ...

    def committed(self, event: int, report: Dataset) -> None:
        """Told that somebody else keeps our objects, or does not.

        Raises:
            RefusedError: If that was not asked for.
        """
        ...

    def left(self) -> None:
        """Told that the association is over, however it ended."""
        ...


class Host(Protocol):
    """Who decides about callers."""

    def admit(self, called: str, calling: str, address: str) -> Guest | Rejection:
        """The guest, or why there is none."""
        ...
