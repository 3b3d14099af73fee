"""The trial of IDH wild-type from images: what a patient's numbers depend on, and that nothing leaks from the folds."""

import importlib.util
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def script(monkeypatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    spec = importlib.util.spec_from_file_location("idh_trial", BENCHMARKS / "idh_trial.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def head(random: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Four slices of a round head 96 pixels wide with a bright square tumour in the two middle ones."""
    rows, columns = np.indices((128, 128)) - 64
    images = np.zeros((4, 5, 128, 128), np.uint8)
    images[:, :, np.hypot(rows, columns) < 48] = 100
    images[:, 2] += random.integers(0, 20, (4, 128, 128), dtype=np.uint8) * (images[:, 2] > 0)
    inside = np.zeros((4, 128, 128), bool)
    inside[1:3, 40:60, 70:80] = True
    images[:, 2][inside] = 200
    return images, inside, random.random((4, 8), dtype=np.float32), np.linspace(0, 1, 4)


def test_size_and_place_of_a_known_tumour_are_measured_relative_to_the_brain(script):
    images, inside, embedding, height = head(np.random.default_rng(1))
    found = script.features(images, inside, embedding, height)
    told = dict(zip(script.MEASURES, found, strict=False))
    brain = script.brains(images[:, 2])
    assert not brain[:, 64, 18].any()
    assert brain[:, 64, 64].all()
    assert told["volume"] == pytest.approx(400 / brain.sum())
    assert told["slices"] == 0.5
    assert told["height"] == pytest.approx(0.5)
    assert told["extent"] == pytest.approx(20 / 79, abs=0.02)
    assert told["mean FLAIR"] > 5
    assert told["mean before contrast"] == told["spread before contrast"] == 0
    np.testing.assert_allclose(found[len(script.MEASURES) :], embedding[1:3].mean(0), rtol=1e-6)


def test_a_patient_in_whom_nothing_is_outlined_has_the_plain_mean_of_the_slices(script):
    images, inside, embedding, height = head(np.random.default_rng(1))
    found = script.features(images, inside & False, embedding, height)
    assert not found[: len(script.MEASURES)].any()
    np.testing.assert_allclose(found[len(script.MEASURES) :], embedding.mean(0), rtol=1e-6)


def test_the_order_of_the_slices_changes_nothing(script):
    slices, order = head(np.random.default_rng(1)), np.array([2, 0, 3, 1])
    turned = [part[order] for part in slices]
    np.testing.assert_allclose(script.features(*turned), script.features(*slices), rtol=1e-6)


def test_the_patients_left_out_change_nothing_that_is_fitted(script):
    random = np.random.default_rng(2)
    x, y = random.normal(size=(60, 30)), np.repeat([0, 1], [40, 20])
    learn, judge = np.arange(0, 60, 2), np.arange(1, 60, 2)
    before = script.fold_scores(x, y, 6, learn, judge)
    others, labels = x.copy(), y.copy()
    others[judge[1:]] = 1e3
    labels[judge] = 1 - labels[judge]
    assert script.fold_scores(others, labels, 6, learn, judge)[0] == before[0]


def test_shuffled_labels_are_told_no_better_than_by_chance(script, monkeypatch):
    monkeypatch.setattr(script, "STRENGTHS", (0.01, 1.0))
    random = np.random.default_rng(3)
    x, y = random.normal(size=(90, 17)), np.repeat([0, 1], [70, 20])
    areas = []
    for _ in range(3):
        labels = random.permutation(y)
        areas.append(script.mean_area(labels, script.out_of_fold(x, labels, 12, repeats=1)))
    assert np.mean(areas) == pytest.approx(0.5, abs=0.1)


def test_what_the_features_tell_is_found(script):
    random = np.random.default_rng(4)
    y = np.repeat([0, 1], [40, 20])
    x = random.normal(size=(60, 1)) + 4.0 * y[:, None]
    assert script.mean_area(y, script.out_of_fold(x, y, 1, repeats=1)) > 0.95
