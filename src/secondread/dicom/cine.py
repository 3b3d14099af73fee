"""Moving pictures: the frames of one object, the time between them, and their scale in the patient."""

from typing import Any

import numpy as np
import pydicom
from numpy.typing import NDArray
from pydicom.tag import Tag

from secondread.core.cine import Cine
from secondread.core.errors import FormatError, short_path, short_uid
from secondread.core.study import Series
from secondread.dicom.colour import coloured, is_grey
from secondread.dicom.frames import EACH, decode_frames, frame_elements
from secondread.dicom.grey import Recipe, Rescale, grey, stored_values
from secondread.dicom.header import calm, numbers, value, whole
from secondread.dicom.layout import check_layout
from secondread.dicom.pixels import each_frame, read_picture
from secondread.dicom.recipe import recipe_of
from secondread.dicom.spacing import REGIONS, Spacing, spacing_of

TIMES = ("FrameIncrementPointer", "FrameTime", "FrameTimeVector", "CineRate", "RecommendedDisplayFrameRate")
IN_PATIENT = frozenset({"patient", "calibrated"})
UNEVEN = 0.1  # largest share of the mean by which a step may differ from it
CLOCK_MS = 1.0  # scanners round times to whole milliseconds


def load_cine(series: Series) -> Cine:
    """The frames of a moving picture, as a person sees them.

    Colour stays colour. Grey of 8 bits that no window or rescale asks to change stays as it is; other grey goes through
    the window that the header names for its frame, or one window over all frames together.

    Args:
        series: Of kind ``dicom``, with one file of several frames, such as ultrasound, angiography or mammography.

    Returns:
        uint8 [t, j, i] or [t, j, i, 3], or float32 in [0, 1] of the same shapes where 8 bits do not hold the picture.
        Its spacing is one in the patient, or None: neither the plane of a detector nor regions of different scale tell
        a length.

    Raises:
        FormatError: If there is one frame only, no time between frames, uneven times, or the file is damaged.
        TooLargeError: If the header announces too many pixels; nothing is decoded then.
    """
    where = f"series {short_uid(series.uid)}"
    if series.kind != "dicom" or len(series.files) != 1:
        raise FormatError(f"{where}: found {len(series.files)} {series.kind} files, needed one DICOM file of frames.")
    path, where = series.files[0].path, short_path(series.files[0].path)
    with calm():
        elements = read_picture(path, more=(*TIMES, REGIONS))
        check_layout(elements, where)
        count = whole(elements, "NumberOfFrames", 1)
        if count < 2:
            raise FormatError(f"{where}: found {count} frame, a moving picture needs 2. Load it with load_image.")
        step_ms = frame_time_ms(elements, where)
        frames = _shown(elements, where)
        spacing_mm = _spacing(elements)
    frames.flags.writeable = False
    return Cine(frames, step_ms, spacing_mm)


def frame_time_ms(elements: pydicom.Dataset, where: str) -> float:
    """The time between frames in ms.

    What the frame increment pointer names counts first, as it says how the frames were taken; then a frame time or
    a vector that it does not name. The rates come last: they say how fast to show, which may be slower than life.
    A vector is averaged if no step differs from the mean by more than 10 % or by more than a rounded millisecond;
    else it is refused, as speeds and volumes over time would come out wrong.

    Args:
        elements: The header, with the elements in ``TIMES``.
        where: File name for messages.

    Raises:
        FormatError: If there is no time, or the times are uneven.

    Source: DICOM PS3.3 C.7.6.5.1.1 (frame time), C.7.6.5.1.2 (frame time vector; its first value is 0), C.7.6.5 (cine
    rate and recommended display frame rate, in frames a second), C.7.6.6.1.1 (frame increment pointer).
    """
    vector_first = value(elements, "FrameIncrementPointer") == Tag("FrameTimeVector")
    mean = _mean_step(elements, where) if vector_first else None
    found = mean or _positive(elements, "FrameTime") or _mean_step(elements, where)
    if found:
        return found
    rate = _positive(elements, "CineRate") or _positive(elements, "RecommendedDisplayFrameRate")
    if rate is None:
        raise FormatError(
            f"{where}: the file does not say how much time lies between its frames. Needed a frame time, a frame time "
            "vector or a cine rate; send the original file."
        )
    return 1000.0 / rate


def _positive(elements: pydicom.Dataset, keyword: str) -> float | None:
    found = numbers(elements, keyword)
    return found[0] if found and found[0] > 0 else None


def _mean_step(elements: pydicom.Dataset, where: str) -> float | None:
    """The mean of a frame time vector in ms, or None if there is none."""
    vector, count = numbers(elements, "FrameTimeVector"), whole(elements, "NumberOfFrames", 1)
    if not vector:
        return None
    steps = np.array(vector[1:])
    if len(vector) != count or min(steps) <= 0:
        raise FormatError(
            f"{where}: the frame time vector has {len(vector)} values for {count} frames, or time stands still in it. "
            "Send the original file."
        )
    mean = float(steps.mean())
    if float(np.abs(steps - mean).max()) > max(UNEVEN * mean, CLOCK_MS):
        raise FormatError(
            f"{where}: the frames are not evenly spaced in time. Found steps of {steps.min():g} to {steps.max():g} ms; "
            "a moving picture needs them equal within 10 %. Frames may be missing; send the original file."
        )
    return mean


def _spacing(elements: pydicom.Dataset) -> Spacing | None:
    spacing_mm, source = spacing_of(frame_elements(elements, 0))
    return spacing_mm if source in IN_PATIENT else None


def _shown(elements: pydicom.Dataset, where: str) -> NDArray[np.uint8] | NDArray[np.float32]:
    """All frames, in grey or colour."""
    if is_grey(elements, where):
        return _grey_frames(elements, where)
    count = whole(elements, "NumberOfFrames", 1)
    shown = (_in_colour(raw, elements, where) for raw in each_frame(elements, where, range(count)))
    first = next(shown)
    frames = np.empty((count, *first.shape), first.dtype)
    frames[0] = first
    for t, frame in enumerate(shown, start=1):
        frames[t] = frame
    return frames


def _in_colour(raw: NDArray[Any], elements: pydicom.Dataset, where: str) -> NDArray[np.uint8] | NDArray[np.float32]:
    """One frame in red, green and blue; 16-bit palettes hold 8 bits in their upper half, as screens show no more."""
    values, bits = coloured(raw, elements, where)
    if raw.ndim == 2 and bits == 16:
        return (values >> 8).astype(np.uint8)
    return values if values.dtype == np.uint8 else (values / np.float32(2**bits - 1)).astype(np.float32)


def _grey_frames(elements: pydicom.Dataset, where: str) -> NDArray[np.uint8] | NDArray[np.float32]:
    """All frames in grey. Frames without a window of their own share one, so that they do not flicker."""
    raw = decode_frames(elements, where)
    headers = [frame_elements(elements, n) for n in range(len(raw))] if EACH in elements else [elements]
    first, *others = (recipe_of(header, where) for header in headers)
    if not all(recipe == first for recipe in others):
        each = zip(raw, (first, *others), strict=True)
        return np.stack([grey(frame, recipe)[0] for frame, recipe in each])
    if _is_plain(first):
        stored = stored_values(raw, first.bits).astype(np.uint8)
        return 255 - stored if first.inverted else stored
    flat, _ = grey(raw.reshape(-1, raw.shape[2]), first)
    return flat.reshape(raw.shape)


def _is_plain(recipe: Recipe) -> bool:
    """Whether the stored values are the grey to show."""
    eight = recipe.bits.stored == 8 and not recipe.bits.signed
    return eight and recipe.voi is None and recipe.modality == Rescale() and recipe.padding is None
