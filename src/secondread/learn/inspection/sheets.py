"""Pictures to look at: some of every class with what is drawn on them, and the pairs that are most alike."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from secondread.core.errors import InputError
from secondread.learn.inspection.boxes import Box
from secondread.learn.inspection.duplicates import ranked
from secondread.learn.inspection.inspection import Inspection
from secondread.learn.inspection.pixels import Pixels, picture, read, visible
from secondread.learn.inspection.table import Table

Bytes = NDArray[np.uint8]
COLUMNS, ROWS, SEED = 6, 2, 7
PAIRS = 12
COLOURS = ("#ffb000", "#4cc9f0", "#ff5d8f", "#8ac926", "#c77dff", "#f4a261")
INK, PAPER = "#1b2128", "#ffffff"


@dataclass(frozen=True, slots=True, eq=False)
class Tile:
    """What one place of a sheet shows.

    Attributes:
        shown: uint8 [h, w] or [h, w, 3].
        mask: Structure numbers [h, w], or None.
        boxes: In the pixels of ``shown``.
        title: Above it.
    """

    shown: Bytes
    mask: NDArray[Any] | None
    boxes: tuple[Box, ...]
    title: str


def sheets(seen: Inspection, folder: Path) -> list[tuple[str, str]]:
    """Write a sheet for every class; returns (file, what it shows).

    Pictures are drawn at random from the training split, always the same ones.
    """
    made = []
    for n, (title, rows) in enumerate(classes_of(seen), 1):
        chosen = some(seen.table, rows)
        if len(chosen):
            file = f"class-{n:02d}.png"
            sheet(
                folder / file,
                [tile(seen, k) for k in chosen],
                f"{title}: {len(chosen)} of {int(rows.sum()):,} pictures",
            )
            made.append((file, title))
    return made


def classes_of(seen: Inspection) -> list[tuple[str, NDArray[np.bool_]]]:
    """Title and rows of every sheet: those with each label, and those with none of the independent ones."""
    readable = seen.looks.readable & ~seen.looks.blank
    groups = [(q.name, readable & (q.answers == 1)) for q in seen.asked]
    apart = [q for q in seen.asked if q.kind != "value"]
    if apart:
        none = readable & np.all([q.answers == 0 for q in apart], axis=0)
        groups.append((f"no {apart[0].name}" if len(apart) == 1 else "none of these", none))
    return groups or [("all", readable)]


def some(table: Table, rows: NDArray[np.bool_]) -> list[int]:
    """A few of these rows, of the training split, of as many patients as there are, in their order."""
    places = np.random.default_rng(SEED).permutation(np.flatnonzero(rows & (table.splits == "train")))
    owners = table.patients[places]
    _, first = np.unique(owners, return_index=True)
    again = np.setdiff1d(np.arange(len(places)), first)
    kept = [*sorted(first.tolist()), *again.tolist()][: COLUMNS * ROWS]
    return sorted(int(places[k]) for k in kept)


def tile(seen: Inspection, k: int) -> Tile:
    """Row ``k`` with what is drawn on it; the planes of a volume through the middle of what is drawn, side by side."""
    pixels, title = picture(seen.table, k), f"row {seen.table.row_number(k)}"
    mask = drawn(seen, k, pixels)
    if pixels.values.ndim == 4:
        shown, outline = planes(pixels, mask)
        return Tile(shown, outline, (), title)
    boxes: tuple[Box, ...] = ()
    if seen.boxes is not None and k in seen.boxes.of and k in seen.boxes.sizes:
        rows, columns = (own / frame for own, frame in zip(pixels.size, seen.boxes.sizes[k], strict=True))
        boxes = tuple(
            Box(b.kind, b.x * columns, b.y * rows, b.width * columns, b.height * rows) for b in seen.boxes.of[k]
        )
    return Tile(coloured(visible(pixels)), mask, boxes, title)


def drawn(seen: Inspection, k: int, pixels: Pixels) -> NDArray[Any] | None:
    """The mask of row ``k`` if it can be laid over the picture."""
    if seen.masks is None or not seen.masks.listed[k]:
        return None
    try:
        mask = read(seen.table.path / seen.table.rows[k]["mask"].strip(), numbers=True)
    except InputError:
        return None
    return mask.values.max(0) if mask.size == pixels.size else None


def coloured(channels: Bytes) -> Bytes:
    """uint8 [h, w] of one channel, [h, w, 3] of three, [h, w] of the first otherwise."""
    return channels.transpose(1, 2, 0) if len(channels) == 3 else channels[0]


def planes(pixels: Pixels, mask: NDArray[Any] | None) -> tuple[Bytes, NDArray[Any] | None]:
    """Three planes of a volume side by side, head up: across the slices, the rows and the columns."""
    low, high = np.percentile(pixels.values[0], (0.5, 99.5))
    grey = np.rint(((pixels.values[0] - low) / max(float(high - low), 1e-9)).clip(0, 1) * 255).astype(np.uint8)
    inside = np.argwhere(mask) if mask is not None and mask.any() else None
    centre = [side // 2 for side in grey.shape] if inside is None else np.median(inside, axis=0).astype(int).tolist()
    upward = pixels.affine is not None and pixels.affine[2, 0] > 0
    shown = _side_by_side(grey, centre, upward=upward)
    return shown, None if mask is None else _side_by_side(mask, centre, upward=upward)


def _side_by_side(values: NDArray[Any], centre: Sequence[int], *, upward: bool) -> NDArray[Any]:
    k, j, i = centre
    cuts = [
        values[k],
        values[:, j][::-1] if upward else values[:, j],
        values[:, :, i][::-1] if upward else values[:, :, i],
    ]
    height = max(cut.shape[0] for cut in cuts)
    parts = []
    for cut in cuts:
        above = (height - cut.shape[0]) // 2
        parts.append(np.pad(cut, ((above, height - cut.shape[0] - above), (1, 1))))
    return np.concatenate(parts, axis=1)


def sheet(path: Path, tiles: Sequence[Tile], title: str, columns: int = COLUMNS) -> None:
    """Write tiles in rows, with the outlines of masks and boxes."""
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

    wide = float(np.median([t.shown.shape[1] / t.shown.shape[0] for t in tiles]))
    columns = min(columns, len(tiles)) if wide < 1.7 else min(3, len(tiles))
    rows = -(-len(tiles) // columns)
    width = max(12.0 / COLUMNS * columns, 4.0) if wide < 1.7 else 4.0 * columns
    figure = Figure(figsize=(width, rows * (width / columns / wide + 0.3) + 0.4), layout="constrained", facecolor=PAPER)
    figure.suptitle(plain(title), fontsize=11, color=INK, x=0.01, ha="left")
    colours = colours_of(tiles)
    for place in range(rows * columns):
        axes = figure.add_subplot(rows, columns, place + 1)
        axes.set_axis_off()
        if place < len(tiles):
            _draw(axes, tiles[place], colours)
    if len(colours) > 1:
        lines = [Line2D([], [], color=colour) for colour in colours.values()]
        figure.legend(lines, [plain(name) for name in colours], loc="upper right", ncols=len(lines), fontsize=8)
    figure.savefig(path, dpi=110)


def colours_of(tiles: Sequence[Tile]) -> dict[str, str]:
    """A colour for every kind of box and value of a mask on a sheet."""
    kinds = {box.kind for shown in tiles for box in shown.boxes}
    values = {int(value) for shown in tiles if shown.mask is not None for value in np.unique(shown.mask) if value > 0}
    names = [*sorted(kinds), *(f"value {value}" for value in sorted(values))]
    return {name: COLOURS[n % len(COLOURS)] for n, name in enumerate(names)}


def _draw(axes: Any, shown: Tile, colours: Mapping[str, str]) -> None:
    from matplotlib.patches import Rectangle

    axes.imshow(shown.shown, cmap="gray", vmin=0, vmax=255, interpolation="nearest")
    axes.set_title(plain(shown.title), fontsize=8, color=INK, pad=2)
    values = [] if shown.mask is None else [int(value) for value in np.unique(shown.mask) if value > 0]
    for value in values:
        inside = np.asarray(shown.mask == value, dtype=np.float64)
        axes.contour(inside, levels=[0.5], colors=colours[f"value {value}"], linewidths=1.0)
    for box in shown.boxes:
        colour = colours[box.kind]
        axes.add_patch(Rectangle((box.x, box.y), box.width, box.height, fill=False, edgecolor=colour, linewidth=1.2))


def pairs(seen: Inspection, folder: Path) -> str | None:
    """Write the pairs that are most alike, those across splits first; returns the file, None without any."""
    table, copies = seen.table, seen.copies
    splits = table.splits
    found = ranked(table, copies)
    shown = [(pair.a, pair.b, f"{pair.likeness:.2f}") for pair in [*found, *copies.next][:PAIRS]]
    groups = sorted(copies.identical, key=lambda group: len({str(splits[k]) for k in group}) == 1)
    shown = [*((group[0], group[-1], "identical") for group in groups[: PAIRS // 2]), *shown][:PAIRS]
    if not shown:
        return None
    tiles = []
    for a, b, likeness in shown:
        tiles += [_plain_tile(table, k, f"row {table.row_number(k)} {splits[k]}, {likeness}") for k in (a, b)]
    sheet(folder / "duplicates.png", tiles, f"Pairs most alike; nearly identical from {copies.limit:g} on")
    return "duplicates.png"


def _plain_tile(table: Table, k: int, title: str) -> Tile:
    return Tile(coloured(visible(picture(table, k))), None, (), title)


def plain(text: str) -> str:
    r"""Text that is not taken for a formula.

    >>> plain("a $b$")
    'a \\$b\\$'
    """
    return text.replace("$", r"\$")
