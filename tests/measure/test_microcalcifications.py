import numpy as np
import pytest

from phantoms.mammogram import Cluster, mammogram
from secondread.core.image import Image
from secondread.measure import microcalcifications
from secondread.measure.breast_outline import Turn, breast
from secondread.measure.breast_view import around, crowd, measured
from secondread.measure.microcalcifications import Spots, clusters, distribution, hull_area_mm2, spots

SMALL = {"size_mm": (120.0, 90.0)}
STEP = (0.1, 0.1)


def seen(**settings):
    phantom = mammogram(settings.pop("seed", 21), **{**SMALL, **settings})
    image = Image((phantom.pixels / 4095.0).astype(np.float32), STEP, "detector")
    return phantom, measured(image, breast(image, Turn(rows=False, columns=False), muscle=False))


def canvas(*grains: tuple[float, float, float], seed: int = 0):
    """Noise with Gaussian grains (row mm, column mm, height)."""
    rows, columns = np.mgrid[0:300, 0:300] * 0.1 + 0.05
    values = 0.3 + np.random.default_rng(seed).normal(0.0, 0.004, rows.shape)
    for row, column, height in grains:
        values += height * np.exp(-((rows - row) ** 2 + (columns - column) ** 2) / (2 * 0.12**2))
    return values.astype(np.float32)


EVERYWHERE = np.ones((300, 300), bool)


def as_spots(places) -> Spots:
    array = np.asarray(places, np.float64)
    return Spots(array, np.full(len(array), 9.0), np.full(len(array), 0.1))


def test_grains_are_found_where_they_lie():
    grains = [(8.05, 9.05, 0.08), (20.05, 15.05, 0.08), (12.05, 25.05, 0.08)]
    found = spots(canvas(*grains), EVERYWHERE, STEP)
    assert sorted(found.places_mm[:3].tolist()) == pytest.approx(np.array(sorted(g[:2] for g in grains)), abs=0.1)


def test_noise_alone_has_hardly_any_spot_and_no_cluster():
    found = spots(canvas(), EVERYWHERE, STEP)
    assert len(found.snr) <= 2
    assert clusters(found, (0.0, 0.0), 15000.0) == ()


def test_a_line_and_an_edge_are_no_spots():
    values = canvas()
    values[150:153, 50:250] += 0.06
    values[:, 280:] += 0.2
    assert len(spots(values, EVERYWHERE, STEP).snr) <= 4


def test_what_is_larger_than_a_grain_is_no_spot():
    rows, columns = np.mgrid[0:300, 0:300] * 0.1
    disc = 0.1 * (np.hypot(rows - 15, columns - 15) < 1.5)
    assert len(spots((canvas() + disc).astype(np.float32), EVERYWHERE, STEP).snr) <= 2


def test_nothing_is_sought_where_it_is_not_allowed():
    allowed = EVERYWHERE.copy()
    allowed[:, :150] = False
    found = spots(canvas((8.0, 9.0, 0.1), (8.0, 20.0, 0.1)), allowed, STEP)
    assert (found.places_mm[:, 1] >= 15.0).all()


def test_a_clear_cluster_is_found_counted_and_placed():
    phantom, view = seen(clusters=(Cluster(9, 0.6, at=(60.0, 30.0)),))
    assert len(view.clusters) == 1
    assert 7 <= view.clusters[0].count <= 10
    assert view.clusters[0].places_mm.mean(axis=0) == pytest.approx((60.0, 30.0), abs=2.5)
    assert view.clusters[0].distribution == "grouped"
    true = phantom.calcifications[0]
    assert view.clusters[0].long_mm == pytest.approx(np.linalg.norm(true[:, None] - true[None], axis=2).max(), abs=1.5)


@pytest.mark.parametrize("seed", range(4))
def test_a_breast_without_calcifications_has_no_cluster(seed):
    assert seen(seed=40 + seed, percent=30.0)[1].clusters == ()


def test_a_row_of_calcifications_is_linear():
    _, view = seen(clusters=(Cluster(9, 0.6, radius_mm=8.0, line=True, at=(60.0, 35.0)),))
    assert view.clusters[0].distribution == "linear"


def test_three_within_a_square_centimetre_are_a_cluster_and_two_or_scattered_ones_are_none():
    three = [(10.0, 10.0), (12.0, 10.0), (10.0, 13.0)]
    assert clusters(as_spots(three), (0.0, 0.0), 15000.0)[0].count == 3
    assert clusters(as_spots(three[:2]), (0.0, 0.0), 15000.0) == ()
    assert clusters(as_spots([(10.0, 10.0), (22.0, 10.0), (34.0, 10.0)]), (0.0, 0.0), 15000.0) == ()
    assert crowd(as_spots(three)) == 3
    assert crowd(as_spots(np.zeros((0, 2)))) == 0


def test_two_clusters_far_apart_are_two():
    first = [(10.0, 10.0), (12.0, 10.0), (10.0, 13.0)]
    second = [(60.0, 40.0), (62.0, 40.0), (60.0, 43.0), (61.0, 41.0)]
    assert [one.count for one in clusters(as_spots(first + second), (0.0, 0.0), 15000.0)] == [4, 3]


def test_the_order_of_spots_changes_nothing():
    places = np.random.default_rng(1).uniform(0, 20, (20, 2))
    one, other = (clusters(as_spots(p), (50.0, 80.0), 15000.0) for p in (places, places[::-1]))
    assert [c.count for c in one] == [c.count for c in other]
    assert [c.area_mm2 for c in one] == pytest.approx([c.area_mm2 for c in other])


@pytest.mark.parametrize(
    ("numbers", "word"),
    [
        ((5, 9.0, 6.0, 40.0, 80.0), "grouped"),
        ((4, 9.0, 6.0, 30.0, 80.0), "fewer than grouped"),
        ((6, 16.0, 2.0, 20.0, 80.0), "linear"),
        ((3, 16.0, 2.0, 20.0, 80.0), "fewer than grouped"),
        ((20, 40.0, 20.0, 600.0, 10.0), "segmental"),
        ((20, 40.0, 20.0, 600.0, 60.0), "regional"),
        ((20, 40.0, 38.0, 1200.0, 10.0), "regional"),
        ((200, 120.0, 90.0, 8000.0, 10.0), "diffuse"),
    ],
)
def test_the_distribution_follows_the_stated_rules(numbers, word):
    assert distribution(*numbers, 15000.0) == word


def test_the_area_is_that_of_the_convex_hull():
    assert hull_area_mm2(np.array([(0.0, 0.0), (0.0, 4.0), (3.0, 0.0)])) == pytest.approx(6.0)
    assert hull_area_mm2(np.array([(0.0, 0.0), (1.0, 1.0), (2.0, 2.0)])) == 0.0
    assert hull_area_mm2(np.array([(0.0, 0.0), (1.0, 1.0)])) == 0.0


def test_the_area_drawn_round_spots_holds_them_with_a_margin():
    places = np.array([(5.05, 5.05), (9.05, 7.05)])
    inside = around(places, (150, 150), STEP)
    assert all(inside[int(row / 0.1), int(column / 0.1)] for row, column in places)
    assert inside.sum() * 0.01 == pytest.approx(np.pi + 2 * np.hypot(4, 2), rel=0.05)


def test_one_spot_more_than_the_most_is_left_out(monkeypatch):
    monkeypatch.setattr(microcalcifications, "MOST_SPOTS", 2)
    found = spots(canvas((8.0, 9.0, 0.05), (20.0, 15.0, 0.1), (12.0, 25.0, 0.1)), EVERYWHERE, STEP)
    assert len(found.snr) == 2
    assert found.snr[0] >= found.snr[1]
