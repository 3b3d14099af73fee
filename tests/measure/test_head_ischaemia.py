"""Regions of ASPECTS, dark regions and the dense artery on heads with known changes."""

import pytest

from phantoms.head_ct import Blob, HeadCt, scanned
from secondread.guidelines.aspects import CODES
from secondread.measure.head import head_of, noise_hu, tissue_hu
from secondread.measure.head_aspects import Compared, compared, template
from secondread.measure.head_dense_vessel import vessels_of
from secondread.measure.head_hypodense import dark_regions
from secondread.measure.head_symmetry import Straight, frame_of, straight_of

# The template's levels lie 56 and 36 mm below the top of the skull's inside, which is 76 mm above the phantom's middle.
EARLY = Blob((-46.0, -8.0, 20.0), (20.0, 24.0, 9.0))


def straight(phantom: HeadCt) -> tuple[Straight, float, float]:
    head = head_of(scanned(phantom))
    frame = frame_of(head)
    assert frame is not None
    return straight_of(head, frame), tissue_hu(head), noise_hu(head)


def lower(phantom: HeadCt) -> dict[str, set[str]]:
    laid, brain, noise = straight(phantom)
    found: dict[str, set[str]] = {"left": set(), "right": set(), "": set()}
    for region in compared(laid, template(laid), brain, noise):
        found[region.lower].add(region.code)
    return found


def test_the_template_holds_the_ten_regions_of_the_score_on_both_sides_alike():
    laid, _, _ = straight(HeadCt())
    boxes = template(laid)
    assert set(boxes) == set(CODES)
    for box in boxes.values():
        left, right = box[..., 91:].sum(), box[..., :90].sum()
        assert left == pytest.approx(right, rel=0.1)


@pytest.mark.parametrize("phantom", [HeadCt(), HeadCt(yaw_deg=15.0, roll_deg=6.0)])
def test_a_head_alike_on_both_sides_has_no_lower_region(phantom):
    assert lower(phantom)[""] == set(CODES)


@pytest.mark.parametrize("turn", [0.0, 12.0])
def test_early_ischaemia_is_found_in_its_regions_and_on_its_side(turn):
    found = lower(HeadCt(yaw_deg=turn, change=((EARLY, -6.0),)))
    assert {"I", "M2"} <= found["right"]
    assert not found["right"] & {"M4", "M6", "M3"}
    assert found["left"] == set()


def test_a_change_smaller_than_three_hu_is_no_finding():
    assert lower(HeadCt(change=((EARLY, -2.0),)))["right"] == set()


def test_a_region_that_is_not_seen_is_not_called_alike():
    unseen = Compared("C", None, 30.0, 0.2)
    assert unseen.lower == ""


def test_an_old_infarct_has_its_volume_and_side_and_is_as_dark_as_fluid():
    hole = Blob((38.0, 40.0, 20.0), (13.0, 15.0, 13.0), 8.0)
    laid, brain, _ = straight(HeadCt(blobs=(hole,), roll_deg=6.0))
    (found,) = dark_regions(laid, brain)
    assert found.side == "left"
    assert found.fluid_like
    assert found.volume_ml == pytest.approx(hole.volume_ml, rel=0.25)


def test_ventricles_and_furrows_of_both_sides_are_no_infarct():
    laid, brain, _ = straight(HeadCt())
    assert dark_regions(laid, brain) == ()


def test_a_clot_in_one_artery_is_denser_than_the_other():
    clot = Blob((-22.0, -12.0, -2.0), (13.0, 3.0, 3.0), 58.0)
    laid, _, _ = straight(HeadCt(blobs=(clot,), step_mm=2.5))
    pair = vessels_of(laid)
    assert pair is not None
    assert pair.denser == "right"
    assert pair.ratio > 1.2
    same = vessels_of(straight(HeadCt(step_mm=2.5))[0])
    assert same is not None
    assert same.ratio < 1.1
