"""Pseudonyms and derived UIDs."""

import hashlib
import hmac

from hypothesis import given
from hypothesis import strategies as st

from secondread.core.identity import patient_pseudonym, study_pseudonym, uid_of


@given(st.text(min_size=1), st.binary(min_size=1))
def test_a_patient_has_one_pseudonym_under_one_key_and_it_is_not_the_number(patient, key):
    found = patient_pseudonym(patient, key)
    assert found == "p-" + hmac.digest(key, patient.encode(), "sha256").hex()[:16]
    assert found == patient_pseudonym(patient, key)


@given(st.text(), st.text())
def test_two_studies_share_a_pseudonym_only_when_they_are_one(first, second):
    assert (study_pseudonym(first) == study_pseudonym(second)) == (first == second)


@given(st.binary(), st.text())
def test_a_derived_uid_is_a_valid_uid(content, purpose):
    uid = uid_of(hashlib.sha256(content).digest(), purpose)
    assert len(uid) <= 64
    assert all(part.isdigit() and (part == "0" or part[0] != "0") for part in uid.split("."))
