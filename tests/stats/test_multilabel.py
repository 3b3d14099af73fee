import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from secondread.stats.auroc import auroc
from secondread.stats.bootstrap import bootstrap
from secondread.stats.multilabel import cross_validated_auroc, macro_auroc

NAMES = ("effusion", "mass", "hernia")


def cohort(seed, n=90):
    """Three labels, the last one rare; scores with ties; one to three pictures of a patient; four folds."""
    random = np.random.default_rng(seed)
    y = (random.random((n, 3)) < (0.4, 0.3, 0.04)).astype(int)
    scores = (y + random.normal(0, 1.2, (n, 3))).round(1)
    patients = np.sort(random.integers(0, n // 2, n))
    return y, scores, patients, patients % 4


@settings(max_examples=15)
@given(st.integers(0, 2**32 - 1))
def test_the_mean_over_labels_is_that_of_scikit_learn(seed):
    y, scores, _, _ = cohort(seed)
    assume((y.sum(axis=0) >= 4).all())
    found = macro_auroc(y, scores, np.arange(len(y)), NAMES, least=4, n=5, seed=2)
    assert found.macro.value == pytest.approx(roc_auc_score(y, scores, average="macro"))
    for k, row in enumerate(found.labels):
        assert row.auroc.value == pytest.approx(auroc(y[:, k], scores[:, k]))


def test_the_intervals_are_those_of_drawing_whole_patients():
    y, scores, patients, _ = cohort(3)
    found = macro_auroc(y[:, :2], scores[:, :2], patients, NAMES[:2], n=80, seed=4)

    def slow(labels, values):
        return (auroc(labels[:, 0], values[:, 0]) + auroc(labels[:, 1], values[:, 1])) / 2

    whole = bootstrap(slow, patients, y[:, :2], scores[:, :2], n=80, seed=4)
    alone = bootstrap(auroc, patients, y[:, 1], scores[:, 1], n=80, seed=4)
    for ours, theirs in ((found.macro, whole), (found.labels[1].auroc, alone)):
        assert (ours.value, ours.low, ours.high) == pytest.approx((theirs.value, theirs.low, theirs.high))
        assert ours.method == theirs.method


def test_a_rare_label_is_named_and_counted_but_not_averaged():
    y, scores, patients, _ = cohort(0)
    found = macro_auroc(y, scores, patients, NAMES, n=20, seed=1)
    assert found.excluded == ("hernia",)
    assert found.labels[2].auroc is None
    assert (found.labels[2].positives, found.labels[2].negatives) == (y[:, 2].sum(), (1 - y[:, 2]).sum())
    assert found.macro.value == pytest.approx((found.labels[0].auroc.value + found.labels[1].auroc.value) / 2)


def test_a_label_that_almost_everybody_has_is_as_rare_as_its_absence():
    y, scores, patients, _ = cohort(0)
    y[:, 1] = 1
    y[:9, 1] = 0
    assert "mass" in macro_auroc(y, scores, patients, NAMES, n=5, seed=1).excluded
    assert "mass" not in macro_auroc(y, scores, patients, NAMES, least=9, n=5, seed=1).excluded


def test_only_an_interval_wholly_above_a_half_is_above_chance():
    y, scores, patients, _ = cohort(0)
    scores[:, 1] = np.random.default_rng(9).random(len(y))
    effusion, mass, hernia = macro_auroc(y, scores, patients, NAMES, n=200, seed=1).labels
    assert effusion.above_chance
    assert not mass.above_chance
    assert not hernia.above_chance


@settings(max_examples=15)
@given(st.integers(0, 2**32 - 1))
def test_averaged_is_the_mean_of_the_folds_and_pooled_ranks_all_scores(seed):
    y, scores, patients, folds = cohort(seed)
    found = cross_validated_auroc(y, scores, patients, folds, NAMES, n=3, seed=1)
    judged = [k for k, row in enumerate(found.averaged.labels) if row.auroc]
    assert found.pooled.macro.value == pytest.approx(roc_auc_score(y[:, judged], scores[:, judged]))
    for k in judged:
        of_folds = [auroc(y[folds == f, k], scores[folds == f, k]) for f in range(4)]
        mean = np.mean([area for area in of_folds if area is not None])
        assert found.averaged.labels[k].auroc.value == pytest.approx(mean)
    assert [(row.fold, row.cases) for row in found.folds] == [(str(f), (folds == f).sum()) for f in range(4)]


def test_networks_with_scores_on_other_scales_spoil_the_pooled_area_only():
    y, scores, patients, folds = cohort(1, n=200)
    before = cross_validated_auroc(y, scores, patients, folds, NAMES, n=5, seed=1)
    after = cross_validated_auroc(y, scores + 5.0 * folds[:, None], patients, folds, NAMES, n=5, seed=1)
    assert after.averaged == before.averaged
    assert after.pooled.macro.value < before.pooled.macro.value - 0.1


def test_a_fold_without_a_class_has_no_area_and_does_not_count():
    y, scores = np.array([0, 1, 0, 1, 0, 0])[:, None], np.array([0.1, 0.9, 0.7, 0.3, 0.2, 0.1])[:, None]
    patients, folds = np.arange(6), [1, 1, 2, 2, 3, 3]
    found = cross_validated_auroc(y, scores, patients, folds, ["any"], least=1, n=30, seed=1)
    assert [row.macro for row in found.folds] == [1, 0, None]
    assert found.averaged.macro.value == 0.5


@pytest.mark.parametrize(
    ("call", "found"),
    [
        (lambda: macro_auroc([[1], [0]], [[0.1, 0.2]], "ab", ["x"], seed=1), r"shape \(2, 1\), scores of \(1, 2\)"),
        (lambda: macro_auroc([[1], [0]], [[0.1], [0.2]], [1, 2], ["x", "y"], seed=1), "2 names"),
        (lambda: macro_auroc([[2], [0]], [[0.1], [0.2]], [1, 2], ["x"], seed=1), "y: found the labels 0, 2"),
        (lambda: macro_auroc([[1], [0]], [[0.1], [np.nan]], [1, 2], ["x"], seed=1), "scores: found 1 NaN"),
        (lambda: macro_auroc([[1], [0]], [[0.1], [0.2]], [1, 2], ["x"], seed=1), "no label with 10 positive"),
        (lambda: macro_auroc([[1], [0]], [[0.1], [0.2]], [1, 2], ["x"], least=0, seed=1), "least: found 0"),
        (lambda: macro_auroc([[1], [0]], [[0.1], [0.2]], [1], ["x"], least=1, seed=1), "1 in patients, 2 in array 1"),
        (
            lambda: cross_validated_auroc([[1], [0]], [[0.1], [0.2]], [1, 1], [1, 2], ["x"], least=1, seed=1),
            "1 patients in more than one fold",
        ),
    ],
)
def test_what_cannot_be_judged_is_refused(call, found):
    with pytest.raises(ValueError, match=found):
        call()
