import pytest

from secondread.serve.people.passwords import PasswordError, check_rules, common, hashed, one_time_password, verify


@pytest.mark.parametrize(
    ("password", "rule"),
    [
        ("short", "12 to 256"),
        ("x" * 257, "12 to 256"),
        ("i am dr.kim and proud", "name stands in it"),
        ("i am DR.KIM and proud", "name stands in it"),
        ("qwertyuiop12", "tried first"),  # a common one and two digits
        ("1234567890!!", "tried first"),
        ("baseballbaseball", "tried first"),  # a word twice
        ("aaaabbbbaaaabbbb", "tried first"),  # two letters
    ],
)
def test_a_password_that_is_guessed_first_is_not_taken_and_never_repeated(password, rule):
    with pytest.raises(PasswordError, match=rule) as refusal:
        check_rules(password, "dr.kim", 12)
    assert password not in str(refusal.value)


@pytest.mark.parametrize("password", ["four grey owls at noon", "Fx7!qLz0#pWv", "달빛 아래 네 마리 부엉이가 운다"])
def test_other_passwords_are_taken_in_any_script(password):
    check_rules(password, "dr.kim", 12)


def test_the_list_of_common_passwords_names_its_source_and_holds_the_known_worst():
    assert len(common()) == 10_000
    assert {"password", "12345678", "qwertyuiop"} <= common()


def test_a_hash_is_argon2id_and_never_the_same_twice(real_hashes):
    first, second = hashed("four grey owls at noon"), hashed("four grey owls at noon")
    assert first.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert first != second
    assert verify("four grey owls at noon", first).right
    assert not verify("four grey owls at dawn", first).right


@pytest.mark.parametrize("stored", ["", "$argon2id$broken", "plain text"])
def test_nothing_is_right_where_no_usable_hash_is_stored(stored):
    assert not verify("", stored).right
    assert not verify("a password of nobody", stored).right


def test_one_time_passwords_are_easy_to_type_and_differ(room):
    made = {one_time_password(room) for _ in range(50)}
    assert len(made) == 50
    for password in made:
        assert len(password) == 19
        check_rules(password, "admin", 12)


def test_a_password_is_the_same_on_every_keyboard():
    import unicodedata

    composed, apart = (unicodedata.normalize(form, "달빛 아래 부엉이 넷") for form in ("NFC", "NFD"))
    assert composed != apart
    assert verify(apart, hashed(composed)).right
