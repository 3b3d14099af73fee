"""Size bombs are refused before they are decoded."""

import struct
import tracemalloc
import zlib
from dataclasses import replace

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.uid import DeflatedExplicitVRLittleEndian, ImplicitVRLittleEndian

from dicom_factory import chest_xray, gradient
from secondread.core.errors import FormatError, TooLargeError
from secondread.dicom.index_entry import read_entry
from secondread.dicom.limits import check_inflated
from secondread.dicom.load import load_image
from secondread.dicom.node import convert
from secondread.dicom.node.part10 import stored_file
from secondread.dicom.open import open_dicom


@pytest.fixture
def deflated(tmp_path):
    path = chest_xray(tmp_path / "x.dcm")
    dataset = dcmread(path)
    dataset.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    dataset.save_as(path, enforce_file_format=True)
    return path


def test_a_deflated_file_is_read_like_any_other(deflated, tmp_path):
    plain = chest_xray(tmp_path / "plain.dcm")
    found, wanted = (load_image(open_dicom([path]).series[0]).values for path in (deflated, plain))
    assert np.array_equal(found, wanted)


def test_a_deflated_file_that_grows_beyond_the_limit_is_refused(deflated):
    assert check_inflated(deflated, limit=2 * gradient().nbytes)
    with pytest.raises(TooLargeError, match=r"x\.dcm: the deflated file grows beyond 2,000 bytes"):
        check_inflated(deflated, limit=2000)


def test_a_bomb_is_noticed_without_being_held_in_memory(deflated):
    start = deflated.read_bytes()
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    meta_end = 144 + dcmread(deflated).file_meta.FileMetaInformationGroupLength
    bomb = b"".join(squeeze.compress(bytes(2**20)) for _ in range(40)) + squeeze.flush()
    deflated.write_bytes(start[:meta_end] + bomb)
    assert len(bomb) < 2**16
    with pytest.raises(TooLargeError):
        check_inflated(deflated, limit=2**24)


def test_filing_a_deflated_object_inflates_little_more_than_its_header(tmp_path):
    path = chest_xray(tmp_path / "x.dcm")
    dataset = dcmread(path)
    dataset.save_as(path, enforce_file_format=True)
    plain = read_entry(path)
    dataset.PixelData = bytes(2**26)
    dataset.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    dataset.save_as(path, enforce_file_format=True)
    del dataset
    assert path.stat().st_size < 2**18
    tracemalloc.start()
    entry = read_entry(path)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 2**26
    assert entry == replace(plain, transfer_syntax_uid=DeflatedExplicitVRLittleEndian)


def test_a_value_as_long_as_the_memory_is_left_in_the_file(tmp_path):
    path = chest_xray(tmp_path / "x.dcm")
    dataset = dcmread(path)
    dataset.save_as(path, enforce_file_format=True)
    plain = read_entry(path)
    content, size = path.read_bytes(), 2**26
    at = content.index(b"\x10\x00\x20\x00LO")  # Patient ID
    (length,) = struct.unpack_from("<H", content, at + 6)
    long = b"\x10\x00\x20\x00UT\x00\x00" + struct.pack("<I", size)
    with path.open("wb") as stream:
        stream.write(content[:at] + long)
        stream.write(b"1" * size)
        stream.write(content[at + 8 + length :])
    tracemalloc.start()
    entry = read_entry(path)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 2**20
    assert entry == replace(plain, patient_id="")


def test_a_deflated_object_without_its_identifiers_is_not_filed(deflated):
    content = deflated.read_bytes()
    meta_end = 144 + dcmread(deflated).file_meta.FileMetaInformationGroupLength
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    deflated.write_bytes(content[:meta_end] + squeeze.compress(bytes(2**20)) + squeeze.flush())
    with pytest.raises(FormatError):
        read_entry(deflated)


def test_a_bomb_is_not_turned_into_another_syntax_to_be_sent(deflated, monkeypatch):
    monkeypatch.setattr(convert, "check_inflated", lambda path: check_inflated(path, limit=2000))
    with (
        pytest.raises(FormatError, match="grows beyond"),
        convert.converted(stored_file(deflated), ImplicitVRLittleEndian),
    ):
        pass


def test_a_damaged_deflated_part_is_refused(deflated):
    content = deflated.read_bytes()
    deflated.write_bytes(content[:400] + b"\xff" * (len(content) - 400))
    with pytest.raises(FormatError, match="deflated part is damaged"):
        check_inflated(deflated, limit=2**20)


def test_other_files_pass_at_once(tmp_path):
    assert not check_inflated(chest_xray(tmp_path / "x.dcm"), limit=1)


def test_a_file_too_small_to_grow_beyond_the_limit_is_not_inflated_twice(deflated):
    content = deflated.read_bytes()
    deflated.write_bytes(content[:400] + b"\xff" * (len(content) - 400))
    assert check_inflated(deflated, limit=1032 * len(content))  # the parser will find the damage


def hidden(path, padding):
    """A deflated file whose transfer syntax stands behind a long class UID."""
    dataset = dcmread(chest_xray(path))
    dataset.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    dataset.save_as(path, enforce_file_format=True)
    content = path.read_bytes()
    at = content.index(b"\x02\x00\x02\x00UI") + 6  # of Media Storage SOP Class UID
    (length,) = struct.unpack_from("<H", content, at)
    (group,) = struct.unpack_from("<I", content, 140)
    longer = content[at + 2 : at + 2 + length] + b"\0" * padding
    meta = content[144:at] + struct.pack("<H", length + padding) + longer + content[at + 2 + length :]
    path.write_bytes(content[:140] + struct.pack("<I", group + padding) + meta)
    return path


def test_a_transfer_syntax_far_behind_in_the_meta_information_hides_no_bomb(tmp_path):
    path = hidden(tmp_path / "x.dcm", 4000)
    assert dcmread(path).file_meta.TransferSyntaxUID == DeflatedExplicitVRLittleEndian
    with pytest.raises(TooLargeError, match="grows beyond"):
        check_inflated(path, limit=2000)


def test_meta_information_without_end_is_refused(tmp_path):
    path = hidden(tmp_path / "x.dcm", 60_000)
    content = path.read_bytes()
    at = content.index(b"\x02\x00\x03\x00UI")  # twice the long element: beyond what is looked at
    path.write_bytes(content[:at] + content[content.index(b"\x02\x00\x02\x00UI") : at] + content[at:])
    with pytest.raises(FormatError, match="meta information takes more than 65,536 bytes"):
        check_inflated(path)
