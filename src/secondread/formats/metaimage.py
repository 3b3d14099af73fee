"""MetaImage volumes (``.mha``, ``.mhd``): voxels on a grid, without tags.

Source: MetaIO documentation, "MetaImage tags"; ITK reads its world as LPS mm, and so is it done here.
"""

from pathlib import Path

import numpy as np

from secondread.core.errors import FormatError, GeometryError, short_path
from secondread.core.geometry import Affine, Geometry, flip_xyz_kji
from secondread.core.study import Series, Study
from secondread.core.volume import Volume
from secondread.formats import voxels
from secondread.formats.voxels import Stored

NUMBERS = {
    "MET_CHAR": "i1", "MET_UCHAR": "u1", "MET_SHORT": "i2", "MET_USHORT": "u2", "MET_INT": "i4", "MET_UINT": "u4",
    "MET_LONG_LONG": "i8", "MET_ULONG_LONG": "u8", "MET_FLOAT": "f4", "MET_DOUBLE": "f8",
}  # fmt: skip
TRUTH = {"True": True, "true": True, "1": True, "False": False, "false": False, "0": False}
# One field under several names. Source: MetaIO documentation, tags that are synonyms.
SYNONYMS = {
    "Rotation": "TransformMatrix",
    "Orientation": "TransformMatrix",
    "Position": "Offset",
    "Origin": "Offset",
    "ElementByteOrderMSB": "BinaryDataByteOrderMSB",
}
LAST = "ElementDataFile"


def open_metaimage(path: Path) -> Study:
    """The one volume in a ``.mha`` file, or in a ``.mhd`` file and the data file beside it, not yet read.

    Raises:
        FormatError: If the file is missing, damaged, or not one grey volume.
        GeometryError: If it does not say where its voxels lie.
        TooLargeError: If its header announces too many voxels.
    """
    return voxels.study_of(_stored(path), "metaimage")


def load_metaimage(series: Series) -> Volume:
    """The volume of a series that :func:`open_metaimage` made.

    Returns:
        float32 [k, j, i] on a grid in LPS mm; unit ``grey``.

    Raises:
        FormatError: If the file is damaged or holds values that are no finite numbers.
        GeometryError: If it does not say where its voxels lie.
        TooLargeError: If there are too many voxels, or more than the header announces.
    """
    return voxels.load_series(series, "metaimage", "a MetaImage", _stored)


def _stored(path: Path) -> Stored:
    """What the header says, everything checked that can be checked without the voxels."""
    where = short_path(path)
    lines, end = voxels.header_lines(path, last=LAST)
    fields = _fields(lines, where)
    voxels.only([fields.get("ObjectType", "Image")], ["Image"], "an object of type", where)
    voxels.only([fields.get("NDims", "")], ["3"], "a number of axes", where)
    voxels.only([fields.get("ElementNumberOfChannels", "1")], ["1"], "a number of channels", where)
    voxels.only([fields.get("DistanceUnits", "mm")], ["mm"], "a unit of length", where)
    if not _truth(fields, "BinaryData", default=True, where=where):
        raise FormatError(f"{where}: the voxels are written as text, needed binary data. Export the volume again.")
    if {"ElementToIntensityFunctionSlope", "ElementToIntensityFunctionOffset"} & set(fields):
        raise FormatError(f"{where}: the voxels need a conversion that is not read. Export the converted volume.")
    order = {True: ">", False: "<"}[_truth(fields, "BinaryDataByteOrderMSB", default=False, where=where)]
    data, start = _place(path, fields, end, where)
    return Stored(
        header=path,
        data=data,
        start=start,
        packing="zlib" if _truth(fields, "CompressedData", default=False, where=where) else "raw",
        dtype=voxels.number_type(fields.get("ElementType", ""), NUMBERS, order, where),
        geometry=_geometry(fields, where),
    )


def _fields(lines: list[str], where: str) -> dict[str, str]:
    """Names to values, synonyms under one name."""
    fields: dict[str, str] = {}
    for line in lines:
        name, equals, value = line.partition("=")
        key = SYNONYMS.get(name.strip(), name.strip())
        if not equals or key in fields:
            raise FormatError(f"{where}: the header has a line that is no field, or one field twice. Export it again.")
        fields[key] = value.strip()
    return fields


def _truth(fields: dict[str, str], key: str, *, default: bool, where: str) -> bool:
    stated = fields.get(key)
    if stated is None:
        return default
    if stated not in TRUTH:
        raise FormatError(f"{where}: {key} is neither True nor False. Export the volume again.")
    return TRUTH[stated]


def _place(path: Path, fields: dict[str, str], end: int, where: str) -> tuple[Path, int]:
    """The file that holds the numbers, and where in it they begin."""
    name = fields.get(LAST, "")
    if not name:
        raise FormatError(f"{where}: the header does not name where its voxels are ({LAST}). Export the volume again.")
    if name.upper() == "LOCAL":
        return path, end
    if name.upper().startswith("LIST") or "%" in name:
        raise FormatError(f"{where}: the volume is spread over several data files. Export it as one .mha file.")
    skipped = voxels.numbers_of(fields.get("HeaderSize", "0"), 1, "HeaderSize", where)[0]
    if skipped != int(skipped) or skipped < -1:
        raise FormatError(f"{where}: HeaderSize is no size. Export the volume again.")
    return voxels.beside(path, name), int(skipped)


def _geometry(fields: dict[str, str], where: str) -> Geometry:
    """The grid in LPS mm over (k, j, i); each triplet of TransformMatrix is the direction of one axis."""
    missing = [key for key in ("DimSize", "ElementSpacing", "TransformMatrix", "Offset") if key not in fields]
    if missing:
        raise GeometryError(
            f"{where}: the file does not say how its voxels lie in the patient ({missing[0]} is missing). "
            "Convert it again from the original images."
        )
    columns, rows, slices = voxels.sizes_of(fields["DimSize"], "DimSize", where)
    spacing = voxels.numbers_of(fields["ElementSpacing"], 3, "ElementSpacing", where)
    axes = np.reshape(voxels.numbers_of(fields["TransformMatrix"], 9, "TransformMatrix", where), (3, 3))
    if min(spacing) <= 0:
        raise GeometryError(f"{where}: ElementSpacing must be positive. Convert it again from the original images.")
    affine: Affine = np.eye(4)
    affine[:3, :3] = axes.T * spacing
    affine[:3, 3] = voxels.numbers_of(fields["Offset"], 3, "Offset", where)
    return Geometry((slices, rows, columns), flip_xyz_kji(affine))
