import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import fakes
from phantoms.chest_xray import write_dicom
from secondread import pipeline
from secondread.core.report import Outcome, Priority, Read
from secondread.engine.bundle import find_bundles, load_bundle, shipped
from secondread.engine.bundles import Bundles
from secondread.explain.chest_findings import CODES, EVIDENCE, FEWEST, no_call, not_answered
from secondread.readers.chest_xray_findings import BUNDLE, READER
from secondread.sources import open_examination

CARD = load_bundle(find_bundles([shipped()])[BUNDLE]).card
CALLED = ("cardiomegaly", "effusion", "consolidation", "edema")
DESCRIBED = ("mass", "nodule", "emphysema", "pleural thickening")
EVALUATION = json.loads((shipped() / BUNDLE / "evaluation.json").read_text(encoding="utf-8"))


def ask(path: Path, cam: Any = None, **logits: float) -> Read:
    scores = [logits.get(label.replace(" ", "_"), -12.0) for label in CARD.labels]
    maps = np.zeros((len(CARD.labels), 4, 4), np.float32) if cam is None else cam
    bundles = fakes.FakeBundles({BUNDLE: scores}, cam={BUNDLE: maps}, cards={BUNDLE: CARD})
    return pipeline.ask(READER, open_examination(path), bundles, held=pipeline.Held(maps="in-graph"))


@pytest.fixture(scope="module")
def picture(tmp_path_factory):
    return write_dicom(tmp_path_factory.mktemp("chest") / "chest.dcm")


def test_the_fourteen_labels_are_answered_described_or_left_open_and_none_is_lost(picture):
    answer = ask(picture)
    told = {finding.code for finding in answer.findings}
    left = [label for label in CARD.labels if CODES[label] not in told]
    assert len(told) + len(left) == 14
    warning = next(text for text in answer.warnings if text.startswith("Not answered, which does not mean absent"))
    assert all(label in warning for label in left)
    assert {"pneumothorax", "hernia"} <= set(left)


@pytest.mark.parametrize("label", CALLED)
def test_a_label_with_evidence_is_called_present_with_its_map_and_side(picture, label):
    cam = np.zeros((14, 8, 8), np.float32)
    cam[CARD.labels.index(label), 6, 1] = 4.0
    answer = ask(picture, cam, **{label: 9.0})
    first = answer.findings[0]
    assert answer.outcome is Outcome.FOUND
    assert first.code == CODES[label]
    assert first.positive
    assert first.location == "map strongest on right side of the patient (left of the picture), lower third"
    assert first.map is not None
    assert first.map.values.shape == (400, 400)
    assert np.argmax(first.map.values.max(axis=0)) < 200


@pytest.mark.parametrize("label", DESCRIBED)
def test_a_label_whose_threshold_rests_on_few_pictures_is_never_called(picture, label):
    answer = ask(picture, **{label.replace(" ", "_"): 20.0})
    assert answer.outcome is Outcome.NOTHING_FOUND
    finding = next(finding for finding in answer.findings if finding.code == CODES[label])
    assert finding.measurements[0].unit == "%"
    assert finding.measurements[0].value > 99.0
    assert "No call is made" in finding.notes[0]


@pytest.mark.parametrize("label", sorted(set(CARD.labels) - set(CALLED) - set(DESCRIBED)))
def test_a_label_without_evidence_is_left_out_however_sure_the_network_is(picture, label):
    answer = ask(picture, **{label.replace(" ", "_"): 20.0})
    assert answer.outcome is Outcome.NOTHING_FOUND
    assert CODES[label] not in {finding.code for finding in answer.findings}


def test_a_negative_answer_has_neither_map_nor_place(picture):
    cam = np.ones((14, 8, 8), np.float32)
    for finding in ask(picture, cam).findings:
        assert not finding.positive
        assert finding.map is None
        assert finding.location is None


def test_the_positive_come_first_and_the_described_last(picture):
    answer = ask(picture, edema=5.0, mass=9.0)
    assert [finding.basis for finding in answer.findings] == ["probability"] * 4 + ["description"] * 4
    assert answer.findings[0].code == CODES["edema"]


@pytest.mark.parametrize(
    ("label", "priority"),
    [
        ("effusion", Priority.URGENT),
        ("edema", Priority.URGENT),
        ("consolidation", Priority.URGENT),
        ("cardiomegaly", Priority.ROUTINE),
        ("mass", Priority.ROUTINE),
    ],
)
def test_fluid_is_urgent_and_a_large_heart_is_not(picture, label, priority):
    assert READER.priority(ask(picture, **{label: 9.0}).findings) is priority


@pytest.mark.parametrize("label", EVIDENCE)
def test_the_figures_are_those_of_the_bundles_evaluation(label):
    known, crossed = EVIDENCE[label], EVALUATION["cross_validation"]["questions"][label]
    test = EVALUATION["questions"][label]
    assert (known.pictures, known.patients) == (crossed["positives"], crossed["positive_patients"])
    for told, found in (
        (known.auroc, crossed["auroc"]),
        (known.beyond_grey, crossed["shortcut"]["difference"]),
        (known.test, test["auroc"] if test["positives"] >= FEWEST else None),
    ):
        assert (told is None) == (found is None)
        if told is not None:
            assert told == pytest.approx((found["value"], found["low"], found["high"]), abs=5e-4)
    if known.test_beyond_grey is not None:
        expected = (test["shortcut"]["difference"], test["shortcut"]["p"])
        assert known.test_beyond_grey == pytest.approx(expected, abs=5e-4)


def test_every_label_of_the_bundle_is_known_with_a_code_and_its_evidence():
    assert set(CARD.labels) == set(CODES) == set(EVIDENCE)
    assert {label for label in CARD.labels if not not_answered(label, CARD)} == {*CALLED, *DESCRIBED}
    assert {label for label in CARD.labels if not no_call(label)} >= set(CALLED)
    assert not_answered("fracture", CARD)


def test_children_are_refused(tmp_path):
    assert ask(write_dicom(tmp_path / "x.dcm", PatientAge="010Y")).refusal.reason == "population"


def test_the_shipped_network_answers(picture):
    bundles = Bundles([shipped()], engine="onnxruntime", threads=1)
    answer = pipeline.ask(READER, open_examination(picture), bundles, held=pipeline.Held("warn"))
    assert answer.outcome in (Outcome.FOUND, Outcome.UNDECIDED, Outcome.NOTHING_FOUND)
    assert len(answer.findings) == 8
