"""What the nearest training cases are worth."""

import numpy as np
import pytest

from secondread.audit.likeness.worth import label_worth, origin_worth, origins, sizes_alike
from secondread.learn.examples import UNKNOWN

PATIENTS = np.array([f"p{n}" for n in range(40)])
KEPT = np.tile([0, 1], 20)
TRUTH = np.tile([0, 1], 20)


def of_class(wanted, k=4):
    """Positions of kept cases of the wanted class of each test case."""
    return np.array([np.flatnonzero(wanted[n] == KEPT)[:k] for n in range(len(wanted))])


def test_neighbours_of_the_own_class_tell_it_wholly():
    found = label_worth(of_class(TRUTH), KEPT, TRUTH, TRUTH.astype(float), PATIENTS, seed=1)
    assert found.nearest.value == 1.0
    assert found.by_chance == 0.5
    assert found.auroc.value == 1.0
    assert found.less_than_network.value == 0.0


def test_neighbours_of_the_other_class_mislead():
    found = label_worth(of_class(1 - TRUTH), KEPT, TRUTH, TRUTH.astype(float), PATIENTS, seed=1)
    assert found.nearest.value == 0.0
    assert found.less_than_network.value == 1.0


def test_the_area_of_the_neighbours_is_that_of_sklearn():
    neighbors = pytest.importorskip("sklearn.neighbors")
    metrics = pytest.importorskip("sklearn.metrics")
    random = np.random.default_rng(4)
    there, here = random.normal(KEPT[:, None], 1.0, (40, 3)), random.normal(TRUTH[:, None], 1.0, (40, 3))
    witness = neighbors.KNeighborsClassifier(5, algorithm="brute").fit(there, KEPT)
    near = witness.kneighbors(here, return_distance=False)
    found = label_worth(near, KEPT, TRUTH, np.full(40, 0.5), PATIENTS, seed=1)
    area = metrics.roc_auc_score(TRUTH, witness.predict_proba(here)[:, 1])
    assert found.auroc.value == pytest.approx(area)
    assert found.less_than_network.value == pytest.approx(0.5 - area)


def test_cases_without_a_label_are_left_out():
    truth = TRUTH.copy()
    truth[:4] = UNKNOWN
    found = label_worth(of_class(TRUTH), KEPT, truth, TRUTH.astype(float), PATIENTS, seed=1)
    assert found.cases == (36, 40)
    assert label_worth(of_class(TRUTH), KEPT, np.full(40, UNKNOWN), TRUTH.astype(float), PATIENTS, seed=1) is None


def test_likeness_of_the_device_is_told_against_chance():
    kept, mine = np.array(["a", "a", "a", "b"]), np.array(["b"] * 10 + ["a"] * 30)
    found = origin_worth(np.where(mine == "b", 3, 0), kept, mine, PATIENTS, seed=1)
    assert found.same.value == 1.0
    assert found.by_chance == pytest.approx((10 * 0.25 + 30 * 0.75) / 40)
    assert found.lift.value == pytest.approx(1.0 - found.by_chance)
    assert origin_worth(np.zeros(40, np.intp), np.array(["a", "a"]), mine, PATIENTS, seed=1) is None


def test_sizes_that_rise_together_are_alike_as_scipy_says():
    stats = pytest.importorskip("scipy.stats")
    random = np.random.default_rng(2)
    kept, mine = random.uniform(1, 9, 30), random.uniform(1, 9, 40)
    near = random.integers(0, 30, (40, 3))
    found = sizes_alike(near, kept, mine, PATIENTS, seed=1)
    assert found.value == pytest.approx(stats.spearmanr(mine, kept[near].mean(1)).statistic)
    assert sizes_alike(near, kept, np.zeros(40), PATIENTS, seed=1) is None


def test_several_data_sets_are_an_origin_of_their_own():
    names = np.array(["one:a.png", "two/b.npz:3"])
    found = origins({"device": np.array(["x", "y"]), "birads": np.array(["2", "3"])}, names, ("device", "site"))
    assert list(found) == ["device", "data set"]
    assert found["data set"].tolist() == ["one", "two"]
