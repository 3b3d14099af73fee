"""The analysis of reader studies against the published one of the Van Dyke data.

Reference: output of JAFROC 4.2.1 (Chakraborty) for these ratings, Wilcoxon area, analysis of Dorfman, Berbaum, Metz and
Hillis, which is equal to that of Obuchowski and Rockette; powers: RJafroc, SsPowerGivenJK and SsSampleSizeKGivenJ.
"""

from pathlib import Path

import numpy as np
import pytest

from secondread.audit.reader_study.table import ratings_of
from secondread.stats.mrmc import Components, against_one, mrmc
from secondread.stats.reader_figures import Figures, roc_figures
from secondread.stats.reader_power import cases_needed, power

VAN_DYKE = Path(__file__).parents[1] / "data" / "mrmc" / "van_dyke.csv"


@pytest.fixture(scope="module")
def figures():
    found = ratings_of(VAN_DYKE)
    return roc_figures(found.values, found.diseased)


@pytest.fixture(scope="module")
def analysis(figures):
    return mrmc(figures)


def test_the_areas_are_those_published(figures):
    published = [
        [0.91964573, 0.85877615, 0.90386474, 0.97310787, 0.82979065],
        [0.94782609, 0.90531403, 0.92173910, 0.99935585, 0.92995167],
    ]
    assert figures.values == pytest.approx(np.array(published), abs=5e-8)


def test_the_variance_components_are_those_published(analysis):
    parts = analysis.components
    found = (parts.reader, parts.modality_reader, parts.cov1, parts.cov2, parts.cov3, parts.error)
    published = (0.00153500, 0.00020040, 0.00034661, 0.00034407, 0.00023903, 0.00080229)
    assert found == pytest.approx(published, abs=5.1e-9)


@pytest.mark.parametrize(
    ("number", "f", "ddf", "p", "ends"),
    [
        (0, 4.46, 15.26, 0.0517, (-0.08796, 0.00036)),
        (1, 5.48, 113.0, 0.0210, (-0.08088, -0.00672)),
        (2, 8.70, 4.0, 0.0420, (-0.08502, -0.00258)),
    ],
    ids=["readers and cases", "cases", "readers"],
)
def test_each_test_and_interval_is_the_published_one(analysis, number, f, ddf, p, ends):
    test, apart = analysis.tests[number], analysis.differences[number]
    assert (round(test.f, 2), round(test.ddf, 2), round(test.p, 4)) == (f, ddf, p)
    assert (round(apart.interval.value, 5), round(apart.p, 4)) == (-0.04380, p)
    assert (round(apart.interval.low, 5), round(apart.interval.high, 5)) == ends
    assert apart.to == test.to


def test_the_mean_of_each_modality_has_the_published_interval(analysis):
    ends = [(one.value, one.low, one.high) for one in analysis.modalities]
    published = [(0.89703703, 0.82522361, 0.96885046), (0.94083734, 0.89413784, 0.98753684)]
    assert np.array(ends) == pytest.approx(np.array(published), abs=2e-7)


@pytest.mark.parametrize(("cases", "published"), [(112, 0.5555789), (111, 0.5526116)])
def test_the_power_is_that_published(analysis, cases, published):
    found = power(analysis.components, 114, readers=6, cases=cases, effect=0.04380032206)
    assert found.power == pytest.approx(published, abs=2e-6)


def test_the_cases_needed_are_those_published(analysis):
    found = cases_needed(analysis.components, 114, readers=6, effect=0.04380032206)
    assert found is not None
    assert found.cases == 251
    fewer = power(analysis.components, 114, readers=6, cases=250, effect=0.04380032206)
    assert fewer.power < 0.8 <= found.power


def test_readers_who_differ_too_much_cannot_be_outnumbered_by_cases():
    parts = Components(reader=0.0, modality_reader=0.01, error=1e-4, cov1=0.0, cov2=0.0, cov3=0.0)
    assert cases_needed(parts, 100, readers=3, effect=0.01) is None


def test_modalities_that_are_equal_are_found_different_in_one_study_of_twenty():
    rng, low = np.random.default_rng(20), []
    y = np.repeat([0, 1], 40)
    for _ in range(300):
        of_case = rng.normal(size=80)
        of_reader = rng.normal(size=(1, 4, 80))
        scores = of_case + 0.7 * of_reader + rng.normal(size=(2, 4, 80)) + 1.5 * y
        low.append(mrmc(roc_figures(scores, y)).tests[0].p < 0.05)
    assert 0.015 <= np.mean(low) <= 0.085  # 300 studies of a true 0.05: 0.025 below and above hold 95 %


def test_a_program_that_reads_as_one_of_the_people_does_not_differ_from_them():
    rng = np.random.default_rng(5)
    y = np.repeat([0, 1], 60)
    scores = (rng.normal(size=120) + rng.normal(size=(1, 6, 120))) + 2.0 * y
    apart, p = against_one(roc_figures(scores, y))
    assert apart.low < 0.0 < apart.high
    assert p > 0.05


def test_a_program_that_is_worse_than_all_people_is_found_so():
    rng = np.random.default_rng(5)
    y = np.repeat([0, 1], 60)
    scores = rng.normal(size=(1, 6, 120)) + 2.0 * y
    scores[0, 0] = rng.normal(size=120)
    apart, p = against_one(roc_figures(scores, y))
    assert apart.low > 0.2
    assert p < 0.001


def test_an_interval_ends_where_an_area_does_and_says_so():
    wide = Figures(np.array([[0.99, 0.8, 0.95], [0.5, 0.6, 0.55]]), np.diag([0.01] * 6), 20)
    found = mrmc(wide)
    assert found.modalities[0].high == 1.0
    assert "cut" in found.modalities[0].method
    assert "cut" not in found.modalities[1].method


def test_one_reader_or_one_modality_is_refused():
    with pytest.raises(ValueError, match="at least two of each"):
        mrmc(Figures(np.full((1, 3), 0.8), np.eye(3), 50))
    with pytest.raises(ValueError, match="a program and two people"):
        against_one(Figures(np.full((1, 2), 0.8), np.eye(2), 50))
