"""A header in one pass, as pydicom reads it."""

import struct

import pytest
from pydicom import Dataset, dcmread
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian, RLELossless

from dicom_factory import SHARED, code, ct_series
from secondread.dicom.indexed import PIXEL_DATA, Indexed, index, tags_of
from secondread.dicom.slices import KEYWORDS

TAGS = tags_of(KEYWORDS)


@pytest.fixture
def path(tmp_path):
    return ct_series(tmp_path / "ct", (1, 4, 6))[0]


def agrees(path, found):
    """Whether the index says what pydicom says of a file."""
    witness = dcmread(path)
    same = all(found.elements.get(tag) == witness.get(tag) for tag in TAGS)
    return same and path.read_bytes()[found.offset :][: found.length] == witness.PixelData


def test_an_index_holds_what_pydicom_reads_and_where_the_pixels_lie(path):
    assert agrees(path, index(path, TAGS))


@pytest.mark.parametrize("undefined", [True, False])
@pytest.mark.parametrize("implicit", [True, False])
def test_sequences_are_passed_over_whatever_their_length(path, undefined, implicit):
    dataset = dcmread(path)
    inner = Dataset()
    inner.PurposeOfReferenceCodeSequence = [code("1", "DCM", "x"), code("2", "DCM", "y")]
    inner.is_undefined_length_sequence_item = undefined
    dataset.ReferencedImageSequence = [inner, inner]
    dataset["ReferencedImageSequence"].is_undefined_length = undefined
    dataset.add_new(0x00091001, "UN", b"x" * 40_000)  # longer than the first block that is read
    if implicit:
        dataset.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
        dataset.save_as(path, implicit_vr=True, little_endian=True)
    else:
        dataset.save_as(path)
    assert agrees(path, index(path, TAGS))


def test_what_is_not_plain_is_left_to_pydicom(path, tmp_path):
    dataset = dcmread(path)
    other = tmp_path / "other.dcm"
    dataset.compress(RLELossless, generate_instance_uid=False)
    dataset.save_as(other)
    assert index(other, TAGS) is None
    little, big = ExplicitVRLittleEndian.encode() + b"\0", ExplicitVRBigEndian.encode() + b"\0"
    other.write_bytes(path.read_bytes().replace(little, big))
    assert index(other, TAGS) is None
    other.write_bytes(path.read_bytes()[132:])
    assert index(other, TAGS) is None
    assert index(tmp_path / "missing.dcm", TAGS) is None
    other.write_bytes(b"")
    assert index(other, TAGS) is None


def test_pixels_that_are_cut_short_are_left_to_pydicom(path):
    path.write_bytes(path.read_bytes()[:-1])
    assert index(path, TAGS) is None


def test_a_sequence_that_is_needed_is_left_to_pydicom(path):
    dataset = dcmread(path)
    dataset.ModalityLUTSequence = [Dataset()]
    dataset["ModalityLUTSequence"].is_undefined_length = True
    dataset.save_as(path)
    assert index(path, TAGS) is None


@pytest.mark.parametrize(
    "bad",
    [
        struct.pack("<HH2sH", 0x0028, 0x0010, b"ZZ", 2),  # no such VR
        struct.pack("<HH2sHI", 0x0029, 0x1010, b"OB", 0, 0xFFFFFFFF),  # an undefined length where none may be
        struct.pack("<HH2sHI", 0x0029, 0x1010, b"SQ", 0, 0xFFFFFFFF) + struct.pack("<HHI", 0x0028, 0x0010, 0),
        struct.pack("<HH2sH", 0x0001, 0x0010, b"CS", 0),  # out of order
        struct.pack("<HH2sHI", 0x0029, 0x1010, b"UN", 0, 0x7FFFFFFF),  # longer than the file
        struct.pack("<HH2sHI", 0x0029, 0x1010, b"SQ", 0, 0xFFFFFFFF)
        + (struct.pack("<HHI", 0xFFFE, 0xE000, 0xFFFFFFFF) + struct.pack("<HH2sHI", 9, 9, b"SQ", 0, 0xFFFFFFFF)) * 40,
    ],
)
def test_a_header_that_is_damaged_is_left_to_pydicom(path, bad):
    content = path.read_bytes()
    pixels = content.index(struct.pack("<HH", 0x7FE0, 0x0010))
    path.write_bytes(content[:pixels] + bad + content[pixels:])
    assert index(path, TAGS) is None


def test_real_files_are_indexed_as_pydicom_reads_them():
    files = sorted(path for path in SHARED.glob("pydicom-data/data_store/data/*.dcm") if path.stat().st_size < 2**20)
    indexed = {path: found for path in files if isinstance(found := index(path, TAGS), Indexed)}
    assert len(indexed) >= 10
    for path, found in indexed.items():
        assert agrees(path, found), path.name


def test_pixels_are_the_last_thing_that_is_indexed():
    assert tags_of(["PixelData"]) == {PIXEL_DATA}
