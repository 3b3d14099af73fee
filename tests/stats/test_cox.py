import math
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from secondread.stats.cox import cox
from secondread.stats.survival import concordance, log_rank


def cohort(seed, n=60, steps=12):
    """Tied and censored times that depend on the first of three covariates of different size."""
    rng = np.random.default_rng(seed)
    x = np.column_stack([rng.normal(50, 10, n), rng.integers(0, 2, n), rng.integers(0, 4, n) / 100])
    times = np.ceil(rng.exponential(steps / 2 * np.exp(-(x[:, 0] - 50) / 20)))
    return np.minimum(times, steps), (times <= steps) & (rng.random(n) < 0.8), x


def likelihood(times, events, x, beta, efron=True):
    """Partial log likelihood, written out event by event."""
    eta, total = x @ beta, 0.0
    for time in np.unique(times[events]):
        tied = events & (times == time)
        for place in range(tied.sum()):
            left = np.exp(eta[times >= time]).sum() - efron * place / tied.sum() * np.exp(eta[tied]).sum()
            total -= math.log(left)
        total += eta[tied].sum()
    return total


@pytest.mark.parametrize("ties", ["Efron", "Breslow"])
@pytest.mark.parametrize("seed", range(5))
def test_the_fit_is_where_the_likelihood_written_out_is_highest(ties, seed):
    times, events, x = cohort(seed)
    model = cox(times, events, x, ties=ties)
    beta = np.array([term.beta for term in model.terms])
    scale = x.std(axis=0)

    def loss(scaled):
        return -likelihood(times, events, x - x.mean(axis=0), scaled / scale, ties == "Efron")

    assert model.log_likelihood == pytest.approx(-loss(beta * scale), abs=1e-9)
    assert model.log_likelihood_null == pytest.approx(-loss(np.zeros(3)), abs=1e-9)
    assert minimize(loss, np.zeros(3)).x == pytest.approx(beta * scale, abs=1e-4)


def test_the_standard_error_is_the_curvature_of_the_likelihood():
    times, events, x = cohort(1)
    (term,) = cox(times, events, x[:, 0]).terms
    h = 1e-3
    at = [likelihood(times, events, x[:, :1] - 50, np.array([term.beta + k * h])) for k in (-1, 0, 1)]
    assert term.se == pytest.approx((-(at[0] - 2 * at[1] + at[2]) / h**2) ** -0.5, rel=1e-3)


def test_the_interval_is_walds_on_the_log_scale():
    term = cox(*cohort(2), level=0.9).terms[0]
    z = NormalDist().inv_cdf(0.95)
    assert math.log(term.hazard_ratio.low) == pytest.approx(term.beta - z * term.se)
    assert math.log(term.hazard_ratio.high) == pytest.approx(term.beta + z * term.se)
    assert term.p == pytest.approx(2 * NormalDist().cdf(-abs(term.beta / term.se)))


@given(st.integers(0, 50), st.randoms(use_true_random=False))
@settings(max_examples=25, deadline=None)
def test_the_order_of_the_cases_changes_nothing(seed, random):
    times, events, x = cohort(seed)
    order = random.sample(range(len(times)), len(times))
    before, after = cox(times, events, x), cox(times[order], events[order], x[order])
    assert [t.beta for t in after.terms] == pytest.approx([t.beta for t in before.terms], rel=1e-7)
    assert [t.se for t in after.terms] == pytest.approx([t.se for t in before.terms], rel=1e-7)
    assert after.concordance == before.concordance


@given(st.integers(0, 50), st.floats(0.01, 100), st.floats(-100, 100))
@settings(max_examples=25, deadline=None)
def test_the_unit_of_a_covariate_only_rescales_its_beta(seed, unit, zero):
    times, events, x = cohort(seed)
    (plain,), (other,) = cox(times, events, x[:, 0]).terms, cox(times, events, x[:, 0] * unit + zero).terms
    assert other.beta * unit == pytest.approx(plain.beta, rel=1e-6, abs=1e-9)
    assert other.p == pytest.approx(plain.p, rel=1e-6, abs=1e-9)


@given(st.integers(0, 50))
@settings(max_examples=25, deadline=None)
def test_only_the_order_of_the_times_matters(seed):
    times, events, x = cohort(seed)
    assert cox(times**2, events, x).terms == cox(times, events, x).terms


def test_without_ties_both_ways_agree_and_the_score_test_is_the_log_rank_test():
    rng = np.random.default_rng(3)
    times, events, group = rng.permutation(40), rng.random(40) < 0.7, rng.integers(0, 2, 40)
    model = cox(times, events, group)
    assert model.terms[0].beta == pytest.approx(cox(times, events, group, ties="Breslow").terms[0].beta)
    ratio = 2 * (model.log_likelihood - model.log_likelihood_null)
    assert ratio == pytest.approx(log_rank(times, events, group).chi2, rel=0.1)


def test_concordance_is_that_of_minus_the_risk():
    times, events, x = cohort(4)
    model = cox(times, events, x[:, 0])
    assert model.concordance == concordance(times, events, -np.sign(model.terms[0].beta) * x[:, 0])
    assert model.concordance > 0.5


@pytest.mark.parametrize(
    ("times", "events", "x", "words"),
    [
        ([1, 2, 3], [0, 0, 0], [1, 2, 3], "found no event among 3 cases"),
        ([1, 2, 3], [1, 1, 1], [7, 7, 7], "age: found 7 in every case"),
        ([1, 2, 3, 4], [1, 0, 1, 0], [0, 1, 0, 1], "age: found no event where it is 1"),
        ([1, 2, 3, 4, 5, 6], [1] * 6, [1, 1, 1, 0, 0, 0], "age: found no best log hazard ratio"),
        ([1, 2, 3, 4, 5, 6], [1] * 6, [6, 5, 4, 3, 2, 1], "age: found no best log hazard ratio"),
        ([1, 2, 3, 4], [0, 0, 1, 1], [1, 2, 3, 3], "do not differ"),
        ([1, 2, 3, 4, 5], [1] * 5, [1e-3, 0, 2e-3, 1e-3, 3e-3], "give the covariate in smaller units"),
        ([1, 2, 3], [1, 1, 1], [1, 2], "needed one for each case"),
        ([1, 2, 3], [1, 1, 1], [1, 2, np.inf], "needed finite numbers"),
    ],
)
def test_what_has_no_answer_is_refused_in_words(times, events, x, words):
    with pytest.raises(ValueError, match=words):
        cox(times, events, x, ["age"])


def test_covariates_that_follow_from_one_another_are_refused():
    times, events, x = cohort(5)
    both = np.column_stack([x[:, 0], x[:, 1], 3 * x[:, 0] - 2 * x[:, 1]])
    with pytest.raises(ValueError, match="follow from one another"):
        cox(times, events, both)


def test_each_covariate_needs_its_name():
    with pytest.raises(ValueError, match="found 2 names of 3 covariates"):
        cox(*cohort(6), ["age", "sex"])


def test_a_covariate_far_out_does_not_lead_the_search_astray():
    times, events, x = cohort(7, n=200)
    heavy = np.exp((x[:, 0] - 50) / 3)
    (term,) = cox(times, events, heavy).terms
    near = [likelihood(times, events, heavy[:, None], np.array([term.beta * k])) for k in (0.99, 1, 1.01)]
    assert near[1] == max(near)
