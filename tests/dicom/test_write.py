import re
import subprocess
import sys

import pytest
from pydicom import dcmread
from pydicom.uid import ExplicitVRLittleEndian

from dicom_reads import capture, read, saved, source, structured
from secondread.core.errors import FormatError, OutputError
from secondread.dicom.write import read_header, save


def test_a_file_has_preamble_and_meta_information_in_explicit_little_endian(tmp_path):
    path = saved(structured(source(tmp_path), read()), tmp_path)
    assert path.read_bytes()[128:132] == b"DICM"
    written = dcmread(path)
    assert written.file_meta.TransferSyntaxUID == ExplicitVRLittleEndian
    assert written.file_meta.MediaStorageSOPInstanceUID == written.SOPInstanceUID
    assert written.file_meta.MediaStorageSOPClassUID == written.SOPClassUID
    assert re.fullmatch(r"2\.25\.[1-9]\d+", written.file_meta.ImplementationClassUID)


def test_writing_replaces_the_file_and_leaves_nothing_beside_it(tmp_path):
    path = tmp_path / "out" / "result.dcm"
    path.parent.mkdir()
    path.write_bytes(b"old")
    save(structured(source(tmp_path), read()), path)
    assert dcmread(path).Modality == "SR"
    assert list(path.parent.iterdir()) == [path]


def test_a_write_that_fails_half_way_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "out" / "result.dcm"
    path.parent.mkdir()
    path.write_bytes(b"old")
    broken = capture(source(tmp_path), read())
    broken["PixelData"].VR = "SQ"  # cannot be encoded
    with pytest.raises(AttributeError):
        save(broken, path)
    assert path.read_bytes() == b"old"
    assert list(path.parent.iterdir()) == [path]


def test_a_folder_that_is_missing_is_an_output_error_without_its_path(tmp_path):
    with pytest.raises(OutputError, match=r"^result\.dcm: cannot be written") as caught:
        save(structured(source(tmp_path), read()), tmp_path / "missing" / "result.dcm")
    assert "missing" not in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"some words, and no DICOM at all", b"\0" * 128 + b"DICM\x02"])
def test_what_is_no_dicom_header_is_a_format_error(tmp_path, content):
    path = tmp_path / "renamed.dcm"
    path.write_bytes(content)
    with pytest.raises(FormatError, match=r"^renamed\.dcm: the DICOM header cannot be read"):
        read_header(path)


def test_a_missing_file_is_a_format_error(tmp_path):
    with pytest.raises(FormatError, match="nothing"):
        read_header(tmp_path / "nothing.dcm")


def test_a_header_without_preamble_is_read_and_pixels_are_not(tmp_path):
    whole = tmp_path / "source.dcm"
    header = source(tmp_path)
    bare = tmp_path / "bare.dcm"
    bare.write_bytes(whole.read_bytes()[132:])
    assert "PixelData" not in header
    assert read_header(bare).SOPInstanceUID == header.SOPInstanceUID


def test_reading_headers_does_not_load_highdicom():
    rooms = "from secondread.dicom import write; from secondread.dicom.results import sc, sr"
    code = f"import sys; {rooms}; print('highdicom' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"
