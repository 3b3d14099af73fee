"""Bytes beside the picture: gone, and not one pixel with them."""

import numpy as np
import pydicom
import pytest
from pydicom.dataset import FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import JPEG2000Lossless, JPEGBaseline8Bit

import dicom_factory
from released import SENTINEL
from secondread.dicom.deidentification.leftovers import has_embedded_overlay, remove_leftovers


@pytest.fixture
def picture(tmp_path):
    return pydicom.dcmread(dicom_factory.chest_xray(tmp_path / "x.dcm"))


def test_what_follows_the_last_pixel_is_cut_off(picture):
    before = picture.PixelData
    picture.PixelData = before + SENTINEL.encode()
    remove_leftovers(picture)
    assert picture.PixelData == before


@pytest.mark.parametrize("signed", [0, 1])
def test_an_overlay_in_unused_bits_goes_and_the_pixels_stay(picture, signed):
    values = np.arange(-20, 20).astype(np.int16) if signed else np.arange(40).astype(np.int16)
    picture.Rows, picture.Columns, picture.BitsAllocated, picture.BitsStored, picture.HighBit = 5, 8, 16, 12, 11
    picture.PixelRepresentation = signed
    overlay = np.where(np.arange(40) % 3 == 0, np.int16(1 << 13), np.int16(0))
    hidden = (values & 0x0FFF | overlay) if signed else values | overlay
    picture.PixelData = hidden.astype("<i2").tobytes()
    picture.add_new(0x60000102, "US", 13)
    remove_leftovers(picture)
    assert np.array_equal(np.frombuffer(picture.PixelData, "<i2"), values)


def test_an_overlay_of_its_own_bytes_leaves_the_pixels_alone(picture):
    picture.add_new(0x60000102, "US", 0)
    assert not has_embedded_overlay(picture)


@pytest.mark.parametrize(
    ("syntax", "frame"),
    [
        (JPEGBaseline8Bit, b"\xff\xd8\xff\xfe\x00\x0aZebulon7\xff\xdb\x00\x04ab\xff\xda\x00\x02scan\xff\xd9"),
        (JPEGBaseline8Bit, b"\xff\xd8\xff\xe1\x00\x0aZebulon7\xff\xda\x00\x02scan\xff\xd9"),
        (JPEG2000Lossless, b"\xff\x4f\xff\x51\x00\x04ab\xff\x64\x00\x0c\x00\x01Zebulon7\xff\x90rest\xff\xd9"),
    ],
    ids=["JPEG comment", "EXIF", "JPEG 2000 comment"],
)
def test_comments_of_a_compressor_become_blanks_and_all_else_stays(picture, syntax, frame):
    picture.file_meta = FileMetaDataset()
    picture.file_meta.TransferSyntaxUID = syntax
    picture.PixelData = before = encapsulate([frame, frame])
    remove_leftovers(picture)
    assert picture.PixelData == before.replace(SENTINEL.encode(), b" " * 8)


def test_real_compressed_pictures_decode_to_the_same_pixels():
    path = dicom_factory.shared("pydicom-data", "data_store", "data", "US1_J2KR.dcm")
    source, same = pydicom.dcmread(path), pydicom.dcmread(path)
    remove_leftovers(source)
    assert np.array_equal(source.pixel_array, same.pixel_array)


def test_bits_that_nobody_announced_go_but_stated_padding_stays(picture):
    values = np.arange(40).astype(np.uint16)
    picture.Rows, picture.Columns, picture.BitsAllocated, picture.BitsStored, picture.HighBit = 5, 8, 16, 12, 11
    picture.PixelRepresentation, picture.PixelPaddingValue = 0, 0xF830
    hidden = values | np.uint16(1 << 14)
    hidden[0] = 0xF830
    picture.PixelData = hidden.tobytes()
    remove_leftovers(picture)
    assert np.frombuffer(picture.PixelData, "<u2").tolist() == [0xF830, *range(1, 40)]
