import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset

from secondread.dicom.deidentification.descriptors import Known, cleaned, known_of, mentions

NOBODY = Known(frozenset(), frozenset())


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("CT Chest 5mm", "CT Chest 5mm"),
        ("AX T2 FLAIR fs, Prof. Zebulon", "AX T2 FLAIR fs"),
        ("Kim Chulsoo 1977-07-07 010-1234-5678", ""),
        ("L-spine L4 b1000", "spine L4 b1000"),
        ("흉부 정면 홍길동", "흉부 정면"),
        ("MRN 12345678 b1234", ""),
        ("2.5mm recon", "2.5mm recon"),
    ],
)
def test_known_words_and_measures_stay_and_the_rest_goes(text, left):
    assert cleaned(text, NOBODY) == left


def test_a_patient_called_hand_takes_the_word_with_her():
    known = known_of_patient("Hand^Heart")
    assert cleaned("XR hand left", known) == "XR left"


def known_of_patient(name, **tags):
    source = Dataset()
    source.PatientName = name
    for keyword, value in tags.items():
        setattr(source, keyword, value)
    return known_of(source)


def test_names_are_found_as_words_and_identifiers_anywhere():
    known = known_of_patient("Kang^Minji=姜^敏智=강^민지", PatientID="MR-0042")
    assert mentions("protocol of MINJI", known)
    assert mentions("xMR-0042y", known)
    assert mentions("강민지 2차", known)
    assert not mentions("kangaroo", known)


def test_names_inside_sequences_count():
    outer, item = Dataset(), Dataset()
    item.PersonName = "Zebulon^A"
    outer.ContentSequence = [item]
    assert mentions("Zebulon", known_of(outer))


@given(st.text())
def test_what_is_left_is_made_of_words_of_the_text(text):
    assert all(word in text for word in cleaned(text, NOBODY).split())
    assert len(cleaned(text, NOBODY)) <= len(text)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Hong^Gildong", "HONGGILDONG"), ("Hong^Gildong", "gildong_hong"), ("Hong^Gildong", "HONG2024"),
        ("Li^Na", "scan of Na Li"), ("Müller^A", "MULLER"), ("Muller^A", "Müller"),
        ("Kang^A", "\uff2b\uff21\uff2e\uff27"),
        ("홍^길동", unicodedata.normalize("NFD", "홍길동")), ("A^B", "19510203"), ("A^B", "b. 1951-02-03"),
        ("A^B", "12.345.678"), ("A^B", "copy of 1.2.3.4444.5"),
    ],
)  # fmt: skip
def test_a_name_or_number_is_known_in_another_spelling(name, text):
    tags = {"PatientBirthDate": "19510203", "PatientID": "12-345-678", "StudyInstanceUID": "1.2.3.4444.5"}
    assert mentions(text, known_of_patient(name, **tags))


def test_a_short_name_is_not_found_inside_words():
    assert not mentions("Carolina Linacs", known_of_patient("Li^Na"))


def test_a_name_under_the_type_of_another_text_is_known():
    source = Dataset()
    source["PatientName"] = DataElement("PatientName", "LO", "Zebulon^A")
    assert mentions("ZEBULON", known_of(source))
