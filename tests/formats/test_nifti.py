"""NIfTI volumes."""

import gzip
import math
import tempfile
from itertools import permutations, product
from pathlib import Path

import nibabel
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grids import few, geometries
from secondread.core.errors import FormatError, GeometryError, OutputError, SecondreadError, TooLargeError
from secondread.core.geometry import Geometry
from secondread.core.identity import study_pseudonym
from secondread.core.volume import Volume
from secondread.formats.nifti import load_nifti, open_nifti, save_nifti

AFFINE = np.diag([-0.8, -0.7, 2.5, 1.0])
VOXELS = np.arange(4 * 3 * 2, dtype=np.int16).reshape(4, 3, 2)
ORIENTATIONS = [
    (order, signs) for order in permutations(range(3)) for signs in product((1, -1), repeat=3)
]  # all 48 ways to lay a box along the axes


def save(path, values=VOXELS, affine=AFFINE, **header):
    picture = nibabel.Nifti1Image(values, affine)
    picture.header.set_xyzt_units(header.pop("unit", "mm"))
    for name, value in header.items():
        picture.header[name] = value
    nibabel.save(picture, path)
    return path


def volume(path):
    return load_nifti(open_nifti(path).series[0])


def test_a_volume_is_described_without_its_voxels(tmp_path):
    study = open_nifti(save(tmp_path / "x.nii.gz"))
    (series,) = study.series
    assert (series.kind, series.modality, series.size) == ("nifti", "", (3, 4))
    assert study.patient_key == study_pseudonym(study.uid)
    assert open_nifti(tmp_path / "x.nii.gz") == study


def test_the_published_example_turns_from_ras_to_lps(tmp_path):
    affine = AFFINE.copy()
    affine[:3, 3] = 100, 120, 50
    found = volume(save(tmp_path / "x.nii", affine=affine))
    assert found.unit == "grey"
    assert found.geometry.spacing_mm == pytest.approx((2.5, 0.7, 0.8))
    assert found.geometry.world((0, 0, 0)) == pytest.approx((-100, -120, 50))
    assert found.values.shape == (2, 3, 4)
    assert found.values[1, 2, 3] == VOXELS[3, 2, 1]


@pytest.mark.parametrize(("order", "signs"), ORIENTATIONS)
def test_every_voxel_lies_where_nibabel_says_in_every_orientation(tmp_path, order, signs):
    affine = np.eye(4)
    affine[:3, :3] = np.diag([0.8, 0.7, 2.5])[:, order] * signs
    affine[:3, 3] = 11, -22, 33
    path = save(tmp_path / "x.nii", affine=affine)
    found, witness = volume(path), nibabel.load(path)
    for x, y, z in [(0, 0, 0), (3, 2, 1), (1, 2, 0)]:
        right, anterior, superior = nibabel.affines.apply_affine(witness.affine, (x, y, z))
        assert found.geometry.world((z, y, x)) == pytest.approx((-right, -anterior, superior), abs=1e-4)
        assert found.values[z, y, x] == witness.get_fdata()[x, y, z]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(-3, 3), min_size=9, max_size=9))
def test_an_oblique_or_sheared_grid_keeps_its_place_or_is_refused(numbers):
    affine = np.eye(4)
    affine[:3, :3] = np.reshape(numbers, (3, 3)).astype(np.float32)
    with tempfile.TemporaryDirectory() as folder:
        picture = nibabel.Nifti1Image(VOXELS, None)
        picture.set_sform(affine, 1)
        picture.header.set_xyzt_units("mm")
        path = Path(folder) / "x.nii"
        nibabel.save(picture, path)
        try:
            found = volume(path)
        except GeometryError:
            columns = np.linalg.norm(affine[:3, :3], axis=0)
            assert columns.min() < 1e-5 or abs(np.linalg.det(affine[:3, :3] / columns)) < 1e-5
        else:
            assert found.geometry.world((1, 2, 3)) == pytest.approx(affine[:3] @ (3, 2, 1, 1) * (-1, -1, 1), abs=1e-4)


def test_the_files_own_scaling_is_applied(tmp_path):
    picture = nibabel.Nifti1Image(VOXELS, AFFINE)
    picture.header.set_xyzt_units("mm")
    picture.header.set_slope_inter(2, -1000)
    nibabel.save(picture, tmp_path / "x.nii")
    assert np.array_equal(volume(tmp_path / "x.nii").values, nibabel.load(tmp_path / "x.nii").get_fdata().T)


@pytest.mark.parametrize("dtype", [np.uint8, np.int32, np.float32, np.float64])
def test_every_kind_of_number_becomes_float32(tmp_path, dtype):
    found = volume(save(tmp_path / "x.nii", VOXELS.astype(dtype)))
    assert found.values.dtype == np.float32
    assert np.array_equal(found.values, VOXELS.T)


def test_a_fourth_axis_of_one_is_no_fourth_axis(tmp_path):
    assert np.array_equal(volume(save(tmp_path / "x.nii", VOXELS[..., None])).values, VOXELS.T)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        (np.zeros((4, 3, 2, 5), np.float32), r"found 4 axes \(4 x 3 x 2 x 5\), needed one volume"),
        (np.zeros((4, 3), np.float32), "found 2 axes"),
        (np.zeros((4, 3, 2), np.complex64), "coloured or complex"),
        (np.zeros((4, 3, 2), [("R", "u1"), ("G", "u1"), ("B", "u1")]), "coloured or complex"),
    ],
)
def test_what_is_not_one_grey_volume_is_refused_at_its_header(tmp_path, values, sentence):
    with pytest.raises(FormatError, match=rf"x\.nii: .*{sentence}"):
        open_nifti(save(tmp_path / "x.nii", values))


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e300])
def test_voxels_that_are_no_finite_numbers_are_refused(tmp_path, value):
    values = np.zeros((4, 3, 2))
    values[1, 1, 1] = value
    with pytest.raises(FormatError, match="not finite numbers"):
        volume(save(tmp_path / "x.nii", values))


def test_a_volume_that_does_not_say_where_it_lies_is_refused(tmp_path):
    with pytest.raises(GeometryError, match="does not say how its voxels lie"):
        open_nifti(save(tmp_path / "x.nii", affine=None))
    with pytest.raises(GeometryError, match="lengths are given in micron, needed mm"):
        open_nifti(save(tmp_path / "y.nii", unit="micron"))


def test_a_header_with_too_many_voxels_is_refused_before_reading(tmp_path):
    path = save(tmp_path / "x.nii")
    content = bytearray(path.read_bytes())
    content[42:48] = np.array([30_000, 30_000, 30_000], "<i2").tobytes()
    path.write_bytes(content)
    with pytest.raises(TooLargeError, match="30000 x 30000 pixels x 30000 frames"):
        open_nifti(path)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(None, "no such file"), (b"", "is empty"), (b"Findings: none." * 40, "not a readable NIfTI file")],
)
@pytest.mark.parametrize("suffix", ["nii", "nii.gz"])
def test_what_is_no_nifti_file_is_refused_by_its_name(tmp_path, content, sentence, suffix):
    path = tmp_path / f"x.{suffix}"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(FormatError, match=rf"x\.{suffix}: .*{sentence}"):
        open_nifti(path)


@pytest.mark.parametrize("suffix", ["nii", "nii.gz"])
def test_voxels_cut_short_are_refused(tmp_path, suffix):
    noise = np.random.default_rng(0).integers(0, 1000, (20, 20, 20)).astype(np.int16)
    path = save(tmp_path / f"x.{suffix}", noise)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
    with pytest.raises(FormatError, match="damaged or cut short"):
        volume(path)


@settings(max_examples=100, deadline=None)
@given(st.booleans(), st.data())
def test_a_damaged_file_is_read_or_refused_in_silence(zipped, data):
    with tempfile.TemporaryDirectory() as folder:
        path = save(Path(folder) / "x.nii")
        damaged = bytearray(path.read_bytes())
        for _ in range(data.draw(st.integers(1, 4))):
            damaged[data.draw(st.integers(0, 359))] = data.draw(st.integers(0, 255))
        if zipped:
            path = path.with_suffix(".nii.gz")
            damaged = bytearray(gzip.compress(damaged))
        path.write_bytes(damaged)
        try:
            volume(path)
        except SecondreadError as error:
            assert str(error)  # noqa: PT017 - either outcome is right


def test_a_header_with_oddities_is_read_without_a_word_on_standard_error(tmp_path, capfd):
    volume(save(tmp_path / "x.nii", pixdim=[1, 0, 0, 0, 0, 0, 0, 0]))
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("name", ["x.nii", "x.nii.gz"])
@few
@given(geometry=geometries)
def test_a_saved_volume_comes_back_on_its_grid_as_nibabel_reads_it(name, geometry):
    values = np.arange(math.prod(geometry.shape), dtype=np.float32).reshape(geometry.shape)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        save_nifti(Volume(values, geometry, "HU"), path)
        found, witness = volume(path), nibabel.load(path)
        assert [file.name for file in Path(folder).iterdir()] == [name]
        assert np.array_equal(found.values, values)
        assert np.allclose(found.geometry.affine, geometry.affine, atol=1e-3)
        place = [n - 1 for n in geometry.shape]
        ras = witness.affine @ [*place[::-1], 1]
        assert np.allclose(ras[:3] * (-1, -1, 1), geometry.world(place), atol=2e-3)
        assert witness.get_fdata()[tuple(place[::-1])] == values[tuple(place)]
        assert witness.header.get_xyzt_units()[0] == "mm"


def test_a_volume_that_cannot_be_written_says_so_and_leaves_nothing(tmp_path):
    with pytest.raises(OutputError, match=r"x\.nii: cannot be written"):
        save_nifti(
            Volume(np.zeros((1, 1, 1), np.float32), Geometry((1, 1, 1), np.eye(4)), "HU"), tmp_path / "no" / "x.nii"
        )
    assert list(tmp_path.iterdir()) == []


def hostile(path, offset, extension, order="<"):
    """A packed file that says its voxels begin at ``offset``, with an extension after its header."""
    header = nibabel.Nifti1Header(endianness=order)
    header.set_data_shape((4, 3, 2))
    header["vox_offset"] = offset
    path.write_bytes(gzip.compress(header.binaryblock + b"\1\0\0\0" + extension + bytes(2**20)))
    return path


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("offset", [3e9, math.inf, math.nan])
def test_a_header_that_would_have_gigabytes_unpacked_before_the_voxels_is_refused(tmp_path, order, offset):
    with pytest.raises(TooLargeError, match=r"the voxels begin .* bytes in"):
        open_nifti(hostile(tmp_path / "x.nii.gz", offset, b"", order))


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("size", [7, 0, -1, 2**31 - 16])
def test_an_extension_that_would_swallow_the_whole_file_is_refused(tmp_path, order, size):
    extension = np.array([size, 0], f"{order}i4").tobytes()
    with pytest.raises(FormatError, match="an extension of the header runs on into the voxels"):
        open_nifti(hostile(tmp_path / "x.nii.gz", 1024, extension, order))


def test_an_honest_extension_is_survived(tmp_path):
    picture = nibabel.Nifti1Image(VOXELS, AFFINE)
    picture.header.extensions.append(nibabel.nifti1.Nifti1Extension("comment", b"of no patient" * 100))
    for name in ("x.nii", "x.nii.gz"):
        nibabel.save(picture, tmp_path / name)
        assert np.array_equal(volume(tmp_path / name).values, VOXELS.T)
