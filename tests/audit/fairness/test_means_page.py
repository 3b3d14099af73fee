"""The printed page of an outline's audit."""

import numpy as np
import pytest

from secondread.audit.fairness.means import Values, audit_means
from secondread.audit.fairness.means_page import means_page
from secondread.learn.page.setting import as_html


@pytest.fixture(scope="module")
def dice():
    random = np.random.default_rng(2)
    site = np.repeat(["A", "B", "C", ""], (20, 20, 3, 2))
    values = np.clip(np.where(site == "A", 0.9, 0.7) + 0.05 * random.normal(size=45), 0.0, 1.0)
    return audit_means(Values("toy, tumour", "made up", "Dice", values, np.arange(45), {"site": site}, resamples=100))


@pytest.mark.parametrize(
    ("language", "small", "lowest"),
    [
        ("en", "site C: 3 cases of 3 patients", "Lowest mean Dice: site B"),
        ("ko", "기관 C: 환자 3명의 증례 3건", "가장 낮은 평균 Dice: 기관 B"),
    ],
)
def test_it_names_the_lowest_group_and_what_was_too_small(dice, language, small, lowest):
    html = as_html(means_page(dice, language))
    assert small in html
    assert lowest in html
    assert html.count("<svg") == 2
    assert ">20/20</text>" in html
