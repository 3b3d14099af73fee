"""The PDF says what the page says, on paper, for ever, and whatever the texts hold."""

import re
import subprocess
import unicodedata
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import ImageFont

import fakes
from report_desk import corner_map
from secondread import report as room
from secondread.core.errors import OutputError, UsageError
from secondread.core.illustration import Illustration
from secondread.core.image import Image
from secondread.core.report import NOTICE, Evidence, Priority
from secondread.report import pdf
from secondread.report.locales import words
from secondread.report.pdf import has_glyph, printable, to_pdf
from secondread.report.picture import picture
from witness import need

KOREAN = words("ko")
FONTS = Path(room.__file__).with_name("fonts")
EVERY_LETTER = [chr(number) for number in range(0x20, 0x10000)]


def made(desk, *reads, language="en", **changes):
    report = desk.report(*reads, **changes)
    return to_pdf(report, desk.cards, [picture(read) for read in report.reads], language=language)


def run(*command, content):
    need(command[0], "poppler-utils")
    done = subprocess.run(command, input=content, capture_output=True, check=True)
    return done.stdout.decode("utf-8")


def pages(content):
    """The text of each page as poppler reads it, blanks as one space."""
    whole = run("pdftotext", "-enc", "UTF-8", "-", "-", content=content)
    return [" ".join(page.split()) for page in whole.split("\f")[:-1]]


def long_report(desk, language):
    limits = tuple(f"Limit {number}: {'it goes on and on ' * 20}" for number in range(20))
    desk.card = replace(desk.card, limits=limits)
    return pages(made(desk, desk.found(), language=language))


@pytest.mark.parametrize(("language", "notice"), [("en", NOTICE), ("ko", KOREAN.plain("notice"))])
def test_the_notice_and_the_page_number_stand_on_every_page(desk, language, notice):
    told = long_report(desk, language)
    assert len(told) >= 3
    for number, page in enumerate(told, 1):
        assert page.count(notice) == 1
        assert words(language).plain("page.number", page=number, pages=len(told)) in page
        assert words(language).plain("page.foot") in page


def test_the_korean_sentences_can_be_read_out(desk):
    text = " ".join(pages(made(desk, desk.found(warnings=("The age is not stated.",)), language="ko")))
    for told in (
        "의심 소견 있음: 폐렴",
        "94%",
        "임계값 50% 이상: 양성",
        "이 확률이 나온 영상 100장 가운데 약 94장에 이 소견이 있습니다.",
        KOREAN.plain("map.meaning.in-graph"),
        "사용하면 안 되는 경우",
        "The age is not stated.",
        desk.card.not_for[0],
    ):
        assert told in text


def test_the_page_says_what_the_html_says(desk):
    text = " ".join(pages(made(desk, desk.found(), desk.nothing_found(), desk.refused(), desk.failed())))
    for told in (
        "Found: Pneumonia",
        "No target finding above threshold",
        "Refused: not read",
        "Found view LL; needed a frontal view.",
        "Failed: not read",
        "The reader stopped (RuntimeError).",
        "41.3 mm ± 3.0 mm",
        "0.980 (0.960 to 0.990)",
        "Share of the strongest support",
        "No earlier examination was given. No clinical information was given;",
        desk.card.intended_use,
        f"version {desk.card.version}",
        desk.card.sha256["model.onnx"],
        "2026-03-04 10:22:05+09:00",
        "p-0123456789abcdef",
    ):
        assert told in text, told


def test_a_study_nobody_was_asked_about_is_told_as_not_read(desk):
    assert "미판독: 실행된 판독기 없음" in pages(made(desk, priority=Priority.UNREAD, language="ko"))[0]


def test_the_pictures_are_printed_whole_and_only_where_there_are_some(desk):
    assert len(pictures_of(made(desk, desk.found()))) == 3  # without map, with map, scale
    assert pictures_of(made(desk, desk.failed())) == []
    tall = Evidence(fakes.series(), Image(fakes.chest(900, 300)))
    finding = desk.finding(map=corner_map(900, 300), mask=None)
    sizes = pictures_of(made(desk, desk.found(findings=(finding,), evidence=tall)))
    assert sizes[:2] == [(300, 900)] * 2


def pictures_of(content):
    """(columns, rows) of each picture in a PDF."""
    listed = run("pdfimages", "-list", "-", content=content).splitlines()[2:]
    return [(int(row.split()[3]), int(row.split()[4])) for row in listed if row.split()[2] == "image"]


def test_the_same_report_gives_the_same_bytes_and_its_own_time(desk):
    first, second = (made(desk, desk.found(), language="ko") for _ in range(2))
    assert first == second
    other = made(desk, desk.found(), language="ko", created_at="2026-03-04T10:22:06+09:00")
    assert other != first
    assert b"/CreationDate(D:20260304012205Z)" in first


def test_the_file_is_tagged_and_an_archive_may_keep_it(desk):
    content = made(desk, desk.found(), language="ko")
    for promise in (
        b"<pdfaid:part>2</pdfaid:part><pdfaid:conformance>A</pdfaid:conformance>",
        b"<pdfuaid:part>1</pdfuaid:part>",
        b"<rdf:li>ko</rdf:li>",
    ):
        assert promise in content
    assert "Tagged:          yes" in run("pdfinfo", "-", content=content)


def test_only_the_fonts_of_the_package_are_used_and_all_are_embedded(desk):
    listed = run("pdffonts", "-", content=made(desk, desk.found(), language="ko")).splitlines()[2:]
    names = {row.split()[0].partition("+")[2] for row in listed}
    assert names == {"SecondreadGothicKR", "DejaVuSansMono"}
    assert all(" yes yes yes " in row for row in listed)


TEXTS = st.text("aZ09#$*_@[]<>\\/`'\"=-+~^&%{}();:,.!?|한글é", min_size=1, max_size=30)


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(texts=st.lists(TEXTS, min_size=1, max_size=20))
def test_whatever_a_text_holds_it_is_printed_as_it_is(desk, texts):
    told = "".join(pages(made(desk, desk.nothing_found(warnings=[f"{text}|" for text in texts])))).replace(" ", "")
    assert [text for text in texts if f"{text}|" not in told] == []


def test_markup_in_a_text_runs_nothing(desk):
    evil = ('#read("/page.json")', '#panic("x")', "$ sum $", '#image("/0.jpg")', "= Heading", "@ref", '"); #panic()')
    text = " ".join(pages(made(desk, desk.failed(), patient_key=evil[0], skipped=tuple((one, one) for one in evil))))
    assert [one for one in evil if text.count(one) < 2] == []


def test_the_typesetter_can_read_nothing_outside_its_folder(desk, tmp_path, monkeypatch):
    template = tmp_path / "templates" / "report.typ"
    template.parent.mkdir()
    template.write_text('#set document(title: "t")\n#read("/../../../../../../../../etc/passwd")', encoding="utf-8")
    monkeypatch.setattr(pdf, "HERE", tmp_path)
    (tmp_path / "fonts").mkdir()
    with pytest.raises(OutputError, match=r"report\.pdf: the page could not be set"):
        made(desk, desk.failed())


def test_a_very_long_word_breaks_rather_than_leave_the_page(desk):
    content = made(desk, desk.failed(warnings=("x" * 1000,)))
    boxes = run("pdftotext", "-bbox", "-", "-", content=content)
    right = [float(edge) for edge in re.findall(r'xMax="([\d.]+)"', boxes)]
    assert max(right) < 595.3 - 50
    assert "".join(pages(content)).replace(" ", "").count("x") > 1000


def test_letters_without_a_glyph_are_told_by_their_number(desk):
    text = pages(made(desk, desk.failed(warnings=("\U0001f600 and \u05d0 and \x01\u202e",))))[0]
    assert "[U+1F600] and [U+05D0] and [U+0001][U+202E]" in text
    assert printable(unicodedata.normalize("NFD", "폐렴")) == "폐렴"
    assert printable("a\n \tb ") == "a b "


def test_the_korean_font_draws_every_character_it_is_trusted_with():
    font = ImageFont.truetype(str(FONTS / "SecondreadGothicKR.ttf"), 24)
    missing = bytes(font.getmask("\uffff"))
    for letter in ("가", "힣", "뷁", "똠", "韓", "²", "…", "•", "%", "가"):
        assert has_glyph(letter)
        assert font.getmask(letter).getbbox() is not None
        assert bytes(font.getmask(letter)) != missing
    hangul = [chr(number) for number in range(ord("가"), ord("힣") + 1)]
    assert all(map(has_glyph, hangul))
    assert [letter for letter in hangul if font.getmask(letter).getbbox() is None] == []


def test_every_letter_that_passes_can_be_set(desk):
    trusted = "".join(letter for letter in EVERY_LETTER if has_glyph(letter))
    assert len(trusted) > 17000
    parts = tuple(trusted[at : at + 2000] for at in range(0, len(trusted), 2000))
    text = "".join(pages(made(desk, desk.failed(warnings=parts))))
    assert [letter for letter in "가힣Å€µ韓Ωя" if letter not in text] == []


@pytest.mark.parametrize("moment", ["2026-03-04T10:22:05", "yesterday"])
def test_a_time_without_its_offset_is_refused(desk, moment):
    with pytest.raises(UsageError, match="needed an ISO 8601 time with its offset"):
        made(desk, desk.failed(), created_at=moment)


def test_the_licence_of_the_fonts_lies_beside_them():
    assert {file.name for file in FONTS.iterdir()} == {"SecondreadGothicKR.ttf", "OFL.txt"}
    licence = (FONTS / "OFL.txt").read_text(encoding="utf-8")
    assert "SIL OPEN FONT LICENSE" in licence
    assert "Copyright (c) 2013 NHN Corporation." in licence


def test_the_modified_font_does_not_carry_the_name_that_is_reserved():
    licence = (FONTS / "OFL.txt").read_text(encoding="utf-8")
    names = ImageFont.truetype(str(FONTS / "SecondreadGothicKR.ttf"), 24).getname()
    assert "with Reserved Font Name Nanum," in licence
    assert names == ("Secondread Gothic KR", "Regular")
    assert "nanum" not in (FONTS / "SecondreadGothicKR.ttf").read_bytes().replace(b"\0", b"").lower().decode("latin-1")


def test_the_font_has_a_glyph_for_every_character_of_the_korean_code_page():
    font = ImageFont.truetype(str(FONTS / "SecondreadGothicKR.ttf"), 24)
    missing = bytes(font.getmask("\uffff"))
    printed = [one for one in EVERY_LETTER if one.encode("cp949", "ignore") and printable(one) == one]
    assert len(printed) > 16_000
    assert [one for one in printed if one != " " and bytes(font.getmask(one)) == missing] == []


def test_a_tall_drawing_is_printed_large_and_its_caption_stays_with_it(desk):
    tall = Illustration("Timeline", np.full((900, 300, 3), 90, np.uint8), "Each row is one lesion.")
    several = tuple(replace(tall, title=f"Timeline {n}") for n in range(3))
    shown = pages(made(desk, desk.found(illustrations=several)))
    on = [number for n in range(3) for number, page in enumerate(shown) if f"Timeline {n}. Each row" in page]
    assert len(set(on)) == 3  # 190 mm of height leave no room for two on a page
