from dataclasses import replace

import numpy as np
import pytest
from scipy import ndimage

import dicom_factory
from phantoms.breast_ultrasound import Phantom, flowing, grey, picture
from secondread.core.image import Image
from secondread.measure.doppler import find_box, find_flow, grey_beneath, is_coloured, rim_of, vascularity
from secondread.sources import load_colour, open_study

BOXED = Phantom(box=True)


@pytest.mark.parametrize(("where", "word"), [("core", "internal"), ("rim", "rim"), ("", "absent")])
def test_flow_is_said_to_lie_where_it_was_drawn(where, word):
    phantom = replace(BOXED, flow=where)
    found = vascularity(find_flow(picture(phantom)), phantom.inside(), phantom.pixel_mm)
    assert found.word == word
    assert found.boxed == 1.0


def test_the_index_is_the_share_of_the_lesion_with_flow():
    phantom = replace(BOXED, flow="core")
    found = vascularity(find_flow(picture(phantom)), phantom.inside(), phantom.pixel_mm)
    truth = flowing(phantom)[phantom.inside()].mean()
    assert found.inside == pytest.approx(truth, abs=0.01)
    assert found.rim == pytest.approx(0.0, abs=1e-3)


def test_scale_and_letters_are_coloured_and_no_flow():
    for phantom in (BOXED, replace(BOXED, flow="rim")):
        flow = find_flow(picture(phantom))
        assert flow.coloured.sum() > 1000
        assert not (flow.flow & ~ndimage.binary_dilation(flowing(phantom), iterations=2)).any()


def test_without_a_box_scale_and_letters_are_still_left_out_but_absence_is_not_said():
    rgb = picture(BOXED)
    plain = picture(replace(BOXED, box=False, flow="rim"))  # coloured, without any frame
    rgb = np.where(is_coloured(rgb)[..., None], rgb, plain[..., :1])
    flow = find_flow(rgb.astype(np.uint8))
    assert flow.box is None
    assert not flow.flow.any()
    assert vascularity(flow, BOXED.inside(), BOXED.pixel_mm).word is None


def test_flow_without_a_box_is_still_flow():
    phantom = Phantom(flow="core")
    found = vascularity(find_flow(picture(phantom)), phantom.inside(), phantom.pixel_mm)
    assert found.word == "internal"
    assert found.boxed is None
    assert "No Doppler box" in found.rule


def test_absence_is_not_said_of_a_lesion_that_lies_partly_outside_the_box():
    rgb = picture(BOXED)
    beside = np.roll(BOXED.inside(), -60, axis=1)
    found = vascularity(find_flow(rgb), beside, BOXED.pixel_mm)
    assert found.word is None
    assert "partly outside" in found.rule


def test_a_slanted_box_is_found():
    rgb = np.zeros((200, 240, 3), np.uint8)
    rows = np.arange(40, 161)
    for start in (60, 160):
        for row in rows:
            rgb[row, start + (row - 40) // 3 - 1 : start + (row - 40) // 3 + 1] = 255
    rgb[40, 59:161], rgb[160, 99:201] = 255, 255
    box = find_box(rgb)
    assert box is not None
    assert box.sum() == pytest.approx(120 * 99, rel=0.05)
    assert box[100, 130]
    assert not box[100, 60]


def test_a_mirrored_picture_has_the_same_flow_mirrored():
    rgb = picture(replace(BOXED, flow="rim"))
    assert np.array_equal(np.fliplr(find_flow(rgb).flow), find_flow(np.fliplr(rgb)).flow)


def test_coloured_lines_of_an_open_box_are_no_flow_even_where_flow_touches_them():
    phantom = Phantom(flow="core")
    rgb = picture(phantom)
    columns = np.flatnonzero(flowing(phantom).any(0))
    rgb[:, columns[0] : columns[0] + 1], rgb[:, columns[-1] : columns[-1] + 1] = (30, 90, 220), (30, 90, 220)
    found = find_flow(rgb)
    assert found.box is None
    assert not (found.flow & ~ndimage.binary_dilation(flowing(phantom), iterations=2)).any()
    assert found.flow.sum() == pytest.approx(flowing(phantom).sum(), rel=0.05)


def test_vessels_of_a_real_power_doppler_picture_lie_in_its_box_and_not_in_its_scales():
    path = dicom_factory.shared("pydicom-data").parent
    file = next(path.rglob("US1_UNCR.dcm"))
    image = load_colour(open_study(file).series[0])
    assert isinstance(image, Image)
    assert image.rgb is not None
    found = find_flow(image.rgb)
    assert found.is_doppler
    assert found.scale
    assert found.box is not None
    rows, columns = (np.flatnonzero(found.box.any(axis)) for axis in (1, 0))
    assert (rows[0], rows[-1], columns[0], columns[-1]) == pytest.approx((150, 293, 89, 546), abs=6)
    assert not found.flow[:, :80].any()
    assert not found.flow[:, 560:].any()
    assert 0.15 < found.flow[found.box].mean() < 0.25


def test_a_doppler_picture_shows_flow_or_a_box_with_a_scale_and_coloured_letters_make_none():
    assert find_flow(picture(BOXED)).is_doppler
    assert find_flow(picture(Phantom(flow="core"))).is_doppler
    rgb = np.repeat(grey(Phantom())[..., None], 3, -1)
    assert not find_flow(rgb).is_doppler
    rgb[:20], rgb[40:44, 20:60] = (40, 60, 110), (255, 220, 0)  # a banner and a word
    assert not find_flow(rgb).is_doppler
    rgb[[60, 200], 60:201], rgb[60:201, [60, 200]] = 255, 255  # a frame without a scale is a zoom, not a Doppler box
    assert find_flow(rgb).box is not None
    assert not find_flow(rgb).is_doppler


def test_grey_and_faint_tints_are_no_colour():
    plain = np.full((8, 8, 3), 120, np.uint8)
    tinted = plain + np.array([0, 6, 12], np.uint8)
    assert not is_coloured(plain).any()
    assert not is_coloured(tinted).any()
    assert is_coloured(plain * 0 + np.array([200, 40, 20], np.uint8)).all()


def test_the_rim_reaches_a_tenth_of_the_diameter_to_either_side():
    phantom = Phantom(width_mm=12.0, depth_mm=12.0)
    rim = rim_of(phantom.inside(), phantom.pixel_mm)
    assert np.array_equal(rim & ~phantom.inside(), phantom.inside(1.2) & ~phantom.inside()) or (
        (rim ^ (phantom.inside(1.2) & ~phantom.inside(0.8))).mean() < 0.003
    )


def test_the_grey_beneath_is_that_of_the_surroundings_and_leaves_the_rest_alone():
    phantom = replace(BOXED, flow="core")
    flow = find_flow(picture(phantom))
    values = picture(phantom).mean(-1).astype(np.float32) / 255
    filled = grey_beneath(values, flow.hidden)
    far = ~ndimage.binary_dilation(flow.hidden, np.ones((3, 3)))
    assert np.array_equal(filled[far], values[far])
    core = flowing(phantom)
    ring = phantom.inside(0.9) & ~phantom.inside(0.6)
    assert filled[core].mean() == pytest.approx(values[ring].mean(), abs=0.05)
    assert np.array_equal(grey_beneath(values, np.zeros_like(core)), values)
    assert np.array_equal(grey_beneath(values, np.ones_like(core)), values)
