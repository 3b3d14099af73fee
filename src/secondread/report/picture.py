"""What is shown of a read: its picture at viewing size, and the same with the reason laid over it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from secondread.core.finding import Finding
from secondread.core.image import Image
from secondread.core.report import Evidence, Read
from secondread.core.volume import Volume
from secondread.prepare.resize import resize
from secondread.prepare.shown import first_end, runs, slice_picture, turned, upright
from secondread.report.outlines import outlined
from secondread.report.overlay import SHOWN_PX, jpeg_bytes, reduced, render

SMALLEST_PX = 384  # a smaller slice is enlarged, so that lines on it can be told apart
LARGEST_SCALE = 8.0
FURTHER_PX = 384  # longest side of the maps of further findings, and of a thumbnail


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A read's picture, at most ``overlay.SHOWN_PX`` on its longest side.

    Attributes:
        plain: uint8 [j, i, 3], the grey picture.
        overlaid: uint8 [j, i, 3], with the map of ``finding`` or the outlines of ``outlined``; None when there is
            nothing to show.
        finding: The finding whose map is shown, or None.
        original: (rows, columns) of the picture that was read.
        outlined: The findings whose masks are drawn, in the order of their colours.
        slice: (number from 1, how many) of a slice of a volume, or None.
        first: At which end of the body the first slice lies, as :func:`secondread.prepare.shown.first_end` says.
        runs: Where its rows and columns run in the patient, known of a slice of a volume only.
        further: The other positive findings with a map, and each with it, uint8 [j, i, 3], smaller.
    """

    plain: NDArray[np.uint8]
    overlaid: NDArray[np.uint8] | None
    finding: Finding | None
    original: tuple[int, int]
    outlined: tuple[Finding, ...] = ()
    slice: tuple[int, int] | None = None
    first: str = ""
    runs: tuple[str, str] | None = None
    further: tuple[tuple[Finding, NDArray[np.uint8]], ...] = ()


def picture(read: Read) -> Picture | None:
    """What to show of a read, or None when it has no picture.

    Only a positive finding shows its map, and of several the most probable one that is sure stands first: colours over
    a picture in which nothing was found would mislead. One that is undecided and leans to positive keeps its map.
    Without a map, the masks of positive findings are drawn, and of those that make no call. Of a volume the slice is
    shown where the first of these is largest.
    """
    if read.evidence is None:
        return None
    if read.evidence.image is not None:
        return _of_image(read, read.evidence.image)
    return None if read.evidence.volume is None else _of_volume(read, read.evidence, read.evidence.volume)


def thumbnail(read: Read) -> bytes | None:
    """JPEG of the picture of an answered read as :func:`picture` shows it, ``FURTHER_PX`` long at most."""
    shown = picture(read) if read.findings else None
    if shown is None:
        return None
    rgb = shown.plain if shown.overlaid is None else shown.overlaid
    scale = min(1.0, FURTHER_PX / max(rgb.shape))
    shape = (max(1, round(rgb.shape[0] * scale)), max(1, round(rgb.shape[1] * scale)))
    small = [resize(channel.astype(np.float32), shape) for channel in np.moveaxis(rgb, 2, 0)]
    return jpeg_bytes(np.clip(np.stack(small, axis=2) + 0.5, 0.0, 255.0).astype(np.uint8))


def _of_image(read: Read, image: Image) -> Picture:
    mapped = [finding for finding in read.findings if finding.positive and finding.map is not None]
    mapped.sort(key=lambda one: (one.decided, one.probability or 0.0), reverse=True)
    finding = mapped[0] if mapped else None
    small, support = reduced(image, None if finding is None else finding.map)
    overlaid = None if support is None else render(small, support, contour=True)
    plain = render(small, None)
    masked = tuple(one for one in drawn(read) if one.mask is not None and one.mask.inside.shape == image.shape)
    if masked:
        insides = [_reduced_mask(one.mask.inside, small.shape) for one in masked if one.mask is not None]
        overlaid = outlined(plain if overlaid is None else overlaid, insides)
    further = tuple((one, render(*reduced(image, one.map, FURTHER_PX), contour=True)) for one in mapped[1:])
    return Picture(plain, overlaid, finding, image.shape, masked, further=further)


def _of_volume(read: Read, evidence: Evidence, volume: Volume) -> Picture:
    """The slice of the leading mask, upright, with square pixels."""
    masked = tuple(one for one in drawn(read) if one.mask is not None and one.mask.inside.shape == volume.values.shape)
    k = volume.values.shape[0] // 2
    if masked and masked[0].mask is not None:
        k = int(masked[0].mask.inside.sum(axis=(1, 2)).argmax())
    how = upright(volume.geometry.affine)
    flat = np.asarray(turned(slice_picture(volume, k, evidence.window).values, how), dtype=np.float32)
    shape = _square(flat.shape, volume.geometry.spacing_mm[1:], swap=how[0])
    plain = render(Image(resize(flat, shape)), None)
    here = tuple(one for one in masked if one.mask is not None and one.mask.inside[k].any())
    insides = [_reduced_mask(turned(one.mask.inside[k], how), shape) for one in here if one.mask is not None]
    overlaid = outlined(plain, insides) if insides else None
    original = (volume.values.shape[1], volume.values.shape[2])
    affine = volume.geometry.affine
    numbered = (k + 1, volume.values.shape[0])
    return Picture(plain, overlaid, None, original, here, numbered, first_end(affine), runs(affine, how))


def drawn(read: Read) -> tuple[Finding, ...]:
    """The findings whose masks are shown, each region once: the positive ones first, then those that make no call."""
    masked = [one for one in read.findings if one.mask is not None and one.mask.inside.any()]
    positive = [one for one in masked if one.positive]
    wanted = (*positive, *(one for one in masked if not one.positive and one.basis == "description"))
    return tuple(one for n, one in enumerate(wanted) if not any(_same_region(one, other) for other in wanted[:n]))


def _same_region(one: Finding, other: Finding) -> bool:
    first, second = one.mask, other.mask
    return first is not None and second is not None and np.array_equal(first.inside, second.inside)


def _square(shape: tuple[int, ...], spacing_mm: tuple[float, ...], *, swap: bool) -> tuple[int, int]:
    """(rows, columns) with square pixels, enlarged to be seen and reduced to fit."""
    row_mm, column_mm = reversed(spacing_mm) if swap else spacing_mm
    step = min(row_mm, column_mm)
    rows, columns = shape[0] * row_mm / step, shape[1] * column_mm / step
    scale = min(LARGEST_SCALE, max(1.0, SMALLEST_PX / max(rows, columns)), SHOWN_PX / max(rows, columns))
    return max(1, round(rows * scale)), max(1, round(columns * scale))


def _reduced_mask(inside: NDArray[np.generic], shape: tuple[int, int]) -> NDArray[np.bool_]:
    if inside.shape == shape:
        return np.asarray(inside, dtype=np.bool_)
    return np.asarray(resize(inside.astype(np.float32), shape) >= 0.5)
