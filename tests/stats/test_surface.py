import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import distance_transform_edt
from scipy.spatial.distance import cdist, directed_hausdorff

from secondread.stats.surface import edge, surface_distances, surface_measures


@pytest.fixture
def cubes():
    """A cube of ten voxels a side, and the same two voxels further along the first axis."""
    predicted, true = np.zeros((2, 16, 16, 16), dtype=bool)
    predicted[2:12, 3:13, 3:13] = True
    true[4:14, 3:13, 3:13] = True
    return predicted, true


def regions(seed, shape):
    """Two blobs that touch the border of the picture now and then, never empty."""
    random = np.random.default_rng(seed)
    pair = random.random((2, *shape)) < random.uniform(0.1, 0.9)
    pair[:, *(side // 2 for side in shape)] = True
    return pair


some = st.builds(
    regions, st.integers(0, 2**32 - 1), st.sampled_from([(1, 6), (7, 5), (12, 12), (4, 5, 6), (1, 4, 4), (6, 6, 6)])
)


@pytest.mark.parametrize(
    ("spacing", "tolerance", "hd95", "assd", "nsd"),
    [
        ((1, 1, 1), 1, 2.0, 0.688525, 0.721311),
        ((1, 1, 1), 2, 2.0, 0.688525, 1.0),
        ((2.5, 0.7, 0.7), 1, 5.0, 1.381148, 0.647541),
        ((2.5, 0.7, 0.7), 2, 5.0, 1.381148, 0.688525),
    ],
)
def test_the_shifted_cube_has_the_distances_that_were_published(cubes, spacing, tolerance, hd95, assd, nsd):
    found = surface_measures(*cubes, spacing, tolerance)
    assert found.hausdorff_mm == hd95
    assert found.hd95_mm == hd95
    assert found.assd_mm == pytest.approx(assd, abs=5e-7)
    assert found.nsd == pytest.approx(nsd, abs=5e-7)


@pytest.mark.filterwarnings("ignore:.*has been deprecated:FutureWarning")
def test_monai_measures_the_same(cubes):
    torch = pytest.importorskip("torch")
    metrics = pytest.importorskip("monai.metrics")
    pairs = [(cubes, (2.5, 0.7, 0.7)), (regions(5, (14, 11)), (0.8, 1.3)), (regions(3, (6, 7, 8)), (3.0, 1.0, 0.5))]
    for pair, spacing in pairs:
        predicted, true = (torch.from_numpy(mask)[None, None].float() for mask in pair)
        ours = surface_measures(*pair, spacing, tolerance_mm=1.1)
        options = {"include_background": True, "spacing": spacing}
        hd95 = metrics.compute_hausdorff_distance(predicted, true, percentile=95, **options)
        assd = metrics.compute_average_surface_distance(predicted, true, symmetric=True, **options)
        nsd = metrics.compute_surface_dice(predicted, true, class_thresholds=[1.1], **options)
        assert ours.hd95_mm == pytest.approx(hd95.item(), rel=1e-5)
        assert ours.assd_mm == pytest.approx(assd.item(), rel=1e-5)
        assert ours.nsd == pytest.approx(nsd.item(), rel=1e-5)


@settings(max_examples=40)
@given(some, st.floats(0.2, 4))
def test_the_distances_are_those_of_every_edge_pixel_to_every_other(pair, step):
    spacing = (step, 1.0, 0.7)[: pair[0].ndim]
    found = surface_distances(*pair, spacing)
    mine, theirs = (np.argwhere(edge(region)) * spacing for region in pair)
    table = cdist(mine, theirs)
    np.testing.assert_allclose(found.to_true, table.min(axis=1), atol=1e-9)
    np.testing.assert_allclose(found.to_predicted, table.min(axis=0), atol=1e-9)
    witness = max(directed_hausdorff(mine, theirs)[0], directed_hausdorff(theirs, mine)[0])
    assert found.hausdorff_mm == pytest.approx(witness)


@settings(max_examples=40)
@given(some)
def test_an_edge_pixel_is_one_whose_neighbour_across_a_side_is_outside(pair):
    padded = np.pad(pair[0], 1)
    steps_out = distance_transform_edt(padded)[(slice(1, -1),) * pair[0].ndim]
    np.testing.assert_array_equal(edge(pair[0]), steps_out == 1)


@settings(max_examples=40)
@given(some, st.floats(0, 6))
def test_order_mirrors_and_empty_margins_do_not_change_a_distance(pair, tolerance):
    axes = pair[0].ndim
    spacing = (2.0, 0.9, 0.5)[:axes]
    first = surface_measures(*pair, spacing, tolerance)
    others = (
        surface_measures(pair[1], pair[0], spacing, tolerance),
        surface_measures(*(np.flip(region, axes - 1) for region in pair), spacing, tolerance),
        surface_measures(*(np.pad(region, 3) for region in pair), spacing, tolerance),
    )
    for other in others:
        for name in ("hausdorff_mm", "hd95_mm", "assd_mm", "nsd"):
            assert getattr(other, name) == pytest.approx(getattr(first, name))


@settings(max_examples=40)
@given(some, st.floats(0.25, 8))
def test_distances_grow_with_the_pixel_and_rank_as_they_must(pair, size):
    axes = pair[0].ndim
    small, large = (surface_measures(*pair, (step,) * axes, step) for step in (1.0, size))
    assert large.hd95_mm == pytest.approx(small.hd95_mm * size)
    assert large.assd_mm == pytest.approx(small.assd_mm * size)
    assert large.nsd == small.nsd
    assert 0 <= small.hd95_mm <= small.hausdorff_mm
    assert 0 <= small.assd_mm <= small.hausdorff_mm


@settings(max_examples=20)
@given(some)
def test_a_region_lies_on_itself(pair):
    found = surface_measures(pair[0], pair[0], (1.0,) * pair[0].ndim, 0)
    assert (found.hausdorff_mm, found.hd95_mm, found.assd_mm, found.nsd) == (0, 0, 0, 1)


def test_every_edge_is_within_the_largest_distance_and_more_tolerance_never_costs():
    found = surface_distances(*regions(1, (20, 20)), (1.0, 1.0))
    shares = [found.within(tolerance) for tolerance in (0, 0.5, 1, 1.5, 2, found.hausdorff_mm)]
    assert shares == sorted(shares)
    assert shares[-1] == 1


def test_a_distance_that_equals_the_tolerance_is_within_it():
    first, second = np.zeros((2, 1, 8), dtype=bool)
    first[0, 0], second[0, 3] = True, True
    assert 3 * 0.7 != 2.1
    assert math.isclose(3 * 0.7, 2.1)
    assert surface_measures(first, second, (1, 0.7), 2.1).nsd == 1
    assert surface_measures(first, second, (1, 0.7), 2.099).nsd == 0


def test_hd95_forgives_a_stray_pixel_and_hausdorff_does_not():
    true = np.zeros((60, 60), dtype=bool)
    true[10:50, 10:50] = True
    predicted = true.copy()
    predicted[0, 0] = True
    found = surface_measures(predicted, true, (1, 1), 1)
    assert found.hd95_mm == 0
    assert found.hausdorff_mm == pytest.approx(math.hypot(10, 10))


def test_without_a_region_there_is_no_distance():
    nothing, something = np.zeros((4, 4)), np.eye(4)
    for pair in ((nothing, something), (something, nothing), (nothing, nothing)):
        found = surface_measures(*pair, (1, 1), 1)
        assert found.hausdorff_mm is found.hd95_mm is found.assd_mm is found.nsd is None


@pytest.mark.parametrize(
    ("call", "found"),
    [
        (lambda: surface_distances(np.ones((2, 2)), np.ones((2, 3)), (1, 1)), "predicted and"),
        (lambda: surface_distances(np.ones((2, 2)), np.ones((2, 2)), (1, 1, 1)), "2 axes and 3 spacings"),
        (lambda: surface_distances(np.ones((2, 2)), np.ones((2, 2)), (1, -1)), "spacing_mm"),
        (lambda: surface_measures(np.ones((2, 2)), np.ones((2, 2)), (1, 1), -1), "tolerance_mm: found -1"),
    ],
)
def test_what_cannot_be_measured_is_refused(call, found):
    with pytest.raises(ValueError, match=found):
        call()
