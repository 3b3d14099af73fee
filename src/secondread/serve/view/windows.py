"""Windows to look through: those of the file, and those everybody knows by name."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pydicom
from numpy.typing import NDArray

from secondread.dicom.header import code, numbers, texts
from secondread.dicom.voi import TAILS, Window

# Name, centre and width in HU: usual values of departments; no standard fixes them.
CT_PRESETS = (
    ("soft-tissue", 40.0, 400.0),
    ("lung", -600.0, 1500.0),
    ("bone", 400.0, 1800.0),
    ("brain", 40.0, 80.0),
    ("stroke", 40.0, 40.0),
    ("subdural", 80.0, 200.0),
    ("liver", 60.0, 160.0),
)
_MOST = 4  # windows of a file that are offered


def presets(modality: str) -> list[dict[str, Any]]:
    """The named windows of a modality, for keys 1 and on."""
    if modality != "CT":
        return []
    return [
        {"name": name, "centre": centre, "width": width, "function": "LINEAR"} for name, centre, width in CT_PRESETS
    ]


def usual(body_parts: Sequence[str]) -> dict[str, Any]:
    """The window that a CT is first seen with where its file names none.

    >>> usual(("head",))["name"], usual(())["name"]
    ('brain', 'soft-tissue')
    """
    wanted = "brain" if tuple(body_parts) == ("head",) else "soft-tissue"
    return next({"label": "", **one} for one in presets("CT") if one["name"] == wanted)


def windows_of_file(header: pydicom.Dataset) -> list[dict[str, Any]]:
    """The windows a header names, its own words for them beside; those that cannot be applied are left out."""
    centres, widths = numbers(header, "WindowCenter"), numbers(header, "WindowWidth")
    words = texts(header, "WindowCenterWidthExplanation")
    found = []
    for n, (centre, width) in enumerate(zip(centres[:_MOST], widths[:_MOST], strict=False)):
        try:
            window = Window(centre, width, code(header, "VOILUTFunction") or "LINEAR")
        except ValueError:
            continue
        label = words[n] if n < len(words) else ""
        found.append({"name": "file", "label": label[:32], **_plain(window)})
    return found


def stretched(values: NDArray[Any], padded: NDArray[np.bool_] | None = None) -> dict[str, Any]:
    """The window that spreads the middle 99 % of a picture, as :func:`secondread.dicom.voi.stretch` does."""
    counted = values if padded is None or padded.all() else values[~padded]
    low, high = (float(edge) for edge in np.quantile(counted, TAILS))
    if low == high:
        low, high = float(counted.min()), float(counted.max())
    return exact(low, high if high > low else low + 1.0, "whole")


def exact(low: float, high: float, name: str) -> dict[str, Any]:
    """The window from black at ``low`` to white at ``high``.

    >>> exact(0, 255, "whole")
    {'name': 'whole', 'label': '', 'centre': 127.5, 'width': 255, 'function': 'LINEAR_EXACT'}
    """
    return {"name": name, "label": "", **_plain(Window((low + high) / 2, high - low, "LINEAR_EXACT"))}


def _plain(window: Window) -> dict[str, Any]:
    return {"centre": window.centre, "width": window.width, "function": window.function}
