"""NRRD volumes (``.nrrd``, ``.nhdr``): voxels on a grid, without tags.

Source: "Definition of NRRD File Format", teem.sourceforge.net/nrrd/format.html.
"""

import re
from pathlib import Path

import numpy as np

from secondread.core.errors import FormatError, GeometryError, short_path
from secondread.core.geometry import Affine, Geometry, flip_ras_lps, flip_xyz_kji
from secondread.core.study import Series, Study
from secondread.core.volume import Volume
from secondread.formats import voxels
from secondread.formats.voxels import Stored

MAGIC = b"NRRD000"
# Source: format definition, section 5, "type".
_NAMES = {
    "i1": ("signed char", "int8", "int8_t"),
    "u1": ("uchar", "unsigned char", "uint8", "uint8_t"),
    "i2": ("short", "short int", "signed short", "signed short int", "int16", "int16_t"),
    "u2": ("ushort", "unsigned short", "unsigned short int", "uint16", "uint16_t"),
    "i4": ("int", "signed int", "int32", "int32_t"),
    "u4": ("uint", "unsigned int", "uint32", "uint32_t"),
    "i8": ("longlong", "long long", "long long int", "signed long long", "signed long long int", "int64", "int64_t"),
    "u8": ("ulonglong", "unsigned long long", "unsigned long long int", "uint64", "uint64_t"),
    "f4": ("float",),
    "f8": ("double",),
}
NUMBERS = {name: code for code, names in _NAMES.items() for name in names}
LPS = frozenset({"left-posterior-superior", "lps"})
RAS = frozenset({"right-anterior-superior", "ras"})
PACKINGS = {"raw": "raw", "gzip": "gzip", "gz": "gzip"}
# One field under several names. Source: format definition, sections 5 and 6.
SYNONYMS = {"datafile": "data file", "lineskip": "line skip", "byteskip": "byte skip", "centers": "centerings"}
_VECTOR = re.compile(r"\(([^()]*)\)")


def open_nrrd(path: Path) -> Study:
    """The one volume in a ``.nrrd`` file, or in a ``.nhdr`` file and the data file beside it, not yet read.

    Raises:
        FormatError: If the file is missing, damaged, or not one grey volume.
        GeometryError: If it does not say where its voxels lie.
        TooLargeError: If its header announces too many voxels.
    """
    return voxels.study_of(_stored(path), "nrrd")


def load_nrrd(series: Series) -> Volume:
    """The volume of a series that :func:`open_nrrd` made.

    Returns:
        float32 [k, j, i] on a grid in LPS mm; unit ``grey``.

    Raises:
        FormatError: If the file is damaged or holds values that are no finite numbers.
        GeometryError: If it does not say where its voxels lie.
        TooLargeError: If there are too many voxels, or more than the header announces.
    """
    return voxels.load_series(series, "nrrd", "an NRRD", _stored)


def _stored(path: Path) -> Stored:
    """What the header says, everything checked that can be checked without the voxels."""
    where = short_path(path)
    lines, end = voxels.header_lines(path, last="")
    if not lines or not lines[0].encode().startswith(MAGIC):
        raise FormatError(f"{where}: not an NRRD file, whatever its name. Export the volume again.")
    fields = _fields(lines[1:], where)
    voxels.only([fields.get("dimension", "")], ["3"], "a number of axes", where)
    voxels.only(fields.get("kinds", "").split(), ["domain", "space"], "an axis of the kind", where)
    voxels.only(re.findall(r'"([^"]*)"', fields.get("space units", "")), ["mm"], "a unit of length", where)
    encoding = fields.get("encoding", "").lower()
    voxels.only([encoding], list(PACKINGS), "the encoding", where)
    if fields.get("line skip", "0") != "0":
        raise FormatError(f"{where}: a data file with lines before its voxels is not read. Export the volume again.")
    data, start = _place(path, fields, end, where)
    order = {"little": "<", "big": ">"}.get(fields.get("endian", "").lower(), "")
    return Stored(
        header=path,
        data=data,
        start=start,
        packing=PACKINGS[encoding],
        dtype=voxels.number_type(fields.get("type", "").lower(), NUMBERS, order, where),
        geometry=_geometry(fields, where),
    )


def _fields(lines: list[str], where: str) -> dict[str, str]:
    """Names in lower case to values; comments and key/value pairs (``:=``) left out."""
    fields: dict[str, str] = {}
    for line in lines:
        if line.startswith("#") or ":=" in line:
            continue
        name, colon, value = line.partition(": ")
        key = SYNONYMS.get(name.strip().lower(), name.strip().lower())
        if not colon or key in fields:
            raise FormatError(f"{where}: the header has a line that is no field, or one field twice. Export it again.")
        fields[key] = value.strip()
    return fields


def _place(path: Path, fields: dict[str, str], end: int, where: str) -> tuple[Path, int]:
    """The file that holds the numbers, and where in it they begin."""
    skipped = voxels.numbers_of(fields.get("byte skip", "0"), 1, "byte skip", where)[0]
    packed = fields.get("encoding", "").lower() != "raw"
    if skipped != int(skipped) or skipped < -1 or (packed and skipped):
        raise FormatError(f"{where}: this byte skip is not read. Export the volume again.")
    name = fields.get("data file", "")
    if not name:
        return path, -1 if skipped == -1 else end + int(skipped)
    if name.upper().startswith("LIST") or "%" in name:
        raise FormatError(f"{where}: the volume is spread over several data files. Export it as one .nrrd file.")
    return voxels.beside(path, name), int(skipped)


def _geometry(fields: dict[str, str], where: str) -> Geometry:
    """The grid in LPS mm over (k, j, i)."""
    columns, rows, slices = voxels.sizes_of(fields.get("sizes", ""), "sizes", where)
    missing = [key for key in ("space", "space directions", "space origin") if key not in fields]
    space = fields.get("space", "").lower()
    if missing or space not in LPS | RAS:
        found = f"{missing[0]} is missing" if missing else f"its space is {space[:32]!r}"
        raise GeometryError(
            f"{where}: the file does not say how its voxels lie in the patient ({found}); needed "
            "left-posterior-superior or right-anterior-superior. Convert it again from the original images."
        )
    affine: Affine = np.eye(4)
    affine[:3, :3] = np.transpose(_vectors(fields["space directions"], 3, "space directions", where))
    affine[:3, 3] = _vectors(fields["space origin"], 1, "space origin", where)[0]
    return Geometry((slices, rows, columns), flip_xyz_kji(affine if space in LPS else flip_ras_lps(affine)))


def _vectors(text: str, count: int, what: str, where: str) -> list[list[float]]:
    """``count`` vectors of three numbers: ``(1,0,0) (0,1,0)``."""
    found = _VECTOR.findall(text)
    if len(found) != count:
        raise FormatError(f"{where}: {what} is not {count} vectors of three numbers. Export the volume again.")
    return [voxels.numbers_of(vector.replace(",", " "), 3, what, where) for vector in found]
