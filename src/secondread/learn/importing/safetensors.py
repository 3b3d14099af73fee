"""Weights in the format safetensors: a header of JSON and plain numbers. There is nothing in it to execute.

Source: github.com/huggingface/safetensors, README, section "Format".
"""

import json
from math import prod
from pathlib import Path
from typing import Any

import torch

from secondread.core.errors import SourceError, short_path

HEADER_LIMIT = 100_000_000  # bytes; the format's own limit
TYPES = {
    "F64": torch.float64,
    "F32": torch.float32,
    "F16": torch.float16,
    "BF16": torch.bfloat16,
    "I64": torch.int64,
    "I32": torch.int32,
    "I16": torch.int16,
    "I8": torch.int8,
    "U8": torch.uint8,
    "BOOL": torch.bool,
}


def read_safetensors(path: Path) -> dict[str, torch.Tensor]:
    """Every tensor of the file by its name.

    Raises:
        SourceError: If the file is damaged, or a tensor is of a type or at a place that the format does not know.
    """
    where = short_path(path)
    raw = bytearray(path.read_bytes())
    length = int.from_bytes(raw[:8], "little")
    if len(raw) < 8 or not 2 <= length <= min(HEADER_LIMIT, len(raw) - 8):
        raise damaged(where, "its header is longer than the file")
    try:
        header = json.loads(raw[8 : 8 + length])
    except (ValueError, RecursionError) as error:
        raise damaged(where, "its header is no JSON") from error
    if not isinstance(header, dict):
        raise damaged(where, "its header is no table")
    header.pop("__metadata__", None)
    return {name: tensor(raw, 8 + length, entry, f"{where}, {name}") for name, entry in header.items()}


def tensor(raw: bytearray, start: int, entry: Any, where: str) -> torch.Tensor:
    """One tensor; ``start`` is where the numbers of the file begin.

    Raises:
        SourceError: If its entry in the header does not fit the file.
    """
    try:
        kind, shape = TYPES[entry["dtype"]], tuple(map(int, entry["shape"]))
        first, last = map(int, entry["data_offsets"])
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise damaged(where, "its entry lacks a known type, a shape or a place") from error
    count = prod(shape)
    if min((*shape, first), default=first) < 0 or last > len(raw) - start or last - first != count * kind.itemsize:
        raise damaged(where, "its place does not fit its shape or the file")
    if count == 0:
        return torch.zeros(shape, dtype=kind)
    return torch.frombuffer(raw, dtype=kind, count=count, offset=start + first).reshape(shape).clone()


def damaged(where: str, what: str) -> SourceError:
    """The error for a file that is not what it says."""
    return SourceError(f"{where}: no readable safetensors file: {what}. Fetch the file again.")
