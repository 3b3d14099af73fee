"""What the readers drew, on the grids of the series that are shown: regions as bits, maps as levels."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from starlette.exceptions import HTTPException

from secondread.core.errors import InputError
from secondread.core.geometry import Geometry
from secondread.report.from_json import code_of
from secondread.report.kept import Kept, open_kept
from secondread.report.locales import Words, plain
from secondread.report.outlines import COLOURS
from secondread.report.overlay import quantised
from secondread.serve.database.connect import reading
from secondread.serve.database.tables import reads
from secondread.serve.review.maps import MapNotes
from secondread.serve.room import Room
from secondread.serve.view.held import Held

SAME_PLACE = 1e-3  # mm by which two grids of one series may differ


@dataclass(frozen=True, slots=True)
class Drawn:
    """A read whose findings can be drawn.

    Attributes:
        version: Of the read.
        kept: The report with its pixels.
    """

    version: int
    kept: Kept


def drawn(room: Room, study_id: int, version: int | None) -> Drawn | None:
    """The latest read of a study, or one of its versions; None where nothing is kept of it."""
    row = _read_row(room, study_id, version)
    if row is None:
        return None
    folder = room.folders.results / row.folder / "kept"
    try:
        return Drawn(row.version, open_kept(folder)) if _is_inside(folder, room.folders.results) else None
    except InputError:
        return None


def _read_row(room: Room, study_id: int, version: int | None) -> Any:
    query = select(reads.c.version, reads.c.folder).where(reads.c.study_id == study_id)
    if version is not None:
        query = query.where(reads.c.version == version)
    with reading(room.database) as connection:
        return connection.execute(query.order_by(reads.c.version.desc()).limit(1)).one_or_none()


def _is_inside(folder: Path, top: Path) -> bool:
    return folder.resolve().is_relative_to(top.resolve())


def listed(one: Drawn, held: Held, say: Words, maps: MapNotes) -> list[dict[str, Any]]:
    """Every finding with something to draw, and on which series of the study it lies; positive ones come first.

    A map that was not shown to mark what the network used says so.
    """
    found = [
        _entry(one, held, read_number, number)
        | {"name": plain(say.term(code_of(finding["code"]))), "location": plain(say.told(finding["location"] or ""))}
        | {"map_note": _warning(maps.note(read, finding))}
        for read_number, read in enumerate(one.kept.report["reads"])
        for number, finding in enumerate(read["findings"])
        if finding["mask"] or finding["map"]
    ]
    found.sort(key=lambda entry: not entry["positive"])
    used: dict[str, int] = {}
    for entry in found:
        at = used.get(entry["series"], 0)
        entry["colour"] = list(COLOURS[at % len(COLOURS)])
        used[entry["series"]] = at + ("mask" in entry["kinds"])
    return found


def _warning(rated: tuple[str, str, str]) -> str:
    return "" if rated[0] == "faithful" else rated[1]


def _entry(one: Drawn, held: Held, read_number: int, number: int) -> dict[str, Any]:
    read = one.kept.report["reads"][read_number]
    finding = read["findings"][number]
    key = series_key(one.kept, read_number, number, held)
    return {
        "version": one.version,
        "read": read_number,
        "reader": read["reader"],
        "finding": number,
        "positive": finding["positive"],
        "unsure": finding.get("unsure", False),
        "location": finding["location"],
        "series": key,
        "kinds": [kind for kind in ("mask", "map") if finding[kind]],
        "slice": _best_slice(one.kept, read_number, number) if key and finding["mask"] else 0,
    }


def is_there(one: Drawn, read_number: int, finding_number: int) -> bool:
    """Whether a read has a finding of these numbers."""
    reads_there = one.kept.report["reads"]
    return 0 <= read_number < len(reads_there) and 0 <= finding_number < len(reads_there[read_number]["findings"])


def series_key(kept: Kept, read_number: int, finding_number: int, held: Held) -> str:
    """The series a finding was drawn on, or "" where it is not one of those shown: then nothing is drawn."""
    grid = kept.grid(read_number)
    if grid is None:
        return ""
    images = {uid for uid in grid.sop_instance_uids if uid}
    for key, series in held.series.items():
        own = {file.sop_instance_uid for file in series.files}
        if series.uid == grid.series_uid and series.part == grid.part and (images <= own):
            return key if _same_shape(kept, read_number, finding_number, grid.shape) else ""
    return ""


def _same_shape(kept: Kept, read_number: int, finding_number: int, shape: tuple[int, ...]) -> bool:
    finding = kept.report["reads"][read_number]["findings"][finding_number]
    return finding["mask"] is None or tuple(finding["mask"]["shape"]) == tuple(shape)


def _best_slice(kept: Kept, read_number: int, finding_number: int) -> int:
    """The slice that shows most of a region; 0 of a picture."""
    inside = kept.mask(read_number, finding_number)
    if inside is None or inside.ndim == 2:
        return 0
    return int(np.argmax(np.count_nonzero(inside, axis=(1, 2))))


def mask_package(
    one: Drawn, read_number: int, finding_number: int, description: Mapping[str, Any]
) -> tuple[dict[str, Any], bytes]:
    """Header and bits of a region: of its box only, slice by slice, row by row, the lowest bit of a byte first.

    Args:
        one: The read.
        read_number: Its part.
        finding_number: Of that part.
        description: Of the series it is drawn on.

    Raises:
        HTTPException: 404 if there is none, or it does not lie on the grid of the series.
    """
    found = one.kept.mask_with_grid(read_number, finding_number)
    if found is None:
        raise HTTPException(404, "This finding has no region.")
    inside = found.inside if found.inside.ndim == 3 else found.inside[None]
    affine = found.grid.affine if isinstance(found.grid, Geometry) else None
    _check_grid(inside.shape, affine, description)
    box = _box(inside)
    part = inside[tuple(slice(low, high) for low, high in box)]
    return {"kind": "mask", "shape": list(inside.shape), "box": box}, np.packbits(part, bitorder="little").tobytes()


def map_package(
    one: Drawn, read_number: int, finding_number: int, description: Mapping[str, Any]
) -> tuple[dict[str, Any], bytes]:
    """Header and levels 0 to 255 of a map, row by row.

    Raises:
        HTTPException: 404 if there is none, or it does not lie on the grid of the series.
    """
    values = one.kept.map(read_number, finding_number)
    if values is None:
        raise HTTPException(404, "This finding has no map.")
    shape = (1, *values.shape)
    _check_grid(shape, None, description)
    return {"kind": "map", "shape": list(shape), "box": [[0, n] for n in shape]}, quantised(values).tobytes()


def _check_grid(shape: tuple[int, ...], affine: NDArray[np.float64] | None, description: Mapping[str, Any]) -> None:
    """Never draw on another grid: neither of another size nor at another place."""
    same = list(shape) == [description["count"], description["rows"], description["columns"]]
    if same and affine is not None and description["affine"] is not None:
        same = bool(np.allclose(affine, description["affine"], rtol=0, atol=SAME_PLACE))
    if not same:
        raise HTTPException(404, "This was drawn on other images than the series has now. Read the study again.")


def _box(inside: NDArray[np.bool_]) -> list[list[int]]:
    """(first, end) along each axis of what is inside; empty where nothing is."""
    box = []
    for axis in range(3):
        used = np.flatnonzero(inside.any(axis=tuple(other for other in range(3) if other != axis)))
        box.append([int(used[0]), int(used[-1]) + 1] if used.size else [0, 0])
    return box
