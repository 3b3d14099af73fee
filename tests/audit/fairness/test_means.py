"""Means by group, against Welch's test."""

import numpy as np
import pytest
from scipy.stats import ttest_ind

from secondread.audit.fairness.entry import means_entry
from secondread.audit.fairness.means import Values, audit_means


def values(**more):
    random = np.random.default_rng(3)
    site = np.repeat(["A", "B", "C", ""], (60, 60, 4, 6))
    dice = np.clip(np.where(site == "A", 0.85, 0.70) + 0.1 * random.normal(size=130), 0.0, 1.0)
    whole = {"name": "toy", "source": "made up", "measure": "Dice", "values": dice, "patients": np.arange(130)}
    return Values(**whole | {"groups": {"site": site}, "resamples": 1000} | more)


def test_a_mean_is_that_of_its_cases_and_the_gap_that_of_the_z_test():
    one, found = values(), audit_means(values())
    dice, site = one.values, one.groups["site"]
    judged = {group.name: group.mean for group in found.judged}
    assert judged["A"].value == pytest.approx(dice[site == "A"].mean())
    gap = next(gap for gap in found.gaps if gap.group == "A")
    rest = (site == "B") | (site == "C")
    assert gap.difference.value == pytest.approx(dice[site == "A"].mean() - dice[rest].mean())
    error = np.sqrt(dice[site == "A"].var(ddof=1) / 60 + dice[rest].var(ddof=1) / 64)
    assert gap.difference.high - gap.difference.low == pytest.approx(2 * 1.96 * error, rel=0.15)
    assert gap.raised.holm < 0.05
    assert ttest_ind(dice[site == "A"], dice[rest], equal_var=False).pvalue < 0.05


def test_few_patients_have_no_mean_however_many_pictures_they_have():
    owner = np.where(np.arange(130) < 60, np.arange(130) % 4, np.arange(130))
    found = audit_means(values(patients=owner))
    assert {group.name for group in found.judged} == {"B"}
    assert found.unstated == {"site": 6}
    assert found.worst.name == "B"


def test_as_plain_data_what_is_not_judged_is_null():
    entry = means_entry(audit_means(values()))
    means = {group["group"]: group["mean"] for group in entry["groups"]}
    assert means["C"] is None
    assert means["A"][1] <= means["A"][0] <= means["A"][2]
