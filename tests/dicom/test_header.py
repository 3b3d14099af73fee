"""Elements are read calmly."""

from pathlib import Path

import numpy as np
import pydicom
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom import dcmread
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset

from dicom_factory import chest_xray
from secondread.core.errors import FormatError
from secondread.dicom.header import calm, is_dicom, numbers, read_elements, text, texts, whole


def test_a_file_with_a_preamble_is_dicom_whatever_its_name(tmp_path):
    assert is_dicom(chest_xray(tmp_path / "picture.png"))


@pytest.mark.parametrize("name", ["ExplVR_LitEndNoMeta.dcm", "ExplVR_BigEndNoMeta.dcm"])
def test_old_files_without_a_preamble_are_dicom_too(name):
    assert is_dicom(Path(get_testdata_file(name, download=False)))


@pytest.mark.parametrize("content", [b"", b"DICM", b"Findings: none." * 20, b"\x89PNG\r\n\x1a\n" + bytes(200)])
def test_other_bytes_are_not(tmp_path, content):
    path = tmp_path / "x.dcm"
    path.write_bytes(content)
    assert not is_dicom(path)
    assert not is_dicom(tmp_path / "missing.dcm")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(None, "no such file"), (b"", "is empty"), (b"Findings: none." * 20, "not a DICOM file, whatever its name")],
)
def test_what_cannot_be_read_is_named_with_the_file_and_no_folder(tmp_path, content, sentence):
    path = tmp_path / "Doe^Jane" / "x.dcm"
    path.parent.mkdir()
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(FormatError, match=sentence) as caught:
        read_elements(path, ("Rows",))
    assert str(caught.value).startswith("x.dcm: ")
    assert "Doe" not in str(caught.value)


def test_only_what_was_asked_for_is_read(tmp_path):
    elements = read_elements(chest_xray(tmp_path / "x.dcm"), ("Rows", "Modality"))
    assert elements.Rows == 40
    assert "PatientName" not in elements
    assert "PixelData" not in elements


def test_deferred_pixels_are_the_same_pixels(tmp_path):
    path = chest_xray(tmp_path / "x.dcm", np.arange(300 * 300, dtype=np.uint16).reshape(300, 300))
    deferred = read_elements(path, ("PixelData",), defer_pixels=True)
    assert deferred.get_item("PixelData", keep_deferred=True).value is None
    assert deferred.PixelData == dcmread(path).PixelData


def test_the_parser_speaks_of_no_value_while_calm(caplog):
    caplog.set_level("DEBUG")
    with calm():
        Dataset().add_new("PatientBirthDate", "DA", "Doe^Jane")
        Dataset().add_new("StudyInstanceUID", "UI", "Doe^Jane" * 20)
    assert caplog.text == ""
    with pytest.warns(UserWarning, match="Invalid value"):
        pydicom.dataelem.DataElement("StudyInstanceUID", "UI", "Doe", validation_mode=pydicom.config.WARN)
    assert "Invalid value" in caplog.text


def test_values_that_break_their_type_are_read_as_absent_and_warn_nobody():
    dataset = Dataset()
    with calm():
        dataset.add_new("WindowWidth", "LO", "wide")
        dataset.Rows = 7
        dataset.ImageType = ["ORIGINAL ", "PRIMARY\0"]
        assert numbers(dataset, "WindowWidth") == ()
        assert whole(dataset, "Columns", 3) == 3
    assert whole(dataset, "Rows", 3) == 7
    assert texts(dataset, "ImageType") == ("ORIGINAL", "PRIMARY")
    assert text(dataset, "Modality") == ""


PLAIN = st.text(alphabet="0123456789.AZ_- \\", max_size=20)


@given(PLAIN, st.sampled_from(["ImageType", "PixelSpacing", "SOPInstanceUID", "StudyDate", "SeriesNumber"]))
def test_values_taken_from_the_bytes_are_those_that_pydicom_makes_of_them(written, keyword):
    vr, tag = pydicom.datadict.dictionary_VR(keyword), pydicom.tag.Tag(keyword)
    raw = pydicom.dataelem.RawDataElement(
        tag, vr, len(written), written.encode(), 0, is_implicit_VR=False, is_little_endian=True
    )
    quick = texts(Dataset({tag: raw}), keyword)
    with calm():
        try:
            parsed = Dataset({tag: raw})[tag].value
        except (TypeError, ValueError, OverflowError, pydicom.errors.BytesLengthException):
            return  # pydicom makes nothing of it
    several = parsed if isinstance(parsed, pydicom.multival.MultiValue) else [parsed]
    slow = () if parsed in (None, "") else tuple("" if item is None else str(item).strip(" \0") for item in several)
    assert [number(item) for item in quick] == [number(item) for item in slow] or not any(quick)


def number(text):
    """Numbers by their value, everything else as it is."""
    try:
        return float(text)
    except ValueError:
        return text


@given(st.lists(st.integers(0, 65535), max_size=3))
def test_short_numbers_taken_from_the_bytes_are_what_was_written(written):
    content, tag = np.array(written, "<u2").tobytes(), pydicom.tag.Tag("Rows")
    raw = pydicom.dataelem.RawDataElement(
        tag, None, len(content), content, 0, is_implicit_VR=True, is_little_endian=True
    )
    assert texts(Dataset({tag: raw}), "Rows") == tuple(map(str, written))


def test_a_whole_number_written_with_a_point_is_read():
    tag = pydicom.tag.Tag("SeriesNumber")
    raw = pydicom.dataelem.RawDataElement(tag, "IS", 4, b"7.0 ", 0, is_implicit_VR=False, is_little_endian=True)
    assert whole(Dataset({tag: raw}), "SeriesNumber", 0) == 7
