from dataclasses import replace

import numpy as np
import pytest

import fakes
from phantoms import chest_ct as phantom
from secondread.accept import chest_ct
from secondread.core.clinical import Clinical
from secondread.core.geometry import Geometry
from secondread.core.reader import Case
from secondread.core.report import Refusal
from secondread.core.volume import Volume

WANTED = chest_ct.wanted(5.0, soft=True)


def case(volume, clinical=None):
    series = fakes.series(modality="CT", body_part="CHEST")
    return Case(fakes.study(series, age_years=None), (series,), (volume,), clinical or Clinical(age_years=60.0))


def checked(*of_case):
    """The verdict about a case, as every reader of chest CT asks for it."""
    return chest_ct.check(case(*of_case), None, fakes.card(), needs=WANTED)


def test_a_chest_in_hu_passes_and_one_without_its_unit_passes_with_a_warning():
    volume = phantom.plain().volume
    assert not isinstance(checked(volume), Refusal)
    told = checked(replace(volume, unit="grey"))
    assert any("taken for HU" in text for text in told)


@pytest.mark.parametrize(("age", "words"), [(None, "not known"), (9.0, "9 years")])
def test_an_age_that_is_unknown_or_that_of_a_child_is_told(age, words):
    told = checked(phantom.plain().volume, Clinical(age_years=age))
    assert any(words in text for text in told)


def test_what_is_no_ct_or_no_chest_is_refused():
    volume = phantom.plain().volume
    grey = Volume(np.abs(volume.values) / 4000.0, volume.geometry, "grey")
    assert checked(grey).reason == "content"
    belly = Volume(volume.values[:18], Geometry((18, *volume.values.shape[1:]), volume.geometry.affine), "HU")
    assert checked(belly).reason == "content"


def test_an_edge_of_the_lungs_is_no_chest_to_measure():
    volume = phantom.plain().volume
    edge = Volume(volume.values[14:26], Geometry((12, *volume.values.shape[1:]), volume.geometry.affine), "HU")
    found = chest_ct.lungs_of(case(edge))
    assert isinstance(found, Refusal)
    assert found.reason in {"field-of-view", "content"}
