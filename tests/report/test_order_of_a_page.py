"""Answers come first and every picture once; what did not answer is short, whole and never like an answer."""

from dataclasses import replace

import numpy as np
import pytest

import fakes
from browsers import browser
from report_desk import PNEUMONIA, corner_map
from report_page import pixels, shown
from secondread.core.code import LOCAL, Code
from secondread.core.finding import Finding
from secondread.core.image import Image
from secondread.core.report import Evidence, Outcome, Priority, Refusal
from secondread.core.trust import Check
from secondread.report.html import to_html
from secondread.report.picture import picture
from secondread.report.view.page import page_view

NAMES = ("refused", "failed", "nothing-found", "found")


@pytest.fixture
def mixed(desk):
    """Refusals and a failure stand before the answers, all of them about one picture."""
    evidence = desk.found().evidence
    refused = desk.refused(evidence=evidence, checks=(Check("view", "refused", "A lateral view."),))
    reads = (refused, desk.failed(evidence=evidence), desk.nothing_found(), desk.found())
    return desk.report(*(replace(read, reader=name) for read, name in zip(reads, NAMES, strict=True)))


def sections(page):
    return [element["class"] for element in page.all("section") if "read" in element.get("class", "").split()]


def test_answers_stand_above_failures_and_these_above_refusals(mixed, desk):
    page = shown(desk, *mixed.reads)
    assert sections(page) == ["read nothing-found", "read found", "read failed", "read refused"]
    assert "2 answered, 1 failed, 1 refused" in page.text
    assert [read.reader for read in mixed.concerned] == ["nothing-found", "found", "failed", "refused"]


def test_a_refusal_is_a_line_with_its_reason_and_its_checks_wait_to_be_opened(mixed, desk):
    page = shown(desk, *mixed.reads)
    closed = [one for one in page.all("details") if "open" not in one and "class" not in one]
    assert len(closed) >= 2
    assert "refused Found view LL; needed a frontal view. Next step: Send the frontal picture." in page.text
    assert "refused: view A lateral view." in page.text
    assert "failed The reader stopped (RuntimeError). Next step: read the picture without this program" in page.text


def test_where_nobody_answered_the_first_of_each_reason_is_open(desk):
    other = Refusal("population", "Found a child; needed an adult.", "Ask another reader.")
    checked = (Check("view", "refused", "A lateral view."),)
    reads = [replace(desk.refused(), reader=name) for name in "abc"]
    reads[1:] = replace(reads[1], checks=checked), replace(reads[2], refusal=other)
    report = desk.report(*reads, priority=Priority.UNREAD)
    (group,) = page_view(report, desk.cards, [None] * 3, "en").unanswered
    assert [opened for _, opened, _ in group.reasons] == [True, False, True]
    answered = page_view(desk.report(desk.found(), *reads), desk.cards, [None] * 4, "en").unanswered
    assert [opened for _, opened, _ in answered[0].reasons] == [False] * 3


def test_readers_that_refuse_for_one_reason_say_it_once_and_are_all_named_with_their_questions(desk):
    whole = desk.refused(evidence=desk.found().evidence)
    questions = ("Is there a mass?", "Is the heart large?", "Is there fluid?")
    reads = [replace(whole, reader=f"reader-{n}", question=told) for n, told in enumerate(questions)]
    page = shown(desk, *reads)
    assert len(page.all("img")) == 1
    assert page.text.count("Found view LL; needed a frontal view.") == 1
    assert page.text.count("Send the frontal picture.") == 1
    assert "reader-0 , reader-1 , reader-2 Found view LL" in page.text
    for n, question in enumerate(questions):
        assert f"reader-{n}: {question}" in page.text


def test_refusals_with_one_sentence_about_two_pictures_stand_apart(desk):
    pictures = (desk.found().evidence, Evidence(fakes.series(), Image(1.0 - fakes.chest(60, 80))))
    page = shown(desk, *(replace(desk.refused(evidence=one), reader=f"of-{n}") for n, one in enumerate(pictures)))
    assert page.text.count("Found view LL; needed a frontal view.") == 2
    assert len(page.all("img")) == 2


def test_a_picture_that_several_read_is_shown_once_and_each_keeps_its_overlay(desk):
    reads = [replace(desk.found(), reader=name) for name in ("first", "second")]
    page = shown(desk, *reads, desk.nothing_found(), desk.refused(evidence=reads[0].evidence))
    captions = page.text
    assert captions.count("The original stands above, at first.") == 2
    assert "No overlay: maps and outlines are shown only of what was found or described." in captions
    images = [pixels(element) for element in page.all("img") if "colour scale" not in element["alt"].lower()]
    grey = [one for one in images if np.ptp(one, axis=2).max() < 5]
    assert (len(images), len(grey)) == (3, 1)


def test_a_refusal_about_another_picture_shows_that_one(desk):
    other = Evidence(fakes.series(), Image(1.0 - fakes.chest(60, 80)))
    alone, also = (
        len(shown(desk, *reads).all("img")) for reads in ((desk.found(),), (desk.found(), refusal(desk, other)))
    )
    assert also == alone + 1


def refusal(desk, evidence):
    return replace(desk.refused(evidence=evidence), reader="other")


def test_the_map_of_every_finding_can_be_seen(desk):
    mass = Code(LOCAL, "mass", "Lung mass")
    findings = (
        desk.finding(0.6),
        Finding(mass, 0.9, 0.5, map=corner_map()),
        Finding(PNEUMONIA, 0.1, 0.5, map=corner_map()),
    )
    read = desk.read(Outcome.FOUND, findings=findings)
    assert [one.code for one, _ in picture(read).further] == [PNEUMONIA]
    page = shown(desk, read)
    assert "AI overlay: Class activation for Lung mass" in page.text
    assert "AI overlay: Class activation for Pneumonia" in page.text
    assert page.text.count("AI overlay: Class activation for Pneumonia") == 1


def test_the_card_of_a_reader_that_did_not_answer_fills_no_page(desk):
    report = desk.report(replace(desk.refused(evidence=desk.found().evidence), reader="other"))
    assert page_view(report, desk.cards, [None], "en").models == ()


def test_printing_opens_what_is_closed_and_a_phone_scrolls_down_only(mixed, desk):
    with browser() as chromium:
        page = chromium.new_page(viewport={"width": 390, "height": 800})
        page.set_content(to_html(mixed, desk.cards))
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        hidden = page.locator("details:not([open]) table.provenance").first
        lateral = page.get_by_text("A lateral view.")
        assert (hidden.is_visible(), lateral.is_visible()) == (False, False)
        page.emulate_media(media="print")
        assert hidden.is_visible()
        assert lateral.bounding_box()["height"] > 0
        page.close()
