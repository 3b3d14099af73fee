"""Text in the pixels of real and made pictures: expected where it may be, and gone where it was."""

import numpy as np
import pydicom
import pytest
from PIL import Image, ImageDraw, ImageFont
from pydicom.dataset import Dataset
from pydicom.uid import JPEG2000, ExplicitVRLittleEndian, SecondaryCaptureImageStorage, UltrasoundImageStorage

import dicom_factory
from released import ct, through_bytes
from secondread.core.errors import FormatError
from secondread.dicom.deidentification.burned_in import expected, mask_text


def real(name):
    return pydicom.dcmread(dicom_factory.shared("pydicom-data", "data_store", "data", name))


@pytest.mark.parametrize(
    ("tags", "is_expected"),
    [
        ({"BurnedInAnnotation": "YES"}, True),
        ({"Modality": "US"}, True),
        ({"Modality": "US", "BurnedInAnnotation": "NO"}, False),
        ({"Modality": "OT"}, True),
        ({"Modality": "ES"}, True),
        ({"SOPClassUID": SecondaryCaptureImageStorage}, True),
        ({"ImageType": ["DERIVED", "SECONDARY", "SCREEN SAVE"]}, True),
        ({}, False),
    ],
)
def test_text_is_expected_where_it_is_stated_or_usual(tags, is_expected):
    assert bool(expected(ct(PixelData=b"\0\0", **tags))) is is_expected


def test_an_object_without_pixels_has_no_text_in_them():
    assert expected(ct(Modality="OT")) == ""


def captured(text, *, rows=120, columns=200, **tags):
    """An RGB capture with white text at the top, and where its ink is."""
    ink = Image.new("L", (columns, rows), 0)
    ImageDraw.Draw(ink).text((8, 8), text, fill=255, font=ImageFont.load_default(16))
    picture = np.full((rows, columns, 3), 40, np.uint8)
    picture[60:110, 20:180] = np.random.default_rng(0).integers(60, 110, (50, 160, 1))
    picture = np.maximum(picture, np.asarray(ink)[..., None])
    source = ct(
        SOPClassUID=SecondaryCaptureImageStorage, Modality="OT", Rows=rows, Columns=columns, SamplesPerPixel=3,
        PhotometricInterpretation="RGB", PlanarConfiguration=0, BitsAllocated=8, BitsStored=8, HighBit=7,
        PixelRepresentation=0, PixelData=picture.tobytes(), **tags,
    )  # fmt: skip
    return through_bytes(source), np.asarray(ink) > 128, picture


def test_text_of_a_capture_is_black_afterwards_and_the_picture_below_is_not_touched():
    source, ink, picture = captured("Zebulon 0042")
    share = mask_text(source, "it")
    after = source.pixel_array
    assert (after[ink] == 0).all()
    assert np.array_equal(after[60:110, 20:180], picture[60:110, 20:180])
    assert 0 < share < 0.3
    assert (source.BurnedInAnnotation, source.ImageType[0]) == ("NO", "DERIVED")


@pytest.mark.parametrize("name", ["OBXXXX1A.dcm", "OBXXXX1A_expb.dcm", "OBXXXX1A_rle.dcm", "OBXXXX1A_2frame.dcm"])
def test_ultrasound_loses_all_outside_its_regions_in_every_frame(name):
    source, before = real(name), real(name).pixel_array
    mask_text(source, "it")
    after = source.pixel_array
    outside = np.ones(after.shape[-2:], bool)
    for region in source.SequenceOfUltrasoundRegions:
        outside[region.RegionLocationMinY0 : region.RegionLocationMaxY1 + 1,
                region.RegionLocationMinX0 : region.RegionLocationMaxX1 + 1] = False  # fmt: skip
    for old, new in zip(before.reshape(-1, *outside.shape), after.reshape(-1, *outside.shape), strict=True):
        assert len(np.unique(new[outside])) == 1
        assert (new == old)[~outside].mean() > 0.9


def test_the_name_of_a_hospital_burned_into_a_real_ultrasound_is_gone():
    """The picture has no regions; its upper left corner reads like the name of a hospital, an ID and times."""
    source, before = real("US1_UNCI.dcm"), real("US1_UNCI.dcm").pixel_array.max(axis=-1)
    mask_text(source, "it")
    after = source.pixel_array.max(axis=-1)
    assert (before[:100, :200] > 128).sum() > 1000
    assert (after[:100, :200] > 128).sum() == 0
    assert (after == before)[120:330].mean() > 0.7


def test_a_lossy_history_is_kept_or_begun_when_pixels_are_stored_plain():
    source = real("US1_J2KI.dcm")
    assert source.file_meta.TransferSyntaxUID == JPEG2000
    del source.LossyImageCompression
    mask_text(source, "it")
    assert source.file_meta.TransferSyntaxUID == ExplicitVRLittleEndian
    assert (source.LossyImageCompression, source.LossyImageCompressionMethod) == ("01", "ISO_15444_1")
    assert float(source.LossyImageCompressionRatio) > 2
    assert source.PhotometricInterpretation == "RGB"


def test_inverted_grey_is_masked_with_its_own_black():
    source, ink, _ = captured("Zebulon 0042")
    grey = 255 - source.pixel_array.max(axis=-1)
    source.SamplesPerPixel, source.PhotometricInterpretation, source.PixelData = 1, "MONOCHROME1", grey.tobytes()
    mask_text(source, "it")
    assert (source.pixel_array[ink] == grey.max()).all()


def test_regions_that_make_no_sense_do_not_hide_the_picture():
    source, _, _ = captured("Zebulon 0042", SequenceOfUltrasoundRegions=[Dataset()])
    source.Modality, source.SOPClassUID = "US", UltrasoundImageStorage
    mask_text(source, "it")
    assert source.pixel_array.any()


def test_pixels_that_cannot_be_read_are_an_error_and_never_passed_on():
    source, _, _ = captured("Zebulon 0042")
    source.PixelData = source.PixelData[:100]
    with pytest.raises(FormatError, match="cut short"):
        mask_text(source, "it")
