import pytest

from secondread.core.identity import study_pseudonym
from secondread.serve.pages.patient import person_name, shown_patient
from secondread.serve.pages.words import phrases

ROW = {
    "study_uid": "2.25.7", "patient_name": "Hong^Gildong=洪^吉洞=홍^길동", "patient_id": "MRN-1", "patient_key": "p-1",
    "patient_sex": "M", "patient_age": "", "patient_birth_date": "", "study_date": "20260304",
}  # fmt: skip


def shown(language="en", *, hides_names=False, **values):
    return shown_patient({**ROW, **values}, phrases(language), hides_names=hides_names)


@pytest.mark.parametrize(
    ("stored", "english", "korean"),
    [
        ("Hong^Gildong=洪^吉洞=홍^길동", "Hong, Gildong", "홍길동"),
        ("Kim^Hee-Jin==김^희진", "Kim, Hee-Jin", "김희진"),
        ("홍길동", "홍길동", "홍길동"),
        ("Yamada^Tarou=山田^太郎", "Yamada, Tarou", "山田太郎"),
        ("=山田^太郎", "山田太郎", "山田太郎"),
        ("DOE^JOHN^^^", "DOE, JOHN", "DOE, JOHN"),
        ("^JOHN", "JOHN", "JOHN"),
        ("DOE", "DOE", "DOE"),
        ("^^^^", "", ""),
        ("", "", ""),
    ],
)
def test_a_name_is_shown_in_the_writing_of_the_language_where_the_images_have_it(stored, english, korean):
    assert person_name(stored, "en") == english
    assert person_name(stored, "ko") == korean


@pytest.mark.parametrize(
    ("age", "born", "english", "korean"),
    [
        ("045Y", "", "M 45 y", "남 45세"),
        ("003M", "", "M 3 mo", "남 3개월"),
        ("012D", "", "M 12 d", "남 12일"),
        ("", "19560305", "M 69 y", "남 69세"),  # the day before the birthday
        ("", "19560304", "M 70 y", "남 70세"),
        ("", "20270101", "M", "남"),  # born after the study: not guessed
        ("9999", "00000000", "M", "남"),
    ],
)
def test_the_age_is_what_the_images_state_or_follows_from_two_dates(age, born, english, korean):
    assert shown(patient_age=age, patient_birth_date=born).sex_age == english
    assert shown("ko", patient_age=age, patient_birth_date=born).sex_age == korean


def test_a_pseudonym_stands_alone_and_without_one_the_study_has_its_own():
    assert (shown(hides_names=True).name, shown(hides_names=True).number) == ("p-1", "")
    assert shown(hides_names=True, patient_key="").name == study_pseudonym("2.25.7")
