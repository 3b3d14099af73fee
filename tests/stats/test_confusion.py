import numpy as np
import pytest
import sklearn.metrics
from hypothesis import given
from hypothesis import strategies as st

from secondread.stats.confusion import accuracy, confusion, quadratic_kappa

pairs = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=60).map(
    lambda rows: tuple(np.array(rows).T)
)


def test_the_published_grading_vector_is_met():
    assert quadratic_kappa([0, 1, 2, 3, 4, 4], [0, 1, 1, 3, 3, 4]) == pytest.approx(0.923077, abs=5e-7)


@given(pairs)
def test_the_table_is_scikit_learns_with_truth_in_rows(pair):
    labels, predicted = pair
    witness = sklearn.metrics.confusion_matrix(labels, predicted, labels=range(5))
    np.testing.assert_array_equal(confusion(labels, predicted, 5), witness)


@given(pairs)
def test_kappa_agrees_with_scikit_learn_where_it_is_defined(pair):
    labels, predicted = pair
    ours = quadratic_kappa(labels, predicted)
    if len(np.unique(np.concatenate(pair))) == 1:
        assert ours is None
        return
    witness = sklearn.metrics.cohen_kappa_score(labels, predicted, weights="quadratic", labels=range(5))
    assert ours == pytest.approx(witness, abs=1e-12)


@given(pairs)
def test_accuracy_is_the_diagonal_of_the_table(pair):
    share = accuracy(*pair)
    assert share.value == np.trace(confusion(*pair, 5)) / len(pair[0])
    assert 0 <= share.low <= share.value <= share.high <= 1


@pytest.mark.parametrize(
    ("labels", "predicted", "found"),
    [
        ([0, 1], [0], "2 in labels, 1 in predicted"),
        ([0, 3], [0, 1], "labels: found class numbers from 0 to 3; needed 0 to 2"),
        ([0, 1], [0, -1], "predicted: found class numbers from -1 to 0"),
        ([0, 1.5], [0, 1], "labels: found labels that are not whole"),
        ([0, float("nan")], [0, 1], "labels: found 1 NaN"),
        ([], [], "no cases"),
    ],
)
def test_class_numbers_that_do_not_fit_are_refused(labels, predicted, found):
    with pytest.raises(ValueError, match=found):
        confusion(labels, predicted, 3)


@pytest.mark.parametrize("measure", [accuracy, quadratic_kappa])
def test_answers_without_a_partner_are_refused(measure):
    with pytest.raises(ValueError, match="3 in labels, 2 in predicted"):
        measure([0, 1, 1], [0, 1])
