"""What is kept of a patient."""

import pytest
from pydicom.dataset import Dataset

from secondread.core.identity import patient_pseudonym, study_pseudonym
from secondread.dicom.patient import age_years_of, patient_key_of, sex_of


def header(**elements):
    dataset = Dataset()
    for keyword, value in {"PatientID": "INVENTED-1", "StudyInstanceUID": "2.25.7", **elements}.items():
        dataset.add_new(keyword, "LO", value)
    return dataset


@pytest.mark.parametrize(
    ("stated", "years"), [("004Y", 4), ("006M", 0.5), ("026W", 0.4983), ("073D", 0.1999), ("101Y", 101)]
)
def test_an_age_is_stated_in_years_months_weeks_or_days(stated, years):
    assert age_years_of(header(PatientAge=stated, PatientBirthDate="19000101")) == pytest.approx(years, abs=1e-3)


@pytest.mark.parametrize("stated", ["", "4Y", "004", "XXXY", "004Q"])
def test_without_a_valid_age_the_dates_tell_it(stated):
    elements = header(PatientAge=stated, PatientBirthDate="2019.12.31", StudyDate="20240102")
    assert age_years_of(elements) == pytest.approx(4.005, abs=0.01)


@pytest.mark.parametrize("born", ["", "20250101", "20191341", "unknown"])
def test_an_age_that_nothing_states_is_unknown(born):
    assert age_years_of(header(PatientBirthDate=born, StudyDate="20240102")) is None


@pytest.mark.parametrize(("stated", "sex"), [("F", "F"), ("m", "M"), ("O", "O"), ("", ""), ("female", "")])
def test_a_sex_is_one_of_three_letters_or_unknown(stated, sex):
    assert sex_of(header(PatientSex=stated)) == sex


def test_the_pseudonym_follows_the_patient_only_where_there_is_a_key():
    assert patient_key_of(header(), b"secret") == patient_pseudonym("INVENTED-1", b"secret")
    assert patient_key_of(header(), None) == study_pseudonym("2.25.7")
    assert patient_key_of(header(PatientID=""), b"secret") == study_pseudonym("2.25.7")
