"""Series to pictures and volumes."""

import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.pixels import apply_modality_lut, apply_voi_lut
from pydicom.sequence import Sequence
from pydicom.uid import RLELossless, SecondaryCaptureImageStorage

from dicom_factory import chest_xray, ct_series, gradient, ramp, shared
from secondread.core.errors import FormatError, GeometryError, SecondreadError, TooLargeError
from secondread.core.study import FileRef, Series
from secondread.dicom.load import load_image, load_volume
from secondread.dicom.open import open_dicom


def picture(path):
    return load_image(open_dicom([path]).series[0])


def volume(paths):
    return load_volume(open_dicom(paths).series[0])


def test_a_chest_x_ray_is_shown_through_its_window_with_its_spacing(tmp_path):
    image = picture(chest_xray(tmp_path / "x.dcm"))
    assert np.allclose(image.values, np.clip((gradient() - 2047.5) / 4095 + 0.5, 0, 1), atol=1e-6)
    assert image.values.dtype == np.float32
    assert (image.spacing_mm, image.spacing_source) == ((0.2, 0.2), "detector")
    assert image.padding is None


def test_monochrome1_shows_the_same_chest_as_its_negative_in_monochrome2(tmp_path):
    negative = (4095 - gradient()).astype(np.uint16)
    tags = {"PhotometricInterpretation": "MONOCHROME1", "PresentationLUTShape": "INVERSE", "WindowCenter": "2048"}
    inverted = picture(chest_xray(tmp_path / "a.dcm", negative, BitsStored=12, HighBit=11, **tags))
    assert np.allclose(inverted.values, picture(chest_xray(tmp_path / "b.dcm")).values, atol=1e-6)


@pytest.mark.parametrize(("modality", "keyword"), [("CR", "WindowCenter"), ("DX", "WindowWidth")])
def test_without_a_window_the_percentiles_decide(tmp_path, modality, keyword):
    image = picture(chest_xray(tmp_path / "x.dcm", Modality=modality, **{"WindowCenter": None, keyword: None}))
    low, high = np.percentile(gradient(), [0.5, 99.5])
    assert np.allclose(image.values, np.clip((gradient() - low) / (high - low), 0, 1), atol=1e-6)


def test_padding_is_marked_and_black(tmp_path):
    pixels = gradient()
    pixels[:, :4] = 4000
    image = picture(chest_xray(tmp_path / "x.dcm", pixels, PixelPaddingValue=4000))
    assert np.array_equal(image.padding, pixels == 4000)
    assert not image.values[image.padding].any()


def test_a_real_dx_is_shown_as_pydicom_shows_it():
    path = shared("highdicom", "data", "test_files", "dx_image.dcm")
    dataset = dcmread(path)
    witness = apply_voi_lut(apply_modality_lut(dataset.pixel_array, dataset), dataset).astype(float)
    white = float(2**dataset.BitsStored - 1)
    image = picture(path)
    assert dataset.PhotometricInterpretation == "MONOCHROME1"
    assert np.allclose(image.values, 1 - witness / white, atol=1e-5)
    assert image.spacing_source == "detector"


@pytest.mark.parametrize("photometric", ["RGB", "YBR_FULL"])
def test_grey_in_three_channels_is_grey_and_a_colour_photo_is_refused(tmp_path, photometric):
    grey = (gradient() >> 4).astype(np.uint8)
    channels = [grey] * 3 if photometric == "RGB" else [grey, np.full_like(grey, 128), np.full_like(grey, 128)]
    tags = {
        "Modality": "OT", "SamplesPerPixel": 3, "PlanarConfiguration": 0, "PhotometricInterpretation": photometric,
        "PixelData": np.stack(channels, axis=-1).tobytes(),
    }  # fmt: skip
    image = picture(chest_xray(tmp_path / "x.dcm", grey, **tags))
    assert np.allclose(image.values, grey / 255, atol=0.005)
    colour = np.stack([channels[0], np.full_like(grey, 90), channels[2]], axis=-1)
    with pytest.raises(FormatError, match=r"y\.dcm: the picture is coloured, needed grey"):
        picture(chest_xray(tmp_path / "y.dcm", grey, **{**tags, "PixelData": colour.tobytes()}))


@pytest.mark.parametrize("blue", [0, 1])
def test_a_palette_of_greys_is_grey_and_any_other_is_not(tmp_path, blue):
    ramp16 = (np.arange(256, dtype=np.uint16) * 257).tobytes()
    colours = ("Red", "Green", "Blue")
    tags = {f"{colour}PaletteColorLookupTableDescriptor": [256, 0, 16] for colour in colours}
    tags |= {f"{colour}PaletteColorLookupTableData": ramp16 for colour in colours}
    if blue:
        tags["BluePaletteColorLookupTableData"] = bytes(512)
    pixels = (gradient() >> 4).astype(np.uint8)
    path = chest_xray(tmp_path / "x.dcm", pixels, Modality="OT", PhotometricInterpretation="PALETTE COLOR", **tags)
    if blue:
        with pytest.raises(FormatError, match="coloured"):
            picture(path)
    else:
        assert np.allclose(picture(path).values, pixels / 255, atol=1e-6)


def test_a_photometric_interpretation_nobody_knows_is_refused(tmp_path):
    with pytest.raises(FormatError, match="'MONOCHROME9' is not read"):
        picture(chest_xray(tmp_path / "x.dcm", PhotometricInterpretation="MONOCHROME9"))


def test_an_enhanced_object_of_one_frame_is_a_picture_with_the_scale_and_window_of_its_groups(tmp_path):
    measures, voi, shared_groups = Dataset(), Dataset(), Dataset()
    measures.PixelSpacing = ["0.7", "0.8"]
    voi.WindowCenter, voi.WindowWidth = "1000", "500"
    shared_groups.PixelMeasuresSequence, shared_groups.FrameVOILUTSequence = Sequence([measures]), Sequence([voi])
    tags = {"Modality": "MR", "NumberOfFrames": 1, "SharedFunctionalGroupsSequence": Sequence([shared_groups])}
    image = picture(chest_xray(tmp_path / "x.dcm", WindowCenter=None, WindowWidth=None, **tags))
    assert image.spacing_mm == (0.7, 0.8)
    assert np.allclose(image.values, np.clip((gradient() - 999.5) / 499 + 0.5, 0, 1), atol=1e-6)


def test_a_file_of_several_frames_is_no_picture_and_the_message_says_what_reads_it(tmp_path):
    path = chest_xray(tmp_path / "x.dcm", NumberOfFrames=2)
    with pytest.raises(FormatError, match=r"found 2 frames in one file, needed 1\. .*load_cine .*load_volume"):
        picture(path)


def test_an_overlay_in_its_own_group_stays_out_of_the_picture():
    path = shared("pydicom-data", "data_store", "data", "MR-SIEMENS-DICOM-WithOverlays.dcm")
    dataset = dcmread(path)
    assert dataset.overlay_array(0x6000).any()
    witness = apply_voi_lut(apply_modality_lut(dataset.pixel_array, dataset), dataset).astype(float)
    assert np.allclose(picture(path).values, witness / 4095, atol=1e-6)


def test_a_series_of_several_files_is_no_picture(tmp_path):
    with pytest.raises(FormatError, match="found 5 dicom files, needed one DICOM picture"):
        load_image(open_dicom(ct_series(tmp_path / "ct")).series[0])
    other = Series("2.25.1", "", "raster", (FileRef(tmp_path / "x.png", "", "2.25.2"),))
    with pytest.raises(FormatError, match="found 1 raster files"):
        load_image(other)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_damaged_file_is_read_or_refused_but_never_breaks_the_program(data):
    with tempfile.TemporaryDirectory() as folder:
        path = chest_xray(Path(folder) / "x.dcm")
        content = bytearray(path.read_bytes())
        for _ in range(data.draw(st.integers(1, 6))):
            content[data.draw(st.integers(132, len(content) - 1))] = data.draw(st.integers(0, 255))
        path.write_bytes(content[: data.draw(st.integers(len(content) // 2, len(content)))])
        try:
            values = picture(path).values
        except SecondreadError as error:
            assert "Doe" not in str(error)  # noqa: PT017 - either outcome is right
        else:
            assert values.min() >= 0
            assert values.max() <= 1


def test_a_ct_series_becomes_hounsfield_units_on_its_grid(tmp_path):
    found = volume(ct_series(tmp_path / "ct"))
    assert found.unit == "HU"
    assert np.array_equal(found.values, ramp((5, 8, 6)) - 1024.0)
    assert found.geometry.spacing_mm == pytest.approx((2.5, 0.7, 0.8))
    assert found.geometry.world((1, 2, 3)) == pytest.approx([-100 + 3 * 0.8, -120 + 2 * 0.7, 52.5])


def test_every_slice_is_rescaled_by_its_own_numbers_and_a_window_changes_nothing(tmp_path):
    each = {2: {"RescaleSlope": "2", "RescaleIntercept": "-10", "WindowCenter": "40", "WindowWidth": "80"}}
    found = volume(ct_series(tmp_path / "ct", each=each)).values
    assert np.array_equal(found[2], ramp((5, 8, 6))[2] * 2.0 - 10)
    assert np.array_equal(found[3], ramp((5, 8, 6))[3] - 1024.0)


def test_padding_of_a_ct_slice_is_air(tmp_path):
    stored = ramp((3, 8, 6))
    stored[:, 0, 0] = -2000
    found = volume(ct_series(tmp_path / "ct", (3, 8, 6), stored=stored, PixelPaddingValue=-2000)).values
    assert (found[:, 0, 0] == -1024).all()
    assert found[0, 0, 1] == stored[0, 0, 1] - 1024


def test_an_mr_series_is_grey_with_or_without_a_rescale(tmp_path):
    plain = volume(ct_series(tmp_path / "a", Modality="MR"))
    scaled = volume(ct_series(tmp_path / "b", Modality="MR", RescaleSlope="0.5", RescaleIntercept="1"))
    assert plain.unit == "grey"
    assert np.array_equal(plain.values, ramp((5, 8, 6)))
    assert np.array_equal(scaled.values, plain.values / 2 + 1)


@pytest.mark.parametrize(
    ("tags", "sentence"),
    [
        ({"RescaleSlope": None}, "without rescale slope and intercept has no HU"),
        ({"RescaleIntercept": None}, "without rescale slope and intercept has no HU"),
        ({"RescaleType": "US"}, "rescale type is 'US', needed HU"),
    ],
)
def test_ct_slices_that_cannot_be_hounsfield_units_are_refused(tmp_path, tags, sentence):
    with pytest.raises(FormatError, match=sentence):
        volume(ct_series(tmp_path / "ct", each={1: tags}))


def test_a_modality_that_is_not_stacked_is_no_volume(tmp_path):
    with pytest.raises(FormatError, match="found modality 'DX'"):
        volume([chest_xray(tmp_path / "x.dcm")])


def test_localizers_and_screen_captures_are_left_out(tmp_path):
    each = {
        0: {"ImageType": ["ORIGINAL", "PRIMARY", "LOCALIZER"], "RescaleSlope": None},
        4: {"SOPClassUID": SecondaryCaptureImageStorage, "ImagePositionPatient": None},
    }
    assert volume(ct_series(tmp_path / "ct", each=each)).geometry.shape == (3, 8, 6)


def test_a_pet_series_is_refused_with_the_reason(tmp_path):
    with pytest.raises(FormatError, match=r"found a PET series. Its numbers are activities \(BQML\)"):
        volume(ct_series(tmp_path / "pt", Modality="PT"))


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"shape": (2, 4, 4)}, "found 2 slices"),
        ({"each": {2: {"ImagePositionPatient": ["-100", "-120", "99"]}}}, "not evenly spaced"),
        ({"each": {2: {"ImagePositionPatient": ["-100", "-120", "52.5"]}}}, "same place"),
        ({"ImagePositionPatient": None}, "does not say where it lies"),
    ],
)
def test_slices_that_form_no_grid_are_refused(tmp_path, options, sentence):
    with pytest.raises(GeometryError, match=sentence):
        volume(ct_series(tmp_path / "ct", **options))


@pytest.mark.parametrize("number", [b"-1x0.0", b"-1e999", b"   nan"])
def test_a_position_that_is_no_number_is_no_position(tmp_path, number):
    paths = ct_series(tmp_path / "ct")
    paths[1].write_bytes(paths[1].read_bytes().replace(b"-100.0", number, 1))
    with pytest.raises(GeometryError, match="does not say where it lies"):
        volume(paths)


def test_one_missing_slice_is_made_from_its_neighbours_and_marked(tmp_path):
    paths = ct_series(tmp_path / "ct", (7, 4, 4))
    found = volume([path for path in paths if path.stem != "003"])
    assert found.made == (3,)
    assert found.geometry.shape == (7, 4, 4)
    assert np.allclose(found.values, ramp((7, 4, 4)) - 1024.0)  # the ramp is linear, so the missing slice is too
    assert "One slice is missing after number 3 of the 6 found" in found.warnings[0]


def test_more_missing_slices_are_refused(tmp_path):
    paths = ct_series(tmp_path / "ct", (9, 4, 4))
    with pytest.raises(GeometryError, match="slices are missing, 2 in all, after number 3, 5 of the 7 found"):
        volume([path for path in paths if path.stem not in {"003", "006"}])


def test_uneven_slices_are_resampled_on_their_true_positions(tmp_path):
    z = [0.0, 2.0, 4.0, 6.0, 9.0, 12.0, 15.0]
    stored = np.broadcast_to(np.array(z)[:, None, None] * 100, (7, 4, 4)).astype(np.int16)
    each = {k: {"ImagePositionPatient": ["0", "0", str(mm)]} for k, mm in enumerate(z)}
    found = volume(ct_series(tmp_path / "ct", (7, 4, 4), stored=stored, each=each))
    world = found.geometry.world([(k, 0, 0) for k in range(found.geometry.shape[0])])[:, 2]
    assert np.allclose(found.values[:, 1, 1], world * 100 - 1024, atol=1)  # a value is that of its place
    assert found.made
    assert "unevenly spaced, 2 to 3 mm apart" in found.warnings[0]


def test_duplicated_slices_under_other_uids_are_dropped_and_told(tmp_path):
    paths = ct_series(tmp_path / "ct")
    again = ct_series(
        tmp_path / "again",
        SeriesInstanceUID=dcmread(paths[0]).SeriesInstanceUID,
        FrameOfReferenceUID=dcmread(paths[0]).FrameOfReferenceUID,
    )
    found = volume([*paths, *again[1:3]])
    assert np.array_equal(found.values, ramp((5, 8, 6)) - 1024.0)
    assert found.warnings == (
        "2 slices of the series are second copies of others under UIDs of their own; they were left out.",
    )


def test_compressed_slices_give_the_same_voxels_as_plain_ones(tmp_path):
    paths = ct_series(tmp_path / "ct", (4, 16, 16))
    plain = volume(paths)
    for path in paths:
        dataset = dcmread(path)
        dataset.compress(RLELossless, generate_instance_uid=False)
        dataset.save_as(path)
    assert np.array_equal(volume(paths).values, plain.values)


def test_a_stack_too_large_for_memory_is_refused_before_decoding(tmp_path, monkeypatch):
    monkeypatch.setattr("secondread.dicom.load.MAX_VOXELS", 5 * 8 * 6 - 1)
    with pytest.raises(TooLargeError, match="8 x 6 pixels x 5 frames"):
        volume(ct_series(tmp_path / "ct"))


def test_a_real_ct_series_holds_the_voxels_pydicom_reads():
    paths = sorted(shared("lung-ct", "A0002", "soft-kernel").iterdir())[8:12]
    found = volume(paths)
    datasets = sorted((dcmread(path) for path in paths), key=lambda item: float(item.ImagePositionPatient[2]))
    witness = np.stack([apply_modality_lut(item.pixel_array, item) for item in datasets])
    assert np.array_equal(found.values, witness)
    assert found.geometry.spacing_mm == pytest.approx((8.0, 0.646484375, 0.646484375))


@pytest.mark.parametrize(
    ("parts", "sentence"),
    [
        (("dicom2nifti", "failing", "slicecount", "001"), "found 2 slices"),
        (("dicom2nifti", "failing", "notavolume", "001"), "same place"),
        (("dicom2nifti", "failing", "sliceorientation", "001"), "found 2 slices"),
    ],
)
def test_real_stacks_that_are_no_volume_are_refused_by_their_fault(parts, sentence):
    files = [path for path in shared(*parts).iterdir() if path.suffix == ".dcm"]
    with pytest.raises(GeometryError, match=sentence):
        volume(files)


@pytest.mark.parametrize(
    ("parts", "sentences"),
    [
        (("tilt",), ("unevenly spaced, 1.081 to 6.999 mm", "tilted by 18.5 degrees")),
        (("dicom2nifti", "failing", "gantrytilting", "001"), ("tilted by 14.0 degrees",)),
        (("dicom2nifti", "failing", "sliceincrement", "001"), ("One slice is missing after number 3 of the 4",)),
        (
            ("dicom2nifti", "failing", "sliceincrement", "002"),
            ("One slice is missing after number 3 of the 4", "tilted by 15.5 degrees"),
        ),
    ],
)
def test_real_stacks_with_a_tilt_or_a_missing_or_uneven_slice_are_mended_and_told(parts, sentences):
    found = volume([path for path in shared(*parts).iterdir() if path.suffix == ".dcm"])
    assert len(found.warnings) == len(sentences)
    for warning, sentence in zip(found.warnings, sentences, strict=True):
        assert sentence in warning


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_a_damaged_slice_is_read_as_pydicom_reads_it_or_refused(data):
    with tempfile.TemporaryDirectory() as folder:
        paths = ct_series(Path(folder) / "ct", (3, 4, 4))
        content = bytearray(paths[1].read_bytes())
        start = content.index(b"ORIGINAL")  # pydicom refuses a damaged character set, which no number depends on
        for _ in range(data.draw(st.integers(1, 4))):
            content[data.draw(st.integers(start, len(content) - 1))] = data.draw(st.integers(0, 255))
        paths[1].write_bytes(content)
        series = Series("2.25.1", "CT", "dicom", tuple(FileRef(p, "", str(n)) for n, p in enumerate(paths)))
        outcomes = []
        for fast in (True, False):
            with pytest.MonkeyPatch.context() as patch:
                if not fast:
                    patch.setattr("secondread.dicom.slices.index", lambda *_: None)
                try:
                    outcomes.append(load_volume(series).values)
                except SecondreadError as error:
                    assert "Doe" not in str(error)  # noqa: PT017 - either outcome is right
                    outcomes.append(None)
        assert (outcomes[0] is None) == (outcomes[1] is None)
        assert outcomes[0] is None or np.array_equal(*outcomes)
