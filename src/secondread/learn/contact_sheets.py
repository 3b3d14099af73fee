"""Cases of outlines and marks on one sheet: the worst, the middle and the best, never chosen by hand."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from secondread.engine.marks import marks_of
from secondread.learn.examples import Examples
from secondread.learn.judge_marks import hits
from secondread.learn.judge_outlines import dices

Bools = NDArray[np.bool_]
Draw = Callable[[Any, int], None]
COLUMNS = 5
NEAR = {"textcoords": "offset points"}
TRUE, FOUND = "#35d0ff", "#ff9d2e"


def contours(path: Path, name: str, test: Examples, structure: int, found: Bools) -> None:
    """Cases by Dice, and the largest areas drawn where there is nothing.

    Args:
        path: Of the picture.
        name: Of the structure.
        test: With masks.
        structure: Which, from 0.
        found: What was drawn, bool [n, *grid].
    """
    assert test.masks is not None
    true = test.masks == 1 + structure
    has = np.flatnonzero(true.reshape(len(true), -1).any(1))
    quality = np.full(len(true), np.nan)
    quality[has] = dices(found[has], true[has])
    order = has[np.argsort(quality[has], kind="stable")]
    middle = max(0, len(order) // 2 - COLUMNS // 2)
    size = found.reshape(len(found), -1).sum(1)
    empty = np.setdiff1d(np.arange(len(true)), has)
    largest = empty[np.argsort(-size[empty], kind="stable")]
    rows = {
        "worst": order[:COLUMNS],
        "middle": order[middle : middle + COLUMNS],
        "best": order[::-1][:COLUMNS],
        "drawn on nothing": largest[size[largest] > 0][:COLUMNS],
    }

    def draw(place: Any, n: int) -> None:
        grey, ours, theirs = slice_of(test, n, found[n], true[n])
        place.imshow(grey, cmap="gray", vmin=0, vmax=255)
        outline(place, theirs, TRUE, "solid")
        outline(place, ours, FOUND, "dashed")
        if not np.isnan(quality[n]):
            place.set_title(f"Dice {quality[n]:.2f}", fontsize=8)

    slices = "; of volumes the slice with most of both" if true.ndim == 4 else ""
    sheet(path, f"{name}: cases by Dice; solid: the mask, dashed: what was drawn{slices}", rows, draw)


def slice_of(test: Examples, n: int, found: Bools, true: Bools) -> tuple[NDArray[np.uint8], Bools, Bools]:
    """A picture [h, w] with both masks: its middle channel; of a volume the slice that holds most of both."""
    grey = test.images[n, test.images.shape[1] // 2]
    if true.ndim == 2:
        return grey, found, true
    size = (found | true).sum((1, 2))
    at = int(size.argmax()) if size.any() else len(size) // 2
    return grey[at], found[at], true[at]


def outline(place: Any, mask: Bools, colour: str, style: str) -> None:
    """The edge of a mask; nothing where it is empty."""
    if mask.any():
        around = np.pad(mask, 1).astype(np.float64)
        y, x = (np.arange(side) - 1 for side in around.shape)
        place.contour(x, y, around, levels=[0.5], colors=[colour], linestyles=[style], linewidths=1.2)


def marks(path: Path, name: str, test: Examples, outlines: NDArray[np.uint8], structure: int, threshold: float) -> None:
    """Pictures with a lesion found, with lesions missed, and with the strongest false marks.

    Args:
        path: Of the picture.
        name: Of the structure.
        test: With boxes or masks.
        outlines: uint8 [n, structure, h, w], probability times 255.
        structure: Which, from 0.
        threshold: Marks below it are not shown.
    """
    shown = []
    for n, probability in enumerate(outlines[:, structure]):
        places, scores = marks_of(probability / 255.0)
        places, scores = places[scores >= threshold], scores[scores >= threshold]
        shown.append((places, scores, hits(test, n, structure, places)))
    ill = np.array([table.shape[1] > 0 for _, _, table in shown])
    found = np.array([bool(table.any()) for _, _, table in shown])
    false = np.array([max(scores[~table.any(1)], default=0.0) for _, scores, table in shown])
    strongest = np.argsort(-false, kind="stable")
    rows = {
        "found": np.flatnonzero(ill & found)[:COLUMNS],
        "missed": np.flatnonzero(ill & ~found)[:COLUMNS],
        "false marks": strongest[false[strongest] > 0][:COLUMNS],
    }

    def draw(place: Any, n: int) -> None:
        place.imshow(test.grey[n], cmap="gray", vmin=0, vmax=255)
        lesions(place, test, n, structure)
        places, scores, table = shown[n]
        for (row, column), score, right in zip(places, scores, table.sum(1) > 0, strict=True):
            place.plot(column, row, "o", markersize=10, fillstyle="none", color=TRUE if right else FOUND)
            place.annotate(f"{score:.2f}", (column, row), fontsize=7, color="white", xytext=(6, 4), **NEAR)

    sheet(
        path,
        f"{name}: lesions in blue, marks at or above the threshold as circles, the false ones in orange",
        rows,
        draw,
    )


def lesions(place: Any, test: Examples, n: int, structure: int) -> None:
    """Boxes of a picture, or where it has none the edge of its mask."""
    if not test.boxes and test.masks is not None:
        outline(place, test.masks[n] == 1 + structure, TRUE, "solid")
    for top, left, bottom, right in test.boxes[n] if test.boxes else ():
        corners = ([left, right, right, left, left], [top, top, bottom, bottom, top])
        place.plot(*(np.array(side) - 0.5 for side in corners), color=TRUE, linewidth=1.2)


def sheet(path: Path, title: str, rows: dict[str, NDArray[np.intp]], draw: Draw) -> None:
    """Rows of cases, each row under its name; a row without any says so."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(2.4 * COLUMNS, 2.65 * len(rows)), layout="constrained")
    figure.suptitle(title, fontsize=10)
    axes = figure.subplots(len(rows), COLUMNS)
    for line, (words, index) in enumerate(rows.items()):
        for column in range(COLUMNS):
            place = axes[line, column]
            place.axis("off")
            if column < len(index):
                draw(place, int(index[column]))
        place = axes[line, 0]
        place.text(-0.06, 0.5, words, transform=place.transAxes, rotation=90, ha="right", va="center", fontsize=9)
        if not len(index):
            place.text(0.5, 0.5, "none", transform=place.transAxes, ha="center", fontsize=9)
    figure.savefig(path, dpi=90)
