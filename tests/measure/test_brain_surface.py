"""The balloon that finds a brain."""

import numpy as np
import pytest

from phantoms.brain_mr import head, seen
from secondread.core.errors import GeometryError
from secondread.measure.brain_surface import brain_inside

LESION = (((10.0, 20.0, 40.0), 10.0),)


def dice(a: np.ndarray, b: np.ndarray) -> float:
    return float(2 * (a & b).sum() / (a.sum() + b.sum()))


def test_the_brain_is_found_inside_scalp_and_skull() -> None:
    phantom, brain, _ = seen()
    assert dice(brain.inside, phantom.brain) > 0.97


def test_a_bright_lesion_stays_inside_the_brain() -> None:
    phantom, brain, _ = seen(lesions=LESION)
    assert (brain.inside & phantom.lesion).sum() >= 0.98 * phantom.lesion.sum()


def test_a_brain_without_its_skull_is_found_as_well() -> None:
    phantom = head((5.0, 1.5, 1.5), skull=False)
    assert dice(brain_inside(phantom.t1, phantom.steps), phantom.brain) > 0.96


def test_the_unit_of_the_grey_does_not_matter() -> None:
    phantom = head((6.0, 2.0, 2.0))
    plain, scaled = (brain_inside(phantom.flair * factor, phantom.steps) for factor in (1.0, 64.0))
    assert np.array_equal(plain, scaled)


@pytest.mark.parametrize("size", [0.4, 2.0])
def test_what_is_too_small_or_too_large_for_a_brain_is_refused(size: float) -> None:
    phantom = head((6.0, 2.0, 2.0))
    with pytest.raises(GeometryError, match=r"needed (500 to 2200 mL|one of at least 20 cm2)|shows one"):
        brain_inside(phantom.flair, (6.0 * size, 2.0 * size, 2.0 * size))


def test_an_empty_volume_holds_no_brain() -> None:
    with pytest.raises(GeometryError, match="no head"):
        brain_inside(np.zeros((20, 40, 40), np.float32), (5.0, 4.0, 4.0))
