"""Two languages say the same, and neither speaks the other's."""

import re
import string

import numpy as np
import pytest

import fakes
import reader_codes
from read_rooms import small_picture
from report_page import Page
from secondread.accept import frontal_chest
from secondread.accept.checks import NAMES
from secondread.core.code import SCT, Code
from secondread.core.errors import UsageError
from secondread.core.image import Image
from secondread.core.measurement import UCUM, Measurement
from secondread.core.report import NOTICE, Evidence, Priority
from secondread.core.trust import VERDICTS, Check, Distance, SimilarCase
from secondread.engine.outside import WORDS
from secondread.explain.class_map import CLASS_ACTIVATION
from secondread.explain.place import place as chest_place
from secondread.readers import all_readers
from secondread.readers import chest_xray_pneumonia as pneumonia
from secondread.report import wording
from secondread.report.html import to_html
from secondread.report.locales import LANGUAGES, Quoted, fixed, plain, words
from secondread.report.locales.fixed import translated

KOREAN = words("ko")
# What Korean radiologists write in Latin letters: units, standards and names.
LATIN = {"AI", "DICOM", "DX", "HU", "JSON", "PA", "SHA", "UID", "X", "logit", "mm", "modality", "secondread", "x"}
OUTCOMES = {
    "found": "의심 소견 있음: 폐렴",
    "nothing found": "임계값 이상인 대상 소견 없음",
    "undecided": "판정 보류, 의사가 판정해야 함: 폐렴",
    "refused": "판독 거부: 판독하지 않았음",
    "failed": "판독 실패: 오류로 판독하지 못했음",
}


class OwnWords(Page):
    """The words of a page that are not marked as another language, nor letters that mean nothing to a person."""

    def __init__(self, html):
        self.foreign = []
        super().__init__(html)

    def handle_starttag(self, tag, attrs):
        marks = dict(attrs)
        self.foreign.append(("lang" in marks and tag != "html") or "uid" in marks.get("class", "").split())
        super().handle_starttag(tag, attrs)
        if tag in {"meta", "img", "input", "br"}:
            self.foreign.pop()

    def handle_endtag(self, tag):
        self.foreign.pop()
        super().handle_endtag(tag)

    def handle_data(self, data):
        if not any(self.foreign):
            super().handle_data(data)


def placeholders(text):
    return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name is not None)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_table_has_the_same_keys_and_placeholders(language):
    english, other = words("en").texts, words(language).texts
    assert list(other) == list(english)
    assert {key: placeholders(text) for key, text in other.items()} == {
        key: placeholders(text) for key, text in english.items()
    }
    assert not [key for key, text in other.items() if not text or text != text.strip()]


def test_no_korean_text_is_left_in_english():
    assert [key for key, text in KOREAN.texts.items() if not re.search("[가-힣]", text)] == ["percent.about"]
    assert words("en").plain("notice") == NOTICE


def test_a_language_without_a_table_is_refused_with_those_there_are(desk):
    with pytest.raises(UsageError, match="'fr': no report is written in it; needed one of en, ko"):
        to_html(desk.report(desk.found()), desk.cards, language="fr")


def test_what_the_shipped_reader_finds_has_a_korean_name():
    codes = (pneumonia.PNEUMONIA, pneumonia.BACTERIAL, pneumonia.VIRAL, CLASS_ACTIVATION)
    assert all(isinstance(part, str) and re.search("[가-힣]", part) for code in codes for part in KOREAN.term(code))
    assert KOREAN.term(Code(SCT, "1", "Something new")) == (Quoted("Something new"),)


CHECKS = tuple(
    Check(name, VERDICTS[n % len(VERDICTS)], "Beware." if n % len(VERDICTS) in {1, 2} else "")
    for n, name in enumerate(NAMES)
)
DISTANCES = (Distance("fake", 0.5, (("embedding", 0.5), ("neighbours", 0.25)), 3), Distance("fake", 2.0))
SIMILAR = (
    SimilarCase("fake", "pneumonia", 0.5, "Set", (("age", "4"), ("sex", "F"), ("view", "AP")), small_picture()),
    SimilarCase("closed", "pneumonia", 0.5, "Set"),
)


def everything(desk):
    """A report in which every sentence of a page is used."""
    raster = Evidence(fakes.series(kind="raster"), Image(fakes.chest(1200, 1500), (0.2, 0.1), "detector"))
    measured = tuple(Measurement("size", 2.0, unit, "by hand") for unit in sorted(UCUM - {"cm", "mL"}))
    reads = (
        desk.found(findings=(desk.finding(measurements=measured),), warnings=("Beware.",)),
        desk.nothing_found(evidence=raster),
        desk.undecided(checks=CHECKS, distances=DISTANCES, similar=SIMILAR),
        desk.refused(),
        desk.failed(),
    )
    skipped = tuple((f"{number}.txt", "not DICOM") for number in range(30))
    return desk.report(*reads, skipped=skipped, patient_key="")


def test_no_english_sentence_of_ours_is_left_on_the_korean_page(desk):
    page = OwnWords(to_html(everything(desk), desk.cards, language="ko"))
    own = re.sub(r"\S+\.txt", "", page.text)
    assert set(re.findall(r"[A-Za-z]{1,}", own)) - LATIN - {"CR", "AP", "LL", "b"} == set()
    heard = " ".join(element["alt"] for element in page.all("img"))
    assert not re.search(r"[a-z]{3,}", heard)
    assert page.all("html")[0]["lang"] == "ko"


def test_what_a_card_or_a_reader_says_stays_in_its_language_and_is_marked(desk):
    html = to_html(everything(desk), desk.cards, language="ko")
    for text in (desk.card.intended_use, desk.card.not_for[0], "Beware.", "The reader stopped (RuntimeError).", "half"):
        assert f'<span lang="en">{text.strip(".") if text == "half" else text}</span>'.replace("'", "&#39;") in html
    assert 'span lang="en"' not in to_html(everything(desk), desk.cards)


def test_the_outcomes_are_as_distinct_in_korean(everyone, desk):
    for outcome, report in everyone.items():
        text = Page(to_html(report, desk.cards, language="ko")).text
        assert [other for other, told in OUTCOMES.items() if told in text] == [outcome]
        assert ("판독 결과가 아닙니다" in text) == (outcome in {"refused", "failed"})
        assert "정상" not in text


def test_a_refusal_tells_its_reason_in_korean(desk):
    text = Page(to_html(desk.report(desk.refused()), desk.cards, language="ko")).text
    assert "(판독 거부 사유: 촬영 방향)" in text
    assert "판독되지 않은 검사로 취급" in text


def test_the_notice_stands_first_and_last_in_korean_too(desk):
    text = Page(to_html(desk.report(desk.found()), desk.cards, language="ko")).text
    assert text.count(KOREAN.plain("notice")) == 2
    assert "진단용이 아닙니다" in KOREAN.plain("notice")


def test_numbers_are_the_same_in_both_languages(desk):
    report = everything(desk)
    korean, english = (Page(to_html(report, desk.cards, language=language)).text for language in ("ko", "en"))
    numbers = [sorted(re.findall(r"\d+(?:\.\d+)?", re.sub(r"\b100\D", "", text))) for text in (korean, english)]
    assert [number for number in numbers[1] if number not in numbers[0]] == []
    assert "2026-03-04 10:22:05+09:00" in korean


def test_shares_near_the_ends_are_never_certain_in_korean():
    assert wording.percents(0.9999999, 0.0000001, KOREAN) == ("99% 초과", "1% 미만")
    assert set(Priority) == {key.removeprefix("priority.") for key in KOREAN.texts if key.startswith("priority.")}


def test_every_concept_that_a_reader_names_has_a_korean_name():
    korean = words("ko").terms
    found = reader_codes.codes()
    assert len(found) > 60
    assert {code.display: where for code, where in found.items() if (code.system, code.value) not in korean} == {}
    assert all(re.search("[가-힣]", name) for name in korean.values())


@pytest.mark.parametrize(
    ("written", "korean"),
    [
        ("map strongest on both sides, upper third", "지도가 가장 강한 곳: 양쪽, 위쪽 1/3"),
        ("right lung, upper third by height, touching the pleura; the lobe is not known",
         "오른쪽 폐, 높이로 위쪽 1/3, 흉막에 닿음; 폐엽은 알 수 없음"),
        ("left, frontal and parietal", "왼쪽, 전두엽, 두정엽"),
        ("left breast, CC view, outer third, back half, 20 mm from the nipple",
         "왼쪽 유방, CC 촬영, 바깥쪽 1/3, 뒤쪽 절반, 유두에서 20 mm"),
        ("both lungs, somewhere else", "both lungs, somewhere else"),
        ("Found body part SKULL; needed CHEST.", "확인된 것: 검사 부위 SKULL. 필요한 것: CHEST."),
        ("Found DX; needed a thing nobody named.", "확인된 것: DX. 필요한 것: a thing nobody named."),
        ("This or that was found.", "This or that was found."),
        ("its greys and its noise and sharpness", "밝기 분포, 잡음과 선명도"),
        ("its noise and sharpness and its greys", "잡음과 선명도, 밝기 분포"),
        ("aorta 44 HU, liver 47 HU, kidneys 21 HU", "대동맥 44 HU, 간 47 HU, 신장 21 HU"),
        ("Uncertain: volume +3.0 %; time between the examinations not known.",
         "불확실: 부피 +3.0%(두 검사 사이의 기간은 알 수 없음)."),
        ("upper third of the picture, left third across", "영상의 위쪽 1/3, 가로로 왼쪽 1/3"),
        ("share of the left lower third", "왼쪽 폐 아래쪽 1/3에서 차지하는 비율"),
        ("3rd vertebra from below of 5 measured", "아래에서 3번째 척추뼈(측정한 5개 중)"),
    ],
)  # fmt: skip
def test_what_comes_from_a_fixed_table_is_told_in_korean_and_the_rest_as_it_was_written(written, korean):
    assert plain(KOREAN.told(written)) == korean
    assert words("en").told(written) == (written,)


def test_a_number_with_its_unit_is_no_english():
    table = {"{size} wide": "너비 {size}"}
    assert translated("12 mm wide", table) == (("너비 ", False), ("12 mm", False))
    assert translated("12 mmHg wide", table) is None


def test_a_template_that_is_known_in_whole_goes_before_one_that_is_not():
    table = {"found {what}": "찾은 것: {what}", "found {what} and {more}": "찾음: {what}, {more}", "a": "가", "b": "나"}
    assert translated("found a and b", table) == (("찾음: ", False), ("가", False), (", ", False), ("나", False))


def test_a_long_sentence_that_is_not_known_asks_each_of_its_parts_once():
    """It can be split at each "and" and each comma, and every part again."""
    whole = [f"a thing {n} and its noise and sharpness or another, left: {n} (a {n})" for n in range(12)]
    asked = []
    for parts in (1, 2):  # more would never end without what is remembered
        fixed._translated.cache_clear()
        sentence = "; ".join(whole[:parts])
        assert plain(KOREAN.told(sentence)) == sentence
        asked.append(fixed._translated.cache_info().misses)
    assert asked[1] <= 3 * asked[0]


def test_the_name_of_a_measurement_is_korean_and_how_it_was_measured_stays(desk):
    wide = Measurement("largest diameter", 12.0, "mm", "by hand")
    html = to_html(desk.report(desk.found(findings=(desk.finding(measurements=(wide,)),))), desk.cards, language="ko")
    assert "최대 지름" in Page(html).text
    assert "largest diameter" not in html
    assert '<span lang="en">by hand</span>' in html


def test_every_place_and_refusal_of_a_chest_x_ray_is_told_in_korean():
    place = [chest_place(spot) for spot in spots()]
    seen = [reason[1] for reason in frontal_chest._GATE_REASONS.values()]
    gate = [f"Found a picture that passes for an upright, whole frontal chest X-ray with a probability of 7 % "
            f"(needed 43 %): {told}." for told in seen]  # fmt: skip
    steps = [reason[2] for reason in frontal_chest._GATE_REASONS.values()]
    outside = [
        f"Found an input unlike those that the network x was trained on; strange: {what}." for what in WORDS.values()
    ]
    for text in (*place, *(f"map strongest on {one}" for one in place), *gate, *steps, *outside):
        assert not [part for part in KOREAN.told(text) if isinstance(part, Quoted) and part.text != "x"], text


def test_every_reader_asks_its_question_in_korean_too():
    readers = all_readers().values()
    assert len(readers) > 15
    assert [one.name for one in readers if any(isinstance(part, Quoted) for part in KOREAN.told(one.question))] == []


def spots():
    """Maps that are strong at one place each: every side and height."""
    for row in range(3):
        for columns in ((0,), (3,), (0, 3)):
            values = np.zeros((3, 4), np.float32)
            values[row, list(columns)] = 1.0
            yield values


def test_a_korean_sentence_has_the_placeholders_of_the_english_one():
    names = [
        [{name for _, name, _, _ in string.Formatter().parse(text) if name} for text in pair]
        for pair in KOREAN.fixed.items()
    ]
    assert [pair for pair, (english, korean) in zip(KOREAN.fixed, names, strict=True) if english != korean] == []
