"""The format safetensors, against files written by its own description."""

import json

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from secondread.core.errors import SourceError  # noqa: E402
from secondread.learn.importing.safetensors import read_safetensors  # noqa: E402

TYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "i1", "U8": "u1"}


def write(path, entries, data=b""):
    header = json.dumps(entries).encode()
    path.write_bytes(len(header).to_bytes(8, "little") + header + data)
    return path


@pytest.mark.parametrize(("kind", "numpy_kind"), TYPES.items())
def test_numbers_come_back_as_they_were_written(tmp_path, kind, numpy_kind):
    first, second = np.arange(6, dtype=numpy_kind).reshape(2, 3), np.array(7, dtype=numpy_kind)
    size = first.nbytes
    entries = {
        "__metadata__": {"format": "pt"},
        "a.weight": {"dtype": kind, "shape": [2, 3], "data_offsets": [0, size]},
        "b": {"dtype": kind, "shape": [], "data_offsets": [size, size + second.nbytes]},
        "empty": {"dtype": kind, "shape": [0, 4], "data_offsets": [0, 0]},
    }
    found = read_safetensors(write(tmp_path / "w.safetensors", entries, first.tobytes() + second.tobytes()))
    assert set(found) == {"a.weight", "b", "empty"}
    assert np.array_equal(found["a.weight"].numpy(), first)
    assert found["b"].item() == 7
    assert found["empty"].shape == (0, 4)


def test_bfloat16_is_the_upper_half_of_float32(tmp_path):
    data = np.array([1.5, -2.0], "<f4").view("<u2")[1::2].tobytes()
    path = write(tmp_path / "w.safetensors", {"a": {"dtype": "BF16", "shape": [2], "data_offsets": [0, 4]}}, data)
    assert read_safetensors(path)["a"].float().tolist() == [1.5, -2.0]


@pytest.mark.parametrize(
    "entry",
    [
        {"dtype": "F32", "shape": [2], "data_offsets": [0, 4]},
        {"dtype": "F32", "shape": [2], "data_offsets": [4, 12]},
        {"dtype": "F32", "shape": [-1, -2], "data_offsets": [0, 8]},
        {"dtype": "F32", "shape": [2], "data_offsets": [-8, 0]},
        {"dtype": "PY", "shape": [2], "data_offsets": [0, 8]},
        {"dtype": "F32", "shape": [2]},
        {"dtype": "F32", "shape": "no", "data_offsets": [0, 8]},
        {"dtype": "F32", "shape": [float("inf")], "data_offsets": [0, 8]},
        "text",
    ],
)
def test_a_tensor_that_does_not_fit_the_file_is_refused(tmp_path, entry):
    with pytest.raises(SourceError, match="no readable safetensors"):
        read_safetensors(write(tmp_path / "w.safetensors", {"a": entry}, bytes(8)))


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"short",
        (2**40).to_bytes(8, "little") + b"{}",
        (5).to_bytes(8, "little") + b"{bad}",
        (2).to_bytes(8, "little") + b"[]",
        (100_000).to_bytes(8, "little") + b"[" * 100_000,
    ],
)
def test_a_damaged_file_is_refused(tmp_path, raw):
    (tmp_path / "w.safetensors").write_bytes(raw)
    with pytest.raises(SourceError, match=r"w\.safetensors"):
        read_safetensors(tmp_path / "w.safetensors")
