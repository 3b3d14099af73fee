"""The page of a bundle says what it is not for before it says how good it is, and shows no patient unasked."""

import re
import shutil
import subprocess
from dataclasses import replace

import pytest

from secondread.core.errors import BundleError, OutputError, UsageError
from secondread.engine.bundle import Bundle
from secondread.learn.page.page import evaluation_page, pictures_in, result_of
from secondread.learn.page.setting import as_html, as_pdf, write_page


def page_of(bundle: Bundle, pictures=()):
    return evaluation_page(result_of(bundle), bundle.card, pictures)


def titles(page) -> list[str]:
    return [section.title for section in page.sections]


def test_what_it_is_not_for_comes_before_any_figure(evaluated):
    bundle, _ = evaluated["outlines"]
    html = as_html(page_of(bundle))
    assert html.index(bundle.card.not_for[0]) < html.index("What was asked of it") < html.index("At a glance")


def test_every_part_of_an_evaluation_is_there(evaluated):
    assert titles(page_of(evaluated["outlines"][0])) == [
        "What it is for, and what not",
        "What was asked of it",
        "At a glance, on the test split",
        "Data",
        "Question: spot",
        "Outline: lesion",
        "By group",
        "Other sources",
        "Where these figures come from",
    ]
    assert "Marks: lesion" in titles(page_of(evaluated["marks"][0]))


def test_no_patient_is_shown_unless_pictures_are_given(evaluated):
    bundle, folder = evaluated["outlines"]
    assert "<img" not in as_html(page_of(bundle))
    shown = as_html(page_of(bundle, pictures_in(folder)))
    assert len(re.findall('<img src="data:image/png;base64,', shown)) == 2
    assert "curves" not in shown


def test_the_page_fetches_nothing_and_runs_nothing(evaluated):
    html = as_html(page_of(evaluated["outlines"][0]))
    assert "<script" not in html
    assert re.findall(r'(?:src|href)="(?!data:)', html) == []
    assert "default-src 'none'" in html


def test_a_card_cannot_write_markup(evaluated):
    bundle, _ = evaluated["outlines"]
    card = replace(bundle.card, intended_use="<b onclick=x>bold</b>", sources=("<i>",))
    html = as_html(evaluation_page(result_of(bundle), card))
    assert "<b onclick" not in html
    assert "&lt;b onclick=x&gt;" in html


def test_a_label_that_is_not_answered_has_no_figure_on_the_page(evaluated):
    bundle, _ = evaluated["labels"]
    page = page_of(bundle)
    assert [title for title in titles(page) if title.startswith("Question")] == ["Question: bright", "Question: big"]
    html = as_html(page)
    assert "rare: too few cases (4)" in html
    hidden = result_of(bundle)["questions"]["rare"]["auroc"]
    assert f"{hidden['value']:.3f} ({hidden['low']:.3f}" not in html


def test_many_labels_share_one_table(evaluated):
    bundle, _ = evaluated["labels"]
    result = result_of(bundle)
    result["questions"] = {f"label {n}": result["questions"]["bright"] for n in range(5)}
    page = evaluation_page(result, bundle.card)
    (section,) = (section for section in page.sections if section.title == "Every label that is answered")
    table, charts = section.blocks
    assert [row[0] for row in table.rows] == [f"label {n}" for n in range(5)]
    assert len(charts.charts) == 5


def test_cross_validation_is_told_fold_by_fold(evaluated):
    bundle, _ = evaluated["outlines"]
    result = result_of(bundle)
    middle = {"value": 0.8, "low": 0.7, "high": 0.9}
    told = {"mean": middle, "median": middle, "cases": 4, "undefined": 0}
    lesion = {"by_patient": told, "empty": {"cases": 0}}
    lesion["folds"] = [{"name": "hospital A", "patients": 4, "mean": 0.8123, "median": 0.9}]
    result["cross_validation"] = {"folds": 1, "by": "hospital", "questions": {}, "structures_found": {"lesion": lesion}}
    result["cross_validation"] |= {"groups": {}, "classes": None}
    html = as_html(evaluation_page(result, bundle.card))
    assert "hospital A" in html
    assert "0.812" in html


def test_a_pdf_says_what_the_page_says(evaluated, tmp_path):
    if not shutil.which("pdftotext"):
        pytest.skip("needs pdftotext (poppler-utils)")
    bundle, _ = evaluated["outlines"]
    page = page_of(bundle)
    write_page(page, tmp_path / "page.pdf")
    text = subprocess.run(["pdftotext", tmp_path / "page.pdf", "-"], capture_output=True, check=True).stdout.decode()
    for section in page.sections:
        assert section.title in text
    assert bundle.card.not_for[0] in text
    assert as_pdf(page) == (tmp_path / "page.pdf").read_bytes()


def test_a_bundle_that_was_not_evaluated_has_no_page(evaluated):
    bundle, _ = evaluated["outlines"]
    bare = replace(bundle.card, sha256={"model.onnx": bundle.card.sha256["model.onnx"]})
    with pytest.raises(BundleError, match="not evaluated yet"):
        result_of(Bundle(bare, bundle.folder))


def test_a_page_that_cannot_be_written_says_so(evaluated, tmp_path):
    page = page_of(evaluated["outlines"][0])
    with pytest.raises(UsageError, match=r"needed a name with \.html or \.pdf"):
        write_page(page, tmp_path / "page.doc")
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OutputError, match="cannot be written"):
        write_page(page, tmp_path / "file" / "page.html")
