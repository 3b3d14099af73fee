from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import fakes
from phantoms.chest_xray import write_dicom
from secondread import pipeline
from secondread.core.output import Output
from secondread.core.report import Outcome, Priority, Read
from secondread.engine.bundle import find_bundles, load_bundle, shipped
from secondread.engine.bundles import Bundles
from secondread.readers.chest_xray_tuberculosis import BUNDLE, MOST_MARKS, READER, place_in_words
from secondread.sources import open_examination

CARD = load_bundle(find_bundles([shipped()])[BUNDLE]).card
SIDE = CARD.input.height_px


class Scorer(fakes.FakeBundles):
    """A network that scores every place with ``scores`` [h, w] in (0, 1)."""

    def __init__(self, scores: NDArray[np.float64]) -> None:
        super().__init__({BUNDLE: ()}, cards={BUNDLE: CARD})
        self.scores = np.clip(scores, 1e-6, 1 - 1e-6)

    def run(self, name: str, batch: NDArray[np.float32]) -> Output:
        if name != BUNDLE:
            return super().run(name, batch)
        logit = np.log(self.scores / (1 - self.scores))
        whole = np.stack([np.zeros_like(logit), logit])[None].astype(np.float32)
        empty = Output(np.zeros((1, 0), np.float32), np.zeros((1, 0, 1, 1), np.float32), np.zeros((1, 2), np.float32))
        return replace(empty, mask_logits=whole)


def hills(*places: tuple[int, int, float]) -> NDArray[np.float64]:
    """Round hills (row, column, height) on the network's input."""
    j, i = np.indices((SIDE, SIDE))
    scores = np.zeros((SIDE, SIDE))
    for row, column, height in places:
        scores = np.maximum(scores, height * np.exp(-((j - row) ** 2 + (i - column) ** 2) / (2 * 9.0**2)))
    return scores


def ask(path: Path, scores: NDArray[np.float64]) -> Read:
    return pipeline.ask(READER, open_examination(path), Scorer(scores))


@pytest.fixture(scope="module")
def picture(tmp_path_factory):
    return write_dicom(tmp_path_factory.mktemp("chest") / "chest.dcm")


def test_a_hill_gives_one_mark_on_its_side_with_an_outline_on_the_picture(picture):
    answer = ask(picture, hills((40, 50, 0.9)))
    assert answer.outcome is Outcome.FOUND
    (mark,) = answer.findings
    assert mark.positive
    assert mark.probability is None
    assert mark.location == "right side of the patient (left of the picture), upper third"
    centre = np.argwhere(mark.mask.inside).mean(axis=0) / 400 * SIDE
    assert centre == pytest.approx([40, 50], abs=2)


def test_the_strongest_mark_comes_first_and_each_has_its_own_outline(picture):
    answer = ask(picture, hills((40, 50, 0.6), (60, 140, 0.9)))
    first, second = answer.findings
    assert first.measurements[0].value > second.measurements[0].value
    assert "left side" in first.location
    assert "right side" in second.location
    assert not (first.mask.inside & second.mask.inside).any()


def test_two_marks_in_one_outlined_region_share_it_between_them(picture):
    first, second = ask(picture, hills((50, 50, 0.9), (74, 50, 0.8))).findings
    assert first.mask.inside.any()
    assert second.mask.inside.any()
    assert not (first.mask.inside & second.mask.inside).any()


def test_a_faint_mark_is_told_without_an_outline(picture):
    (mark,) = ask(picture, hills((120, 140, 0.1))).findings
    assert mark.positive
    assert mark.mask is None
    assert "lower" in mark.location or "middle" in mark.location


def test_no_mark_is_told_as_nothing_found_and_not_as_health(picture):
    answer = ask(picture, np.zeros((SIDE, SIDE)))
    assert answer.outcome is Outcome.NOTHING_FOUND
    assert not answer.findings[0].positive
    assert any("No mark does not mean" in warning for warning in answer.warnings)


def test_the_threshold_is_that_of_the_card(picture):
    (mark,) = ask(picture, hills((40, 50, 0.9))).findings
    assert mark.limit.value == CARD.threshold("tuberculosis marks")


def test_many_marks_are_cut_and_the_rest_counted(picture):
    places = [(row, column, 0.9 - row / 1000) for row in (20, 60, 100, 140) for column in (30, 90, 150)]
    findings = ask(picture, hills(*places)).findings
    assert len(findings) == MOST_MARKS + 1
    assert f"{12 - MOST_MARKS} weaker marks not shown" in findings[-1].notes[0]
    assert not findings[-1].positive


def test_the_reviewer_is_told_what_the_network_never_saw_and_cannot_tell(picture):
    told = " ".join(ask(picture, hills((40, 50, 0.9))).warnings)
    assert "saw no picture without it from the same source" in told
    assert "Active and old tuberculosis" in told


def test_marks_are_routine_since_healthy_people_get_some_too(picture):
    assert READER.priority(ask(picture, hills((40, 50, 0.99))).findings) is Priority.ROUTINE


@pytest.mark.parametrize(
    ("down", "across", "words"),
    [(0.1, 0.9, "left side of the patient (right of the picture), upper third"), (0.5, 0.0, "right side")],
)
def test_places_are_put_into_words_from_the_patients_side(down, across, words):
    assert words in place_in_words(down, across)


def test_children_are_refused(tmp_path):
    answer = ask(write_dicom(tmp_path / "x.dcm", PatientAge="010Y"), hills())
    assert answer.refusal.reason == "population"


def test_the_shipped_network_answers(picture):
    bundles = Bundles([shipped()], engine="onnxruntime", threads=1)
    answer = pipeline.ask(READER, open_examination(picture), bundles, held=pipeline.Held("warn"))
    assert answer.outcome in (Outcome.FOUND, Outcome.NOTHING_FOUND)
