"""What the tests of volumes with a text header share: MetaImage and NRRD."""

import re
from collections.abc import Callable
from itertools import product
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk  # noqa: N813 - as its documentation writes it
from hypothesis import strategies as st

from secondread.core.errors import SecondreadError
from secondread.core.volume import Volume

VOXELS = np.arange(2 * 3 * 4, dtype=np.int16).reshape(2, 3, 4)  # k, j, i
Read = Callable[[Path], Volume]


def edited(path: Path, old: bytes, new: bytes) -> Path:
    """The file with a part of its header replaced."""
    content = path.read_bytes()
    changed = re.sub(old, new, content, count=1)
    assert changed != content
    path.write_bytes(changed)
    return path


def check_same_as_simpleitk(path: Path, volume: Read) -> None:
    """The same values, and the corners in the same places, in LPS mm."""
    witness, found = sitk.ReadImage(str(path)), volume(path)
    assert np.array_equal(found.values, sitk.GetArrayFromImage(witness).astype(np.float32))
    for k, j, i in product(*((0, n - 1) for n in found.geometry.shape)):
        theirs = witness.TransformIndexToPhysicalPoint((i, j, k))
        assert found.geometry.world((k, j, i)) == pytest.approx(theirs, abs=1e-3)


def read_damaged(path: Path, data: st.DataObject, volume: Read, *, cut: bool) -> None:
    """Some bytes changed, and perhaps the end cut off: the file is still read, or refused with an error of ours."""
    damaged = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    kept = data.draw(st.integers(0, len(damaged))) if cut else len(damaged)
    path.write_bytes(damaged[:kept] or damaged)
    try:
        volume(path)
    except SecondreadError as error:
        assert str(error)  # noqa: PT017 - either outcome is right
