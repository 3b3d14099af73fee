"""A bundle that no reader was written for answers by its card alone, or says why it cannot."""

import json
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image as Pillow

import dicom_factory
import fakes
import secondread
from command_line import complaint, read
from secondread import pipeline, sources
from secondread.core.card import InputContract, Threshold
from secondread.core.code import LOCAL
from secondread.core.errors import EXIT_REFUSED, BundleError, UsageError
from secondread.core.report import Outcome, Priority
from secondread.readers import asked
from secondread.readers.any_bundle import reader_of
from tiny_bundle import make_bundle

NAME = "my-spots"
CARD = fakes.card(
    NAME,
    labels=("plain", "spot"),
    thresholds=(Threshold("spot", 0.4, "youden"),),
    input=InputContract(32, 32, "squeeze", ("CR", "DX"), ("PA", "AP"), (20.0, 60.0)),
    not_for=("Any clinical use.", "Cats."),
)


def ask(card=CARD, logits=(0.0, 3.0), study=None, picture=None, tmp_path=None, **tags):
    """The answer of a bundle whose network says ``logits``, about a frontal chest X-ray."""
    cam = np.zeros((len(card.labels), 4, 4), np.float32)
    cam[-1, 1, 2] = 5.0
    bundles = fakes.FakeBundles({card.name: logits}, cards={card.name: card}, cam={card.name: cam})
    if study is None:
        pixels = fakes.dicom_pixels() if picture is None else picture
        path = dicom_factory.chest_xray(tmp_path / "chest.dcm", pixels, **{"PatientAge": "040Y"} | tags)
        study = sources.open_study(path)
    return pipeline.ask(reader_of(card), study, bundles)


def test_each_label_with_a_threshold_of_its_name_becomes_a_finding(tmp_path):
    answer = ask(tmp_path=tmp_path)
    assert answer.outcome is Outcome.FOUND
    (finding,) = answer.findings
    assert finding.code.display == "spot"
    assert finding.probability == pytest.approx(np.exp(3.0) / (1 + np.exp(3.0)))
    assert finding.threshold == 0.4
    assert answer.question.endswith("?")


def test_a_positive_finding_has_a_map_where_the_network_looked_and_a_negative_one_none(tmp_path):
    (finding,) = ask(tmp_path=tmp_path).findings
    rows, columns = finding.map.values.shape
    row, column = np.unravel_index(finding.map.values.argmax(), (rows, columns))
    assert (row * 4 // rows, column * 4 // columns) == (1, 2)
    below = ask(logits=(3.0, 0.0), tmp_path=tmp_path)
    assert below.outcome is Outcome.NOTHING_FOUND
    assert below.findings[0].map is None


def test_independent_labels_each_keep_their_own_probability(tmp_path):
    both = tuple(Threshold(label, 0.5, "half") for label in ("plain", "spot"))
    answer = ask(replace(CARD, activation="sigmoid", thresholds=both), (1.0, 3.0), tmp_path=tmp_path)
    odds = [1 / (1 + np.exp(-z)) for z in (1.0, 3.0)]
    assert [finding.probability for finding in answer.findings] == pytest.approx(odds)
    assert answer.findings[0].map is None  # no place spoke for it
    assert answer.findings[1].map.peak == pytest.approx(5.0, rel=0.3)


def test_everything_the_card_is_not_for_is_a_warning(tmp_path):
    warnings = ask(tmp_path=tmp_path).warnings
    assert {"Not for: Any clinical use.", "Not for: Cats."} <= set(warnings)
    assert any("No reader was written" in warning for warning in warnings)


def test_nobody_said_how_urgent_it_is():
    assert reader_of(CARD).priority(()) is Priority.ROUTINE


def test_a_code_of_a_label_is_our_own_short_and_differs_between_bundles(tmp_path):
    mine = ask(tmp_path=tmp_path).findings[0].code
    theirs = ask(replace(CARD, name="their-spots"), tmp_path=tmp_path).findings[0].code
    assert mine.system == LOCAL
    assert len(mine.value) == 16
    assert mine.value != theirs.value


@pytest.mark.parametrize(
    ("tags", "reason"),
    [
        ({"Modality": "MR"}, "modality"),
        ({"ViewPosition": "LL"}, "view"),
        ({"PresentationIntentType": "FOR PROCESSING"}, "processing"),
        ({"PatientAge": "004Y"}, "population"),
        ({"picture": np.zeros((96, 96), np.uint16)}, "quality"),
    ],
)
def test_what_the_card_was_not_made_for_is_refused(tmp_path, tags, reason):
    answer = ask(tmp_path=tmp_path, **tags)
    assert answer.outcome is Outcome.REFUSED
    assert answer.refusal.reason == reason


def test_slices_are_refused_where_one_picture_is_needed(tmp_path):
    dicom_factory.ct_series(tmp_path / "ct")
    card = replace(CARD, input=replace(CARD.input, modalities=("CT",), views=()))
    answer = ask(card, study=sources.open_study(tmp_path / "ct"))
    assert answer.refusal.reason == "field-of-view"


def test_a_card_that_names_no_modality_takes_pictures_without_tags_only(tmp_path):
    card = replace(CARD, input=replace(CARD.input, modalities=()))
    assert ask(card, tmp_path=tmp_path).refusal.reason == "modality"
    Pillow.fromarray(fakes.png_pixels()).save(tmp_path / "a.png")
    answer = ask(card, study=sources.open_study(tmp_path / "a.png"))
    assert answer.outcome is Outcome.FOUND
    assert any("without DICOM tags" in warning for warning in answer.warnings)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"role": "benchmark"}, "role"),
        ({"thresholds": (Threshold("disease", 0.5, "half"),)}, "named after a label"),
        ({"input": replace(CARD.input, channels=3)}, "3 pictures at once"),
        ({"input": replace(CARD.input, depth_px=8)}, "8 slices"),
    ],
)
def test_a_bundle_that_cannot_answer_this_way_is_refused_by_name(change, words):
    with pytest.raises(UsageError, match=words) as caught:
        reader_of(replace(CARD, **change))
    assert NAME in str(caught.value)


def test_a_bundle_with_a_reader_of_its_own_is_asked_by_it_alone():
    with pytest.raises(UsageError, match="--reader chest-xray-pneumonia"):
        asked(None, [fakes.READER], fakes.card)


def test_bundles_are_asked_after_the_readers_that_are_named_and_each_once():
    readers = asked([fakes.READER], [NAME, NAME], lambda _name: CARD)
    assert [reader.name for reader in readers] == [fakes.READER, NAME]
    assert [reader.name for reader in asked(None, [NAME], lambda _name: CARD)] == [NAME]


@pytest.fixture
def own(tmp_path):
    folder = tmp_path / "bundles"
    make_bundle(folder, NAME, ("plain", "spot"), 32, bias=(-20.0, 20.0), thresholds={"spot": 0.5})
    return folder


def test_the_command_asks_a_bundle_and_writes_what_its_card_says(tmp_path, own, chest, capsys):
    assert read(chest, own, "--bundle", NAME, "--out", str(tmp_path / "out")) == 0
    said = capsys.readouterr().out
    assert "spot: more than 99 %" in said
    assert "Not for: Any picture of a patient." in said
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "Any picture of a patient." in page
    report = json.loads((tmp_path / "out" / "report.json").read_text(encoding="utf-8"))
    assert [one["reader"] for one in report["reads"]] == [NAME]
    assert (tmp_path / "out" / f"{NAME}.sr.dcm").exists()


@pytest.fixture
def chest(tmp_path):
    return dicom_factory.chest_xray(tmp_path / "chest.dcm", fakes.dicom_pixels())


def test_the_command_refuses_and_says_so(tmp_path, own):
    path = dicom_factory.chest_xray(tmp_path / "odd.dcm", fakes.dicom_pixels(), Modality="MR")
    assert read(path, own, "--bundle", NAME, "--out", str(tmp_path / "out")) == EXIT_REFUSED


def test_a_bundle_that_is_not_there_is_named(own, chest, capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert read(chest, own, "--bundle", "nowhere") == BundleError.exit_code
    assert "nowhere" in complaint(capsys)


def test_the_python_call_asks_a_bundle_too(own, chest):
    report = secondread.read(chest, ask_bundles=[NAME], bundles=[own], created_at="2025-01-31T09:30:00+09:00")
    assert [one.reader for one in report.reads] == [NAME]
