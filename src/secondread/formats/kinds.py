"""Which kind of file this is, by its first bytes, and how its kind is opened."""

import re
from collections.abc import Callable
from pathlib import Path

from secondread.core.study import Study
from secondread.formats import npy, nrrd, tiff
from secondread.formats.metaimage import open_metaimage
from secondread.formats.nifti import open_nifti
from secondread.formats.nrrd import open_nrrd
from secondread.formats.raster import open_raster

OPEN: dict[str, Callable[[Path], Study]] = {
    "raster": open_raster,
    "nifti": open_nifti,
    "metaimage": open_metaimage,
    "nrrd": open_nrrd,
}
NAMES = "DICOM, PNG, JPEG, TIFF, NumPy, NIfTI, MetaImage, NRRD"
_PICTURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", npy.MAGIC, *tiff.STARTS)
# The fields that a MetaImage header may begin with. Source: MetaIO documentation, "MetaImage tags".
_METAIMAGE = re.compile(rb"\s*(ObjectType|NDims|Comment|ObjectSubType|TransformType|Name|ID)\s*=")


def kind_by_start(start: bytes, name: str) -> str:
    """``raster``, ``nifti``, ``metaimage`` or ``nrrd``; ``""`` for everything else.

    Args:
        start: The first bytes of the file, some dozens of them.
        name: Its name: NIfTI and MetaImage files say too little of themselves at their start.

    >>> kind_by_start(b"NRRD0005", "a"), kind_by_start(b"ObjectType = Image", "b.mha"), kind_by_start(b"?", "c")
    ('nrrd', 'metaimage', '')
    """
    lower = name.lower()
    if start.startswith(_PICTURES):
        return "raster"
    if start.startswith(nrrd.MAGIC):
        return "nrrd"
    if lower.endswith((".nii", ".nii.gz")):
        return "nifti"
    return "metaimage" if lower.endswith((".mha", ".mhd")) and _METAIMAGE.match(start) else ""
