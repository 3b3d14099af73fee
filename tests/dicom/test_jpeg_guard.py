"""Lossless and 12-bit JPEG are judged before its decoder sees it, and listened to afterwards."""

import os
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom import dcmread
from pydicom.data import get_testdata_file
from pydicom.encaps import encapsulate, get_frame

from dicom_factory import shared
from secondread.core.errors import FormatError
from secondread.dicom.header import calm
from secondread.dicom.jpeg_guard import heard, is_sound, speak
from secondread.dicom.pixels import decode, read_picture

# A frame of two rows and two columns of 8 bits: start, one Huffman table, frame, scan; then the data.
TABLE = b"\xff\xc4\x00\x16\x00" + bytes([0, 2, 1] + [0] * 13) + bytes([0, 1, 2])
FRAME = b"\xff\xc3\x00\x0b\x08\x00\x02\x00\x02\x01\x01\x11\x00"
SCAN = b"\xff\xda\x00\x08\x01\x01\x00\x01\x00\x00"
SOUND = b"\xff\xd8" + TABLE + FRAME + SCAN + b"\x12\x34\xff\xd9"
# The same of 12 bits with losses: a table for each of the two classes, and how coarsely numbers are kept.
ALTERNATING = b"\xff\xc4\x00\x16\x10" + TABLE[5:]
COARSENESS = b"\xff\xdb\x00\x43\x00" + bytes(range(1, 65))
LOSSY = b"\xff\xc1\x00\x0b\x0c\x00\x02\x00\x02\x01\x01\x11\x00"
TWELVE = (
    b"\xff\xd8"
    + COARSENESS
    + TABLE
    + ALTERNATING
    + LOSSY
    + SCAN.replace(b"\x01\x00\x00", b"\x00\x3f\x00")
    + b"\xff\xd9"
)


@pytest.fixture(scope="module")
def colour_frame():
    dataset = dcmread(get_testdata_file("SC_rgb_jpeg_gdcm.dcm", download=False))
    return get_frame(dataset.PixelData, 0, number_of_frames=1)


def test_real_frames_are_sound(colour_frame):
    assert is_sound(colour_frame)
    for name in ("JPEG-LL.dcm", "JPGLosslessP14SV1_1s_1f_8b.dcm", "bad_sequence.dcm"):
        with calm():
            dataset = dcmread(shared("pydicom-data", "data_store", "data", name))
        assert is_sound(get_frame(dataset.PixelData, 0, number_of_frames=1)), name


@pytest.mark.parametrize(
    ("what", "found", "damage"),
    [
        ("nothing", SOUND, b""),
        ("precision", b"\xff\xc3\x00\x0b\x08", b"\xff\xc3\x00\x0b\x20"),
        ("frame type", b"\xff\xc3", b"\xff\xc9"),
        ("sampling", b"\x01\x01\x11\x00\xff\xda", b"\x01\x01\x21\x00\xff\xda"),
        ("components", b"\x00\x02\x01\x01\x11", b"\x00\x02\x02\x01\x11"),
        ("table length", b"\xff\xc4\x00\x16", b"\xff\xc4\x00\x15"),
        ("table counts", b"\x00\x00\x02\x01", b"\x00\x03\x02\x01"),
        ("table symbol", b"\x00\x01\x02\xff\xc3", b"\x00\x01\x63\xff\xc3"),
        ("table number", b"\xff\xc4\x00\x16\x00", b"\xff\xc4\x00\x16\x09"),
        ("scan's component", SCAN, SCAN.replace(b"\x01\x01\x00", b"\x01\x02\x00")),
        ("scan's table", SCAN, SCAN.replace(b"\x01\x01\x00", b"\x01\x01\x10")),
        ("predictor", b"\x00\x01\x00\x00", b"\x00\x09\x00\x00"),
        ("end of scan", b"\x00\x01\x00\x00", b"\x00\x01\x05\x00"),
        ("a table missing", TABLE, b""),
        ("the frame missing", FRAME, b""),
        ("the scan missing", SCAN, b""),
        ("a version of JFIF nobody knows", FRAME, b"\xff\xe0\x00\x10JFIF\0\x7f\1\0\0\1\0\1\0\0" + FRAME),
        ("a colour transform nobody knows", FRAME, b"\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00\x63" + FRAME),
    ],
)
def test_a_header_no_encoder_writes_is_not_sound(what, found, damage):
    assert found in SOUND
    assert is_sound(SOUND)
    assert not is_sound(SOUND.replace(found, damage)), what


@pytest.mark.parametrize(
    ("what", "found", "damage"),
    [
        ("precision", b"\xff\xc1\x00\x0b\x0c", b"\xff\xc1\x00\x0b\x10"),
        ("sampling", LOSSY, LOSSY.replace(b"\x01\x11", b"\x01\x22")),
        ("no quantiser", COARSENESS, b""),
        ("another quantiser", LOSSY, LOSSY[:-1] + b"\x01"),
        ("number of the quantiser", b"\xff\xdb\x00\x43\x00", b"\xff\xdb\x00\x43\x07"),
        ("length of the quantiser", b"\xff\xdb\x00\x43\x00", b"\xff\xdb\x00\x43\x10"),
        ("no alternating table", ALTERNATING, b""),
        ("no direct table", TABLE, b""),
        ("scan's component", b"\x01\x01\x00\x00\x3f", b"\x01\x09\x00\x00\x3f"),
    ],
)
def test_a_header_of_12_bits_no_encoder_writes_is_not_sound(what, found, damage):
    assert found in TWELVE
    assert is_sound(TWELVE)
    assert not is_sound(TWELVE.replace(found, damage)), what


def test_a_scan_that_leaves_its_spectral_range_at_0_is_sound_as_real_writers_do_so():
    assert is_sound(TWELVE.replace(b"\x00\x3f\x00\xff\xd9", b"\x00\x00\x00\xff\xd9"))


@given(st.binary(max_size=80))
def test_any_bytes_are_judged_without_a_fault(content):
    assert is_sound(content) is False
    assert is_sound(b"\xff\xd8\xff\xc4" + content) is False


@pytest.mark.parametrize("name", ["SC_rgb_jpeg_gdcm.dcm", "JPGExtended.dcm"])
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_what_is_judged_sound_does_not_end_the_program(name, data):
    dataset = dcmread(get_testdata_file(name, download=False))
    frame = bytearray(get_frame(dataset.PixelData, 0, number_of_frames=1))
    scan = frame.index(b"\xff\xda")
    for _ in range(3):
        frame[data.draw(st.integers(2, scan + 12))] = data.draw(st.integers(0, 255))
    pixels_of(bytes(frame), name)


def pixels_of(frame, name):
    """Decode a frame in this very process; damage that is noticed is fine."""
    with calm():
        dataset = dcmread(get_testdata_file(name, download=False))
        dataset.PixelData = encapsulate([frame])
        try:
            return decode(dataset, "x.dcm")
        except FormatError:
            return None


def test_missing_data_in_the_middle_is_refused_and_not_filled_up(tmp_path, colour_frame):
    path = tmp_path / "x.dcm"
    with calm():
        dataset = dcmread(get_testdata_file("SC_rgb_jpeg_gdcm.dcm", download=False))
        dataset.PixelData = encapsulate([colour_frame[: len(colour_frame) // 2] + b"\xff\xd9"])
        dataset["PixelData"].is_undefined_length = True
        dataset.save_as(path)
        with pytest.raises(FormatError, match=r"x\.dcm: the pixels .* are damaged"):
            decode(read_picture(path), path.name)


def test_what_others_write_meanwhile_is_heard_and_can_be_passed_on(capfd):
    with heard() as lines:
        os.write(2, b"from C\n")
        assert lines == []
    assert lines == ["from C"]
    assert capfd.readouterr().err == ""
    speak(lines)
    assert capfd.readouterr().err == "from C\n"
    speak(["Unsupported JPEG data precision 12"])  # GDCM looks for the right decoder by trying
    assert capfd.readouterr().err == ""


def test_a_process_without_standard_error_is_served_too():
    program = "from secondread.dicom.jpeg_guard import heard\nwith heard() as lines: pass\nprint(lines)"
    found = subprocess.run(
        ["/bin/sh", "-c", f"{sys.executable} -c '{program}' 2>&-"], capture_output=True, text=True, check=True
    )
    assert found.stdout == "[]\n"
