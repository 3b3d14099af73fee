import numpy as np

from phantoms.breast_ultrasound import Phantom, picture
from secondread.explain.flow_picture import OUTLINE, RIM, flow_picture
from secondread.measure.doppler import rim_of

PHANTOM = Phantom(flow="rim", box=True)
INSIDE = PHANTOM.inside()


def drawn(inside=INSIDE, rgb=None):
    shown = flow_picture(picture(PHANTOM) if rgb is None else rgb, inside, rim_of(inside, PHANTOM.pixel_mm))
    return np.asarray(shown.rgb)


def test_outline_and_rim_are_drawn_over_the_colours_of_the_scanner():
    rgb = drawn()
    white, green = (rgb == OUTLINE).all(-1), (rgb == RIM).all(-1)
    assert white.sum() > 100
    assert green.sum() > 800  # two lines, one inside and one outside of the outline
    colourful = np.ptp(rgb.astype(int), axis=-1) > 60
    assert (colourful & ~green).sum() > 100


def test_a_mirrored_picture_is_drawn_mirrored():
    mirrored = drawn(np.fliplr(INSIDE), np.ascontiguousarray(np.fliplr(picture(PHANTOM))))
    assert (np.fliplr(mirrored) == drawn()).all(-1).mean() > 0.999


def test_a_small_lesion_is_enlarged_and_one_at_the_edge_is_cut_there():
    small = Phantom(width_mm=3, depth_mm=2).inside()
    assert max(drawn(small).shape[:2]) >= 200
    assert drawn(Phantom(centre_mm=(3.0, 3.0)).inside()).size > 0


def test_the_caption_says_what_the_lines_are():
    shown = flow_picture(picture(PHANTOM), INSIDE, rim_of(INSIDE))
    assert "outline" in shown.caption
    assert "rim" in shown.caption
