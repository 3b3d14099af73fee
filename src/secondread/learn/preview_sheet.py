"""Strips of a preview as one picture: a row for each, outlines drawn, and below what the numbers were."""

import textwrap
from collections.abc import Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from secondread.learn.augmentation import Augmentation
from secondread.learn.preview import Shown, Strip
from secondread.learn.recipe import Recipe

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

Bytes = NDArray[np.uint8]
SIDE = 176  # height of a tile
GAP, LINE, TEXT = 6, 18, 13
INK, PAPER, PALE = (27, 33, 40), (255, 255, 255), (110, 118, 128)
COLOURS = ((255, 176, 0), (76, 201, 240), (255, 93, 143), (138, 201, 38), (199, 125, 255), (244, 162, 97))


def sheet(strips: Sequence[Strip], recipe: Recipe, seed: int) -> Bytes:
    """uint8 [h, w, 3]: one strip a row."""
    from PIL import Image, ImageDraw, ImageFont

    rows = [[tile(shown) for shown in shown_of(strip)] for strip in strips]
    width = max(sum(part.shape[1] + GAP for part in row) + GAP for row in rows)
    notes = legend(recipe, seed, max(40, width // 7))
    height = LINE + len(rows) * (LINE + SIDE + GAP) + GAP + LINE * (len(notes) + bool(recipe.model.structures)) + GAP
    page = Image.new("RGB", (width, height), PAPER)
    pen, font = ImageDraw.Draw(page), ImageFont.load_default(TEXT)
    heads = ["as it is", *(["prepared"] if strips[0].prepared else []), "as training sees it, each time another way"]
    left = GAP
    for head, part in zip(heads, rows[0], strict=False):
        pen.text((left, 2), head, INK, font)
        left += part.shape[1] + GAP
    top = LINE
    for strip, row in zip(strips, rows, strict=True):
        pen.text((GAP, top), strip.title, PALE, font)
        left, top = GAP, top + LINE
        for part in row:
            page.paste(Image.fromarray(part), (left, top))
            left += part.shape[1] + GAP
        top += SIDE + GAP
    if recipe.model.structures:
        swatches(pen, font, recipe.model.structures, top)
        top += LINE
    for note in notes:
        pen.text((GAP, top + GAP), note, INK, font)
        top += LINE
    return np.asarray(page)


def swatches(pen: "ImageDraw", font: Any, structures: Sequence[str], top: int) -> None:
    """Which colour outlines what."""
    left = GAP
    for n, name in enumerate(structures):
        pen.rectangle((left, top + GAP + 3, left + 14, top + GAP + 13), COLOURS[n % len(COLOURS)])
        pen.text((left + 20, top + GAP), name, INK, font)
        left += 34 + int(pen.textlength(name, font))


def shown_of(strip: Strip) -> list[Shown]:
    """The pictures of a strip from left to right."""
    return [strip.plain, *([strip.prepared] if strip.prepared else []), *strip.changed]


def legend(recipe: Recipe, seed: int, letters: int) -> list[str]:
    """Lines of text: input, steps, and every number of the augmentation that is not at its default."""
    seen = recipe.at_training_size().input
    sides = " x ".join(map(str, seen.grid))
    prepare = "; ".join(
        " ".join([step.step, *(f"{key} = {said(value)}" for key, value in step.values)]) for step in seen.prepare
    )
    told = [
        f"{item.name} = {said(value)}"
        for item in fields(Augmentation)
        if (value := getattr(recipe.augment, item.name)) != item.default
    ]
    parts = [
        f"{recipe.model.name}: input {seen.channels} x {sides}, {channels_of(seen.channels)}",
        f"input.prepare: {prepare or 'nothing'}",
        f"augment: {', '.join(told) or 'nothing'}",
        f"seed {seed}; mixed pictures are not drawn",
    ]
    return [line for part in parts for line in textwrap.wrap(part, letters, subsequent_indent="    ")]


def said(value: object) -> str:
    """A value as TOML writes it, texts without quotes."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def channels_of(channels: int) -> str:
    """How several channels are shown."""
    if channels == 1:
        return "grey as it is"
    return {3: "shown as red, green and blue", 5: "the middle three shown as red, green and blue"}.get(
        channels, "the middle one shown"
    )


def tile(shown: Shown) -> Bytes:
    """uint8 [SIDE, w, 3]: a picture, or three planes of a volume, with the outlines of its mask."""
    from PIL import Image

    colour, mask = flat(shown)
    height, width = colour.shape[:2]
    size = (max(1, round(width * SIDE / height)), SIDE)
    bytes_ = np.rint(colour.clip(0, 1) * 255).astype(np.uint8)
    smooth = Image.Resampling.BILINEAR if max(colour.shape) > 40 else Image.Resampling.NEAREST
    picture = np.array(Image.fromarray(bytes_).resize(size, smooth))
    if mask is not None:
        numbers = np.asarray(Image.fromarray(mask).resize(size, Image.Resampling.NEAREST))
        for number in np.unique(numbers[numbers > 0]):
            picture[edge(numbers == number)] = COLOURS[(int(number) - 1) % len(COLOURS)]
    return picture


def edge(inside: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The line around a region, just outside of it: bool [h, w]."""
    from scipy import ndimage

    return np.asarray(ndimage.binary_dilation(inside) & ~inside)


def flat(shown: Shown) -> tuple[NDArray[np.float32], Bytes | None]:
    """Colour [h, w, 3] and mask [h, w]; of a volume three planes through the middle of its mask, or its own."""
    grey, mask = shown.grey, shown.mask
    channels = {3: (0, 1, 2), 5: (1, 2, 3)}.get(len(grey), (len(grey) // 2,) * 3)
    colour = np.moveaxis(grey[list(channels)], 0, -1)
    if colour.ndim == 3:
        return colour, mask
    grid = colour.shape[:3]
    at = np.array(grid) // 2
    if mask is not None and mask.any():
        at = np.median(np.argwhere(mask).astype(np.float64), axis=0).astype(np.intp)
    return planes(colour, at), None if mask is None else planes(mask, at)


def planes(volume: NDArray[Any], at: NDArray[np.intp]) -> NDArray[Any]:
    """A slice, and beside it the cuts along rows and columns, one below the other, the first slice at the bottom."""
    beside = [volume[::-1, at[1]], volume[::-1, :, at[2]]]
    wide = max(cut.shape[1] for cut in beside)
    right = np.concatenate([padded(cut, (cut.shape[0], wide)) for cut in beside])
    height = max(len(right), volume.shape[1])
    return np.concatenate([padded(part, (height, part.shape[1])) for part in (volume[at[0]], right)], axis=1)


def padded(values: NDArray[Any], size: tuple[int, int]) -> NDArray[Any]:
    """An array [h, w, ...] in the middle of a larger one of zeros."""
    around = [
        ((want - have) // 2, want - have - (want - have) // 2) for have, want in zip(values.shape, size, strict=False)
    ]
    return np.pad(values, [*around, *[(0, 0)] * (values.ndim - 2)])
