"""The index is the same whether an object's first bytes are looked at or its file is parsed."""

import random
from dataclasses import replace

import pydicom
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydicom import dcmread, uid
from pydicom.dataset import Dataset

import rooms
from dicom_factory import chest_xray, ct_series, mammogram
from secondread.core.errors import FormatError
from secondread.dicom.head import head_elements
from secondread.dicom.header import calm
from secondread.dicom.index_entry import KEYWORDS, entry_of_head, read_entry
from secondread.dicom.node.part10 import data_set_start, file_header

ENOUGH = 1 << 16
NAMES = ("Doe^Jane", "Hong^Gildong=洪^吉洞=홍^길동", "", "Müller^Jörg", "A\\B", "  x  ^y ")


def both(path):
    """By the head, and by the file."""
    data = path.read_bytes()[data_set_start(path) :]
    with calm():
        syntax = str(dcmread(path, stop_before_pixels=True).file_meta.TransferSyntaxUID)
    return entry_of_head(data[:ENOUGH], syntax, whole=len(data) <= ENOUGH), read_entry(path)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("implicit", [True, False])
def test_names_of_every_kind_are_told_alike(tmp_path, name, implicit):
    path = chest_xray(tmp_path / "a.dcm", SpecificCharacterSet="ISO_IR 192", PatientName=name, StudyDescription=name)
    if implicit:
        dataset = dcmread(path)
        dataset.file_meta.TransferSyntaxUID = uid.ImplicitVRLittleEndian
        dataset.save_as(path, implicit_vr=True, little_endian=True)
    by_head, by_file = both(path)
    assert by_head == by_file


@pytest.mark.parametrize("example", ["child-viral.dcm", "hand.dcm"])
def test_compressed_objects_are_told_alike(example):
    by_head, by_file = both(rooms.EXAMPLES / example)
    assert by_head == by_file


def test_korean_bytes_without_escapes_are_mended_alike(tmp_path):
    path = mammogram(tmp_path / "a.dcm", SpecificCharacterSet="ISO_IR 192", PatientName="XXXX^XXXX")
    content = path.read_bytes().replace(b"ISO_IR 192", b"ISO_IR 149").replace(b"XXXX^XXXX", "홍길^동길".encode("cp949"))
    path.write_bytes(content)
    by_head, by_file = both(path)
    assert by_head == by_file
    assert by_file.patient_name == "홍길^동길"


@pytest.mark.parametrize("undefined", [True, False])
def test_sequences_on_the_way_are_passed_over(tmp_path, undefined):
    path = chest_xray(tmp_path / "a.dcm")
    dataset, item, inner = dcmread(path), Dataset(), Dataset()
    inner.CodeValue, inner.PatientName = "1", "Wrong^One"
    item.PurposeOfReferenceCodeSequence, item.StudyDate = [inner, inner], "19990101"
    dataset.ReferencedStudySequence = [item, item]
    dataset.add_new(0x00290010, "LO", "PRIVATE")
    dataset.add_new(0x00291001, "SQ", [item])
    dataset.PerformedProcedureStepStartDate = "20250131"
    for element in dataset.iterall():
        if element.VR == "SQ":
            element.is_undefined_length = undefined
            for one in element.value:
                one.is_undefined_length_sequence_item = undefined
    dataset.save_as(path)
    by_head, by_file = both(path)
    assert by_head == by_file
    assert by_head.performed_date == "20250131"
    assert by_head.study_date != "19990101"


def test_a_head_that_ends_too_early_says_so(tmp_path):
    (path,) = ct_series(tmp_path / "ct", (1, 8, 6))
    data = path.read_bytes()[data_set_start(path) :]
    assert head_elements(data[:300], uid.ExplicitVRLittleEndian, KEYWORDS, whole=False) is None
    assert head_elements(data, uid.ExplicitVRLittleEndian, KEYWORDS, whole=True) is not None
    for syntax in (uid.ExplicitVRBigEndian, uid.DeflatedExplicitVRLittleEndian):
        assert head_elements(data, syntax, KEYWORDS, whole=True) is None


def test_an_object_without_a_study_is_left_to_the_file(tmp_path):
    path = chest_xray(tmp_path / "a.dcm", StudyInstanceUID=None)
    data = path.read_bytes()[data_set_start(path) :]
    assert entry_of_head(data, uid.ExplicitVRLittleEndian, whole=True) is None
    with pytest.raises(FormatError, match="StudyInstanceUID"):
        read_entry(path)


# Of what stands behind the UIDs a damaged object may lose something either way.
BEHIND = dict.fromkeys(
    (
        "series_number", "instance_number", "laterality", "rows", "columns", "bits_allocated", "frames",
        "performed_date", "performed_time",
    )
)  # fmt: skip


@settings(
    max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None
)
@given(seed=st.integers(0, 2**32), changes=st.integers(1, 12), cut=st.integers(0, 900))
def test_damage_never_files_an_object_elsewhere_than_the_file_says(tmp_path, seed, changes, cut):
    """The head may give up, but must not say another patient or study than the parser, nor fall over."""
    path = tmp_path / "source.dcm"
    if not path.exists():
        chest_xray(path)
    data = bytearray(path.read_bytes()[data_set_start(path) :])
    chosen = random.Random(seed)
    for _ in range(changes):
        data[chosen.randrange(min(len(data), 1200))] = chosen.randrange(256)
    data = bytes(data[: len(data) - cut])
    damaged = tmp_path / "damaged.dcm"
    damaged.write_bytes(file_header("1.2", "1.2", uid.ExplicitVRLittleEndian, "") + data)
    by_head = entry_of_head(data, uid.ExplicitVRLittleEndian, whole=True)
    try:
        by_file = read_entry(damaged)
    except FormatError:
        return
    if by_head is not None:
        assert replace(by_head, **BEHIND) == replace(by_file, **BEHIND)


def test_the_header_that_is_put_before_an_object_is_read_by_pydicom(tmp_path):
    path = tmp_path / "a.dcm"
    dataset = Dataset()
    dataset.PatientID = "1"
    with calm():
        source = chest_xray(tmp_path / "source.dcm")
    data = source.read_bytes()[data_set_start(source) :]
    path.write_bytes(file_header("1.2.840.10008.5.1.4.1.1.1.1", "1.2.3", uid.ExplicitVRLittleEndian, "SCANNER") + data)
    meta = pydicom.dcmread(path).file_meta
    assert (meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID) == ("1.2.840.10008.5.1.4.1.1.1.1", "1.2.3")
    assert (meta.TransferSyntaxUID, meta.SourceApplicationEntityTitle) == (uid.ExplicitVRLittleEndian, "SCANNER")
    assert meta.ImplementationVersionName.startswith("SECONDREAD")
    assert meta.FileMetaInformationVersion == b"\x00\x01"
