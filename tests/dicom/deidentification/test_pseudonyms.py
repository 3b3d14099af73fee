from hypothesis import given
from hypothesis import strategies as st

from secondread.dicom.deidentification.pseudonyms import Keys, keyed_uid, offset_days, pseudonym

IDS = st.text(min_size=1, max_size=64)


def test_the_vectors_of_uid_and_offset():
    assert keyed_uid("1.2.840.113619.2.1", b"test-key") == "2.25.186547584900052357851181882594872892427"
    assert offset_days("12345", b"test-key") == -254


def test_another_key_gives_other_uids_offsets_and_pseudonyms():
    one, other = Keys.of(b"one secret of sixteen"), Keys.of(b"another of sixteen")
    assert keyed_uid("1.2.3", one.uids) != keyed_uid("1.2.3", other.uids)
    assert pseudonym("A", one.patients) != pseudonym("A", other.patients)
    assert [offset_days(str(i), one.dates) for i in range(9)] != [offset_days(str(i), other.dates) for i in range(9)]


def test_uids_of_the_standard_stay_and_what_only_begins_like_one_does_not():
    assert keyed_uid("1.2.840.10008.1.2", b"k") == "1.2.840.10008.1.2"
    assert keyed_uid("1.2.840.10008.5.1.4.1.1.66.7", b"k") == "1.2.840.10008.5.1.4.1.1.66.7"
    for uid in ("1.2.840.10008.Kim", "1.2.840.10008.20240131.7", "1.2.840.10008.5.1.4.1.1.2.20240131"):
        assert keyed_uid(uid, b"k").startswith("2.25.")


@given(IDS)
def test_an_offset_is_within_the_year_before_and_a_uid_has_the_form_of_one(text):
    assert -365 <= offset_days(text, b"k") <= -1
    assert len(keyed_uid(text, b"k")) <= 44


def test_a_pseudonym_does_not_give_the_offset_away():
    """Under one key for both, its first eight digits would be the number that the offset is made of."""
    keys = Keys.of(b"a secret of the tests")
    guesses = [-(1 + int(pseudonym(str(i), keys.patients)[2:10], 16) % 365) for i in range(50)]
    assert guesses != [offset_days(str(i), keys.dates) for i in range(50)]
    assert len({keys.uids, keys.dates, keys.patients}) == 3
