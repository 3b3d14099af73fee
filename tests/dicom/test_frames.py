"""Frames of enhanced objects: what the header says of each, and their values."""

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import EnhancedMRImageStorage, JPEG2000Lossless

from dicom_factory import chest_xray, gradient, shared
from secondread.core.errors import FormatError, TooLargeError
from secondread.dicom.frames import decode_frames, frame_elements
from secondread.dicom.header import calm
from secondread.dicom.pixels import read_picture
from secondread.dicom.recipe import bits_of, modality_of


def item(**elements):
    dataset = Dataset()
    for keyword, value in elements.items():
        setattr(dataset, keyword, value)
    return dataset


def group(**sequences):
    """A functional group: each keyword a sequence of one item."""
    return item(**{keyword: Sequence([item(**elements)]) for keyword, elements in sequences.items()})


SHARED = group(
    PixelMeasuresSequence={"PixelSpacing": ["0.7", "0.8"], "SliceThickness": "2.5"},
    PlaneOrientationSequence={"ImageOrientationPatient": ["1", "0", "0", "0", "1", "0"]},
    PixelValueTransformationSequence={"RescaleSlope": "2", "RescaleIntercept": "-10", "RescaleType": "US"},
    MREchoSequence={"EffectiveEchoTime": 30.0},
    MRTimingAndRelatedParametersSequence={"RepetitionTime": "500", "FlipAngle": "90"},
    MRImageFrameTypeSequence={"FrameType": ["ORIGINAL", "PRIMARY", "OTHER", "NONE"]},
)
EACH = [
    group(
        PlanePositionSequence={"ImagePositionPatient": ["0", "0", str(2.5 * n)]},
        FrameContentSequence={
            "StackID": "1", "InStackPositionNumber": n + 1, "TemporalPositionIndex": 7,
            "DimensionIndexValues": [1, n + 1],
        },
        CardiacSynchronizationSequence={"NominalCardiacTriggerDelayTime": 40.0 * n},
        **({"MREchoSequence": {"EffectiveEchoTime": 60.0}} if n == 2 else {}),
    )
    for n in range(3)
]  # fmt: skip
PIXELS = np.stack([gradient() + 100 * n for n in range(3)]).astype(np.uint16)


def enhanced(path, **tags):
    """An enhanced MR of three frames."""
    groups = {
        "SharedFunctionalGroupsSequence": Sequence([SHARED]),
        "PerFrameFunctionalGroupsSequence": Sequence(EACH),
    }
    plain = dict.fromkeys(("RescaleSlope", "RescaleIntercept", "WindowCenter", "WindowWidth", "ImagerPixelSpacing"))
    data = {"NumberOfFrames": 3, "PixelData": PIXELS.tobytes(), "BitsStored": 16, "HighBit": 15, "Modality": "MR"}
    return chest_xray(
        path, PIXELS[0], **{**plain, **data, **groups, "SOPClassUID": EnhancedMRImageStorage, "EchoTime": "1", **tags}
    )


def opened(path):
    with calm():
        return read_picture(path)


def test_shared_and_frame_groups_become_the_elements_of_a_classic_object(tmp_path):
    frame = frame_elements(opened(enhanced(tmp_path / "x.dcm")), 1)
    assert frame.PixelSpacing == [0.7, 0.8]
    assert frame.ImageOrientationPatient == [1, 0, 0, 0, 1, 0]
    assert frame.ImagePositionPatient == [0, 0, 2.5]
    assert (frame.RescaleSlope, frame.RescaleIntercept, frame.RescaleType) == (2, -10, "US")
    assert (frame.StackID, frame.InStackPositionNumber, frame.TemporalPositionIndex) == ("1", 2, 7)
    assert frame.DimensionIndexValues == [1, 2]
    assert frame.NominalCardiacTriggerDelayTime == 40
    assert (frame.RepetitionTime, frame.FlipAngle) == (500, 90)
    assert frame.ImageType == ["ORIGINAL", "PRIMARY", "OTHER", "NONE"]


def test_frame_groups_win_over_shared_groups_and_both_over_the_top(tmp_path):
    elements = opened(enhanced(tmp_path / "x.dcm"))
    assert [frame_elements(elements, n).EchoTime for n in range(3)] == [30, 30, 60]


def test_a_frame_is_a_header_of_one_picture_that_the_rest_of_the_room_understands(tmp_path):
    elements = opened(enhanced(tmp_path / "x.dcm"))
    frame = frame_elements(elements, 2)
    assert not {"NumberOfFrames", "PixelData", "PerFrameFunctionalGroupsSequence"} & {e.keyword for e in frame}
    assert frame.SOPInstanceUID == elements.SOPInstanceUID
    assert modality_of(frame, "x").slope == 2
    assert bits_of(frame, "x").stored == 16
    assert "PixelSpacing" not in elements  # the object itself is left as it was


@pytest.mark.parametrize("n", [-1, 3])
def test_a_frame_that_is_not_there_is_refused(tmp_path, n):
    with pytest.raises(FormatError, match=r"x\.dcm: found 3 frames, asked for number"):
        frame_elements(opened(enhanced(tmp_path / "x.dcm")), n)


def test_a_header_that_describes_fewer_frames_than_it_announces_is_refused(tmp_path):
    path = enhanced(tmp_path / "x.dcm", PerFrameFunctionalGroupsSequence=Sequence(EACH[:2]))
    with pytest.raises(FormatError, match=r"x\.dcm: the header describes 2 frames and announces 3"):
        frame_elements(opened(path), 0)


def test_an_object_without_groups_says_the_same_of_all_its_frames(tmp_path):
    groups = dict.fromkeys(("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"))
    elements = opened(enhanced(tmp_path / "x.dcm", **groups))
    assert frame_elements(elements, 0) == frame_elements(elements, 2)


def test_a_real_enhanced_ct_says_where_each_frame_lies():
    path = shared("pydicom-data", "data_store", "data", "eCT_Supplemental.dcm")
    elements, witness = opened(path), dcmread(path)
    for n, described in enumerate(witness.PerFrameFunctionalGroupsSequence):
        frame = frame_elements(elements, n)
        assert frame.ImagePositionPatient == described.PlanePositionSequence[0].ImagePositionPatient
        assert frame.InStackPositionNumber == described.FrameContentSequence[0].InStackPositionNumber
        assert frame.PixelSpacing == witness.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0].PixelSpacing


def test_frames_are_decoded_in_the_order_of_the_file_or_of_the_question(tmp_path):
    elements = opened(enhanced(tmp_path / "x.dcm"))
    assert np.array_equal(decode_frames(elements, "x"), PIXELS)
    assert np.array_equal(decode_frames(elements, "x", [2, 0]), PIXELS[[2, 0]])


def test_compressed_and_uncompressed_frames_are_the_same(tmp_path):
    path = enhanced(tmp_path / "x.dcm")
    dataset = dcmread(path)
    dataset.compress(JPEG2000Lossless)
    dataset.save_as(path)
    assert np.array_equal(decode_frames(opened(path), "x"), PIXELS)


@pytest.mark.parametrize("wanted", [[3], [-1], []])
def test_frames_that_are_not_there_cannot_be_asked_for(tmp_path, wanted):
    with pytest.raises(FormatError, match="x: found 3 frames, asked for"):
        decode_frames(opened(enhanced(tmp_path / "x.dcm")), "x", wanted)


def test_more_frames_than_the_file_holds_are_refused_and_too_many_before_decoding(tmp_path):
    with pytest.raises(FormatError, match="cut short: 7,680 bytes of pixels, needed 10,240"):
        decode_frames(opened(enhanced(tmp_path / "x.dcm", NumberOfFrames=4)), "x")
    with pytest.raises(TooLargeError, match="40 x 32 pixels x 500000 frames"):
        decode_frames(opened(enhanced(tmp_path / "x.dcm", NumberOfFrames=500_000)), "x")
