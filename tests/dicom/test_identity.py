import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom import Dataset
from pydicom.sequence import Sequence

from dicom_reads import content, patched, read, saved, source, structured, texts
from secondread.dicom.identity import MATCHED, first, identity, unicode_text
from secondread.dicom.write import read_header

PLACEHOLDER = "KOREANNAME"
EUC_KR = "홍^길동".encode("euc-kr")


def with_name_bytes(folder, charset, raw):
    """A header whose patient name is these bytes, whatever its character set says."""
    placeholder = PLACEHOLDER[: len(raw)].ljust(len(raw), "X")
    source(folder, SpecificCharacterSet=charset, PatientName=placeholder)
    return read_header(patched(folder / "source.dcm", placeholder.encode(), raw))


@pytest.mark.parametrize("charset", [None, "ISO_IR 149", ["", "ISO 2022 IR 149"], "ISO 2022 IR 149"])
def test_korean_bytes_without_escapes_become_the_name_they_were(tmp_path, charset):
    result = identity(with_name_bytes(tmp_path, charset, EUC_KR + b" " * (len(EUC_KR) % 2)))
    assert (str(result.PatientName), result.SpecificCharacterSet) == ("홍^길동", "ISO_IR 192")


def test_a_name_that_was_read_again_is_told_in_the_structured_report_without_the_name(tmp_path):
    header = with_name_bytes(tmp_path, "ISO_IR 149", EUC_KR + b" " * (len(EUC_KR) % 2))
    [told] = [line for line in texts(content(saved(structured(header, read()), tmp_path))) if "character set" in line]
    assert told.startswith("Warning: PatientName of the source")
    assert "cp949" in told
    assert "길동" not in told


def test_a_name_that_was_read_as_declared_is_not_told(tmp_path):
    header = source(tmp_path, SpecificCharacterSet="ISO_IR 192", PatientName="홍^길동")
    lines = texts(content(saved(structured(header, read()), tmp_path)))
    assert not [line for line in lines if "character set" in line]


def test_unicode_that_was_not_declared_becomes_the_name_it_was(tmp_path):
    assert str(identity(with_name_bytes(tmp_path, None, "홍^길동!".encode())).PatientName) == "홍^길동!"


def test_a_western_name_that_was_declared_stays_as_it_is(tmp_path):
    # These two letters are also a valid Korean character.
    result = identity(with_name_bytes(tmp_path, "ISO_IR 100", "Ma°¡".encode("latin-1")))
    assert str(result.PatientName) == "Ma°¡"


@given(st.text(), st.sampled_from(["", "ISO_IR 100", "ISO_IR 192", "\\ISO 2022 IR 149"]))
def test_text_that_was_read_right_is_never_changed(text, charset):
    if charset in {"ISO_IR 100", "ISO_IR 192"} or text.isascii() or max(map(ord, text)) > 255:
        assert unicode_text(text, charset) == text


@pytest.mark.parametrize(
    ("keyword", "given_value", "kept"),
    [
        ("StudyDate", "2024.01.02", "20240102"),
        ("StudyDate", "2024-01-02", "20240102"),
        ("StudyDate", "2024012", ""),
        ("StudyDate", "20240230", ""),
        ("StudyDate", "20240102-20240103", ""),
        ("StudyTime", "10:15:00.5", "101500.5"),
        ("StudyTime", "1015", "1015"),
        ("StudyTime", "251500", ""),
        ("PatientSex", "f", "F"),
        ("PatientSex", "W", ""),
        ("StudyDescription", "two\nlines\0", "two lines"),
        ("PatientID", " 42 ", "42"),
        ("PatientID", ["42", "43"], ["42", "43"]),
    ],
)
def test_values_are_mended_only_where_their_meaning_is_clear(tmp_path, keyword, given_value, kept):
    assert identity(source(tmp_path, **{keyword: given_value}))[keyword].value == kept


def test_elements_an_archive_expects_are_there_even_when_the_source_lacks_them(tmp_path):
    keywords = (*MATCHED, "PatientBirthDate", "PatientSex", "StudyDate", "StudyTime", "StudyID")
    result = identity(source(tmp_path, **dict.fromkeys(keywords)))
    assert [keyword for keyword in keywords if keyword not in result] == []


def test_what_says_that_a_patient_was_deidentified_goes_along_in_unicode(tmp_path):
    how = Dataset()
    how.CodeValue, how.CodingSchemeDesignator, how.CodeMeaning = "113100", "DCM", "Basic Profile für alle"
    header = source(
        tmp_path,
        SpecificCharacterSet="ISO_IR 100",
        PatientIdentityRemoved="YES",
        DeidentificationMethod="a method",
        DeidentificationMethodCodeSequence=Sequence([how]),
    )
    result = identity(header)
    assert (result.PatientIdentityRemoved, result.DeidentificationMethod) == ("YES", "a method")
    assert result.DeidentificationMethodCodeSequence[0].CodeMeaning == "Basic Profile für alle"


def test_a_deidentified_source_that_does_not_say_how_is_passed_on_as_such(tmp_path):
    result = identity(source(tmp_path, PatientIdentityRemoved="YES"))
    assert (result.PatientIdentityRemoved, result.DeidentificationMethod) == ("YES", "Not stated in the source image")


def test_nothing_else_of_the_source_goes_along(tmp_path):
    header = source(tmp_path, InstitutionName="Hospital", PatientComments="neighbour of", OperatorsName="Op")
    assert not {"InstitutionName", "PatientComments", "OperatorsName"} & {e.keyword for e in identity(header)}


def test_a_missing_value_reads_as_no_text(tmp_path):
    assert first(source(tmp_path), "PatientComments") == ""
