"""NumPy arrays as pictures."""

import io
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from secondread.core.errors import FormatError, SecondreadError, TooLargeError
from secondread.formats.npy import npy_picture
from secondread.formats.raster import load_raster, open_raster

GREY = (np.arange(12)[:, None] * 15 + np.arange(8)[None, :] * 9).astype(np.uint8)


def save(path, values):
    np.save(path, values, allow_pickle=True)
    return path


@pytest.mark.parametrize("kind", ["u1", "<u2", ">u2", "<f2", "<f4", ">f8"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_an_array_is_the_picture_of_its_full_range(tmp_path, kind, order):
    dtype = np.dtype(kind)
    full = np.iinfo(dtype).max if dtype.kind == "u" else 1
    values = np.asarray(GREY / 255 * full, dtype=dtype, order=order)
    (series,) = open_raster(save(tmp_path / "x.npy", values)).series
    image = load_raster(series)
    assert (series.kind, series.modality, series.size) == ("raster", "", (12, 8))
    assert image.values == pytest.approx(GREY / 255, abs=1e-3)
    assert image.spacing_mm is None


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (np.zeros((3, 4, 5), np.uint8), "a volume that does not say where it lies.*with its geometry"),
        (np.zeros(5, np.uint8), "1 axes, needed one picture"),
        (np.zeros((3, 4), np.int16), "int16, needed uint8"),
        (np.zeros((3, 4), np.uint32), "uint32, needed uint8"),
        (np.zeros((3, 4), np.complex64), "complex64, needed"),
        (np.zeros((3, 4), bool), "bool, needed"),
        (np.zeros((3, 4), [("a", "u1")]), "needed uint8"),
        (np.array([["a"]]), "needed uint8"),
        (np.zeros((0, 4), np.uint8), "must be at least 1"),
    ],
)
def test_an_array_that_is_no_grey_picture_is_refused_at_its_header(tmp_path, values, words):
    with pytest.raises(FormatError, match=rf"x\.npy: .*{words}"):
        open_raster(save(tmp_path / "x.npy", values))


class Trap:
    """Would say that it was woken up."""

    def __reduce__(self):
        return (pytest.fail, ("a pickle was opened",))


def test_a_pickle_is_never_opened(tmp_path):
    with pytest.raises(FormatError, match="object, needed uint8"):
        open_raster(save(tmp_path / "x.npy", np.array([[Trap()]], dtype=object)))
    (tmp_path / "y.npy").write_bytes(pickle.dumps(Trap()))
    with pytest.raises(FormatError, match="no readable"):
        open_raster(tmp_path / "y.npy")


@pytest.mark.parametrize("value", [np.nan, np.inf, -0.1, 1.1])
def test_floats_outside_0_to_1_are_refused(tmp_path, value):
    values = np.zeros((3, 4), np.float32)
    values[1, 1] = value
    with pytest.raises(FormatError, match="outside 0 to 1"):
        load_raster(open_raster(save(tmp_path / "x.npy", values)).series[0])


def test_a_header_with_too_many_pixels_is_refused_before_they_are_there(tmp_path):
    content = save(tmp_path / "x.npy", GREY).read_bytes()
    (tmp_path / "x.npy").write_bytes(content.replace(b"(12, 8), }      ", b"(60000, 60000), }"[:16]))
    stream = io.BytesIO()
    np.lib.format.write_array_header_1_0(stream, {"descr": "|u1", "fortran_order": False, "shape": (60_000, 60_000)})
    (tmp_path / "x.npy").write_bytes(stream.getvalue())
    with pytest.raises(TooLargeError, match="60000 x 60000"):
        open_raster(tmp_path / "x.npy")


def test_an_array_cut_short_is_refused(tmp_path):
    content = save(tmp_path / "x.npy", GREY).read_bytes()
    (tmp_path / "x.npy").write_bytes(content[:-1])
    with pytest.raises(FormatError, match="cut short"):
        load_raster(open_raster(tmp_path / "x.npy").series[0])


@given(st.data())
def test_a_damaged_array_is_read_or_refused(data):
    stream = io.BytesIO()
    np.save(stream, GREY)
    damaged = bytearray(stream.getvalue())
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(6, 130))] = data.draw(st.integers(0, 255))
    try:
        npy_picture(bytes(damaged), "x.npy")
    except SecondreadError as error:
        assert str(error)  # noqa: PT017 - either outcome is right
