"""MetaImage volumes."""

import tempfile
from itertools import permutations, product
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk  # noqa: N813 - as its documentation writes it
from hypothesis import given, settings
from hypothesis import strategies as st

import grids
from secondread.core.errors import FormatError, GeometryError, TooLargeError
from secondread.core.identity import study_pseudonym
from secondread.formats.metaimage import load_metaimage, open_metaimage
from text_headers import VOXELS, check_same_as_simpleitk, edited, read_damaged


def picture(values=VOXELS, direction=None, spacing=(0.8, 0.7, 2.5), origin=(-100.0, -120.0, 50.0)):
    made = sitk.GetImageFromArray(values)
    made.SetSpacing(spacing)
    made.SetOrigin(origin)
    made.SetDirection(np.eye(3).ravel() if direction is None else np.asarray(direction, float).ravel())
    return made


def save(path, values=VOXELS, *, compressed=False, **geometry):
    sitk.WriteImage(picture(values, **geometry), str(path), compressed)
    return path


def volume(path):
    return load_metaimage(open_metaimage(path).series[0])


def test_a_volume_is_described_without_its_voxels(tmp_path):
    study = open_metaimage(save(tmp_path / "x.mha"))
    (series,) = study.series
    assert (series.kind, series.modality, series.size) == ("metaimage", "", (3, 4))
    assert study.patient_key == study_pseudonym(study.uid)
    assert open_metaimage(tmp_path / "x.mha") == study
    assert open_metaimage(save(tmp_path / "y.mha", VOXELS + 1)).uid != study.uid


@pytest.mark.parametrize("order", list(permutations(range(3))))
@pytest.mark.parametrize("signs", list(product((1, -1), repeat=3)))
def test_every_voxel_lies_where_simpleitk_says_in_every_orientation(tmp_path, order, signs):
    check_same_as_simpleitk(save(tmp_path / "x.mha", direction=np.eye(3)[:, order] * signs), volume)


@settings(max_examples=25, deadline=None)
@given(grids.rotations, st.booleans(), st.booleans())
def test_an_oblique_volume_lies_where_simpleitk_says(direction, compressed, detached):
    with tempfile.TemporaryDirectory() as folder:
        name = "x.mhd" if detached else "x.mha"
        check_same_as_simpleitk(save(Path(folder) / name, direction=direction, compressed=compressed), volume)


@pytest.mark.parametrize("kind", ["u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f4", "f8"])
def test_every_kind_of_number_becomes_float32(tmp_path, kind):
    check_same_as_simpleitk(save(tmp_path / "x.mha", VOXELS.astype(kind)), volume)


def test_big_endian_voxels_are_turned(tmp_path):
    path = edited(save(tmp_path / "x.mha"), b"BinaryDataByteOrderMSB = False", b"BinaryDataByteOrderMSB = True")
    content = path.read_bytes()
    path.write_bytes(content[: -VOXELS.nbytes] + VOXELS.astype(">i2").tobytes())
    assert np.array_equal(volume(path).values, VOXELS)


def test_a_data_file_with_a_header_of_its_own_is_read_from_its_end(tmp_path):
    path = edited(save(tmp_path / "x.mhd"), b"ElementDataFile", b"HeaderSize = -1\nElementDataFile")
    raw = tmp_path / "x.raw"
    raw.write_bytes(b"some words" + raw.read_bytes())
    assert np.array_equal(volume(path).values, VOXELS)


@pytest.mark.parametrize("name", ["../x.raw", "sub/../../x.raw", "..\\x.raw"])
def test_a_data_file_outside_the_folder_is_refused(tmp_path, name):
    inner = tmp_path / "inner"
    (inner / "sub").mkdir(parents=True)
    path = edited(save(inner / "x.mhd"), rb"x\.raw", name.replace("\\", "\\\\").encode())
    (inner / "x.raw").rename(tmp_path / "x.raw")
    with pytest.raises(FormatError, match=r"x\.mhd: its data file lies outside"):
        open_metaimage(path)


def test_a_data_file_by_its_full_path_or_by_a_link_that_leaves_is_refused(tmp_path):
    inner = tmp_path / "inner"
    inner.mkdir()
    path = save(inner / "x.mhd")
    (inner / "x.raw").rename(tmp_path / "x.raw")
    (inner / "x.raw").symlink_to(tmp_path / "x.raw")
    with pytest.raises(FormatError, match="lies outside"):
        open_metaimage(path)
    edited(path, rb"x\.raw", str(tmp_path / "x.raw").encode())
    with pytest.raises(FormatError, match="lies outside") as caught:
        open_metaimage(path)
    assert str(tmp_path) not in str(caught.value)


def test_a_missing_data_file_is_named(tmp_path):
    path = save(tmp_path / "x.mhd")
    (tmp_path / "x.raw").unlink()
    with pytest.raises(FormatError, match=r"its data file x\.raw is missing"):
        open_metaimage(path)


@pytest.mark.parametrize(
    ("old", "new", "kind", "words"),
    [
        (b"NDims = 3", b"NDims = 2", FormatError, "a number of axes '2', needed 3"),
        (b"ObjectType = Image", b"ObjectType = Tube", FormatError, "an object of type 'Tube'"),
        (b"BinaryData = True", b"BinaryData = False", FormatError, "written as text"),
        (b"BinaryData = True", b"BinaryData = maybe", FormatError, "neither True nor False"),
        (b"MET_SHORT", b"MET_STRING", FormatError, "'MET_STRING' are not read"),
        (b"ElementDataFile", b"ElementNumberOfChannels = 3\nElementDataFile", FormatError, "number of channels"),
        (b"ElementDataFile", b"ElementToIntensityFunctionSlope = 2\nElementDataFile", FormatError, "a conversion"),
        (b"ElementDataFile", b"Offset = 1 2 3\nElementDataFile", FormatError, "one field twice"),
        (b"ElementDataFile", b"DistanceUnits = um\nElementDataFile", FormatError, "a unit of length 'um'"),
        (b"ElementDataFile = LOCAL", b"ElementDataFile = LIST", FormatError, "several data files"),
        (b"ElementDataFile = LOCAL", b"Element = LOCAL", FormatError, "header does not end"),
        (b"ElementDataFile = LOCAL", b"ElementDataFiles = LOCAL", FormatError, "does not name where its voxels are"),
        (b"ElementDataFile = LOCAL", b"ElementDataFile = ", FormatError, "does not name where its voxels are"),
        (b"Offset = [^\n]*\n", b"", GeometryError, "Offset is missing"),
        (b"TransformMatrix = [^\n]*\n", b"", GeometryError, "TransformMatrix is missing"),
        (b"TransformMatrix = [^\n]*\n", b"TransformMatrix = 1 0 0 1 0 0 0 0 1\n", GeometryError, "cannot be inverted"),
        (b"Offset = [^\n]*\n", b"Offset = 1 2 nan\n", FormatError, "Offset is not 3 finite numbers"),
        (b"ElementSpacing = [^\n]*\n", b"ElementSpacing = 1 1 0\n", GeometryError, "must be positive"),
        (b"DimSize = [^\n]*\n", b"DimSize = 4 3 2.5\n", FormatError, "three whole numbers"),
        (b"DimSize = [^\n]*\n", b"DimSize = 4 3 -2\n", FormatError, "must be at least 1"),
        (b"DimSize = [^\n]*\n", b"DimSize = 30000 30000 30000\n", TooLargeError, "30000 x 30000 pixels"),
        (b"DimSize = [^\n]*\n", b"DimSize = 1e300 1 1\n", TooLargeError, "At most"),
    ],
)
def test_a_header_that_cannot_be_used_is_refused_before_its_voxels_are_read(tmp_path, old, new, kind, words):
    path = edited(save(tmp_path / "x.mha"), old, new)
    with pytest.raises(kind, match=words):
        open_metaimage(path)


@pytest.mark.parametrize("compressed", [False, True])
def test_voxels_cut_short_are_refused(tmp_path, compressed):
    noise = np.random.default_rng(0).integers(0, 1000, (20, 20, 20)).astype(np.int16)
    path = save(tmp_path / "x.mha", noise, compressed=compressed)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
    with pytest.raises(FormatError, match=r"x\.mha: the voxels are cut short"):
        volume(path)


def test_packed_voxels_beyond_what_the_header_announces_are_a_bomb(tmp_path):
    path = edited(save(tmp_path / "x.mha", np.zeros((64, 64, 64), np.int16), compressed=True), b"64 64 64", b"4 4 4")
    with pytest.raises(TooLargeError, match="more than the header announces"):
        volume(path)


def test_damaged_packing_is_a_format_error(tmp_path):
    path = save(tmp_path / "x.mha", compressed=True)
    content = bytearray(path.read_bytes())
    content[-20:-10] = bytes(10)
    path.write_bytes(content)
    with pytest.raises(FormatError, match=r"damaged|cut short"):
        volume(path)


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e300])
def test_voxels_that_are_no_finite_numbers_are_refused(tmp_path, value):
    values = np.zeros((2, 3, 4))
    values[1, 1, 1] = value
    with pytest.raises(FormatError, match="not finite numbers"):
        volume(save(tmp_path / "x.mha", values))


@pytest.mark.parametrize(
    ("content", "words"),
    [(None, "missing or cannot be opened"), (b"", "empty"), (b"Findings: none." * 9000, "header does not end")],
)
def test_what_is_no_metaimage_is_refused_by_its_name(tmp_path, content, words):
    path = tmp_path / "x.mha"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(FormatError, match=rf"x\.mha: .*{words}"):
        open_metaimage(path)


def test_a_series_of_another_kind_is_refused(tmp_path):
    from dataclasses import replace

    series = open_metaimage(save(tmp_path / "x.mha")).series[0]
    with pytest.raises(FormatError, match="kind nrrd, needed a MetaImage"):
        load_metaimage(replace(series, kind="nrrd"))


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_a_damaged_file_is_read_or_refused(data):
    with tempfile.TemporaryDirectory() as folder:
        path = save(Path(folder) / "x.mha", compressed=data.draw(st.booleans()))
        read_damaged(path, data, volume, cut=True)
