import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

pytest.importorskip("torch", reason="needs the extra `learn`")

from secondread.engine.reference import in_steps
from secondread.engine.taught import strangeness
from secondread.learn.taught import teach


def ring(random: np.random.Generator, n: int, radius: float) -> np.ndarray:
    """Points about a circle in two of six directions: no line tells an inner ring from an outer one."""
    angle = random.uniform(0, 2 * np.pi, n)
    plane = radius * np.stack([np.cos(angle), np.sin(angle)], axis=1) + random.normal(0, 0.2, (n, 2))
    return np.concatenate([plane, random.normal(size=(n, 4))], axis=1)


def odds(weights: dict, values: np.ndarray) -> np.ndarray:
    first, steps = in_steps(weights["taught.first"])
    return strangeness({**weights, "taught.first": first, "taught.steps": steps}, values)


def test_it_learns_what_no_line_tells_apart_and_the_same_each_time():
    random = np.random.default_rng(0)
    known, lessons = ring(random, 400, 1.0), [ring(random, 100, 2.5), ring(random, 40, 0.0)]
    weights = teach(known, lessons)
    new, strange = ring(random, 200, 1.0), np.concatenate([ring(random, 100, 2.5), ring(random, 100, 0.0)])
    y = np.repeat([0, 1], 200)
    assert roc_auc_score(y, odds(weights, np.concatenate([new, strange]))) > 0.97
    again = teach(known, lessons)
    assert all(np.array_equal(weights[name], again[name]) for name in weights)


def test_a_small_lesson_weighs_as_much_as_a_large_one():
    random = np.random.default_rng(1)
    known = random.normal(0, 0.3, (400, 3))
    up, aside = np.array([0, 4, 0]), np.array([0, 0, 4])
    weights = teach(known, [known[:300] + up, known[:6] + aside])
    found = odds(weights, np.concatenate([known[300:], known[300:] + aside]))
    assert roc_auc_score(np.repeat([0, 1], 100), found) > 0.99


def test_numbers_that_never_change_in_training_do_not_break_it():
    known = np.zeros((50, 2))
    known[:, 0] = np.random.default_rng(2).normal(size=50)
    assert np.isfinite(odds(teach(known, [known + 3.0]), known)).all()
