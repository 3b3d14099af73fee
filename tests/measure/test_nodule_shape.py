import numpy as np
import pytest

from phantoms import chest_ct
from secondread.measure.nodule_outline import joined, pictures, turned_box
from secondread.measure.nodule_shape import shape_of


def read(axes=()):
    one = chest_ct.outlined(axes)
    return one.volume, one.lungs, one.candidates


def nodule(name, axes=()):
    return chest_ct.outlined(axes).nearest(name)


def shape(name):
    volume, lungs, _ = read()
    return shape_of(volume, nodule(name), lungs.both)


@pytest.mark.parametrize(
    ("name", "kind"),
    [("ball", "solid"), ("small", "solid"), ("spiky", "solid"), ("glass", "non-solid"), ("with a core", "part-solid")],
)
def test_what_it_is_made_of_follows_from_attenuation(name, kind):
    assert shape(name).kind == kind


def test_the_solid_part_is_as_large_as_it_is():
    assert shape("with a core").solid_mean_mm == pytest.approx(8.0, abs=0.8)
    assert shape("ball").solid_mean_mm is None


def test_spikes_bulges_and_smooth_edges_are_told_apart():
    assert shape("spiky").spiculated
    assert not shape("spiky").lobulated
    assert shape("bulging").lobulated
    assert not shape("bulging").spiculated
    assert shape("ball").spiculated is False
    assert shape("ball").lobulated is False


def test_the_margin_of_a_small_nodule_is_not_judged():
    assert shape("small").spiculated is None
    assert shape("small").lobulated is None


def test_a_ball_is_rounder_than_a_ball_with_bulges():
    assert shape("ball").sphericity == pytest.approx(1.0, abs=0.03)
    assert shape("bulging").sphericity < 0.97


def test_calcium_is_seen():
    assert shape("calcified").calcium_percent > 80.0
    assert shape("ball").calcium_percent == 0.0


def test_the_network_sees_the_nodule_in_the_middle_between_its_neighbours_in_the_grey_of_its_training():
    volume, _, _ = read()
    asked = pictures(volume, nodule("ball"), 64)
    box = turned_box(nodule("ball"), volume)
    assert asked.batch.shape == (box[0].stop - box[0].start + 2, 3, 64, 64)
    middle = asked.batch[asked.middle]
    assert middle[1, 28:36, 28:36].mean() * 255 == pytest.approx(121, abs=5)
    assert np.percentile(middle[1], 20) * 255 == pytest.approx(17, abs=5)
    assert np.array_equal(asked.batch[1, 0], asked.batch[0, 1])


def test_the_network_is_shown_the_same_however_the_array_runs():
    same = pictures(read()[0], nodule("ball"), 64).batch
    turned = pictures(read((0, 2))[0], nodule("ball", (0, 2)), 64).batch
    assert np.abs(same[same.shape[0] // 2] - turned[turned.shape[0] // 2]).mean() < 0.01


def test_pixels_it_was_not_taught_on_are_not_shown_to_it():
    volume = chest_ct.plain().volume  # 1.5 mm
    assert pictures(volume, nodule("ball"), 64) is None


def drawn_around(asked, one, volume, grow):
    """What a network would draw that marks the candidate ``grow`` pixels too wide."""
    from scipy import ndimage

    box = turned_box(one, volume)
    drawn = np.zeros((len(asked.batch), 64, 64), np.bool_)
    (top, left), first = asked.corner, asked.first
    drawn[
        box[0].start - first : box[0].stop - first,
        box[1].start - top : box[1].stop - top,
        box[2].start - left : box[2].stop - left,
    ] = one.inside
    return ndimage.binary_dilation(drawn, iterations=grow)


def test_a_generous_outline_of_the_network_leaves_the_edge_to_attenuation():
    volume, one = read()[0], nodule("ball")
    asked = pictures(volume, one, 64)
    both, overlap = joined(volume, one, asked, drawn_around(asked, one, volume, 1))
    assert both.volume_mm3 == pytest.approx(one.volume_mm3)
    assert 0.6 < overlap < 0.95


def test_a_network_that_leaves_most_of_it_out_is_not_followed():
    volume, one = read()[0], nodule("ball")
    asked = pictures(volume, one, 64)
    assert joined(volume, one, asked, np.zeros((len(asked.batch), 64, 64), np.bool_)) is None
    half = drawn_around(asked, one, volume, 1)
    half[:, :, 32:] = False
    assert joined(volume, one, asked, half) is None
