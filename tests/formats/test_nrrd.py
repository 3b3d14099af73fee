"""NRRD volumes."""

import tempfile
from itertools import permutations, product
from pathlib import Path

import nrrd
import numpy as np
import pytest
import SimpleITK as sitk  # noqa: N813 - as its documentation writes it
from hypothesis import given, settings
from hypothesis import strategies as st

import grids
from secondread.core.errors import FormatError, GeometryError, TooLargeError
from secondread.formats.nrrd import load_nrrd, open_nrrd
from text_headers import VOXELS, check_same_as_simpleitk, edited, read_damaged

DIRECTIONS = np.diag([0.8, 0.7, 2.5])  # one row an axis, as pynrrd wants it
ORIGIN = np.array([-100.0, -120.0, 50.0])


def save(path, values=VOXELS, **header):
    """Write with pynrrd, whose first index runs fastest."""
    geometry = {"space": "left-posterior-superior", "space directions": DIRECTIONS, "space origin": ORIGIN}
    wanted = {"encoding": "raw"} | geometry | header
    nrrd.write(str(path), values.T, {key: value for key, value in wanted.items() if value is not None})
    return path


def volume(path):
    return load_nrrd(open_nrrd(path).series[0])


def test_a_volume_is_described_without_its_voxels(tmp_path):
    study = open_nrrd(save(tmp_path / "x.nrrd"))
    assert (study.series[0].kind, study.series[0].modality, study.series[0].size) == ("nrrd", "", (3, 4))
    assert open_nrrd(tmp_path / "x.nrrd") == study


@pytest.mark.parametrize("encoding", ["raw", "gzip"])
@pytest.mark.parametrize("space", ["left-posterior-superior", "LPS", "right-anterior-superior", "RAS"])
def test_both_spaces_become_lps(tmp_path, encoding, space):
    path = save(tmp_path / "x.nrrd", space=space, encoding=encoding)
    expected = ORIGIN * (1 if space.lower().startswith("l") else (-1, -1, 1))
    assert volume(path).geometry.world((0, 0, 0)) == pytest.approx(expected)
    assert np.array_equal(volume(path).values, nrrd.read(str(path))[0].T)
    check_same_as_simpleitk(path, volume)


@pytest.mark.parametrize("order", list(permutations(range(3))))
@pytest.mark.parametrize("signs", list(product((1, -1), repeat=3)))
def test_every_voxel_lies_where_simpleitk_says_in_every_orientation(tmp_path, order, signs):
    directions = (DIRECTIONS[list(order)].T * signs).T
    check_same_as_simpleitk(save(tmp_path / "x.nrrd", **{"space directions": directions}), volume)


@settings(max_examples=25, deadline=None)
@given(grids.rotations, st.sampled_from(["raw", "gzip"]), st.booleans())
def test_an_oblique_volume_lies_where_simpleitk_says(turn, encoding, detached):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / ("x.nhdr" if detached else "x.nrrd")
        check_same_as_simpleitk(save(path, encoding=encoding, **{"space directions": (turn @ DIRECTIONS).T}), volume)


def test_what_simpleitk_writes_is_read(tmp_path):
    made = sitk.GetImageFromArray(VOXELS.astype(np.float32))
    made.SetSpacing((0.8, 0.7, 2.5))
    for compressed in (True, False):
        sitk.WriteImage(made, str(tmp_path / "x.nrrd"), compressed)
        check_same_as_simpleitk(tmp_path / "x.nrrd", volume)


@pytest.mark.parametrize("kind", ["u1", "i1", "<u2", ">i2", "<i4", ">u4", "<i8", ">f4", "<f8"])
def test_every_kind_of_number_and_both_byte_orders_become_float32(tmp_path, kind):
    check_same_as_simpleitk(save(tmp_path / "x.nrrd", VOXELS.astype(kind)), volume)


def test_comments_and_notes_are_passed_over(tmp_path):
    path = edited(save(tmp_path / "x.nrrd"), b"\nspace:", b"\n# a comment: with a colon\nnote:=some words\nspace:")
    assert np.array_equal(volume(path).values, VOXELS)


def test_a_data_file_is_read_after_or_before_its_skipped_bytes(tmp_path):
    path = save(tmp_path / "x.nhdr")
    raw = tmp_path / "x.raw"
    raw.write_bytes(b"words" + raw.read_bytes())
    for skip in (b"5", b"-1"):
        (tmp_path / "y.nhdr").write_bytes(path.read_bytes().rstrip() + b"\nbyte skip: " + skip + b"\n")
        assert np.array_equal(volume(tmp_path / "y.nhdr").values, VOXELS)


def test_a_data_file_outside_the_folder_is_refused(tmp_path):
    inner = tmp_path / "inner"
    inner.mkdir()
    path = edited(save(inner / "x.nhdr"), rb"x\.raw", b"../x.raw")
    (inner / "x.raw").rename(tmp_path / "x.raw")
    with pytest.raises(FormatError, match=r"x\.nhdr: its data file lies outside"):
        open_nrrd(path)


@pytest.mark.parametrize(
    ("old", "new", "kind", "words"),
    [
        (b"^NRRD", b"NARD", FormatError, "not an NRRD file"),
        (b"dimension: 3", b"dimension: 4", FormatError, "a number of axes '4', needed 3"),
        (b"encoding: raw", b"encoding: bzip2", FormatError, "the encoding 'bzip2'"),
        (b"encoding: raw", b"encoding: raw\nline skip: 2", FormatError, "with lines before"),
        (b"encoding: raw", b"encoding: raw\nbyte skip: 1.5", FormatError, "this byte skip"),
        (b"encoding: raw", b"encoding: raw\ndata file: LIST", FormatError, "several data files"),
        (b"encoding: raw", b"encoding: raw\nencoding: raw", FormatError, "one field twice"),
        (b"encoding: raw", b'encoding: raw\nspace units: "mm" "mm" "um"', FormatError, "a unit of length 'um'"),
        (b"encoding: raw", b"encoding: raw\nkinds: domain domain vector", FormatError, "of the kind 'vector'"),
        (b"type: [^\n]*\n", b"type: block\n", FormatError, "'block' are not read"),
        (b"endian: [^\n]*\n", b"", FormatError, "does not say the byte order"),
        (b"sizes: [^\n]*\n", b"sizes: 4 3\n", FormatError, "sizes is not 3 finite numbers"),
        (b"sizes: [^\n]*\n", b"sizes: 4 3 0\n", FormatError, "must be at least 1"),
        (b"sizes: [^\n]*\n", b"sizes: 30000 30000 30000\n", TooLargeError, "30000 x 30000 pixels"),
        (b"space: [^\n]*\n", b"", GeometryError, "space is missing"),
        (
            b"space: [^\n]*\n",
            b"space: left-anterior-superior\n",
            GeometryError,
            "space is 'left-anterior-superior'",
        ),
        (b"space origin: [^\n]*\n", b"", GeometryError, "space origin is missing"),
        (b"space origin: [^\n]*\n", b"space origin: 1 2 3\n", FormatError, "is not 1 vectors"),
        (b"space directions: [^\n]*\n", b"space directions: none (0,1,0) (0,0,1)\n", FormatError, "not 3 vectors"),
        (b"space directions: [^\n]*\n", b"space directions: (1,0,0) (1,0,0) (0,0,1)\n", GeometryError, "inverted"),
    ],
)
def test_a_header_that_cannot_be_used_is_refused_before_its_voxels_are_read(tmp_path, old, new, kind, words):
    path = edited(save(tmp_path / "x.nrrd"), old, new)
    with pytest.raises(kind, match=words):
        open_nrrd(path)


@pytest.mark.parametrize("encoding", ["raw", "gzip"])
def test_voxels_cut_short_are_refused(tmp_path, encoding):
    noise = np.random.default_rng(0).integers(0, 1000, (20, 20, 20)).astype(np.int16)
    path = save(tmp_path / "x.nrrd", noise, encoding=encoding)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
    with pytest.raises(FormatError, match=r"x\.nrrd: the voxels are cut short"):
        volume(path)


def test_packed_voxels_beyond_what_the_header_announces_are_a_bomb(tmp_path):
    path = edited(save(tmp_path / "x.nrrd", np.zeros((64, 64, 64), np.int16), encoding="gzip"), b"64 64 64", b"4 4 4")
    with pytest.raises(TooLargeError, match="more than the header announces"):
        volume(path)


def test_a_series_of_another_kind_is_refused(tmp_path):
    from dataclasses import replace

    series = open_nrrd(save(tmp_path / "x.nrrd")).series[0]
    with pytest.raises(FormatError, match="kind nifti, needed an NRRD"):
        load_nrrd(replace(series, kind="nifti"))


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_a_damaged_file_is_read_or_refused(data):
    with tempfile.TemporaryDirectory() as folder:
        path = save(Path(folder) / "x.nrrd", encoding=data.draw(st.sampled_from(["raw", "gzip"])))
        read_damaged(path, data, volume, cut=False)
