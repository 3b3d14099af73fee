"""What goes to the viewer: a line of JSON that says whose pixels these are and how to read them, then the pixels."""

import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

TYPE = "application/vnd.secondread.pixels"
_ALIGN = 8  # so that a browser can look into the bytes as numbers of any size
_HERE = frozenset({"127.0.0.1", "::1", "localhost"})
_LEAST_BYTES = 2048


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture as whole numbers: value = code x scale + offset.

    Attributes:
        kind: ``uint8``, ``int16``, ``uint16`` (little endian), or ``rgb8``.
        rows: Number of rows.
        columns: Number of columns.
        scale: Step from one code to the next.
        offset: Value of code 0.
        data: The codes, row by row.
    """

    kind: str
    rows: int
    columns: int
    scale: float
    offset: float
    data: bytes


def encoded(values: NDArray[Any]) -> Frame:
    """A picture in the fewest bytes that keep it: whole numbers exactly, others in 65536 steps from lowest to highest.

    Args:
        values: Numbers [j, i], or uint8 [j, i, 3] in red, green and blue.

    >>> encoded(np.array([[-1024.0, 3071.0]])).kind
    'int16'
    >>> frame = encoded(np.array([[0.0, 0.25, 1.0]]))
    >>> np.round(np.frombuffer(frame.data, "<u2") * frame.scale + frame.offset, 4).tolist()
    [0.0, 0.25, 1.0]
    """
    rows, columns = values.shape[:2]
    if values.ndim == 3:
        return Frame("rgb8", rows, columns, 1.0, 0.0, np.ascontiguousarray(values, np.uint8).tobytes())
    low, high = float(values.min()), float(values.max())
    if values.dtype.kind in "iu" or bool((np.rint(values) == values).all()):
        for kind, code in (("uint8", "<u1"), ("int16", "<i2"), ("uint16", "<u2")):
            limits = np.iinfo(code)
            if limits.min <= low and high <= limits.max:
                return Frame(kind, rows, columns, 1.0, 0.0, values.astype(code).tobytes())
    scale = (high - low) / 65535.0 or 1.0
    codes = np.rint((values - low) / scale).astype("<u2")
    return Frame("uint16", rows, columns, scale, low, codes.tobytes())


def packed(header: Mapping[str, Any], data: bytes) -> bytes:
    r"""The header as one line of JSON, filled up with spaces, and the data behind it.

    >>> packed({"a": 1}, b"xy")
    b'{"a":1}\nxy'
    """
    line = json.dumps(header, separators=(",", ":"), allow_nan=False).encode()
    return line + b" " * (-(len(line) + 1) % _ALIGN) + b"\n" + data


def compressed(body: bytes, accepts: str, address: str, *, always: bool = False) -> tuple[bytes, dict[str, str]]:
    """The body and its headers, compressed where that pays.

    Nothing is gained on the way to a browser on the same machine: a slice takes longer to pack than to send.

    Args:
        body: What is sent.
        accepts: Accept-Encoding of the request.
        address: Where the request came from.
        always: Whether the body is known to shrink much, as masks do.
    """
    if len(body) < _LEAST_BYTES or "gzip" not in accepts or (address in _HERE and not always):
        return body, {}
    small = gzip.compress(body, compresslevel=1, mtime=0)
    return (small, {"Content-Encoding": "gzip"}) if len(small) < 0.85 * len(body) else (body, {})
