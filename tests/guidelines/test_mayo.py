"""The Mayo model against worked cases. Source: clinical reference, section 1.3."""

from dataclasses import replace

import pytest

from secondread.guidelines.mayo import Solitary, log_odds, mayo

CASES = [
    ((60, True, False, 10, False, False), -2.4155, 0.081998),
    ((65, True, False, 20, True, True), 0.8785, 0.706511),
    ((45, False, False, 5, False, False), -4.4307, 0.011766),
    ((70, True, True, 15, False, True), 0.7351, 0.675923),
]
NODULE = Solitary(*CASES[0][0])


@pytest.mark.parametrize(("given", "x", "p"), CASES)
def test_the_model_gives_the_worked_probabilities(given, x, p):
    nodule = Solitary(*given)
    assert log_odds(nodule) == pytest.approx(x, abs=5e-5)
    assert mayo(nodule).value == pytest.approx(p, abs=5e-7)
    assert (mayo(nodule).unit, mayo(nodule).warnings) == ("1", ())


@pytest.mark.parametrize("name", list(Solitary.__dataclass_fields__))
def test_what_is_missing_is_named(name):
    assert mayo(replace(NODULE, **{name: None})).reason == f"not computable: {name} is not known"


@pytest.mark.parametrize(("mm", "warned"), [(3.9, True), (4, False), (30, False), (30.1, True)])
def test_outside_four_to_thirty_millimetres_it_warns(mm, warned):
    assert bool(mayo(replace(NODULE, diameter_mm=mm)).warnings) is warned


@pytest.mark.parametrize("change", [{"age_years": float("inf")}, {"diameter_mm": -2}])
def test_what_cannot_be_true_is_refused(change):
    with pytest.raises(ValueError, match=next(iter(change))):
        mayo(replace(NODULE, **change))
