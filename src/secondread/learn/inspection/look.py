"""One look at every picture: its size, grey levels, hash, and the few numbers by which pictures are compared."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from secondread.core.errors import InputError
from secondread.learn.inspection.finding import Found, counted, some
from secondread.learn.inspection.pixels import Pixels, one_grey, picture, squeezed, visible
from secondread.learn.inspection.table import Table
from secondread.learn.shortcut import FEATURES, numbers

Say = Callable[[dict[str, Any]], None]
SIDE, SMALL = 128, 64  # pixels: of the picture that the 24 numbers are taken from, and of the one kept
BLOCK = 256  # pictures whose numbers are taken at once
BLANK = 1.0  # grey levels of 255: a standard deviation below which a picture shows nothing
SCALES = 4.0  # times that the brightest volume may be brighter than the darkest


@dataclass(frozen=True, slots=True, eq=False)
class Looks:
    """What was seen of each picture; of one that cannot be read, nothing.

    Attributes:
        readable: bool [n].
        problems: Row to what was wrong with its file.
        sizes: (h, w) or (d, h, w) of each; empty if not readable.
        kinds: Format of each file, str [n].
        channels: int64 [n]; 1 also where several hold the same.
        lowest: Smallest value as stored, float64 [n].
        highest: Largest value as stored, float64 [n].
        spread: Standard deviation in grey levels of 255, float64 [n].
        hashes: SHA-256 of size and values, str [n].
        spacings_mm: Of volumes, between slices, rows and columns.
        affines: Of volumes, the place of their voxels, float64 [4, 4].
        features: The 24 numbers of the shortcut baseline, float64 [n, 24].
        small: uint8 [n, 64, 64].
    """

    readable: NDArray[np.bool_]
    problems: Mapping[int, str]
    sizes: tuple[tuple[int, ...], ...]
    kinds: NDArray[np.str_]
    channels: NDArray[np.int64]
    lowest: NDArray[np.float64]
    highest: NDArray[np.float64]
    spread: NDArray[np.float64]
    hashes: NDArray[np.str_]
    spacings_mm: tuple[tuple[float, ...] | None, ...]
    affines: tuple[NDArray[np.float64] | None, ...]
    features: NDArray[np.float64]
    small: NDArray[np.uint8]

    @property
    def blank(self) -> NDArray[np.bool_]:
        """Pictures that show nothing, bool [n]."""
        return self.readable & (self.spread < BLANK)


def look(table: Table, say: Say) -> Looks:
    """Read every picture once."""
    n = len(table)
    sizes: list[tuple[int, ...]] = [()] * n
    spacings: list[tuple[float, ...] | None] = [None] * n
    affines: list[NDArray[np.float64] | None] = [None] * n
    kinds, hashes, problems = [""] * n, [""] * n, {}
    stored = np.full((4, n), np.nan)  # channels, lowest, highest, spread
    features, small = np.zeros((n, FEATURES)), np.zeros((n, SMALL, SMALL), np.uint8)
    large = np.zeros((BLOCK, SIDE, SIDE), np.uint8)
    for k in range(n):
        try:
            pixels = picture(table, k)
        except InputError as error:
            problems[k] = str(error)
        else:
            sizes[k], kinds[k] = pixels.size, pixels.kind
            spacings[k], affines[k] = pixels.spacing_mm, pixels.affine
            hashes[k] = _hash(pixels)
            grey = one_grey(visible(pixels))
            large[k % BLOCK], small[k] = squeezed(grey, SIDE), squeezed(grey, SMALL)
            stored[:, k] = len(pixels.values), pixels.values.min(), pixels.values.max(), grey.std()
        if k % BLOCK == BLOCK - 1 or k == n - 1:
            first = k - k % BLOCK
            features[first : k + 1] = numbers(large[: k % BLOCK + 1])
            say({"event": "look", "done": k + 1, "of": n})
    readable = np.array([k not in problems for k in range(n)])
    features[~readable] = 0.0
    channels, lowest, highest, spread = stored
    return Looks(
        readable,
        problems,
        tuple(sizes),
        np.array(kinds),
        np.nan_to_num(channels).astype(np.int64),
        lowest,
        highest,
        spread,
        np.array(hashes),
        tuple(spacings),
        tuple(affines),
        features,
        small,
    )


def _hash(pixels: Pixels) -> str:
    values = np.ascontiguousarray(pixels.values)
    return hashlib.sha256(f"{values.dtype.str} {values.shape} ".encode() + values.tobytes()).hexdigest()


def facts(looks: Looks) -> dict[str, Any]:
    """Sizes, formats, channels, grey range and spacing of the pictures that could be read."""
    seen = looks.readable
    sizes = _how_many([" x ".join(map(str, size)) for size in looks.sizes if size])
    found: dict[str, Any] = {
        "sizes": sizes,
        "formats": _how_many(looks.kinds[seen].tolist()),
        "channels": _how_many([str(count) for count in looks.channels[seen]]),
        "blank": int(looks.blank.sum()),
    }
    if seen.any():
        found |= {"darkest": _range(looks.lowest[seen]), "brightest": _range(looks.highest[seen])}
    spacings = [" x ".join(f"{side:.3g}" for side in spacing) for spacing in looks.spacings_mm if spacing]
    return found | ({"spacings_mm": _how_many(spacings)} if spacings else {})


def _how_many(names: list[str]) -> dict[str, int]:
    """Name to how often, the most frequent first."""
    values, counts = np.unique(np.array(names, dtype=np.str_), return_counts=True)
    order = np.argsort(-counts, kind="stable")
    return {str(values[k]): int(counts[k]) for k in order}


def _range(values: NDArray[np.float64]) -> dict[str, float]:
    return {"lowest": float(values.min()), "median": float(np.median(values)), "highest": float(values.max())}


def findings(table: Table, looks: Looks) -> list[Found]:
    """What is wrong with the files and pictures themselves."""
    found = []
    if looks.problems:
        names = [table.rows[k]["file"].rpartition("/")[2] for k in looks.problems]
        found.append(
            Found(
                "error",
                "files",
                f"{counted(len(names), 'picture')} missing or unreadable: {some(names)}",
                "Restore the files, or take their rows out of the manifest.",
                table.numbers(np.array(list(looks.problems), dtype=np.intp)),
            )
        )
    twice = _seen_before(table.column("file"))
    if twice.any():
        found.append(
            Found(
                "error",
                "files",
                f"{counted(int(twice.sum()), 'row')} name a file that an earlier row names",
                "Keep one row a file.",
                table.numbers(twice),
            )
        )
    return [*found, *_of_pictures(table, looks)]


def _of_pictures(table: Table, looks: Looks) -> list[Found]:
    found, seen = [], looks.readable
    if looks.blank.any():
        found.append(
            Found(
                "warning",
                "pictures",
                f"{counted(int(looks.blank.sum()), 'picture')} of one grey level show nothing",
                "Take their rows out, unless a blank picture is a class of its own.",
                table.numbers(looks.blank),
            )
        )
    grey = seen & ~looks.blank & (looks.channels == 1)
    if grey.any() and (looks.channels > 1).any():
        found.append(
            Found(
                "warning",
                "pictures",
                f"{counted(int(grey.sum()), 'picture')} hold the same in every channel, the others do not",
                "Find out why: colour, or a sequence that is missing, can give the source away.",
                table.numbers(grey),
            )
        )
    found += _of_scale(looks)
    return found


def _of_scale(looks: Looks) -> list[Found]:
    volumes = np.array([len(size) == 3 for size in looks.sizes]) & looks.readable
    if not volumes.any():
        return []
    top = looks.highest[volumes]
    ratio = float(top.max() / max(float(top.min()), 1e-9))
    if ratio <= SCALES:
        return []
    return [
        Found(
            "note",
            "pictures",
            f"The brightest value of a volume goes from {top.min():.4g} to {top.max():.4g}",
            "Scale every volume by its own percentiles, not by fixed values.",
        )
    ]


def _seen_before(names: NDArray[np.str_]) -> NDArray[np.bool_]:
    """True where an earlier place holds the same, bool [n]."""
    _, first = np.unique(names, return_index=True)
    again = np.ones(len(names), np.bool_)
    again[first] = False
    return again
