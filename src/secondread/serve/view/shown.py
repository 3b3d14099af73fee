"""A series as the viewer is told of it: one description, and pictures by their number on the grid that masks lie on."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from secondread.core.errors import InputError, TooLargeError
from secondread.core.study import Series
from secondread.dicom.gaps import sources
from secondread.dicom.header import GREY, calm, code, read_elements
from secondread.dicom.load import UNITS, load_volume, stack_of
from secondread.dicom.slices import Opened, read_values
from secondread.dicom.stack import Stack
from secondread.serve.view.pictures import open_pictures
from secondread.serve.view.windows import presets, stretched, usual, windows_of_file

_HEADER = (*GREY, "LossyImageCompression", "WindowCenterWidthExplanation")


@dataclass(frozen=True, slots=True)
class Shown:
    """What can be seen of a series.

    Attributes:
        description: For the browser; see ``docs/reference/viewer.md``.
        values: Number of a picture to its values: [j, i], or uint8 [j, i, 3].
    """

    description: dict[str, Any]
    values: Callable[[int], NDArray[Any]] = field(repr=False)


def show(series: Series) -> Shown:
    """Open a series for showing: headers, and no more pixels than its windows need.

    A CT or MR series that is no volume is shown as single pictures, with the reason; what cannot be shown at all has
    the kind ``none`` and a reason.
    """
    reason = ""
    try:
        if _may_be_volume(series):
            try:
                return _volume(series)
            except TooLargeError:
                raise
            except InputError as error:
                reason = _sentence(error)
        return _pictures(series, reason)
    except InputError as error:
        return _nothing(series, _sentence(error))


def _may_be_volume(series: Series) -> bool:
    return series.modality in UNITS and (len(series.files) > 1 or series.files[0].frames > 1)


def _sentence(error: InputError) -> str:
    """An error without the name of a file of ours, which tells a person nothing."""
    where, _, sentence = str(error).partition(": ")
    ours = sentence and (where.endswith(".dcm") or where.startswith("series "))
    return _capital(sentence if ours else str(error))


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


def _volume(series: Series) -> Shown:
    stack, slices, warnings = stack_of(series)
    count, rows, columns = stack.geometry.shape
    middle = slices[len(slices) // 2]
    header = read_elements(middle.path, _HEADER)
    values = _slice_by_slice(slices) if stack.is_plain else _all_at_once(series)
    with calm():
        windows = windows_of_file(header)
        if series.modality == "CT" and not windows:
            windows.append(usual(series.facts.body_parts if series.facts else ()))
        windows.append(stretched(read_values(middle)))
    row, column = stack.geometry.spacing_mm[1:]
    return Shown(
        _described(series, "volume")
        | {
            "rows": rows,
            "columns": columns,
            "count": count,
            "unit": UNITS[series.modality],
            "spacing_mm": [row, column],
            "spacing_source": "patient",
            "affine": stack.geometry.affine.tolist(),
            "frame_of_reference": slices[0].place.frame,
            "lossy": code(header, "LossyImageCompression") == "01",
            "inverted": code(header, "PhotometricInterpretation") == "MONOCHROME1",
            "windows": windows,
            "images": _images(stack, slices),
            "made": list(stack.made),
            "warnings": list(warnings),
        },
        values,
    )


def _slice_by_slice(slices: Sequence[Opened]) -> Callable[[int], NDArray[Any]]:
    """Each slice straight from its file, so that the first is there at once."""

    def values(number: int) -> NDArray[Any]:
        with calm():
            return read_values(slices[number])

    return values


def _all_at_once(series: Series) -> Callable[[int], NDArray[Any]]:
    """Slices that lie between images need them all: read once, when the first is asked for."""
    lock = threading.Lock()
    loaded: list[NDArray[np.float32]] = []

    def values(number: int) -> NDArray[Any]:
        with lock:
            if not loaded:
                loaded.append(load_volume(series).values)
        return np.asarray(loaded[0][number])

    return values


def _images(stack: Stack, slices: Sequence[Opened]) -> list[tuple[str, int]]:
    """(SOP Instance UID, number of the frame from 1 or 0) at each k; no UID where pixels are not those of an image."""
    if stack.shear.warning:
        return [("", 0)] * stack.geometry.shape[0]
    found = [(item.place.uid.partition(" ")[0], item.frame + 1 if item.frames and "frame" in item.place.uid else 0)
             for item in slices]  # fmt: skip
    return [("", 0) if share else found[before] for before, share in sources(stack.spread)]


def _pictures(series: Series, reason: str) -> Shown:
    """Every frame of every file, each on a grid of its own; in the order of their places where they state them."""
    files = [open_pictures(file) for file in series.files]
    pictures = [(opened, n) for opened in files for n in range(opened.file.frames)]
    if len(files) > 1:
        first_place = files[0].place(0)
        pictures.sort(key=lambda item: _along(item[0].place(item[1]), first_place))
    middle = len(pictures) // 2
    typical = pictures[middle][0].picture(pictures[middle][1])
    moving = len(files) == 1 and files[0].frame_time_ms is not None
    kind = "cine" if moving else "image" if len(pictures) == 1 else "stack"
    reasons = [reason] if reason else [_capital(opened.no_time) for opened in files if opened.no_time]

    def values(number: int) -> NDArray[Any]:
        opened, frame = pictures[number]
        return typical.values if number == middle else opened.picture(frame).values

    return Shown(
        _described(series, kind)
        | typical.facts
        | {
            "rows": typical.values.shape[0],
            "columns": typical.values.shape[1],
            "count": len(pictures),
            "frame_time_ms": files[0].frame_time_ms if moving else None,
            "images": [
                (opened.file.sop_instance_uid, frame + 1 if opened.file.frames > 1 else 0) for opened, frame in pictures
            ],
            "places": [opened.place(frame) for opened, frame in pictures] if len(pictures) > 1 else [],
            "warnings": reasons,
        },
        values,
    )


def _along(place: Any, first: Any) -> float:
    """Place of a picture along the normal of the first; 0 where one of them states none."""
    if not place or not first:
        return 0.0
    row, column = np.array(first["cosines"][:3]), np.array(first["cosines"][3:])
    return float(np.dot(np.cross(row, column), place["position"]))


def _nothing(series: Series, reason: str) -> Shown:
    def values(number: int) -> NDArray[Any]:
        raise InputError(f"picture {number + 1} of this series cannot be shown: {reason}")

    return Shown(_described(series, "none") | {"count": 0, "reason": reason}, values)


def _described(series: Series, kind: str) -> dict[str, Any]:
    """What every description holds, and what it holds unless more is known."""
    return {
        "kind": kind,
        "reason": "",
        "series_uid": series.uid,
        "modality": series.modality,
        "part": series.part,
        "laterality": series.laterality,
        "view": series.view,
        "rows": 0,
        "columns": 0,
        "unit": "grey",
        "spacing_mm": None,
        "spacing_source": "none",
        "affine": None,
        "place": None,
        "places": [],
        "orientation": list(series.orientation),
        "frame_of_reference": "",
        "frame_time_ms": None,
        "lossy": False,
        "inverted": False,
        "padding": None,
        "windows": [],
        "presets": presets(series.modality),
        "images": [],
        "made": [],
        "warnings": [],
    }
