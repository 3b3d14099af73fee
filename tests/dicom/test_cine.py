"""Moving pictures: frames, time and scale."""

from pathlib import Path

import numpy as np
import pydicom.data
import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.tag import Tag

from dicom_factory import chest_xray
from secondread.core.errors import FormatError, TooLargeError
from secondread.dicom.cine import frame_time_ms, load_cine
from secondread.dicom.open import open_dicom

RANDOM = np.random.default_rng(5)
FRAMES = RANDOM.integers(0, 256, (4, 6, 8)).astype(np.uint8)


def cine_file(path, frames=FRAMES, **tags):
    """An ultrasound of grey frames, [t, j, i] of 8 or 16 bits, or coloured ones [t, j, i, 3]."""
    colour = frames.ndim == 4
    bits = 8 * frames.itemsize
    plain = dict.fromkeys(("WindowCenter", "WindowWidth", "RescaleSlope", "RescaleIntercept", "ImagerPixelSpacing"))
    layout = {
        "Modality": "US", "NumberOfFrames": len(frames), "FrameTime": "40", "PixelData": frames.tobytes(),
        "SamplesPerPixel": 3 if colour else 1, "PhotometricInterpretation": "RGB" if colour else "MONOCHROME2",
        "PlanarConfiguration": 0 if colour else None, "BitsStored": bits, "HighBit": bits - 1,
    }  # fmt: skip
    first = frames[0, :, :, 0] if colour else frames[0]
    return chest_xray(path, np.ascontiguousarray(first), **{**plain, **layout, **tags})


def cine(path):
    return load_cine(open_dicom([path]).series[0])


def header(**elements):
    dataset = Dataset()
    dataset.NumberOfFrames = 4
    for keyword, value in elements.items():
        setattr(dataset, keyword, value)
    return dataset


def test_grey_of_8_bits_stays_as_it_is(tmp_path):
    found = cine(cine_file(tmp_path / "x.dcm"))
    assert found.frames.dtype == np.uint8
    assert np.array_equal(found.frames, FRAMES)
    assert found.frame_time_ms == 40


def test_monochrome1_is_inverted_once_in_every_frame(tmp_path):
    found = cine(cine_file(tmp_path / "x.dcm", PhotometricInterpretation="MONOCHROME1"))
    assert np.array_equal(found.frames, 255 - FRAMES)


def test_colour_stays_colour(tmp_path):
    colour = RANDOM.integers(0, 256, (3, 6, 8, 3)).astype(np.uint8)
    assert np.array_equal(cine(cine_file(tmp_path / "x.dcm", colour)).frames, colour)
    deep = colour.astype(np.uint16) * 257
    assert np.allclose(cine(cine_file(tmp_path / "y.dcm", deep)).frames, colour / 255, atol=1e-6)


def test_a_palette_gives_colour_of_8_bits(tmp_path):
    channels = ("Red", "Green", "Blue")
    tags = {f"{channel}PaletteColorLookupTableDescriptor": [256, 0, 16] for channel in channels}
    ramp = (np.arange(256, dtype=np.uint16) * 257).tobytes()
    tags |= {f"{channel}PaletteColorLookupTableData": ramp for channel in channels}
    found = cine(cine_file(tmp_path / "x.dcm", PhotometricInterpretation="PALETTE COLOR", **tags))
    assert found.frames.dtype == np.uint8
    assert np.array_equal(found.frames, np.repeat(FRAMES[..., None], 3, axis=-1))


def test_a_window_is_applied_to_every_frame(tmp_path):
    deep = RANDOM.integers(0, 1024, (4, 6, 8)).astype(np.uint16)
    found = cine(cine_file(tmp_path / "x.dcm", deep, WindowCenter="512", WindowWidth="1024", Modality="XA"))
    assert np.allclose(found.frames, np.clip((deep - 511.5) / 1023 + 0.5, 0, 1), atol=1e-6)


def test_frames_without_a_window_share_one_and_do_not_flicker(tmp_path):
    deep = np.stack([np.full((6, 8), level, np.uint16) for level in (100, 200, 300, 500)])
    found = cine(cine_file(tmp_path / "x.dcm", deep, Modality="XA"))
    low, high = np.percentile(deep, [0.5, 99.5])
    assert np.allclose(found.frames[:, 0, 0], np.clip((deep[:, 0, 0] - low) / (high - low), 0, 1), atol=1e-6)


def test_a_frame_with_a_window_of_its_own_is_shown_through_it(tmp_path):
    groups = []
    for n in range(4):
        voi, frame = Dataset(), Dataset()
        voi.WindowCenter, voi.WindowWidth = str(100 * (n + 1)), "200"
        frame.FrameVOILUTSequence = Sequence([voi])
        groups.append(frame)
    deep = RANDOM.integers(0, 500, (4, 6, 8)).astype(np.uint16)
    found = cine(cine_file(tmp_path / "x.dcm", deep, PerFrameFunctionalGroupsSequence=Sequence(groups)))
    centres = 100 * np.arange(1, 5)[:, None, None]
    assert np.allclose(found.frames, np.clip((deep - centres + 0.5) / 199 + 0.5, 0, 1), atol=1e-6)


def test_a_real_ultrasound_has_its_30_frames_in_colour_and_its_time():
    path = pydicom.data.get_testdata_file("examples_ybr_color.dcm", download=False)
    found = cine(Path(path))
    witness = dcmread(path).pixel_array
    assert found.frames.shape == (30, 240, 320, 3)
    # A sample of Y, Cb or Cr that is off by 1 moves red or blue by up to 1.8. Source: ISO/IEC 10918-5 (JFIF).
    assert np.abs(found.frames.astype(int) - witness).max() <= 3
    assert found.frame_time_ms == 33.333
    # Its region reaches to column 595 of 320: the picture was shrunk after it was measured.
    assert found.spacing_mm is None


VECTOR, TIME = Tag("FrameTimeVector"), Tag("FrameTime")


@pytest.mark.parametrize(
    ("elements", "time_ms"),
    [
        ({"FrameTime": "40"}, 40),
        ({"FrameTimeVector": ["0", "33", "34", "33"]}, 100 / 3),
        ({"FrameTimeVector": ["0", "100", "108", "95"]}, 101),
        ({"FrameTime": "40", "FrameTimeVector": ["0", "20", "20", "20"]}, 40),
        ({"FrameTime": "40", "FrameTimeVector": ["0", "20", "20", "20"], "FrameIncrementPointer": VECTOR}, 20),
        ({"FrameTime": "40", "FrameTimeVector": ["0", "20", "90", "20"], "FrameIncrementPointer": TIME}, 40),
        ({"FrameTime": "0", "CineRate": "25"}, 40),
        ({"FrameTime": "40", "CineRate": "10", "RecommendedDisplayFrameRate": "5"}, 40),
        ({"CineRate": "25", "RecommendedDisplayFrameRate": "5"}, 40),
        ({"RecommendedDisplayFrameRate": "5"}, 200),
    ],
)
def test_how_frames_were_taken_goes_before_how_fast_to_show_them(elements, time_ms):
    assert frame_time_ms(header(**elements), "x") == pytest.approx(time_ms)


@pytest.mark.parametrize(
    ("elements", "sentence"),
    [
        ({}, "does not say how much time lies between its frames"),
        ({"FrameTime": "-3", "CineRate": "0"}, "does not say how much time"),
        ({"FrameTimeVector": ["0", "20", "40", "20"]}, "not evenly spaced in time. Found steps of 20 to 40 ms"),
        ({"FrameTimeVector": ["0", "20", "20"]}, "3 values for 4 frames"),
        ({"FrameTimeVector": ["0", "20", "0", "20"]}, "time stands still"),
    ],
)
def test_without_time_or_with_uneven_times_a_moving_picture_is_refused(elements, sentence):
    with pytest.raises(FormatError, match=sentence):
        frame_time_ms(header(**elements), "x")


def test_an_ultrasound_region_gives_the_scale_and_a_detector_does_not(tmp_path):
    region = Dataset()
    region.RegionSpatialFormat, region.RegionDataType = 1, 1
    region.PhysicalUnitsXDirection = region.PhysicalUnitsYDirection = 3
    region.PhysicalDeltaX, region.PhysicalDeltaY = 0.02, 0.03
    path = cine_file(tmp_path / "a.dcm", SequenceOfUltrasoundRegions=Sequence([region]))
    assert cine(path).spacing_mm == pytest.approx((0.3, 0.2))
    assert cine(cine_file(tmp_path / "b.dcm")).spacing_mm is None
    projection = {"Modality": "XA", "ImagerPixelSpacing": ["0.2", "0.2"]}
    assert cine(cine_file(tmp_path / "c.dcm", **projection)).spacing_mm is None
    magnified = {**projection, "EstimatedRadiographicMagnificationFactor": "2"}
    assert cine(cine_file(tmp_path / "d.dcm", **magnified)).spacing_mm == pytest.approx((0.1, 0.1))


def test_one_frame_does_not_move_and_too_many_are_not_decoded(tmp_path):
    with pytest.raises(FormatError, match=r"x\.dcm: found 1 frame, a moving picture needs 2\. Load it with load_image"):
        cine(cine_file(tmp_path / "x.dcm", FRAMES[:1]))
    series = open_dicom([cine_file(tmp_path / "y.dcm")]).series[0]
    cine_file(tmp_path / "y.dcm", NumberOfFrames=90_000_000)
    with pytest.raises(TooLargeError, match="90000000 frames"):
        load_cine(series)
