from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from secondread.accept.ct_content import in_hu, regions_shown
from secondread.core.geometry import Geometry
from secondread.core.volume import Volume

AIR, FAT, SOFT, LUNG, BONE = -1000.0, -90.0, 40.0, -850.0, 900.0
STEP = (5.0, 2.0, 2.0)


def places(high: float, deep: float, wide: float) -> tuple[NDArray[np.float64], ...]:
    """Distances in mm from the middle, up, back and to the left, of a grid of ``STEP``."""
    shape = [round(mm / step) for mm, step in zip((high, deep, wide), STEP, strict=True)]
    return tuple(
        np.moveaxis((np.arange(n) - (n - 1) / 2) * mm, 0, 0).reshape([-1 if axis == k else 1 for k in range(3)])
        for axis, (n, mm) in enumerate(zip(shape, STEP, strict=True))
    )


def volume(values: NDArray[np.float64], *, noise: float = 15.0, seed: int = 0) -> Volume:
    noisy = values + np.random.default_rng(seed).normal(0.0, noise, values.shape)
    affine = np.zeros((4, 4))
    affine[2, 0], affine[1, 1], affine[0, 2], affine[3, 3] = (*STEP, 1.0)
    return Volume(noisy.clip(-1024, 3000).astype(np.float32), Geometry(values.shape, affine), "HU")


def trunk(high: float = 300.0, lungs: float = 0.0, *, arms: bool = False) -> NDArray[np.float64]:
    """An oval trunk with a spine; ``lungs`` is their height in mm from the top."""
    up, back, left = places(high, 320.0, 440.0)
    values = np.full(np.broadcast_shapes(up.shape, back.shape, left.shape), AIR)
    values[np.broadcast_to((left / 170.0) ** 2 + (back / 115.0) ** 2 < 1.0, values.shape)] = FAT
    values[np.broadcast_to((left / 155.0) ** 2 + (back / 100.0) ** 2 < 1.0, values.shape)] = SOFT
    values[np.broadcast_to(np.hypot(left, back - 70.0) < 18.0, values.shape)] = BONE
    if lungs:
        middle = high / 2 - lungs / 2
        for side in (-75.0, 75.0):
            inside = ((left - side) / 55.0) ** 2 + (back / 75.0) ** 2 + ((up - middle) / (lungs / 2)) ** 2 < 1.0
            values[inside] = LUNG
    if arms:
        values[np.broadcast_to(np.hypot(np.abs(left) - 200.0, back) < 18.0, values.shape)] = SOFT
    return values


def head() -> NDArray[np.float64]:
    """A skull of 7 mm around a brain, open at the bottom of the scan."""
    up, back, left = places(170.0, 260.0, 260.0)
    far = (left / 74.0) ** 2 + (back / 92.0) ** 2 + ((up + 30.0) / 100.0) ** 2
    values = np.full(far.shape, AIR)
    values[far < 1.0], values[far < 0.9], values[far < 0.76] = SOFT, BONE, SOFT
    return values


def table(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The same on a table that does not touch it."""
    with_table = values.copy()
    with_table[:, -12:-9, 40:-40] = 100.0
    return with_table


CASES = [
    ("the chest alone", lambda: trunk(260.0, lungs=255.0), {"chest"}),
    ("chest and abdomen", lambda: trunk(500.0, lungs=250.0), {"chest", "abdomen"}),
    ("the abdomen", lambda: trunk(300.0), {"abdomen"}),
    ("the abdomen with arms beside it", lambda: trunk(300.0, arms=True), {"abdomen"}),
    ("the head", head, {"head"}),
    ("the head on a table", lambda: table(head()), {"head"}),
    ("the chest on a table", lambda: table(trunk(260.0, lungs=255.0)), {"chest"}),
    ("air", lambda: np.full((20, 60, 60), AIR), set()),
]


@pytest.mark.parametrize(("build", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_the_voxels_show_which_part_of_the_body_they_are(build, expected):
    shown = regions_shown(volume(build()))
    assert shown.regions == expected, shown.why
    assert shown.why.endswith(".")


@pytest.mark.parametrize("build", [lambda: trunk(500.0, lungs=250.0), head], ids=["trunk", "head"])
@pytest.mark.parametrize("axis", [0, 1, 2])
def test_it_does_not_matter_which_way_the_array_runs(build, axis):
    straight = volume(build())
    affine = straight.geometry.affine.copy()
    affine[:3, 3] += affine[:3, axis] * (straight.geometry.shape[axis] - 1)
    affine[:3, axis] *= -1.0
    flipped = Volume(np.flip(straight.values, axis).copy(), Geometry(straight.geometry.shape, affine), "HU")
    assert regions_shown(flipped).regions == regions_shown(straight).regions


def test_it_does_not_matter_which_axis_comes_first():
    straight = volume(trunk(500.0, lungs=250.0))
    turned = np.ascontiguousarray(straight.values.transpose(2, 0, 1))
    affine = straight.geometry.affine[:, [2, 0, 1, 3]]
    assert regions_shown(Volume(turned, Geometry(turned.shape, affine), "HU")).regions == {"chest", "abdomen"}


def test_noise_of_a_low_dose_changes_nothing():
    assert regions_shown(volume(trunk(260.0, lungs=255.0), noise=60.0)).regions == {"chest"}


def test_gas_of_the_bowel_is_no_chest():
    values = trunk(300.0)
    up, back, left = places(300.0, 320.0, 440.0)
    values[np.sqrt((left - 60.0) ** 2 + (back + 40.0) ** 2 + up**2) < 30.0] = AIR  # 113 mL
    assert regions_shown(volume(values)).regions == {"abdomen"}


def test_much_gas_of_the_bowel_is_no_chest_either():
    values = trunk(300.0)
    up, back, left = places(300.0, 320.0, 440.0)
    for side in (-70.0, 70.0):
        values[np.sqrt((left - side) ** 2 + (back + 30.0) ** 2 + up**2) < 38.0] = AIR  # 230 mL each
    assert regions_shown(volume(values)).regions == {"abdomen"}


@pytest.mark.parametrize(
    "seen", [(slice(30, 130), slice(60, 160)), (slice(0, 160), slice(45, 175))], ids=["heart", "sides"]
)
def test_a_chest_whose_lungs_are_cut_by_the_edge_of_the_picture_is_still_a_chest(seen):
    whole = volume(trunk(260.0, lungs=255.0))
    part = np.ascontiguousarray(whole.values[:, seen[0], seen[1]])
    assert regions_shown(Volume(part, Geometry(part.shape, whole.geometry.affine), "HU")).regions == {"chest"}


def test_air_between_the_arms_and_the_trunk_is_no_lung():
    values = trunk(300.0, arms=True)
    _, back, left = places(300.0, 320.0, 440.0)
    touching = (np.abs(left) > 160.0) & (np.abs(left) < 190.0) & (np.abs(back - 10.0) < 8.0)
    values[:20][np.broadcast_to(touching, values.shape)[:20]] = SOFT  # the arms lie on the hips
    assert regions_shown(volume(values)).regions == {"abdomen"}


def test_a_volume_that_is_not_in_hu_shows_nothing():
    shown = regions_shown(replace(volume(head()), unit="grey"))
    assert shown.regions == frozenset()
    assert "grey" in shown.why


def test_numbers_that_can_only_be_hu_are_taken_for_hu():
    hidden = replace(volume(head()), unit="grey")
    found = in_hu(hidden)
    assert found is not None
    assert found.unit == "HU"
    assert np.array_equal(found.values, hidden.values)
    assert in_hu(volume(head())) is not None


@pytest.mark.parametrize(
    "values",
    [
        np.random.default_rng(0).integers(0, 1200, (10, 40, 40)),  # MR
        np.random.default_rng(0).integers(24, 3000, (10, 40, 40)),  # CT stored without its intercept
        np.full((10, 40, 40), -1000),  # air alone
        np.random.default_rng(0).normal(0.0, 1.0, (10, 40, 40)),  # standardised
        np.where(np.arange(16000).reshape(10, 40, 40) % 2, -32768, 40),  # a marker for nothing
    ],
    ids=["MR", "shifted", "air", "standardised", "marker"],
)
def test_numbers_that_need_not_be_hu_are_not_taken_for_hu(values):
    grid = Geometry((10, 40, 40), np.eye(4))
    assert in_hu(Volume(values.astype(np.float32), grid, "grey")) is None


def test_another_unit_is_never_hu():
    assert in_hu(replace(volume(head()), unit="SUV")) is None
