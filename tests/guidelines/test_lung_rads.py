"""Lung-RADS v2022, row by row. Source: clinical reference, section 1.5."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secondread.guidelines.lung_rads import ORDER, OTHER, Nodule, grew, lung_rads, lung_rads_exam

BEFORE = Nodule(
    screening=True,
    kind="solid",
    seen="before",
    mean_diameter_mm=6.0,
    prior_mean_diameter_mm=6.0,
    months_since_prior=6,
    prior_category="3",
)


def first(kind, seen, mm, part=None, **more):
    return lung_rads(
        Nodule(screening=True, kind=kind, seen=seen, mean_diameter_mm=mm, solid_part_mm=part, **more)
    ).value


def again(**change):
    return lung_rads(replace(BEFORE, **change))


@pytest.mark.parametrize(
    ("seen", "mm", "category"),
    [
        ("baseline", 5.9, "2"), ("baseline", 6.0, "3"), ("baseline", 7.9, "3"), ("baseline", 8.0, "4A"),
        ("baseline", 14.9, "4A"), ("baseline", 15.0, "4B"),
        ("new", 3.9, "2"), ("new", 4.0, "3"), ("new", 5.9, "3"), ("new", 6.0, "4A"), ("new", 7.9, "4A"),
        ("new", 8.0, "4B"),
    ],
)  # fmt: skip
def test_a_solid_nodule_is_classed_by_its_size(seen, mm, category):
    assert first("solid", seen, mm) == category


@pytest.mark.parametrize(("mm", "category"), [(5.94, "2"), (5.95, "3"), (14.95, "4B")])
def test_sizes_are_tenths_of_a_millimetre_with_halves_up(mm, category):
    assert first("solid", "baseline", mm) == category


@pytest.mark.parametrize(
    ("seen", "mm", "part", "category"),
    [
        ("baseline", 5.9, 2.0, "2"), ("baseline", 7.0, 5.9, "3"), ("baseline", 7.0, 6.0, "4A"),
        ("baseline", 9.0, 7.9, "4A"), ("baseline", 9.0, 8.0, "4B"),
        ("new", 5.9, 3.9, "3"), ("new", 6.0, 3.9, "4A"), ("new", 6.0, 4.0, "4B"),
    ],
)  # fmt: skip
def test_a_part_solid_nodule_is_classed_by_its_solid_part(seen, mm, part, category):
    assert first("part-solid", seen, mm, part) == category


def test_where_two_rows_fit_the_higher_is_taken_and_said():
    ruling = lung_rads(Nodule(screening=True, kind="part-solid", seen="new", mean_diameter_mm=5.5, solid_part_mm=4.5))
    assert ruling.value == "4B"
    assert "the higher row was taken" in ruling.warnings[0]


@pytest.mark.parametrize(
    ("seen", "mm", "category"),
    [("baseline", 29.9, "2"), ("new", 29.9, "2"), ("baseline", 30.0, "3"), ("new", 30.0, "3")],
)
def test_ground_glass_is_classed_at_thirty_millimetres(seen, mm, category):
    assert first("non-solid", seen, mm) == category


def test_large_ground_glass_that_is_stable_or_grows_slowly_is_benign():
    for now in (31.0, 31.9):
        ruling = again(kind="non-solid", prior_mean_diameter_mm=31.0, mean_diameter_mm=now)
        assert (ruling.value, ruling.warnings) == ("2", ())
    grown = again(kind="non-solid", prior_mean_diameter_mm=31.0, mean_diameter_mm=34.0)
    assert grown.value == "3"
    assert "no row" in grown.warnings[0]


@pytest.mark.parametrize(
    ("prior", "now", "months", "grown"),
    [
        (6.0, 7.5, 6, False), (6.0, 7.6, 11, True), (6.0, 7.6, 12, True), (6.0, 7.6, 24, False),
        (6.0, 9.1, 24, True), (6.0, 5.0, 6, False), (6.04, 7.55, 6, True),
    ],
)  # fmt: skip
def test_growth_is_more_than_a_millimetre_and_a_half_within_twelve_months(prior, now, months, grown):
    assert grew(prior, now, months) is grown


@given(st.floats(1, 50), st.floats(1, 24))
def test_two_cubic_millimetres_are_no_growth(mm, months):
    assert not grew(mm, (mm**3 + 6 * 2 / 3.141592653589793) ** (1 / 3), months)


@pytest.mark.parametrize(("now", "category"), [(7.6, "4A"), (7.9, "4A"), (8.0, "4B")])
def test_a_solid_nodule_that_grows_is_suspicious(now, category):
    assert again(mean_diameter_mm=now, months_since_prior=11).value == category


@pytest.mark.parametrize(("part", "category"), [(3.9, "4A"), (4.0, "4B")])
def test_a_solid_part_that_grows_is_suspicious(part, category):
    ruling = again(kind="part-solid", mean_diameter_mm=7.0, prior_mean_diameter_mm=7.0,
                   prior_solid_part_mm=2.0, solid_part_mm=part)  # fmt: skip
    assert ruling.value == category


def test_what_steps_down_although_it_rose_a_little_is_labelled():
    ruling = again(mean_diameter_mm=7.5)
    assert ruling.value == "2"
    assert ruling.warnings[0].startswith("unverified: ")
    assert again(mean_diameter_mm=6.0).warnings == ()


@pytest.mark.parametrize(
    ("prior", "months", "category"),
    [
        ("3", 6, "2"), ("3", 5.5, "2"), ("3", 5.4, "3"), ("3", 3, "3"),
        ("4A", 3, "3"), ("4A", 6, "3"), ("4A", 2, "4A"),
        ("4B", 12, "4B"), ("4X", 12, "4X"), ("2", 12, "2"), ("1", 12, "2"),
    ],
)  # fmt: skip
def test_a_stable_nodule_steps_down_at_its_own_ct_and_by_one_step(prior, months, category):
    mm = 9.0 if prior.startswith("4") else 6.5
    ruling = again(prior_category=prior, months_since_prior=months, mean_diameter_mm=mm, prior_mean_diameter_mm=mm)
    assert ruling.value == category


def test_a_work_up_that_shows_a_benign_cause_steps_down():
    assert again(prior_category="4B", proven_benign=True).value == "2"
    assert again(prior_category="3", months_since_prior=3, proven_benign=True).value == "3"


def test_crossing_a_size_limit_counts_without_growth():
    ruling = again(prior_mean_diameter_mm=7.5, mean_diameter_mm=8.2)
    assert ruling.value == "4A"
    assert ruling.warnings == ("in a higher size band without growth",)
    assert again(prior_mean_diameter_mm=5.8, mean_diameter_mm=6.2, prior_category="2").value == "3"


def test_slow_growth_over_several_exams_is_suspicious_but_not_of_ground_glass():
    assert again(slow_growth=True).value == "4B"
    assert again(slow_growth=True, kind="non-solid").value == "2"
    assert "slow growth" in again(mean_diameter_mm=7.8, months_since_prior=24).warnings[-1]


def test_a_smooth_nodule_at_the_pleura_is_benign_under_ten_millimetres():
    assert first("solid", "baseline", 9.9, juxtapleural=True) == "2"
    assert first("solid", "baseline", 10.0, juxtapleural=True) == "4A"
    assert first("solid", "new", 7.0, juxtapleural=True) == "2"
    assert again(juxtapleural=True, mean_diameter_mm=8.5).value == "4B"  # it grows
    assert again(juxtapleural=True, prior_category="2", prior_mean_diameter_mm=7.5, mean_diameter_mm=8.2).value == "2"


@pytest.mark.parametrize(("mm", "category"), [(5.0, "2"), (6.0, "4X"), (9.0, "4X"), (20.0, "4X")])
def test_suspicious_features_raise_only_categories_three_and_four(mm, category):
    ruling = lung_rads(Nodule(screening=True, kind="solid", seen="baseline", mean_diameter_mm=mm, suspicious=True))
    assert ruling.value == category
    assert bool(ruling.warnings) is (category == "2")


@given(st.floats(1, 40), st.floats(1, 40), st.floats(1, 40), st.sampled_from(ORDER))
def test_a_nodule_that_is_larger_now_is_never_in_a_lower_category(prior, now, larger, category):
    now, larger = sorted((now, larger))
    low, high = (
        again(prior_mean_diameter_mm=prior, mean_diameter_mm=mm, prior_category=category).value for mm in (now, larger)
    )
    assert ORDER.index(low) <= ORDER.index(high)


@pytest.mark.parametrize(
    ("category", "advice"),
    [("2", "12 months"), ("3", "6 months"), ("4A", "3 months"), ("4B", "work-up"), ("4X", "work-up")],
)
def test_every_category_has_its_management(category, advice):
    assert advice in lung_rads_exam([category], screening=True).advice


def test_outside_screening_it_says_nothing():
    for ruling in (lung_rads(Nodule(screening=False)), lung_rads_exam([], screening=False)):
        assert ruling.reason.startswith("not applicable: only for screening")
    assert lung_rads_exam([], screening=None).reason == "not computable: screening is not known"


@pytest.mark.parametrize(
    "name",
    ["screening", "kind", "seen", "mean_diameter_mm", "prior_mean_diameter_mm", "months_since_prior", "prior_category"],
)
def test_what_is_missing_is_named(name):
    assert again(**{name: None}).reason == f"not computable: {name} is not known"


def test_a_part_solid_nodule_needs_its_solid_part():
    assert again(kind="part-solid").reason == "not computable: solid_part_mm, prior_solid_part_mm are not known"


@pytest.mark.parametrize(
    "change",
    [{"mean_diameter_mm": 0.0}, {"months_since_prior": float("nan")}, {"seen": "later"}, {"prior_category": "5"},
     {"kind": "ground glass"}, {"solid_part_mm": 7.0}],
)  # fmt: skip
def test_what_cannot_be_true_is_refused(change):
    with pytest.raises(ValueError, match=next(iter(change))):
        again(**change)


def test_an_exam_is_as_suspicious_as_its_most_suspicious_nodule():
    assert lung_rads_exam(["2", "4A", "3"], screening=True).value == "4A"
    assert lung_rads_exam([], screening=True).value == "1"
    assert lung_rads_exam(["2"], screening=True, other_finding=True).value == "2S"
    with pytest.raises(ValueError, match="categories: found '5'"):
        lung_rads_exam(["5"], screening=True)


@pytest.mark.parametrize("why", ["prior_pending", "lung_not_evaluable", "suspected_infection"])
def test_an_incomplete_exam_is_category_zero_and_says_what_was_seen(why):
    ruling = lung_rads_exam(["2", "4B"], screening=True, **{why: True})
    assert ruling.value == "0"
    assert ruling.warnings == ("incomplete, although what was seen is category 4B",)
    assert "1 to 3 months" in ruling.advice


def test_findings_without_a_size_have_categories_of_the_table():
    assert set(OTHER.values()) <= set(ORDER)
    assert OTHER["airway nodule, subsegmental"] == "2"
    assert OTHER["airway nodule, segmental or proximal"] == "4A"
    assert OTHER["airway nodule, segmental or proximal, persistent or growing"] == "4B"
    assert OTHER["thick-walled cyst with growing cystic part"] == "3"
    assert OTHER["multilocular cyst"] == OTHER["thick-walled cyst"] == "4A"
