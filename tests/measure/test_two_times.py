"""What became of lesions whose truth is known, whichever way the arrays run."""

from dataclasses import replace

import numpy as np
import pytest

from secondread.core.geometry import Geometry
from secondread.core.volume import Volume
from secondread.measure.growth import Scan
from secondread.measure.lesion_change import SAME_DAY, UNKNOWN_DAYS, change_of, days_between, is_thick
from secondread.measure.lesions_of_time import brightness_at, outlined_again
from secondread.measure.match_lesions import lesion_of
from secondread.measure.told_changes import finding_of
from secondread.measure.two_times import Times, fates
from secondread.prepare.register import Rigid, rotated

LEVEL = -400.0
AFFINE = np.diag([2.0, 1.5, 1.5, 1.0])[[2, 1, 0, 3]]
GRID = Geometry((40, 60, 60), AFFINE)
MOTION = np.eye(4)
MOTION[:3, :3], MOTION[:3, 3] = rotated(np.radians((2.0, 3.0, -4.0))), (4.0, -6.0, 3.0)
GROWING, STABLE, NEW, GONE = (
    ((20, 25, 20), 4.0, 6.0),
    ((60, 60, 50), 5.0, 5.0),
    ((30, 70, 60), 0, 4.0),
    ((65, 20, 25), 5.0, 0),
)


def scene(grid, balls, motion=None):
    """A tissue-like texture with balls of soft tissue; with a motion, seen from the moved person."""
    place = grid.world(np.indices(grid.shape).transpose(1, 2, 3, 0))
    here = place if motion is None else (place - motion[:3, 3]) @ motion[:3, :3]
    values = -850.0 + 60.0 * np.sin(here[..., 0] / 6.0) * np.cos(here[..., 1] / 7.0) * np.sin(here[..., 2] / 5.0)
    for centre, radius in balls:
        away = np.linalg.norm(here - np.array(centre, float), axis=-1)
        values += np.clip(radius - away + 0.5, 0.0, 1.0) * (40.0 - values)
    volume = Volume(values.astype(np.float32), grid, "HU")
    lesions = []
    for centre, radius in balls:
        inside = (np.linalg.norm(here - np.array(centre, float), axis=-1) <= radius + 2.0) & (values > LEVEL)
        box = tuple(slice(int(n.min()), int(n.max()) + 1) for n in np.nonzero(inside))
        lesions.append(lesion_of(inside[box], box, grid, edge=(volume.values, LEVEL), kind="solid"))
    return volume, lesions


def two(lesions, grid=GRID):
    before = scene(grid, [(c, old) for c, old, _ in lesions if old], MOTION)
    after = scene(GRID, [(c, new) for c, _, new in lesions if new])
    return Times(before[0], after[0], Rigid(MOTION, 0.98, 1.0, (45.0, 45.0, 40.0))), before[1], after[1]


def told(times, before, after, days=180, thick=False):
    return {one.what: one for one in fates(times, before, after, days, thick=thick)}


def test_each_lesion_is_told_as_what_it_became():
    found = told(*two((GROWING, STABLE, NEW, GONE)))
    assert set(found) == {"growing", "unchanged", "new", "gone"}
    assert found["growing"].after_mm == pytest.approx(GROWING[0], abs=0.5)
    assert found["growing"].change.percent == pytest.approx(100 * (6**3 / 4**3 - 1), rel=0.15)
    assert found["growing"].change.size.doubling_time_days == pytest.approx(180 / np.log2(6**3 / 4**3), rel=0.1)
    assert found["growing"].apart_mm < 1.5
    assert found["new"].before_mm == pytest.approx(MOTION[:3, :3] @ NEW[0] + MOTION[:3, 3], abs=1.5)
    assert found["gone"].after_mm == pytest.approx(GONE[0], abs=1.5)


def test_the_way_the_earlier_array_runs_changes_nothing():
    flipped = np.array(AFFINE)
    flipped[:3, 3] = GRID.world((0, 59, 59))
    flipped[:3, 1] *= -1
    flipped[:3, 2] *= -1
    one, other = (told(*two((GROWING, STABLE, NEW, GONE), grid)) for grid in (GRID, Geometry(GRID.shape, flipped)))
    assert set(one) == set(other)
    assert one["growing"].change.percent == pytest.approx(other["growing"].change.percent, abs=1.0)


def test_what_is_seen_at_both_times_is_never_called_new_or_gone():
    times, before, after = two((GROWING, STABLE))
    found = told(times, before[1:], after)
    assert (found["unclear"].before, "new" in found) == (None, False)
    assert told(times, before, after[1:])["unclear"].after is None


def test_a_lesion_found_at_one_time_only_is_outlined_again_at_both_where_it_may_be():
    times, before, after = two((GROWING, STABLE))
    everywhere = replace(times, fields=(np.ones(GRID.shape, bool),) * 2)
    for one in (told(everywhere, before[1:], after), told(everywhere, before, after[1:])):
        assert one["growing"].again
        assert one["growing"].change.percent == pytest.approx(100 * (6**3 / 4**3 - 1), rel=0.2)
        assert one["growing"].after_mm == pytest.approx(GROWING[0], abs=1.0)


def test_what_has_no_end_is_not_outlined_again():
    values = np.full(GRID.shape, 40.0, np.float32)
    lesion = two((GROWING,))[2][0]
    assert outlined_again(Volume(values, GRID, "HU"), np.ones(GRID.shape, bool), lesion, lesion.centre_mm) is None
    assert (
        outlined_again(Volume(values, GRID, "HU"), np.ones(GRID.shape, bool), lesion, lesion.centre_mm + 999.0) is None
    )


def test_a_lesion_too_small_at_both_times_is_left_out():
    assert told(*two((STABLE, ((30, 70, 60), 0, 1.6)))).keys() == {"unchanged"}


def test_thick_slices_are_compared_by_diameter():
    change = told(*two((GROWING,)), thick=True)["growing"].change
    assert (change.by_volume, change.size.change_unit) == (False, "mm")
    assert change.rise_mm == pytest.approx(4.0, abs=0.8)


@pytest.mark.parametrize(("days", "reason"), [(None, UNKNOWN_DAYS), (0, SAME_DAY)])
def test_without_a_time_there_is_no_doubling_time_but_there_is_growth(days, reason):
    change = told(*two((GROWING,)), days=days)["growing"].change
    assert (change.grows, change.size.doubling_time_days, change.no_time) == (True, None, reason)


def test_a_finding_is_positive_for_growth_and_for_a_new_lesion_of_some_size_only():
    times, before, after = two((GROWING, STABLE, NEW, GONE))
    found = {k: finding_of(v, times, thick=False, nodules=True) for k, v in told(times, before, after).items()}
    assert {name for name, one in found.items() if one.positive} == {"growing", "new"}
    assert found["gone"].mask is None
    assert found["growing"].mask.inside.shape == GRID.shape
    centre = GRID.world(np.argwhere(found["growing"].mask.inside).mean(0))
    assert centre == pytest.approx(GROWING[0], abs=0.5)
    assert any("doubling time" in m.name for m in found["growing"].measurements)


def test_a_rise_within_noise_is_told_without_a_doubling_time():
    for thick in (False, True):
        times, before, after = two((((20, 25, 20), 5.0, 5.25),))
        (fate,) = fates(times, before, after, 180, thick=thick)
        finding = finding_of(fate, times, thick=thick, nodules=True)
        assert not finding.positive
        assert "doubling" not in " ".join((*finding.notes, *(m.name for m in finding.measurements)))
        assert "noise" in finding.notes[1]


def test_days_are_counted_from_the_dates_and_never_guessed():
    assert days_between("20240102", "20240701") == 181
    assert days_between("20240701", "20240102") == -181
    assert (days_between("", "20240701"), days_between("2024", "20240701"), days_between("20241399", "20240701")) == (
        None,
    ) * 3


def test_slices_of_unknown_thickness_count_as_thick():
    assert [is_thick(Scan(mm, None, None)) for mm in (1.0, 2.5, 3.0, None)] == [False, False, True, True]


def test_a_size_within_noise_is_no_change():
    _, before, after = two((((20, 25, 20), 5.0, 5.2),))
    assert change_of(before[0], after[0], 90, thick=False).size.trend == "within noise"


def test_brightness_outside_of_a_volume_is_nothing():
    volume, _ = scene(GRID, [((20, 25, 20), 6.0)])
    assert brightness_at(volume, np.array([[20.0, 25.0, 20.0]]), LEVEL) == 1.0
    assert brightness_at(volume, np.array([[2000.0, 25.0, 20.0]]), LEVEL) == 0.0
    assert brightness_at(volume, np.array([[20.0, 25.0, 20.0]]), float("nan")) == 0.0
