import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secondread.stats.bootstrap import bootstrap
from secondread.stats.froc import (
    RATES,
    FrocCurve,
    at_mark_threshold,
    froc,
    froc_interval,
    froc_statistic,
    threshold_for_rate,
)
from secondread.stats.marks import Marks, hits_in_mask


def one(scores, hits=None, patient="p"):
    """One picture; ``hits`` names the lesion each mark hits, -1 for none, then the number of lesions."""
    lesions, k = hits or ([-1] * len(scores), 0)
    return Marks(scores, np.array(lesions)[:, None] == np.arange(k), patient)


def study(seed, pictures=8):
    """Pictures with 0 to 3 lesions and 0 to 5 marks, scores often tied, two pictures a patient."""
    random = np.random.default_rng(seed)
    made = []
    for number in range(pictures):
        k, m = int(random.integers(0, 4)), int(random.integers(0, 6))
        hits = random.integers(-1, k, m) if k else np.full(m, -1)
        made.append(Marks(random.integers(1, 9, m) / 10, hits[:, None] == np.arange(k), f"p{number // 2}"))
    return [*made, one([0.45, 0.35], ([0, -1], 2), "q")]  # one lesion found, one missed, one false mark


studies = st.builds(study, st.integers(0, 2**32 - 1))


def count_at(marks, threshold):
    """Lesions found and false marks, counted one by one."""
    found = wrong = 0
    for picture in marks:
        shown = picture.hits[picture.scores >= threshold]
        found += sum(any(column) for column in shown.T.tolist())
        wrong += sum(not any(row) for row in shown.tolist())
    return found, wrong


def test_the_mean_over_the_seven_rates_is_the_one_published():
    curve = FrocCurve(
        np.array([0.0, *RATES]), np.array([0, 0.60, 0.70, 0.80, 0.85, 0.90, 0.92, 0.95]), np.arange(8.0)[::-1]
    )
    assert curve.mean() == pytest.approx(0.817143, abs=5e-7)


@settings(max_examples=50)
@given(studies)
def test_every_corner_is_what_counting_one_by_one_gives(marks):
    curve = froc(marks)
    lesions = sum(picture.hits.shape[1] for picture in marks)
    for rate, sensitivity, threshold in zip(*(getattr(curve, name) for name in curve.__slots__), strict=True):
        found, wrong = count_at(marks, threshold)
        assert sensitivity == pytest.approx(found / lesions)
        assert rate == pytest.approx(wrong / len(marks))
    assert (np.diff(curve.false_marks) >= 0).all()
    assert (np.diff(curve.sensitivity) >= 0).all()


@pytest.mark.parametrize("seed", range(5))
def test_monai_draws_the_same_curve(seed):
    monai = pytest.importorskip("monai.metrics")
    random = np.random.default_rng(seed)
    marks, false, right, lesions = [], [], [], 0
    for number in range(6):
        grid = np.zeros((12, 12), dtype=np.int64)
        grid[1:4, 1:5], grid[6:10, 7:11] = 1, 2
        places, scores = random.integers(0, 12, (9, 2)), random.random(9).astype(np.float32)
        marks.append(Marks(scores, hits_in_mask(places, grid), f"p{number}"))
        wrong, best, targets = monai.compute_fp_tp_probs(scores, places[:, 0], places[:, 1], grid)
        false, right, lesions = [*false, *wrong], [*right, *best], lesions + targets
    marks.append(one([], ([], 1), "q"))  # a missed lesion: without one MONAI leaves out the last point of the curve
    witness = monai.compute_froc_curve_data(np.array(false), np.array([*right, 0.0]), lesions + 1, 7)
    assert froc(marks).mean(RATES) == pytest.approx(monai.compute_froc_score(*witness, eval_thresholds=RATES))


def test_a_second_mark_on_a_lesion_is_neither_true_nor_false():
    alone = [one([0.9, 0.5], ([0, -1], 2))]
    twice = [one([0.9, 0.8, 0.7, 0.5], ([0, 0, 0, -1], 2))]
    for marks in (alone, twice):
        curve = froc(marks)
        assert curve.sensitivity.tolist() == [0, 0.5, 0.5]
        assert curve.false_marks.tolist() == [0, 0, 1]


def test_false_marks_are_counted_over_all_pictures_normal_ones_too():
    ill = [one([0.9, 0.8], ([0, -1], 1))]
    normal = [one([]), one([]), one([])]
    assert froc(ill).false_marks[-1] == 1
    assert froc(ill + normal).false_marks[-1] == 0.25


def test_between_corners_the_curve_is_straight_and_beyond_the_last_it_stays():
    curve = froc([one([0.9, 0.8, 0.8, 0.1], ([0, -1, 1, -1], 3))])
    assert curve.at(0) == pytest.approx(1 / 3)
    assert curve.at(0.5) == pytest.approx(1 / 2)
    assert curve.at(1) == curve.at(2) == curve.at(8) == pytest.approx(2 / 3)


def test_where_the_curve_climbs_straight_up_its_upper_end_counts():
    curve = froc([one([0.9, 0.8, 0.7], ([-1, 0, 1], 2))])
    assert curve.at(0) == 0
    assert curve.at(0.999) == 0
    assert curve.at(1) == 1


def test_a_patient_is_found_by_any_lesion_on_any_picture():
    marks = [
        one([0.2], ([0], 2), "a"),
        one([0.9], ([0], 1), "a"),
        one([0.5], ([-1], 1), "b"),
        one([0.3], None, "c"),
    ]
    curve = froc(marks, unit="patient")
    assert curve.sensitivity.tolist() == [0, 0.5, 0.5, 0.5]
    assert curve.thresholds.tolist() == [np.inf, 0.9, 0.5, 0.3]
    assert froc(marks).sensitivity[-1] == 0.5


@settings(max_examples=50)
@given(studies, st.floats(0, 2))
def test_the_threshold_for_a_rate_is_the_lowest_that_keeps_to_it(marks, rate):
    threshold = threshold_for_rate(marks, rate)
    assert count_at(marks, threshold)[1] / len(marks) <= rate
    lower = [s for picture in marks for s in picture.scores.tolist() if s < threshold]
    if lower:
        found, wrong = count_at(marks, max(lower))
        assert wrong / len(marks) > rate or (found, wrong) == count_at(marks, threshold)


def test_no_false_mark_at_all_may_mean_no_mark_at_all():
    marks = [one([0.9, 0.8], ([-1, 0], 1))]
    assert threshold_for_rate(marks, 0) == np.nextafter(0.9, 1)
    assert threshold_for_rate(marks, 1) == 0.8


@settings(max_examples=20)
@given(studies, st.sampled_from([0.05, 0.35, 0.5, 0.9]))
def test_at_a_threshold_everything_is_counted(marks, threshold):
    point = at_mark_threshold(marks, threshold, n=20, seed=1)
    assert (point.lesions_found, point.false_marks) == count_at(marks, threshold)
    assert point.images == len(marks)
    assert point.sensitivity.value == pytest.approx(point.lesions_found / point.lesions)
    assert point.false_marks_per_image.value == pytest.approx(point.false_marks / len(marks))
    ill = {picture.patient for picture in marks if picture.hits.shape[1]}
    hit = {picture.patient for picture in marks if picture.hits[picture.scores >= threshold].any()}
    assert (point.patients, point.patients_found) == (len(ill), len(hit))


def test_normal_pictures_alone_have_false_marks_but_no_sensitivity():
    point = at_mark_threshold([one([0.9, 0.2], patient="a"), one([], patient="b")], 0.5, n=50, seed=1)
    assert point.sensitivity is point.patient_sensitivity is None
    assert point.false_marks_per_image.value == 0.5


@settings(max_examples=10)
@given(studies, st.sampled_from(["lesion", "patient"]))
def test_drawing_by_weight_is_drawing_the_pictures_themselves(marks, unit):
    statistic = froc_statistic(marks, (0.25, 1.0), unit)
    drawn = np.random.default_rng(0).integers(0, len(marks), len(marks))
    if unit == "patient":  # pictures of a patient are drawn together, and twice drawn is two patients
        drawn = np.concatenate([np.arange(len(marks)), np.arange(len(marks))])
    copies = [
        Marks(marks[k].scores, marks[k].hits, f"{marks[k].patient} {n // len(marks)}") for n, k in enumerate(drawn)
    ]
    if any(picture.hits.shape[1] for picture in copies):
        assert statistic(drawn) == pytest.approx(froc(copies, unit).mean((0.25, 1.0)))


def test_the_interval_is_that_of_drawing_whole_patients():
    marks = study(3, pictures=30)
    ours = froc_interval(marks, (1.0,), n=60, seed=4)
    patients = [picture.patient for picture in marks]
    slow = bootstrap(lambda of: froc([marks[k] for k in of]).at(1.0), patients, np.arange(31), n=60, seed=4)
    assert (ours.value, ours.low, ours.high) == pytest.approx((slow.value, slow.low, slow.high))
    assert ours.method == slow.method
    assert ours.value == froc(marks).at(1.0)


@pytest.mark.parametrize(
    ("call", "found"),
    [
        (lambda: froc([]), "no picture"),
        (lambda: froc([one([0.5])]), "no lesion on 1 pictures"),
        (lambda: froc([one([0.5])], unit="scan"), "unit: found 'scan'"),
        (lambda: froc(study(1)).at(-1), "rate: found -1"),
        (lambda: froc_interval([one([0.5])], seed=1), "undefined on these data"),
        (lambda: threshold_for_rate([one([])], 1), "no mark on 1 pictures"),
        (lambda: threshold_for_rate(study(1), np.nan), "rate: found nan"),
        (lambda: at_mark_threshold(study(1), np.inf, seed=1), "threshold: found inf"),
    ],
)
def test_what_cannot_be_judged_is_refused(call, found):
    with pytest.raises(ValueError, match=found):
        call()
