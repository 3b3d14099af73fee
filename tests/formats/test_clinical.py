"""What is known of the person, from a file: only what it says, and nothing of it in a message."""

import json
from dataclasses import fields
from pathlib import Path

import pytest

from secondread.core.clinical import Clinical
from secondread.core.errors import FormatError, InputError
from secondread.formats.clinical import read_clinical
from secondread.formats.clinical_fhir import LOINC, SNOMED

DOCS = Path(__file__).parents[2] / "docs"


def write(folder, content):
    path = folder / "clinical.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def read(folder, content):
    return read_clinical(write(folder, content))


def coded(code, system=LOINC):
    return {"coding": [{"system": system, "code": code}]}


def bundle(*resources, **more):
    return {"resourceType": "Bundle", "entry": [{"resource": one} for one in resources], **more}


def observed(code, **value):
    return {"resourceType": "Observation", "status": "final", "code": coded(code), **value}


PATIENT = {"resourceType": "Patient", "id": "p1", "gender": "female", "birthDate": "1960-06-15"}


def test_fields_of_a_plain_file_are_taken_as_they_are(tmp_path):
    clinical, told = read(tmp_path, {"age_years": 61, "sex": "F", "ever_smoker": True, "gcs": 14, "indication": None})
    assert clinical == Clinical(age_years=61.0, sex="F", ever_smoker=True, gcs=14)
    assert isinstance(clinical.age_years, float)
    assert told == ()


def test_an_empty_file_of_fields_means_that_nothing_is_known(tmp_path):
    assert read(tmp_path, {}) == (Clinical(), ())


def test_an_unknown_field_is_an_error_that_names_the_known_ones(tmp_path):
    with pytest.raises(FormatError, match=r"unknown field 'smoker'.*ever_smoker.*weeks_since_radiotherapy"):
        read(tmp_path, {"smoker": True})


@pytest.mark.parametrize(
    ("content", "needed"),
    [
        ({"age_years": 612}, "age_years has a value that cannot be; needed 0 to 130"),
        ({"sex": "female612"}, "sex has a value that cannot be; needed one of F, M"),
        ({"age_years": "612"}, "age_years needs a number"),
        ({"age_years": True}, "age_years needs a number"),
        ({"age_years": 10**400}, "age_years has a value that cannot be"),
        ({"gcs": 14.612}, "gcs needs a whole number"),
        ({"gcs": True}, "gcs needs a whole number"),
        ({"ever_smoker": "612"}, "ever_smoker needs true or false"),
        ({"ever_smoker": 1}, "ever_smoker needs true or false"),
    ],
)
def test_a_value_that_cannot_be_is_refused_without_being_told(tmp_path, content, needed):
    with pytest.raises(FormatError, match=needed) as caught:
        read(tmp_path, content)
    assert "612" not in str(caught.value)
    assert str(tmp_path) not in str(caught.value)


NO_OBJECT = [
    "",
    "[]",
    "{",
    "null",
    '{"gcs": 3, "gcs": 15}',
    '{"age_years": NaN}',
    '{"age_years": 1e999}',
    "[" * 100_000,
]


@pytest.mark.parametrize("content", [*NO_OBJECT, '{"weeks_since_radiotherapy": 1e999}'])
def test_what_is_no_json_object_is_refused(tmp_path, content):
    with pytest.raises(FormatError):
        read(tmp_path, content)


def test_a_missing_file_and_one_that_is_no_text_are_input_errors(tmp_path):
    with pytest.raises(InputError):
        read_clinical(tmp_path / "none.json")
    (tmp_path / "x.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(FormatError):
        read_clinical(tmp_path / "x.json")


def test_age_and_sex_come_from_the_patient_on_the_day_of_the_examination(tmp_path):
    encounter = {"resourceType": "Encounter", "status": "finished", "period": {"start": "2024-06-14T10:00:00+09:00"}}
    clinical, told = read(tmp_path, bundle(PATIENT, encounter, timestamp="2025-01-01T00:00:00Z"))
    assert clinical == Clinical(age_years=63.0, sex="F")  # the day before the birthday
    assert told == ()
    ordered = {"resourceType": "ServiceRequest", "authoredOn": "2024-06-15"}
    assert read(tmp_path, bundle(PATIENT, ordered))[0].age_years == 64.0
    assert read(tmp_path, bundle(PATIENT, timestamp="2025-06-15T00:00:00Z"))[0].age_years == 65.0


@pytest.mark.parametrize("birth", ["1960", "1960-06", None, "2030-01-01"])
def test_without_whole_dates_the_age_stays_unknown_and_that_is_told(tmp_path, birth):
    clinical, told = read(tmp_path, bundle({**PATIENT, "birthDate": birth}, timestamp="2025-06-15T00:00:00Z"))
    assert clinical.age_years is None
    assert "The age is not known" in told[0]
    assert "1960" not in " ".join(told)


@pytest.mark.parametrize(
    ("system", "code", "ever", "quit_years"),
    [
        (SNOMED, "449868002", True, 0.0),
        (SNOMED, "77176002", True, None),
        (SNOMED, "8517006", True, None),
        (SNOMED, "266919005", False, None),
        (SNOMED, "266927001", None, None),
        (LOINC, "LA18976-3", True, 0.0),
        (LOINC, "LA15920-4", True, None),
        (LOINC, "LA18978-9", False, None),
        (LOINC, "LA18980-5", None, None),
    ],
)
def test_smoking_is_what_the_answer_says(tmp_path, system, code, ever, quit_years):
    clinical, _ = read(tmp_path, bundle(observed("72166-2", valueCodeableConcept=coded(code, system))))
    assert (clinical.ever_smoker, clinical.years_since_quitting) == (ever, quit_years)


def test_an_answer_that_is_not_understood_is_left_out_and_told(tmp_path):
    clinical, told = read(tmp_path, bundle(observed("72166-2", valueCodeableConcept=coded("1", SNOMED))))
    assert clinical.ever_smoker is None
    assert any("72166-2 is not understood" in sentence for sentence in told)


def test_scores_and_pack_years_are_numbers_of_the_latest_observation(tmp_path):
    clinical, _ = read(
        tmp_path,
        bundle(
            observed("9269-2", valueQuantity={"value": 9}, effectiveDateTime="2024-01-02T08:00:00Z"),
            observed("9269-2", valueQuantity={"value": 13}, effectiveDateTime="2024-01-01T08:00:00Z"),
            observed("9269-2", valueInteger=3),
            observed("72106-8", valueInteger=27),
            observed("8664-5", valueQuantity={"value": 32.5}),
        ),
    )
    assert clinical == Clinical(gcs=9, mmse=27, pack_years=32.5)


def test_answers_of_one_time_that_contradict_each_other_are_both_left_out(tmp_path):
    clinical, told = read(tmp_path, bundle(observed("9269-2", valueInteger=9), observed("9269-2", valueInteger=13)))
    assert clinical.gcs is None
    assert any("contradict" in sentence for sentence in told)


def test_void_entries_and_those_of_another_person_say_nothing(tmp_path):
    void = {**observed("9269-2", valueInteger=3), "status": "entered-in-error"}
    other = {**observed("9269-2", valueInteger=4), "subject": {"reference": "Patient/p2"}}
    own = {**observed("9269-2", valueInteger=15), "subject": {"reference": "Patient/p1"}}
    clinical, told = read(tmp_path, bundle(PATIENT, void, other, own))
    assert clinical.gcs == 15
    assert told[0].startswith("2 entries are void or of another person")


def test_cancer_and_emphysema_are_known_when_stated_and_never_denied(tmp_path):
    lung = {"resourceType": "Condition", "code": coded("254637007", SNOMED)}
    emphysema = {"resourceType": "Condition", "code": coded("87433001", SNOMED)}
    refuted = {
        **lung,
        "verificationStatus": coded("refuted", "http://terminology.hl7.org/CodeSystem/condition-ver-status"),
    }
    assert read(tmp_path, bundle(lung, emphysema))[0] == Clinical(prior_cancer=True, emphysema=True)
    assert read(tmp_path, bundle(refuted))[0].prior_cancer is None
    clinical, told = read(tmp_path, bundle({"resourceType": "Condition", "code": coded("38341003", SNOMED)}))
    assert (clinical.prior_cancer, clinical.emphysema) == (None, None)
    assert any("1 Condition(s) have a code that is not understood" in sentence for sentence in told)


@pytest.mark.parametrize(("role", "counts"), [("NMTH", True), ("NBRO", True), ("UNCLE", None), ("GRMTH", None)])
def test_lung_cancer_counts_in_first_degree_relatives_only(tmp_path, role, counts):
    history = {
        "resourceType": "FamilyMemberHistory",
        "status": "completed",
        "relationship": coded(role, "http://terminology.hl7.org/CodeSystem/v3-RoleCode"),
        "condition": [{"code": coded("363358000", SNOMED)}],
    }
    assert read(tmp_path, bundle(history))[0].family_history_lung_cancer is counts


def test_what_is_not_understood_is_told_by_its_kind_alone(tmp_path):
    allergy = {"resourceType": "AllergyIntolerance", "patient": {"reference": "Patient/p1"}, "text": "secret"}
    _, told = read(tmp_path, bundle(PATIENT, allergy, observed("8302-2", valueQuantity={"value": 172})))
    assert told[-1] == "Not understood and left out: 1 AllergyIntolerance, 1 Observation."


def test_two_patients_and_a_lone_resource_are_refused(tmp_path):
    with pytest.raises(FormatError, match="2 Patients"):
        read(tmp_path, bundle(PATIENT, {**PATIENT, "id": "p2"}))
    with pytest.raises(FormatError, match="no Bundle"):
        read(tmp_path, PATIENT)


@pytest.mark.parametrize("value", [None, 1, "x", [], {}, [[]], [{}], [{"coding": 3}]])
def test_a_bundle_of_odd_shapes_is_read_without_a_fault(tmp_path, value):
    odd = dict.fromkeys(("code", "subject", "period", "relationship", "condition", "valueQuantity", "status"), value)
    kinds = ("Observation", "Condition", "FamilyMemberHistory", "Encounter", "Patient", value)
    clinical, _ = read(tmp_path, bundle(*({**odd, "resourceType": kind} for kind in kinds), timestamp=value))
    assert clinical == Clinical()
    assert read(tmp_path, {"resourceType": "Bundle", "entry": value})[0] == Clinical()


def test_a_value_out_of_range_in_a_bundle_is_refused_by_its_field(tmp_path):
    with pytest.raises(FormatError, match="gcs has a value that cannot be; needed 3 to 15"):
        read(tmp_path, bundle(observed("9269-2", valueInteger=77)))


def test_every_field_has_its_line_on_the_page():
    page = (DOCS / "reference" / "clinical-json.md").read_text(encoding="utf-8")
    assert [f"| `{field.name}` |" in page for field in fields(Clinical)] == [True] * len(fields(Clinical))
