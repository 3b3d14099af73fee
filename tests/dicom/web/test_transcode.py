import subprocess
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.data import get_testdata_file

from secondread.core.errors import FormatError
from secondread.dicom.web.raw_frames import decoded_frames, media_of, stored_frames
from secondread.dicom.web.transcode import PLAIN, can_be_plain, write_plain
from witness import need

# Name, and dcmtk's program that takes the compression away.
COMPRESSED = [
    ("MR_small_RLE.dcm", "dcmdrle"),
    ("MR_small_jpeg_ls_lossless.dcm", "dcmdjpls"),
    ("SC_rgb_jpeg_dcmtk.dcm", "dcmdjpeg"),
    ("SC_rgb_rle_2frame.dcm", "dcmdrle"),
]


def example(name: str) -> Path:
    """A file that comes with pydicom."""
    return Path(get_testdata_file(name))


@pytest.mark.parametrize(("name", "program"), COMPRESSED)
def test_pixels_without_compression_are_those_that_dcmtk_makes(name, program, tmp_path):
    source = example(name)
    write_plain(source, tmp_path / "plain.dcm")
    subprocess.run([need(program, "dcmtk"), source, tmp_path / "theirs.dcm"], check=True, capture_output=True)
    ours, theirs = pydicom.dcmread(tmp_path / "plain.dcm"), pydicom.dcmread(tmp_path / "theirs.dcm")
    assert ours.file_meta.TransferSyntaxUID == PLAIN
    assert np.array_equal(ours.pixel_array, theirs.pixel_array)
    assert ours.SOPInstanceUID == theirs.SOPInstanceUID


@pytest.mark.parametrize(
    "name", ["SC_rgb_jpeg_gdcm.dcm", "693_J2KI.dcm", "MR_small_bigendian.dcm", "MR_small_implicit.dcm", "image_dfl.dcm"]
)
def test_dcmtk_finds_nothing_wrong_with_what_is_written(name, tmp_path):
    source, target = example(name), tmp_path / "plain.dcm"
    write_plain(source, target)
    dumped = subprocess.run([need("dcmdump", "dcmtk"), target], check=True, capture_output=True, text=True)
    assert "E:" not in dumped.stderr
    written, before = pydicom.dcmread(target), pydicom.dcmread(source)
    assert written.SOPInstanceUID == before.SOPInstanceUID
    assert len(written.PixelData) == written.Rows * written.Columns * written.SamplesPerPixel * (
        written.BitsAllocated // 8
    ) * int(written.get("NumberOfFrames", 1)) + len(written.PixelData) % 2  # fmt: skip


def test_a_colour_picture_says_that_it_is_red_green_and_blue(tmp_path):
    write_plain(example("SC_rgb_jpeg_gdcm.dcm"), tmp_path / "plain.dcm")
    written = pydicom.dcmread(tmp_path / "plain.dcm")
    assert (written.PhotometricInterpretation, written.PlanarConfiguration) == ("RGB", 0)


def test_a_damaged_file_is_refused(tmp_path):
    source = tmp_path / "in.dcm"
    source.write_bytes(example("MR_small_RLE.dcm").read_bytes()[:4000])
    with pytest.raises(FormatError):
        write_plain(source, tmp_path / "plain.dcm")


def test_video_cannot_be_given_without_compression():
    assert can_be_plain(pydicom.uid.RLELossless)
    assert not can_be_plain(pydicom.uid.MPEG4HP41)


@pytest.mark.parametrize("name", ["rtdose.dcm"])
def test_a_frame_is_cut_out_of_the_file_without_reading_the_rest(name):
    source = example(name)
    dataset = pydicom.dcmread(source)
    size = len(dataset.PixelData) // int(dataset.NumberOfFrames)
    with stored_frames(source) as (count, frame):
        assert count == dataset.NumberOfFrames
        assert frame(1) == dataset.PixelData[size : 2 * size]


@pytest.mark.parametrize("name", ["rtdose_rle.dcm", "SC_rgb_rle_2frame.dcm"])
def test_a_compressed_frame_is_the_fragment_in_the_file(name):
    source = example(name)
    dataset = pydicom.dcmread(source)
    expected = list(pydicom.encaps.generate_frames(dataset.PixelData, number_of_frames=dataset.NumberOfFrames))
    with stored_frames(source) as (count, frame):
        assert [frame(number) for number in range(count)] == expected
    decoded = b"".join(decoded_frames(source, [1]))
    assert decoded == dataset.pixel_array[1].tobytes()


def test_each_compression_has_its_media_type():
    assert media_of(pydicom.uid.JPEG2000Lossless) == "image/jp2"
    assert media_of(pydicom.uid.RLELossless) == "image/dicom-rle"
    assert media_of(pydicom.uid.ImplicitVRLittleEndian) == "application/octet-stream"
