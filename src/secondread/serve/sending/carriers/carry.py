"""Which way for which kind of destination."""

from collections.abc import Sequence
from pathlib import Path

from secondread.serve.config.room import Destination
from secondread.serve.room import Room
from secondread.serve.sending.carriers import dicom, dicomweb, fhir, folder, hl7
from secondread.serve.sending.parcel import Parcel, Receipt

_WAYS = {"dicomweb": dicomweb.deliver, "fhir": fhir.deliver, "hl7": hl7.deliver, "folder": folder.deliver}


def carry(parcel: Parcel, destination: Destination, room: Room) -> Receipt:
    """Bring a parcel to its destination.

    Raises:
        UnreachableError: If nobody is there.
        NotTakenError: If it is refused as a whole.
        UnsendableError: If it is damaged.
    """
    if destination.kind == "dicom":
        return dicom.deliver(parcel, destination, room)
    return _WAYS[destination.kind](parcel, destination)


def ask_for_commitment(files: Sequence[Path], transaction_uid: str, destination: Destination, room: Room) -> None:
    """Ask the destination to keep what it was sent; the answer comes to :mod:`secondread.serve.sending.confirm`.

    Raises:
        UnreachableError: If nobody is there.
        UnsendableError: If the objects are no longer in the room.
    """
    dicom.request(files, transaction_uid, destination, room)
