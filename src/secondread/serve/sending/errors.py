"""Why a delivery does not arrive: nobody is there, somebody is there and says no, or there is nothing to send."""

from collections.abc import Mapping
from pathlib import Path

from secondread.core.errors import NetworkError, OutputError


class UnreachableError(NetworkError):
    """The destination does not answer, is too busy or lets nobody in: all its deliveries wait, however long."""

    def __init__(self, message: str, taken: Mapping[Path, str] | None = None) -> None:
        """``taken``: file to UID of what it had taken by then."""
        super().__init__(message)
        self.taken = dict(taken or {})


class NotTakenError(NetworkError):
    """The destination answered and did not take this one; others may do better."""


class UnsendableError(OutputError):
    """What is to be sent is missing or damaged in the room, or lacks what the destination needs."""
