"""Whether every box lies in its picture, and in whose pixels boxes are given."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from secondread.learn.inspection.classes import SEVERAL
from secondread.learn.inspection.columns import Column, is_yes_no
from secondread.learn.inspection.finding import Found, counted, some
from secondread.learn.inspection.look import Looks
from secondread.learn.inspection.table import Table
from secondread.learn.outlines import box_of

SLACK = 1.0  # pixel: boxes may be rounded
NATIVE = (("native_height", "native_width"), ("native", "native"))  # columns that tell the size before resizing


@dataclass(frozen=True, slots=True)
class Box:
    """One box: ``x`` and ``y`` of its upper left corner, in the pixels of ``frame``."""

    kind: str
    x: float
    y: float
    width: float
    height: float

    def inside(self, size: tuple[float, float]) -> bool:
        """Whether it has an area and lies in a picture of (rows, columns)."""
        rows, columns = size
        whole = self.width > 0 and self.height > 0 and min(self.x, self.y) >= -SLACK
        return whole and self.x + self.width <= columns + SLACK and self.y + self.height <= rows + SLACK


@dataclass(frozen=True, slots=True, eq=False)
class Boxes:
    """What was seen of the boxes.

    Attributes:
        of: Row to its boxes.
        unreadable: Rows whose cell is not written as ``kind:x,y,w,h;kind:x,y,w,h``.
        frame: ``file`` (pixels of the file), ``native`` (pixels before resizing, told by a column) or empty when
            they fit neither.
        outside: Rows with a box that leaves that frame or has no area.
        sizes: Row to (rows, columns) of the frame.
    """

    of: Mapping[int, tuple[Box, ...]]
    unreadable: tuple[int, ...]
    frame: str
    outside: tuple[int, ...]
    sizes: Mapping[int, tuple[float, float]]


def look(table: Table, looks: Looks) -> Boxes | None:
    """Read the column of boxes; None if there is none."""
    if "boxes" not in table.columns:
        return None
    of: dict[int, tuple[Box, ...]] = {}
    unreadable = []
    for k, cell in enumerate(table.column("boxes").tolist()):
        if cell:
            try:
                of[k] = read(cell)
            except ValueError:
                unreadable.append(k)
    frame, outside = "", tuple(of)
    sizes: dict[int, tuple[float, float]] = {}
    for name, frames in (
        ("file", _of_files(looks, of)),
        *(("native", _of_columns(table, of, pair)) for pair in NATIVE),
    ):
        out = tuple(k for k in frames if not all(box.inside(frames[k]) for box in of[k]))
        if frames and (not sizes or len(out) < len(outside)):
            frame, outside, sizes = name, out, frames
    return Boxes(of, tuple(unreadable), frame, outside, sizes)


def read(cell: str) -> tuple[Box, ...]:
    """The boxes of one cell.

    Raises:
        ValueError: If it is not written as ``kind:x,y,w,h``, several separated by semicolons.

    >>> read("mass:1,2,3.5,4;")
    (Box(kind='mass', x=1.0, y=2.0, width=3.5, height=4.0),)
    """
    return tuple(Box(*box_of(text)) for text in filter(None, (part.strip() for part in cell.split(";"))))


def _of_files(looks: Looks, rows: Mapping[int, Any]) -> dict[int, tuple[float, float]]:
    return {k: looks.sizes[k] for k in rows if len(looks.sizes[k]) == 2}  # type: ignore[misc]


def _of_columns(table: Table, rows: Mapping[int, Any], names: tuple[str, str]) -> dict[int, tuple[float, float]]:
    if not set(names) <= set(table.columns):
        return {}
    sizes = {}
    for k in rows:
        try:
            sizes[k] = (float(table.rows[k][names[0]]), float(table.rows[k][names[1]]))
        except ValueError:
            continue
    return sizes


def facts(boxes: Boxes) -> dict[str, Any]:
    """How many boxes of which kind, and in whose pixels."""
    kinds: dict[str, int] = {}
    for box in (box for row in boxes.of.values() for box in row):
        kinds[box.kind] = kinds.get(box.kind, 0) + 1
    each = [len(row) for row in boxes.of.values()]
    return {
        "pictures": len(each),
        "boxes": sum(each),
        "kinds": dict(sorted(kinds.items())),
        "most_a_picture": max(each, default=0),
        "pixels_of": boxes.frame,
    }


def findings(table: Table, boxes: Boxes, columns: Sequence[Column]) -> list[Found]:
    """What is wrong with the boxes."""
    found = []
    if boxes.unreadable:
        found.append(
            Found(
                "error",
                "boxes",
                f"{counted(len(boxes.unreadable), 'row')} whose boxes cannot be read",
                "Write kind:x,y,w,h, and a semicolon between boxes.",
                table.numbers(np.array(boxes.unreadable, dtype=np.intp)),
            )
        )
    if boxes.outside:
        found.append(
            Found(
                "error",
                "boxes",
                f"{counted(len(boxes.outside), 'row')} with a box that leaves the picture or has no area",
                "Correct them; if they are given in the pixels of a larger original, add the columns native_width and "
                "native_height.",
                table.numbers(np.array(boxes.outside, dtype=np.intp)),
            )
        )
    if boxes.frame == "native":
        found.append(
            Found(
                "note",
                "boxes",
                "Boxes are given in the pixels of the original, not of the file",
                "Set box_px in the recipe.",
            )
        )
    return [*found, *_against_labels(table, boxes, columns)]


def _against_labels(table: Table, boxes: Boxes, columns: Sequence[Column]) -> list[Found]:
    """Boxes of a kind that the row's labels do not name, where kinds are named as labels are."""
    names = [column.name for column in columns if column.role == "label"]
    yes_no = {name for name in names if is_yes_no(table.column(name))}
    said = {k: _labels(table, k, names, yes_no) for k in boxes.of}
    known = {label for labels in said.values() for label in labels} | yes_no
    strange = sorted({box.kind for row in boxes.of.values() for box in row if box.kind not in known})
    differ = [k for k, row in boxes.of.items() if {box.kind for box in row if box.kind in known} - said[k]]
    found = []
    if differ and names:
        found.append(
            Found(
                "warning",
                "boxes",
                f"{counted(len(differ), 'row')} with a box of a kind that its label does not name",
                "Find out which of the two is right.",
                table.numbers(np.array(differ, dtype=np.intp)),
            )
        )
    if strange and names:
        found.append(
            Found(
                "warning",
                "boxes",
                f"Kinds of boxes that no label is called: {some(strange)}",
                "Name them as the labels are, or map them with box_kinds in the recipe.",
            )
        )
    return found


def _labels(table: Table, k: int, names: Sequence[str], yes_no: set[str]) -> set[str]:
    cells = {name: table.rows[k][name].strip() for name in names}
    said = {name for name in yes_no if cells[name].lower() in {"1", "1.0", "yes", "true"}}
    return said | {part for name, cell in cells.items() if name not in yes_no for part in SEVERAL.split(cell)}
