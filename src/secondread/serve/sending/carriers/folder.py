"""Results as a folder below another one: it appears whole or not at all."""

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from secondread.serve.config.room import Destination
from secondread.serve.sending.errors import UnreachableError
from secondread.serve.sending.parcel import Parcel, Receipt
from secondread.serve.storage.place import sync


def deliver(parcel: Parcel, destination: Destination) -> Receipt:
    """Copy the files into a new folder of the parcel's name; one that is there was delivered before.

    Raises:
        UnreachableError: If the folder cannot be written.
    """
    place = destination.path
    assert place is not None
    target = place / parcel.name
    try:
        place.mkdir(parents=True, exist_ok=True)
        if not target.exists():
            with TemporaryDirectory(prefix=".secondread-", dir=place) as part:
                _copy(parcel, Path(part) / parcel.name, target)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise UnreachableError(
            f"the folder cannot be written ({reason}). Needed a folder with room that may be written to."
        ) from error
    return Receipt(dict.fromkeys(parcel.files, ""))


def _copy(parcel: Parcel, part: Path, target: Path) -> None:
    part.mkdir()
    for file in parcel.files:
        shutil.copyfile(file, part / file.name)
        sync(part / file.name)
    sync(part)
    try:
        part.rename(target)
    except OSError:
        if not target.exists():  # else another sender was faster, with the same files
            raise
    sync(target.parent)
