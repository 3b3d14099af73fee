"""The program as the device that observed."""

from typing import TYPE_CHECKING

from secondread.core.version import __version__
from secondread.dicom.results.derived import MANUFACTURER, Algorithm
from secondread.dicom.uids import uid_source

if TYPE_CHECKING:
    from highdicom import sr


def observer(author: Algorithm) -> "sr.ObserverContext":
    """The program with its algorithm as the observer of a document. Source: DICOM PS3.16 TID 1002, 1004."""
    from highdicom import sr
    from pydicom.sr.codedict import codes as dictionary

    # The same program with the same algorithm is the same device, whoever runs it.
    device_uid = uid_source(MANUFACTURER)(f"device {__version__} {author.name} {author.version} {author.serial}")
    return sr.ObserverContext(
        observer_type=dictionary.DCM.Device,
        observer_identifying_attributes=sr.DeviceObserverIdentifyingAttributes(
            uid=device_uid,
            name=MANUFACTURER,
            manufacturer_name=MANUFACTURER,
            model_name=f"{MANUFACTURER} {__version__}",
            serial_number=author.serial,
        ),
    )
