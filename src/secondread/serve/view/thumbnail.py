"""A small picture of a series for its list."""

from collections.abc import Mapping
from io import BytesIO
from typing import Any

import numpy as np

from secondread.dicom.voi import Window, window
from secondread.serve.view.package import Frame

SIDE_PX = 96
_CODES = {"uint8": "<u1", "int16": "<i2", "uint16": "<u2"}


def jpeg(frame: Frame, description: Mapping[str, Any]) -> bytes:
    """The picture through the first window of its series, at most :data:`SIDE_PX` wide and high."""
    from PIL import Image as Pillow

    if frame.kind == "rgb8":
        grey = np.frombuffer(frame.data, np.uint8).reshape(frame.rows, frame.columns, 3)
    else:
        codes = np.frombuffer(frame.data, _CODES[frame.kind]).reshape(frame.rows, frame.columns)
        step = max(1, min(codes.shape) // (2 * SIDE_PX))
        values = codes[::step, ::step] * frame.scale + frame.offset
        first = description["windows"][0]
        shown = window(values, Window(first["centre"], first["width"], first["function"]))
        grey = np.rint((1.0 - shown if description["inverted"] else shown) * 255).astype(np.uint8)
    picture = Pillow.fromarray(grey)
    picture.thumbnail((SIDE_PX, SIDE_PX))
    file = BytesIO()
    picture.save(file, "JPEG", quality=80)
    return file.getvalue()
