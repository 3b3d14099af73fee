"""Who is left out when."""

import numpy as np
import pytest

from secondread.core.errors import ManifestError
from secondread.learn.examples import UNKNOWN, Examples
from secondread.learn.folds import fold_of
from secondread.learn.recipe import CrossValidation


def examples_of(patients: list[str], labels: np.ndarray, masks: np.ndarray | None = None, **groups: object) -> Examples:
    names = np.array([str(n) for n in range(len(patients))])
    columns = {name: np.array(values, dtype=np.str_) for name, values in groups.items()}
    return Examples(np.zeros((len(names), 1, 2, 2), np.uint8), labels, np.array(patients), columns, names, masks=masks)


def spread(fold: np.ndarray, patients: list[str], chosen: np.ndarray) -> list[int]:
    """How many patients with a chosen example each fold holds."""
    people = np.array(patients)
    return sorted(len(np.unique(people[chosen & (fold == n)])) for n in np.unique(fold))


def test_patients_stay_whole_and_every_fold_has_its_share_of_each_kind():
    random = np.random.default_rng(1)
    patients = [f"p{n}" for n in random.integers(0, 60, 300)]
    ill = {f"p{n}" for n in range(9)}
    labels = np.array([int(patient in ill and n % 2 == 0) for n, patient in enumerate(patients)])
    fold, names = fold_of(examples_of(patients, labels), CrossValidation(5))
    assert names == ["1", "2", "3", "4", "5"]
    for patient in set(patients):
        assert len(np.unique(fold[np.array(patients) == patient])) == 1
    everyone = spread(fold, patients, np.ones(300, bool))
    assert max(everyone) - min(everyone) <= 1
    sick = spread(fold, patients, labels == 1)
    assert sum(sick) == len({p for p, mark in zip(patients, labels, strict=True) if mark})
    assert max(sick) - min(sick) <= 1


def test_of_independent_labels_the_rarest_of_a_patient_counts():
    labels = np.zeros((40, 3), np.int64)
    labels[:, 0], labels[:20, 1], labels[:4, 2] = 1, 1, 1
    labels[5, 2] = UNKNOWN
    patients = [f"p{n}" for n in range(40)]
    fold, _ = fold_of(examples_of(patients, labels), CrossValidation(4))
    assert spread(fold, patients, labels[:, 2] == 1) == [1, 1, 1, 1]
    assert spread(fold, patients, labels[:, 1] == 1) == [5, 5, 5, 5]


def test_without_labels_patients_with_something_to_outline_are_spread():
    masks = np.zeros((24, 2, 2), np.uint8)
    masks[:6, 0, 0] = 1
    patients = [f"p{n}" for n in range(24)]
    fold, _ = fold_of(examples_of(patients, np.full(24, UNKNOWN), masks), CrossValidation(3))
    assert spread(fold, patients, masks.any((1, 2))) == [2, 2, 2]


def test_the_same_seed_draws_the_same_folds_and_another_seed_others():
    patients = [f"p{n}" for n in range(30)]
    whole = examples_of(patients, np.zeros(30, np.int64))
    first, again, other = (fold_of(whole, CrossValidation(3, seed=seed))[0] for seed in (1, 1, 2))
    assert (first == again).all()
    assert (first != other).any()


def test_each_value_of_a_column_is_left_out_once_whatever_the_number_of_folds():
    patients = ["a", "a", "b", "c", "d"]
    whole = examples_of(patients, np.zeros(5, np.int64), site=["x", "x", "y", "x", "z"])
    fold, names = fold_of(whole, CrossValidation(by="site"))
    assert names == ["site x", "site y", "site z"]
    assert fold.tolist() == [0, 0, 1, 0, 2]


def test_what_cannot_be_divided_is_refused():
    one = examples_of(["a", "a"], np.zeros(2, np.int64), site=["x", "y"], device=["m", "m"])
    with pytest.raises(ManifestError, match=r"found 1 patients, needed 2 or more"):
        fold_of(one, CrossValidation(2))
    with pytest.raises(ManifestError, match=r"by 'site': a patient has two values"):
        fold_of(one, CrossValidation(by="site"))
    with pytest.raises(ManifestError, match=r"by 'device': found one value"):
        fold_of(one, CrossValidation(by="device"))
