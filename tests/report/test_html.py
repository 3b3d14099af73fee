"""The page says what must be said, and shows the picture the right way round."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import fakes
from report_desk import PNEUMONIA, corner_map
from report_page import Page, pixels, shown
from secondread import report as room
from secondread.core.card import Threshold
from secondread.core.errors import UsageError
from secondread.core.finding import Finding
from secondread.core.image import Image
from secondread.core.report import NOTICE, Evidence, Outcome, Priority, Refusal
from secondread.report.html import to_html
from secondread.report.wording import MAP_MEANING, NEEDS_DICOM

STYLE = Path(room.__file__).with_name("templates").joinpath("style.css").read_text(encoding="utf-8")


def test_the_notice_stands_first_and_last(everyone, desk):
    for report in everyone.values():
        text = Page(to_html(report, desk.cards)).text
        assert text.count(NOTICE) == 2
        assert text.startswith(NOTICE)
        assert text.rindex(NOTICE) > text.index("Provenance")


def test_each_outcome_is_told_in_its_own_words_and_its_own_look(everyone, desk):
    pages = {outcome: Page(to_html(report, desk.cards)) for outcome, report in everyone.items()}
    headlines = {
        "found": "Found: Pneumonia",
        "nothing found": "No target finding above threshold",
        "undecided": "Undecided, a person has to decide: Pneumonia",
        "refused": "Refused: not read",
        "failed": "Failed: not read",
    }
    looks = set()
    for outcome, page in pages.items():
        assert [other for other, words in headlines.items() if words in page.text] == [outcome]
        look = next(e["class"] for e in page.all("section") if "read" in e["class"].split())
        assert f".{look.split()[1]} .outcome" in STYLE
        looks.add(look)
    assert len(looks) == 5


def test_a_refusal_tells_its_reason_and_what_to_do_next(desk):
    text = shown(desk, desk.refused()).text
    assert "This is not an answer" in text
    assert "Found view LL; needed a frontal view. Next step: Send the frontal picture. (reason: view)" in text


def test_a_failure_is_never_told_as_a_negative_answer(desk):
    text = shown(desk, desk.failed(), priority=Priority.UNREAD).text
    assert "This is not an answer" in text
    assert "The reader stopped (RuntimeError)." in text
    assert "treat the study as not read" in text


def test_nothing_is_ever_called_normal_certain_or_ruled_out(desk):
    for read in (desk.nothing_found(), desk.found(1.0), desk.read(Outcome.FOUND, findings=(surest(),))):
        text = shown(desk, read).text
        assert not re.search(r"\bnormal\b|ruled? out|\b100 ?%|\b0 ?%", text, flags=re.IGNORECASE)


def surest():
    return Finding(PNEUMONIA, 0.9999999, 0.0000001, details=((PNEUMONIA, 0.0),))


def test_a_positive_read_shows_the_picture_beside_the_overlay_upright(desk):
    page = shown(desk, desk.found())
    plain, overlaid, bar = (pixels(element) for element in page.all("img"))
    assert plain.shape == overlaid.shape == (60, 80, 3)
    coloured = np.ptp(overlaid, axis=2) > 25
    assert coloured[2:9, 2:17].all()
    assert not coloured[16:].any()
    assert not coloured[:, 26:].any()
    assert np.ptp(plain, axis=2).max() < 5
    assert np.abs(overlaid - plain)[20:].mean() < 3
    assert bar.shape[1] > bar.shape[0]


def test_the_overlay_comes_with_its_scale_its_unit_and_what_it_is_not(desk):
    text = shown(desk, desk.found()).text
    assert "Share of the strongest support" in text
    assert "Peak = 6.12 logits" in text.replace("\N{NO-BREAK SPACE}", " ")
    assert "dark blue, purple, magenta, orange, yellow" in text
    assert MAP_MEANING in text


def test_below_the_threshold_no_map_is_shown(desk):
    finding = Finding(PNEUMONIA, 0.4, 0.5, location="somewhere", map=corner_map())
    page = shown(desk, desk.read(Outcome.NOTHING_FOUND, findings=(finding,)))
    assert len(page.all("img")) == 1
    assert MAP_MEANING not in page.text
    assert "somewhere" not in page.text


def test_a_large_picture_is_reduced_and_says_so(desk):
    image = Image(fakes.chest(1200, 1600), (0.143, 0.143), "detector")
    page = shown(desk, desk.nothing_found(evidence=Evidence(fakes.series(), image)))
    assert pixels(page.all("img")[0]).shape == (768, 1024, 3)
    assert (
        "DX, view PA, 1600 x 1200 pixels, pixel spacing 0.143 mm at the detector: lengths are magnified." in page.text
    )
    assert "Shown reduced to 1024 x 768 and compressed for this page: not for diagnosis." in page.text


def test_unequal_spacing_is_told_row_by_column(desk):
    image = Image(fakes.chest(60, 80), (0.2, 0.1), "patient")
    page = shown(desk, desk.nothing_found(evidence=Evidence(fakes.series(), image)))
    assert "pixel spacing 0.2 x 0.1 mm in the patient" in page.text


def test_the_number_comes_with_its_meaning_its_rule_and_what_to_expect(desk):
    text = shown(desk, desk.found(0.874)).text
    for words in (
        "87 % at or above the operating point of 50 %",
        "Of 100 pictures that get this number, about 87 have this finding",
        "Calibrated on nothing.",
        "It was chosen by this rule: half.",
        "sensitivity 0.980 (0.960 to 0.990)",
        "specificity 0.950 (0.900 to 0.980)",
        "depends on how common the finding is",
        "Bacterial pneumonia 70 %",
        "width 41.3 mm ± 3.0 mm by hand",
    ):
        assert words in text


def test_results_of_another_question_are_not_passed_off_as_this_one(desk):
    desk.card = replace(desk.card, thresholds=(Threshold("viral", 0.6, "half"), Threshold("pneumonia", 0.5, "half")))
    text = shown(desk, desk.found()).text
    assert "Expected at this operating point" in text
    assert "0.700" not in text.partition("Not read, not looked for")[0]
    desk.card = replace(desk.card, results={})
    assert "The model card states no sensitivity or specificity at it." in shown(desk, desk.found()).text


def test_warnings_come_before_the_numbers(desk):
    text = shown(desk, desk.found(warnings=("The age is not stated.",))).text
    assert text.index("The age is not stated.") < text.index("operating point")


def test_what_was_not_looked_for_is_said_for_every_read(desk):
    others = (replace(desk.refused(), reader="second"), replace(desk.failed(), reader="third"))
    before, _, text = shown(desk, desk.found(), *others).text.partition("Not read, not looked for")
    assert "This reader looks only for: Pneumonia. Any other finding was not looked for." in text
    assert "Refused: not read This is not an answer: no score was made. second Found view LL" in before
    assert "third The reader stopped (RuntimeError)." in before
    assert "No earlier examination was given. No clinical information was given;" in text


def test_files_that_were_passed_over_are_told_as_not_read(desk):
    skipped = (("notes.txt", "not DICOM (unknown)"), ("<b>.dcm", "a second copy of c.dcm"))
    text = shown(desk, desk.found(), skipped=skipped).text.partition("Not read, not looked for")[2]
    assert "notes.txt Not read: not DICOM (unknown) <b>.dcm Not read: a second copy of c.dcm" in text
    assert "more files" not in text


def test_of_hundreds_of_passed_over_files_the_page_names_the_first_and_counts_the_rest(desk):
    text = shown(desk, desk.found(), skipped=tuple((f"viewer-{n}.dll", "not DICOM") for n in range(1, 301))).text
    assert "viewer-20.dll Not read: not DICOM 280 more files Not read: the JSON report names each" in text
    assert "viewer-21.dll" not in text
    few = shown(desk, desk.found(), skipped=tuple((f"viewer-{n}.dll", "not DICOM") for n in range(1, 21))).text
    assert "viewer-20.dll Not read: not DICOM" in few
    assert "more files" not in few


def test_without_dicom_it_says_why_there_are_no_dicom_results(desk):
    raster = Evidence(fakes.series(kind="raster", modality="", view=""), Image(fakes.chest(60, 80)))
    assert NEEDS_DICOM in shown(desk, desk.found(evidence=raster)).text
    assert NEEDS_DICOM not in shown(desk, desk.found()).text


def test_the_card_is_shown_with_its_limits_and_what_it_is_not_for(desk):
    text = shown(desk, desk.found()).text
    card = desk.card
    facts = (
        card.intended_use,
        *card.not_for,
        *card.limits,
        *card.training_data,
        card.licence,
        f"version {card.version}",
    )
    assert [fact for fact in (*facts, card.sha256["model.onnx"][:12], "ages 1 to 5 years") if fact not in text] == []


def test_subgroups_and_nested_results_are_told_row_by_row(desk):
    desk.card = replace(
        desk.card,
        results={"pneumonia": {"AUROC": "0.99 (0.98 to 1.00)"}},
        subgroups=({"group": "AP", "n": 12, "value": "0.97"}, {"group": "PA", "n": 30}),
    )
    text = shown(desk, desk.found()).text
    assert "pneumonia: AUROC 0.99 (0.98 to 1.00)" in text
    assert "group n value AP 12 0.97 PA 30" in text


def test_provenance_study_and_pseudonym_are_there(desk):
    report = desk.report(desk.found())
    text = Page(to_html(report, desk.cards)).text
    for fact in (
        report.study_uid,
        report.patient_key,
        "2026-03-04 10:22:05+09:00",
        "engine fake",
        "draft, not reviewed",
    ):
        assert fact in text


def test_of_the_files_of_a_long_series_the_page_names_the_first(desk):
    uids = [f"1.2.3.{number}" for number in range(300)]
    provenance = {"bundle": desk.card.name, "input_sop_instance_uids": " ".join(uids)}
    text = Page(to_html(desk.report(desk.found(provenance=provenance)), desk.cards)).text
    assert "1.2.3.0 and 299 more; the JSON report has them all." in text
    assert "1.2.3.299" not in text


def test_a_study_nobody_was_asked_about_is_told_as_not_read(desk):
    assert "Not read: no reader was asked" in shown(desk, priority=Priority.UNREAD).text


def test_an_answer_without_its_card_is_not_shown(desk):
    with pytest.raises(UsageError, match="no model card for bundle 'chest-xray-pneumonia'"):
        to_html(desk.report(desk.found()), {})
    assert "Refused" in to_html(desk.report(desk.refused()), {})


def test_the_card_of_other_weights_is_not_taken_for_the_reads_own(desk):
    other = replace(desk.card, sha256={"model.onnx": "f" * 64})
    with pytest.raises(UsageError, match=r"weights 000000000000, but the card .* belongs to ffffffffffff"):
        to_html(desk.report(desk.found()), {desk.card.name: other})


def test_a_card_is_found_by_the_reader_where_the_bundle_has_another_name(desk):
    read = desk.found(provenance={"bundle": "brought-from-elsewhere"})
    assert "Found: Pneumonia" in to_html(desk.report(read), {read.reader: desk.card})


def test_a_refusal_keeps_its_picture_when_there_is_one(desk):
    evidence = Evidence(fakes.series(), Image(fakes.chest(60, 80)))
    refusal = Refusal("inversion", "Its greys look inverted.", "Invert it.")
    page = shown(desk, desk.refused(evidence=evidence, refusal=refusal))
    assert pixels(page.all("img")[0]).shape == (60, 80, 3)


def test_an_earlier_examination_and_clinical_facts_that_were_given_are_told(desk):
    known = {"prior_study_uid": "2.25.1", "prior_patient": "same", "clinical": "age_years gcs"}
    text = Page(to_html(desk.report(desk.found(), provenance=known), desk.cards)).text
    assert "of the same person" not in text
    assert "An earlier examination was given; only readers that compare looked at it." in text
    assert "Nothing else is known of the person than: age years, gcs." in text
    unsure = desk.report(desk.found(), provenance={**known, "prior_patient": "not stated"})
    assert "Nothing in the files says that it is of the same person." in Page(to_html(unsure, desk.cards)).text
