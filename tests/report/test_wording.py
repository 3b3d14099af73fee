"""Numbers and sentences as a person reads them."""

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import fakes
from report_desk import PNEUMONIA, corner_map
from secondread.core.card import Threshold
from secondread.core.finding import Finding
from secondread.core.measurement import UCUM, Measurement
from secondread.core.report import Outcome, Priority
from secondread.report import wording

SHARES = st.floats(0.0, 1.0)


@given(SHARES, st.integers(0, 3))
def test_a_percentage_is_near_the_share_and_never_certain(share, digits):
    shown = wording.percent(share, digits)
    number = float(re.search(r"[\d.]+", shown).group())
    assert 0.0 < number < 100.0
    assert abs(number - 100.0 * share) <= 10.0**-digits + 1e-9


@given(st.floats(1e-6, 1 - 1e-6), st.floats(1e-6, 1 - 1e-6))
def test_two_different_numbers_are_not_printed_alike(probability, threshold):
    assume(abs(probability - threshold) > 1e-6)
    one, other = wording.percents(probability, threshold)
    assert one != other or (one == other and one.startswith(("more", "less")))


def test_a_headline_names_what_was_found_and_only_that(desk):
    other = Finding(PNEUMONIA, 0.1, 0.5)
    read = desk.read(Outcome.FOUND, findings=(desk.finding(), other))
    assert wording.headline(read) == "Found: Pneumonia"


@given(st.floats(1e-3, 1e6) | st.floats(-1e6, -1e-3))
def test_three_digits_stay_within_half_a_percent(value):
    assert float(wording.three_digits(value)) == pytest.approx(value, rel=0.005)


def test_every_unit_in_use_prints_as_people_write_it():
    printed = {unit: wording.amount(Measurement("size", 2.0, unit, "by hand")) for unit in UCUM}
    assert printed["[hnsf'U]"] == "2.00 HU"
    assert printed["1"] == "2"  # a count
    assert printed["mm2"] == "2.00 mm²"
    assert not [text for text in printed.values() if re.search(r"[\[\]{}']", text)]


def test_every_priority_has_its_words():
    assert set(wording.PRIORITIES) == set(Priority)


def test_a_finding_judged_by_no_threshold_of_the_card_expects_nothing():
    card = fakes.card(results={"sensitivity": "0.9"}, thresholds=(Threshold("pneumonia", 0.5, "half"),))
    assert wording.operating_point(Finding(PNEUMONIA, 0.7, 0.6), card) is None
    assert wording.expected(None, card) == ()
    assert wording.expected(card.thresholds[0], card) == (("sensitivity", "0.9"),)


def test_a_map_that_is_weak_everywhere_says_so():
    weak = corner_map()
    weak = type(weak)(weak.values * 0.4, weak.peak, weak.quantity)
    assert wording.where(weak) == "Its support is weak everywhere."
