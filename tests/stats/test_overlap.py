import numpy as np
import pytest
import SimpleITK
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from sklearn.metrics import f1_score, jaccard_score

from secondread.stats.overlap import dice, dice_of_patients, iou, summarise, volume_error

shapes = array_shapes(min_dims=2, max_dims=3, max_side=6)
pairs = shapes.flatmap(lambda shape: st.tuples(arrays(np.bool_, shape), arrays(np.bool_, shape)))


@pytest.fixture
def cubes():
    """A cube of ten voxels a side, and the same two voxels further along the first axis."""
    predicted, true = np.zeros((2, 16, 16, 16), dtype=np.uint8)
    predicted[2:12, 3:13, 3:13] = 1
    true[4:14, 3:13, 3:13] = 1
    return predicted, true


def test_the_shifted_cube_overlaps_as_published(cubes):
    assert dice(*cubes) == 0.8
    assert iou(*cubes) == pytest.approx(0.666667, abs=5e-7)


@settings(max_examples=40)
@given(pairs)
def test_overlap_is_what_scikit_learn_calls_f1_and_jaccard(pair):
    predicted, true = pair
    assert dice(predicted, true) == pytest.approx(f1_score(true.ravel(), predicted.ravel(), zero_division=1.0))
    assert iou(predicted, true) == pytest.approx(jaccard_score(true.ravel(), predicted.ravel(), zero_division=1.0))


def test_overlap_and_volume_are_those_of_simpleitk(cubes):
    witness = SimpleITK.LabelOverlapMeasuresImageFilter()
    witness.Execute(*(SimpleITK.GetImageFromArray(mask) for mask in cubes))
    assert dice(*cubes) == pytest.approx(witness.GetDiceCoefficient())
    assert iou(*cubes) == pytest.approx(witness.GetJaccardCoefficient())


@given(pairs)
def test_overlap_does_not_care_who_is_first_nor_which_way_is_up(pair):
    predicted, true = pair
    assert dice(predicted, true) == dice(true, predicted) == dice(predicted[::-1], true[::-1])
    assert iou(predicted, true) == iou(true, predicted)
    assert 0 <= iou(predicted, true) <= dice(predicted, true) <= 1
    assert dice(true, true) == iou(true, true) == 1


def test_nothing_drawn_where_nothing_is_scores_1_and_a_miss_scores_0():
    nothing, something = np.zeros((4, 4)), np.eye(4)
    assert dice(nothing, nothing) == iou(nothing, nothing) == 1
    assert dice(nothing, something) == dice(something, nothing) == iou(nothing, something) == 0


def test_a_volume_is_told_in_millilitres_and_an_area_in_square_millimetres(cubes):
    predicted, true = cubes
    predicted[5] = 0
    volume = volume_error(predicted, true, (2.5, 0.7, 0.7))
    assert volume.unit == "mL"
    assert volume.true == pytest.approx(1000 * 2.5 * 0.49 / 1000)
    assert volume.signed == pytest.approx(-0.1 * volume.true)
    assert volume.absolute == -volume.signed
    assert volume.relative == pytest.approx(-0.1)
    area = volume_error(np.ones((2, 3)), np.eye(2, 3), (2.0, 0.5))
    assert (area.predicted, area.true, area.signed, area.unit) == (6.0, 2.0, 4.0, "mm2")


@given(pairs, st.floats(0.1, 5))
def test_volume_error_grows_with_the_voxel_but_its_share_does_not(pair, size):
    axes = pair[0].ndim
    small, large = (volume_error(*pair, (step,) * axes) for step in (1.0, size))
    assert large.signed == pytest.approx(small.signed * size**axes)
    assert large.relative == (None if small.relative is None else pytest.approx(small.relative))


def test_an_error_relative_to_nothing_does_not_exist():
    error = volume_error(np.ones((2, 2)), np.zeros((2, 2)), (1, 1))
    assert (error.signed, error.relative) == (4.0, None)
    assert volume_error(np.zeros((2, 2)), np.zeros((2, 2)), (1, 1)).relative is None


@given(st.lists(st.sampled_from("abc"), min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_a_patients_dice_is_that_of_all_slices_laid_together(patients, random):
    predicted, true = np.random.default_rng(random.getrandbits(32)).random((2, len(patients), 3, 4)) < 0.3
    names, values = dice_of_patients(predicted, true, patients)
    assert names.tolist() == sorted(set(patients))
    for name, value in zip(names, values, strict=True):
        mine = np.array(patients) == name
        assert value == pytest.approx(dice(predicted[mine], true[mine]))


@settings(max_examples=10)
@given(st.lists(st.floats(0, 1), min_size=2, max_size=12))
def test_a_summary_tells_the_mean_and_the_median_and_bounds_within_the_values(values):
    summary = summarise(values, np.arange(len(values)), n=50, seed=1)
    assert summary.mean.value == pytest.approx(np.mean(values))
    assert summary.median.value == pytest.approx(np.median(values))
    for interval in (summary.mean, summary.median):
        assert min(values) - 1e-12 <= interval.low <= interval.high <= max(values) + 1e-12
    assert (summary.cases, summary.undefined) == (len(values), 0)


def test_cases_without_a_value_are_counted_and_left_out():
    summary = summarise([0.5, None, 0.7, None], ["a", "a", "b", "c"], n=20, seed=1)
    assert summary.mean.value == pytest.approx(0.6)
    assert (summary.cases, summary.undefined) == (2, 2)
    assert "2 patients" in summary.mean.method


def test_slices_of_one_patient_add_no_certainty():
    values = np.random.default_rng(0).random(30)
    once = summarise(values, np.arange(30), n=400, seed=1).mean
    four_times = summarise(np.repeat(values, 4), np.repeat(np.arange(30), 4), n=400, seed=1).mean
    assert four_times.high - four_times.low == pytest.approx(once.high - once.low)


@pytest.mark.parametrize(
    ("call", "found"),
    [
        (lambda: dice(np.zeros((2, 2)), np.zeros((2, 3))), r"shape \(2, 2\) predicted and \(2, 3\) true"),
        (lambda: dice(np.full((2, 2), 2), np.zeros((2, 2))), "predicted: found values other than 0 and 1"),
        (lambda: iou(np.zeros((2, 2)), np.full((2, 2), np.nan)), "true: found values other than 0 and 1"),
        (lambda: dice([], []), r"shape \(0,\)"),
        (lambda: volume_error(np.ones((2, 2)), np.ones((2, 2)), (1, 1, 1)), "2 axes and 3 spacings"),
        (lambda: volume_error(np.ones(2), np.ones(2), (1,)), "1 axes"),
        (lambda: volume_error(np.ones((2, 2)), np.ones((2, 2)), (1, 0)), r"spacing_mm: found \(1.0, 0.0\)"),
        (lambda: dice_of_patients(np.ones((2, 2)), np.ones((2, 2)), ["a"]), "1 in patients, 2 in predicted"),
        (lambda: summarise([None, None], ["a", "b"], seed=1), "undefined in all of 2 cases"),
        (lambda: summarise([0.5], ["a", "b"], seed=1), "1 in values, 2 in patients"),
    ],
)
def test_what_cannot_be_compared_is_refused(call, found):
    with pytest.raises(ValueError, match=found):
        call()
