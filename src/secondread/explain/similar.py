"""Training cases that a network sees as near to an input: the file ``cases.npz`` of a bundle.

It goes with ``reference.npz``, which holds where each kept case lies. Every array is read without pickle.

===============  ============  =====================================================================================
array            type, shape   what it is
===============  ============  =====================================================================================
``rows``         int32 [m]     as in ``reference.npz``: both files are of the same cases
``answers``      str [m]       label of each case in words
``fact_names``   str [f]       what is told besides: age in decades, sex, view, device
``facts``        str [m, f]    empty where not known, or where the licence keeps single cases back
``sources``      str [s]       data sets, each with citation and licence
``source``       int8 [m]      which of them
``tile``         int16 [m]     number of its picture on the sheet, -1 without
``tile_px``      int16 [2]     height and width of a picture on the sheet
``sheet``        uint8 [...]   bytes of one grey JPEG: the pictures in rows of ``COLUMNS``
===============  ============  =====================================================================================
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from secondread.core.errors import BundleError
from secondread.core.trust import SimilarCase
from secondread.engine.reference import Reference, nearest

CASES_FILE = "cases.npz"
COLUMNS = 12
SHEET_QUALITY, TILE_QUALITY = 55, 85


@dataclass(frozen=True, slots=True, eq=False)
class Cases:
    """What is told of the kept training cases.

    Attributes:
        rows: int32 [m], row numbers in the training split.
        answers: Label of each in words.
        facts: (name, value) pairs of each.
        sources: Data set of each, with citation and licence.
        tile: int16 [m], number of its picture on the sheet, -1 without.
        tile_px: Height and width of a picture on the sheet.
        sheet: Grey JPEG; empty without pictures.

    Raises:
        ValueError: If the lengths differ.
    """

    rows: NDArray[np.int32]
    answers: tuple[str, ...]
    facts: tuple[tuple[tuple[str, str], ...], ...]
    sources: tuple[str, ...]
    tile: NDArray[np.int16]
    tile_px: tuple[int, int] = (1, 1)
    sheet: bytes = b""

    def __post_init__(self) -> None:
        lengths = {len(part) for part in (self.rows, self.answers, self.facts, self.sources, self.tile)}
        if len(lengths) != 1:
            raise ValueError(f"found cases of the lengths {sorted(lengths)}; needed one entry a case in each part")


def similar(
    bundle: str, reference: Reference, cases: Cases, embedding: NDArray[np.float32], k: int = 5
) -> tuple[SimilarCase, ...]:
    """The training cases nearest to one input, the nearest first.

    Args:
        bundle: Its name.
        reference: Where its training cases lie.
        cases: What is told of them.
        embedding: float32 [d], of the input.
        k: How many, at most.

    Raises:
        BundleError: If both files are not of the same cases.
    """
    if not np.array_equal(reference.rows, cases.rows):
        raise BundleError(
            f"bundle {bundle!r}: {CASES_FILE} and its reference are of different cases. Assess the part similar again."
        )
    positions, distances = nearest(reference, embedding[None], min(k, len(reference.points)))
    pictures = tiles(cases, positions[0])
    pairs = zip(positions[0].tolist(), distances[0].tolist(), strict=True)
    return tuple(
        SimilarCase(bundle, cases.answers[n], far, cases.sources[n], cases.facts[n], pictures.get(n))
        for n, far in pairs
    )


def tiles(cases: Cases, positions: Sequence[int] | NDArray[np.intp]) -> dict[int, bytes]:
    """JPEG of each of these cases that has a picture."""
    wanted = [int(n) for n in positions if cases.tile[n] >= 0]
    if not wanted or not cases.sheet:
        return {}
    from PIL import Image

    height, width = cases.tile_px
    found = {}
    with Image.open(io.BytesIO(cases.sheet)) as sheet:
        for n in wanted:
            row, column = divmod(int(cases.tile[n]), COLUMNS)
            box = (column * width, row * height, (column + 1) * width, (row + 1) * height)
            buffer = io.BytesIO()
            sheet.crop(box).save(buffer, "JPEG", quality=TILE_QUALITY)
            found[n] = buffer.getvalue()
    return found


def sheet_of(pictures: NDArray[np.uint8], quality: int = SHEET_QUALITY) -> bytes:
    """Pictures [n, h, w] as one grey JPEG in rows of ``COLUMNS``."""
    from PIL import Image

    count, height, width = pictures.shape
    rows = -(-count // COLUMNS)
    canvas = np.zeros((rows * height, COLUMNS * width), np.uint8)
    for n, picture in enumerate(pictures):
        row, column = divmod(n, COLUMNS)
        canvas[row * height : (row + 1) * height, column * width : (column + 1) * width] = picture
    buffer = io.BytesIO()
    Image.fromarray(canvas).save(buffer, "JPEG", quality=quality, optimize=True)
    return buffer.getvalue()


def write_cases(cases: Cases) -> bytes:
    """The bytes of ``cases.npz``; the same cases give the same bytes."""
    names = list(dict.fromkeys(name for facts in cases.facts for name, _ in facts))
    sources = list(dict.fromkeys(cases.sources))
    told = [[dict(facts).get(name, "") for name in names] for facts in cases.facts]
    buffer = io.BytesIO()
    np.savez_compressed(
        buffer,
        rows=cases.rows.astype(np.int32),
        answers=np.array(cases.answers, dtype=np.str_),
        fact_names=np.array(names, dtype=np.str_),
        facts=np.array(told, dtype=np.str_).reshape(len(cases.facts), len(names)),
        sources=np.array(sources, dtype=np.str_),
        source=np.array([sources.index(one) for one in cases.sources], dtype=np.int8),
        tile=cases.tile.astype(np.int16),
        tile_px=np.array(cases.tile_px, dtype=np.int16),
        sheet=np.frombuffer(cases.sheet, dtype=np.uint8),
    )
    return buffer.getvalue()


def read_cases(content: bytes, where: str) -> Cases:
    """The cases of these bytes, which were verified before.

    Args:
        content: Of ``cases.npz``.
        where: What messages call it.

    Raises:
        BundleError: If it is not laid out as this module says.
    """
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as table:
            names, sources = table["fact_names"].tolist(), table["sources"].tolist()
            facts = [
                tuple((name, value) for name, value in zip(names, row, strict=True) if value)
                for row in table["facts"].tolist()
            ]
            height, width = table["tile_px"].tolist()
            return Cases(
                rows=table["rows"],
                answers=tuple(table["answers"].tolist()),
                facts=tuple(facts),
                sources=tuple(sources[n] for n in table["source"].tolist()),
                tile=table["tile"],
                tile_px=(height, width),
                sheet=table["sheet"].tobytes(),
            )
    except (OSError, KeyError, ValueError, IndexError, BadZipFile) as error:
        raise BundleError(
            f"{where}: {CASES_FILE} is not laid out as cases ({error}). Assess the bundle again."
        ) from error
