"""The printed page, in both languages."""

import re
from dataclasses import replace
from string import Formatter

import pytest
from markupsafe import escape

from secondread.audit.fairness.charts import forest, gap_chart, reliability
from secondread.audit.fairness.page import audit_page
from secondread.audit.fairness.told import largest, lines, listed
from secondread.audit.fairness.words import TABLES, Words
from secondread.core.errors import UsageError
from secondread.learn.page.setting import as_html, as_pdf


def places(text):
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_both_languages_say_the_same_things():
    english, korean = TABLES["en"], TABLES["ko"]
    assert set(english) == set(korean)
    for key, text in english.items():
        assert places(text) == places(korean[key]), key


def test_korean_is_korean_but_for_names_of_measures():
    latin = {key for key, text in TABLES["ko"].items() if text and not re.search("[가-힣]", text)}
    assert latin == {"subtitle", "p", "n", "holm", "bh", "auroc", "ece", "column.birads"}


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_page_prints_every_group_its_numbers_and_who_decides(found, language):
    html = as_html(audit_page(found, language))
    say = Words(language)
    assert f'<html lang="{language}">' in html
    assert html.count(str(escape(say("notice")))) == 2
    assert str(escape(say("decide"))) in html
    assert "<script" not in html
    for group in (one for one in found.judged if "&" not in one.column):
        assert f">{group.n}/{group.positives}</text>" in html


def test_the_pdf_is_set_in_korean(found):
    small = replace(found, groups=found.groups[:2], gaps=found.gaps[:3], held=(), remedies=found.remedies[:2])
    content = as_pdf(audit_page(small, "ko"))
    assert content.startswith(b"%PDF")
    assert b"(ko)" in content


def test_every_drawing_says_how_many_cases_it_stands_on_and_shows_intervals(found):
    say = Words("en")
    drawn = forest(found, found.judged, "sensitivity", say)
    assert drawn.svg.count("<circle") == len(found.judged)
    assert drawn.svg.count("H") >= len(found.judged)
    apart = gap_chart(found, "sensitivity", ["sex", "site"], say)
    assert apart.svg.count('fill="#ffffff"/>') == 1  # that of site is not sure; that of sex is
    group = found.judged[0]
    assert f"n = {group.n}" in reliability(group, say).caption
    assert reliability(group, say).svg.count("<circle") == len(group.reliability)


def test_nothing_is_drawn_of_nothing(found):
    assert forest(found, [], "auroc", Words("en")) is None
    assert gap_chart(found, "auroc", [], Words("en")) is None


def test_the_text_tells_the_gap_and_the_notice(found):
    told = "\n".join(lines(found))
    assert "sex F against the others: sensitivity" in told
    assert "threshold of each group *" in told
    assert "people to decide" in told
    assert "민감도" in "\n".join(lines(found, "ko"))


def test_the_text_tells_both_families_of_tests_both_corrections_and_the_largest_gaps(found):
    told = lines(found)
    tests = {name: len(gaps) for name, gaps in found.families.items()}
    for family, name in (("Columns", "columns"), ("Pairs of columns", "pairs")):
        assert [line for line in told if line.startswith(f"{family}: ") and f"all {tests[name]} tests" in line]
        assert [line for line in told if line.startswith(f"{family}: ") and "weaker control of Benjamini" in line]
    after = told[told.index("Largest gaps of the columns, whatever the correction says:") + 1 :]
    for gap, line in zip(largest(found.families["columns"]), after, strict=False):
        assert f"{gap.difference.value:+.3f}" in line
    assert "--groups" in "".join(after)


def test_of_many_gaps_the_first_are_listed_and_the_rest_counted(found):
    many = (found.families["columns"] * 5)[:25]
    assert len(listed(many, Words("en"))) == 11
    assert listed(many, Words("en"))[-1].strip().startswith("and 15 more")


def test_what_was_not_judged_is_printed_with_the_reason(found):
    first = replace(found.groups[0], suppressed=True, figures={}, reliability=())
    html = as_html(audit_page(replace(found, groups=(first, *found.groups[1:]))))
    assert "Not judged: fewer than 10 positive or 10 negative cases" in html
    assert f"{first.column} {first.name}: {first.n} cases" in html


def test_another_language_is_refused():
    with pytest.raises(UsageError, match="'fr'"):
        Words("fr")
