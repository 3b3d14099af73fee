"""Midline shift against heads of known shift: straight, turned, leaning, thin and thick slices."""

import numpy as np
import pytest

from phantoms.head_ct import HeadCt, scanned, septum_shift
from secondread.core.volume import Volume
from secondread.measure.head import head_of, tissue_hu
from secondread.measure.head_midline import Septum, septum_of
from secondread.measure.head_symmetry import frame_of, straight_of


def septum(volume: Volume) -> Septum | None:
    head = head_of(volume)
    frame = frame_of(head)
    assert frame is not None
    return septum_of(straight_of(head, frame), tissue_hu(head))


@pytest.mark.parametrize(
    "phantom",
    [
        HeadCt(step_mm=5.0),
        HeadCt(shift_mm=6.0, step_mm=5.0),
        HeadCt(shift_mm=-8.0, yaw_deg=15.0, roll_deg=10.0, step_mm=5.0),
        HeadCt(shift_mm=-5.0, yaw_deg=-12.0, roll_deg=8.0, pitch_deg=15.0, step_mm=2.5),
    ],
    ids=["straight", "shifted", "turned", "all-at-once"],
)
def test_the_shift_is_within_a_millimetre_of_the_truth(phantom):
    found = septum(scanned(phantom))
    assert found is not None
    assert found.shift.value == pytest.approx(septum_shift(phantom), abs=1.0)
    assert found.shift.uncertainty is not None
    assert found.shift.uncertainty >= 0.4


def test_a_septum_to_the_left_is_positive_and_its_mirror_image_negative():
    volume = scanned(HeadCt(shift_mm=6.0))
    mirrored = Volume(np.ascontiguousarray(volume.values[..., ::-1]), volume.geometry, "HU")
    left, right = septum(volume), septum(mirrored)
    assert left is not None
    assert right is not None
    assert left.shift.value > 5.0
    assert right.shift.value == pytest.approx(-left.shift.value, abs=0.3)


def test_without_ventricles_no_number_is_given():
    assert septum(scanned(HeadCt(ventricles=False))) is None
