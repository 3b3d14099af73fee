"""Slices that lie as frames in one enhanced object."""

import numpy as np
import pytest
from pydicom import Dataset, dcmread
from pydicom.uid import EnhancedCTImageStorage, EnhancedMRImageStorage, RLELossless

from dicom_factory import ct_series, ramp, shared
from secondread.core.errors import FormatError, GeometryError
from secondread.dicom import compressed, pixels
from secondread.dicom.load import load_volume
from secondread.dicom.open import open_dicom

SHAPE = (6, 8, 5)


def item(**elements):
    found = Dataset()
    for keyword, value in elements.items():
        setattr(found, keyword, value)
    return found


def frame(k, **tags):
    """The groups of a frame; its position runs against the order of the frames."""
    content = item(TemporalPositionIndex=tags.get("phase", 1), StackID="1", InStackPositionNumber=1)
    rescale = item(RescaleSlope=str(k + 1), RescaleIntercept="-1000", RescaleType=tags.get("unit", "HU"))
    return item(
        FrameContentSequence=[content],
        PlanePositionSequence=[item(ImagePositionPatient=["-100", "-120", str(50 - 2.5 * k)])],
        PixelValueTransformationSequence=[rescale],
    )


def enhanced(folder, modality="CT", frames=None, **tags):
    """One enhanced file of the frames of a classic series."""
    path = ct_series(folder, (1, *SHAPE[1:]), Modality=modality)[0]
    dataset = dcmread(path)
    for keyword in (
        "ImagePositionPatient",
        "ImageOrientationPatient",
        "PixelSpacing",
        "SliceThickness",
        "RescaleSlope",
        "RescaleIntercept",
        "RescaleType",
    ):
        dataset.pop(keyword, None)
    dataset.SOPClassUID = EnhancedCTImageStorage if modality == "CT" else EnhancedMRImageStorage
    dataset.SharedFunctionalGroupsSequence = [
        item(
            PlaneOrientationSequence=[item(ImageOrientationPatient=["1", "0", "0", "0", "1", "0"])],
            PixelMeasuresSequence=[item(PixelSpacing=["0.7", "0.8"], SliceThickness="2.5")],
        )
    ]
    dataset.PerFrameFunctionalGroupsSequence = frames or [frame(k, **tags) for k in range(SHAPE[0])]
    dataset.NumberOfFrames = len(dataset.PerFrameFunctionalGroupsSequence)
    stored = ramp((dataset.NumberOfFrames, *SHAPE[1:]))
    dataset.PixelData = stored.tobytes()
    dataset.save_as(path)
    return path


def volume(path):
    (series,) = open_dicom([path]).series
    return load_volume(series)


@pytest.mark.parametrize(("modality", "unit"), [("CT", "HU"), ("MR", "grey")])
def test_an_enhanced_object_is_a_volume_by_the_positions_and_rescales_of_its_frames(tmp_path, modality, unit):
    found = volume(enhanced(tmp_path / "x", modality))
    wanted = [ramp(SHAPE)[k] * float(k + 1) - 1000 for k in reversed(range(SHAPE[0]))]
    assert found.unit == unit
    assert np.array_equal(found.values, wanted)
    assert found.geometry.spacing_mm == pytest.approx((2.5, 0.7, 0.8))
    assert found.geometry.world((0, 0, 0)) == pytest.approx((-100, -120, 50 - 12.5))


def test_compressed_frames_are_the_same_volume(tmp_path):
    plain, path = enhanced(tmp_path / "a"), enhanced(tmp_path / "b")
    dataset = dcmread(path)
    dataset.compress(RLELossless, generate_instance_uid=False)
    dataset.save_as(path)
    assert np.array_equal(volume(path).values, volume(plain).values)


def test_frames_of_several_temporal_positions_are_refused_by_their_name(tmp_path):
    frames = [frame(k, phase=phase) for phase in (1, 2) for k in range(4)]
    with pytest.raises(GeometryError, match=r"8 frames are 2 stacks \(TemporalPositionIndex 1; Temp"):
        volume(enhanced(tmp_path / "x", frames=frames))


def test_one_missing_frame_is_made_like_a_missing_slice(tmp_path):
    frames = [frame(k) for k in (0, 1, 2, 4, 5)]
    assert volume(enhanced(tmp_path / "x", frames=frames)).made == (2,)


def test_frames_that_are_not_hounsfield_units_are_refused(tmp_path):
    with pytest.raises(FormatError, match="rescale type is 'US', needed HU"):
        volume(enhanced(tmp_path / "x", unit="US"))


def test_a_real_enhanced_ct_of_perfusion_is_refused_since_it_has_no_hounsfield_units():
    with pytest.raises(FormatError, match="rescale type is 'US', needed HU"):
        volume(shared("pydicom-data", "data_store", "data", "eCT_Supplemental.dcm"))


def test_a_real_enhanced_mr_whose_frames_do_not_say_where_they_lie_is_refused():
    with pytest.raises(GeometryError, match="does not say where it lies"):
        volume(shared("pydicom-data", "data_store", "data", "emri_small.dcm"))


def test_a_compressed_file_is_taken_apart_once_for_all_its_frames(tmp_path, monkeypatch):
    path = enhanced(tmp_path)
    dataset = dcmread(path)
    dataset.compress(RLELossless)
    dataset.save_as(path)
    calls = []
    monkeypatch.setattr(pixels, "split", lambda *given: calls.append(1) or compressed.split(*given))
    assert len(volume(path).values) > 2
    assert len(calls) == 1
