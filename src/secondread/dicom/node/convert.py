"""An uncompressed object in another uncompressed syntax, for a receiver that takes only that.

Source: DICOM PS3.5 section 10.1: Implicit VR Little Endian is what every application must take.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pydicom
from pydicom.uid import UID, DeflatedExplicitVRLittleEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from secondread.core.errors import FormatError, TooLargeError, short_path
from secondread.dicom.header import DAMAGED, calm
from secondread.dicom.limits import check_inflated
from secondread.dicom.node.part10 import StoredFile

# Pixels have the same bytes in all of these.
ALIKE = frozenset({ImplicitVRLittleEndian, ExplicitVRLittleEndian, DeflatedExplicitVRLittleEndian})


def is_convertible(stored: str, accepted: str) -> bool:
    """Whether an object of one syntax can be sent in another.

    >>> is_convertible(ImplicitVRLittleEndian, ExplicitVRLittleEndian)
    True
    >>> is_convertible("1.2.840.10008.1.2.5", ImplicitVRLittleEndian)
    False
    """
    return stored in ALIKE and accepted in {ImplicitVRLittleEndian, ExplicitVRLittleEndian}


@contextmanager
def converted(one: StoredFile, syntax: str) -> Iterator[StoredFile]:
    """The object in another syntax, in a file that is gone afterwards. It is whole in memory meanwhile.

    Raises:
        FormatError: If it is damaged.
        OSError: If there is no room for the file.
    """
    with tempfile.TemporaryDirectory(prefix="secondread-") as folder, calm():
        path = Path(folder) / "converted.dcm"
        try:
            check_inflated(one.path)
            dataset = pydicom.dcmread(one.path)
            dataset.file_meta.TransferSyntaxUID = UID(syntax)
            pydicom.dcmwrite(path, dataset, enforce_file_format=True)
        except FileNotFoundError:
            raise
        except TooLargeError as error:
            raise FormatError(str(error)) from error
        except DAMAGED as error:
            raise FormatError(f"{short_path(one.path)}: is damaged and cannot be sent. Get it again.") from error
        yield StoredFile(path, one.sop_class_uid, one.sop_instance_uid, syntax)
