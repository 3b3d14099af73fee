"""TIFF pictures."""

import struct
import tempfile
from pathlib import Path

import numpy as np
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st

from secondread.core.errors import FormatError, SecondreadError, TooLargeError
from secondread.formats.raster import load_raster, open_raster

GREY = (np.arange(12)[:, None] * 15 + np.arange(8)[None, :] * 9).astype(np.uint8)
TURNS = {
    1: lambda a: a,
    2: np.fliplr,
    3: lambda a: np.rot90(a, 2),
    4: np.flipud,
    5: np.transpose,
    6: lambda a: np.rot90(a, -1),
    7: lambda a: np.rot90(a, 2).T,
    8: np.rot90,
}  # stored to upright. Source: TIFF 6.0 section 8, Orientation


def save(path, values=GREY, **options):
    tifffile.imwrite(path, values, **({"photometric": "minisblack"} | options))
    return path


def picture(path):
    return load_raster(open_raster(path).series[0])


@pytest.mark.parametrize("byteorder", ["<", ">"])
@pytest.mark.parametrize("kind", ["uint8", "uint16"])
@pytest.mark.parametrize("compression", [None, "zlib", "lzw", "packbits"])
def test_a_grey_tiff_is_its_full_range(tmp_path, byteorder, kind, compression):
    values = GREY.astype(kind) * (257 if kind == "uint16" else 1)
    path = save(tmp_path / "x.tif", values, byteorder=byteorder, compression=compression)
    assert picture(path).values == pytest.approx(tifffile.imread(path) / np.iinfo(kind).max)
    assert (open_raster(path).series[0].kind, open_raster(path).series[0].size) == ("raster", (12, 8))
    assert picture(path).spacing_mm is None


@pytest.mark.parametrize("kind", ["uint8", "uint16"])
def test_where_white_is_zero_it_is_turned_once(tmp_path, kind):
    values = GREY.astype(kind) * (257 if kind == "uint16" else 1)
    path = save(tmp_path / "x.tif", values, photometric="miniswhite")
    assert picture(path).values == pytest.approx(1 - GREY / 255, abs=1e-6)


def test_a_big_tiff_is_read(tmp_path):
    assert picture(save(tmp_path / "x.tif", bigtiff=True)).values == pytest.approx(GREY / 255)


@pytest.mark.parametrize("orientation", TURNS)
def test_a_picture_is_turned_as_its_tag_says(tmp_path, orientation):
    path = save(tmp_path / "x.tif", extratags=[(274, "H", 1, orientation, True)])
    upright = TURNS[orientation](GREY)
    assert picture(path).values == pytest.approx(upright / 255)
    assert open_raster(path).series[0].size == upright.shape


@pytest.mark.parametrize(
    ("values", "options", "words"),
    [
        (np.zeros((2, 12, 8), np.uint8), {}, "found 2 pictures in one file"),
        (np.zeros((12, 8, 3), np.uint8), {"photometric": "rgb"}, "coloured or has several channels"),
        (np.zeros((12, 8, 3), np.uint16), {"photometric": "rgb"}, "coloured or has several channels"),
        (GREY, {"photometric": "palette", "colormap": np.zeros((3, 256), np.uint16)}, "coloured"),
        (np.zeros((12, 8), np.float32), {}, "floating-point values of 32 bits"),
        (np.zeros((12, 8), np.int16), {}, "signed values of 16 bits"),
        (np.zeros((12, 8), np.int8), {}, "signed values of 8 bits|no readable"),
        (np.zeros((12, 8), np.uint32), {}, "unsigned values of 32 bits|no readable"),
        (np.zeros((12, 8), bool), {}, "values of 1 bits"),
    ],
)
def test_what_is_no_single_grey_page_is_refused_at_its_tags(tmp_path, values, options, words):
    with pytest.raises(FormatError, match=words):
        open_raster(save(tmp_path / "x.tif", values, **options))


def test_a_header_with_too_many_pixels_is_refused_before_decoding(tmp_path):
    path = save(tmp_path / "x.tif", byteorder="<")
    content = path.read_bytes()
    for tag, size in ((256, 8), (257, 12)):
        entry = struct.pack("<HHII", tag, 4, 1, size)
        assert content.count(entry) == 1
        content = content.replace(entry, struct.pack("<HHII", tag, 4, 1, 60_000))
    path.write_bytes(content)
    with pytest.raises(TooLargeError):
        open_raster(path)


def test_pixels_cut_short_are_refused(tmp_path):
    path = save(tmp_path / "x.tif", np.tile(GREY, (20, 20)))
    path.write_bytes(path.read_bytes()[:-1000])
    with pytest.raises(FormatError, match="damaged or cut short"):
        picture(path)


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_a_damaged_file_is_read_or_refused(data):
    with tempfile.TemporaryDirectory() as folder:
        path = save(Path(folder) / "x.tif", compression=data.draw(st.sampled_from([None, "zlib"])))
        damaged = bytearray(path.read_bytes())
        for _ in range(data.draw(st.integers(1, 4))):
            damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
        path.write_bytes(damaged)
        try:
            picture(path)
        except SecondreadError as error:
            assert str(error)  # noqa: PT017 - either outcome is right
