"""What a T1-weighted series of the whole brain tells."""

import numpy as np
import pytest

from phantoms.brain_mr import seen, volume_of
from secondread.measure.brain_mr import BrainMr, brain_mr, ventricles
from secondread.measure.brain_mr_t1 import depth_over_rim, evans_of, parenchyma


@pytest.fixture(scope="module")
def weighted() -> BrainMr:
    phantom, _, _ = seen()
    return brain_mr(volume_of(phantom.t1, phantom.steps), phantom.brain)


def test_white_matter_is_brighter_than_the_rim_on_t1_alone(weighted: BrainMr) -> None:
    _, flair, _ = seen()
    assert depth_over_rim(weighted) > 1.2
    assert depth_over_rim(flair) < 1.08


def test_the_share_of_tissue_is_that_of_the_phantom(weighted: BrainMr) -> None:
    phantom, _, _ = seen()
    share, fluid = parenchyma(weighted)
    assert share.value == pytest.approx(1.0 - phantom.fluid.sum() / phantom.brain.sum(), abs=0.03)
    assert fluid.unit == "mL"


def test_the_evans_index_is_that_of_the_phantom(weighted: BrainMr) -> None:
    index = evans_of(weighted, ventricles(weighted))
    assert index is not None
    assert index.value == pytest.approx(39.0 / 140.0, abs=0.03)


def test_without_horns_there_is_no_index(weighted: BrainMr) -> None:
    assert evans_of(weighted, np.zeros_like(weighted.inside)) is None
