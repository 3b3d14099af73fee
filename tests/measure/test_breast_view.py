from dataclasses import replace

import numpy as np
import pytest

from phantoms.mammogram import Cluster, mammogram
from secondread.core.image import Image
from secondread.measure import breast_place, breast_positioning
from secondread.measure.breast_outline import Turn, breast
from secondread.measure.breast_view import cluster_on_picture, enlarged, measured

AS_IT_IS = Turn(rows=False, columns=False)


def picture(view: str = "CC", spacing_mm: float = 0.1, **settings):
    phantom = mammogram(31, view=view, spacing_mm=spacing_mm, size_mm=(120.0, 90.0), **settings)
    values = (phantom.pixels / 4095.0).astype(np.float32)
    return phantom, Image(values, (spacing_mm, spacing_mm), "detector")


def outlined(view: str):
    return breast(picture(view, 0.25)[1], AS_IT_IS, muscle=view == "MLO")


def test_fine_pixels_are_averaged_and_their_cluster_lies_where_it_was_put():
    _, image = picture(spacing_mm=0.05, clusters=(Cluster(9, 0.7, at=(60.0, 30.0)),))
    found_in = breast(image, AS_IT_IS, muscle=False)
    view = measured(image, found_in)
    inside = cluster_on_picture(view.clusters[0], found_in, image)
    assert inside.shape == image.shape
    rows, columns = np.nonzero(inside)
    assert (rows.mean() * 0.05, columns.mean() * 0.05) == pytest.approx((60.0, 30.0), abs=2.5)


def test_on_coarse_pixels_no_spots_are_sought_and_without_their_size_no_masses_either():
    _, coarse = picture(spacing_mm=0.2)
    view = measured(coarse, breast(coarse, AS_IT_IS, muscle=False))
    assert view.spots is None
    assert view.masses is not None
    unknown = Image(coarse.values)
    view = measured(unknown, breast(unknown, AS_IT_IS, muscle=False))
    assert view.spots is None
    assert view.masses is None
    assert view.density.percent > 0


def test_a_region_is_enlarged_pixel_by_pixel():
    small = np.array([[True, False], [False, True]])
    assert enlarged(small, (4, 4)).tolist() == np.kron(small, np.ones((2, 2), bool)).tolist()


def test_a_place_is_told_by_third_half_and_distance_from_the_nipple():
    found = outlined("CC")
    nipple = [(n + 0.5) * step for n, step in zip(found.nipple, found.step_mm, strict=True)]
    high = (nipple[0] - 30.0, 15.0)
    assert breast_place.words(found, "CC", high, top_known=True).startswith("outer third, back half, ")
    assert breast_place.words(found, "CC", high, top_known=False).startswith("back half, ")
    near = (nipple[0], nipple[1] - 20.0)
    assert breast_place.words(found, "CC", near, top_known=True) == "middle third, front half, 20 mm from the nipple"
    with pytest.raises(ValueError, match="spacing"):
        breast_place.words(replace(found, step_mm=None), "CC", near, top_known=True)


def test_the_muscle_of_a_well_placed_oblique_view_reaches_the_nipple_line():
    found = outlined("MLO")
    assert found.muscle_reaches_mm() > 0
    assert "reaches the nipple line" in breast_positioning.muscle("L MLO", found)
    high = replace(found, muscle=found.muscle & (np.arange(len(found.muscle)) < 30)[:, None])
    assert "does not reach" in breast_positioning.muscle("L MLO", high)
    none = replace(found, muscle=np.zeros_like(found.muscle))
    assert "no edge" in breast_positioning.muscle("L MLO", none)
    unknown = replace(found, step_mm=None)
    assert "not measured" in breast_positioning.muscle("L MLO", unknown)


def test_the_nipple_line_runs_to_the_chest_wall_in_cc_and_to_the_muscle_in_mlo():
    cc, mlo = outlined("CC"), outlined("MLO")
    assert cc.nipple_line_mm() == pytest.approx(cc.nipple[1] * cc.step_mm[1])
    assert 0 < mlo.nipple_line_mm() < mlo.nipple[1] * mlo.step_mm[1]


def test_what_views_are_missing_and_how_deep_they_are_is_told():
    views = {("L", "CC"): outlined("CC"), ("L", "MLO"): outlined("MLO")}
    told = breast_positioning.notes(views)
    assert told[0] == "Missing of the four standard views: R CC, R MLO."
    assert any(note.startswith("L: the nipple lines of CC and MLO differ by") for note in told)
    assert "more than the usual 10 mm" in breast_positioning.depths("R", 80.0, 95.0)
