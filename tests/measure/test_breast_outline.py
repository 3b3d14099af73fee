import numpy as np
import pytest

from phantoms.mammogram import Phantom, mammogram
from secondread.core.image import Image
from secondread.measure.breast_outline import COARSE_MM, Turn, breast, chest_wall_left, otsu
from secondread.measure.breast_view import enlarged, on_picture

AS_IT_IS = Turn(rows=False, columns=False)


def picture(phantom: Phantom, *, known: bool = True) -> Image:
    values = (phantom.pixels / 4095.0).astype(np.float32)
    spacing = (phantom.spacing_mm, phantom.spacing_mm)
    return Image(values, spacing, "detector") if known else Image(values)


def overlap(found, true) -> float:
    here = enlarged(found, true.shape)
    return 2.0 * (here & true).sum() / (here.sum() + true.sum())


@pytest.fixture(scope="module", params=[5.0, 25.0, 60.0])
def oblique(request) -> Phantom:
    return mammogram(int(request.param), view="MLO", percent=request.param, spacing_mm=0.25)


def test_breast_and_muscle_are_outlined_whatever_the_density(oblique):
    found = breast(picture(oblique), AS_IT_IS, muscle=True)
    assert overlap(found.inside, oblique.inside) > 0.98
    assert overlap(found.muscle, oblique.muscle) > 0.95


def test_the_film_label_is_no_breast(oblique):
    found = breast(picture(oblique), AS_IT_IS, muscle=True)
    assert not found.inside[:20, -20:].any()


def test_a_muscle_is_sought_only_where_it_may_be(oblique):
    assert not breast(picture(oblique), AS_IT_IS, muscle=False).muscle.any()


def test_in_a_view_without_muscle_none_is_drawn():
    found = [breast(picture(mammogram(n, spacing_mm=0.25, percent=15.0)), AS_IT_IS, muscle=True) for n in range(6)]
    assert sum(one.muscle.any() for one in found) <= 1


def test_the_nipple_is_found_where_it_bulges(oblique):
    found = breast(picture(oblique), AS_IT_IS, muscle=True)
    place = [n * step for n, step in zip(found.nipple, found.step_mm, strict=True)]
    assert found.bulges
    assert place == pytest.approx(oblique.nipple_mm, abs=6.0)


@pytest.mark.parametrize(("rows", "columns"), [(True, False), (False, True), (True, True)])
def test_a_turned_picture_gives_the_same_breast_and_its_mask_lies_on_the_picture(oblique, rows, columns):
    straight = breast(picture(oblique), AS_IT_IS, muscle=True)
    turn = Turn(rows, columns)
    image = picture(oblique)
    other = Image(np.ascontiguousarray(turn(image.values)), image.spacing_mm, "detector")
    turned = breast(other, turn, muscle=True)
    assert overlap(turned.inside, straight.inside) > 0.995
    assert overlap(on_picture(turned.muscle, turned, other.shape), turn(oblique.muscle)) > 0.95


def test_depth_and_lengths_scale_with_the_size_of_a_pixel(oblique):
    image = picture(oblique)
    half = Image(image.values, (0.125, 0.125), "detector")
    large, small = (breast(one, AS_IT_IS, muscle=True) for one in (image, half))
    assert small.nipple_line_mm() == pytest.approx(large.nipple_line_mm() / 2.0, rel=0.06)
    assert small.step_mm[0] == pytest.approx(COARSE_MM, rel=0.02)


def test_without_spacing_there_is_an_outline_and_no_length(oblique):
    found = breast(picture(oblique, known=False), AS_IT_IS, muscle=True)
    assert overlap(found.inside, oblique.inside) > 0.98
    assert found.nipple_line_mm() is None
    assert found.muscle_reaches_mm() is None


def test_the_side_of_the_chest_wall_is_seen(oblique):
    image = picture(oblique)
    assert chest_wall_left(image) is True
    assert chest_wall_left(Image(np.ascontiguousarray(image.values[:, ::-1]))) is False
    assert chest_wall_left(Image(np.full((300, 300), 0.5, np.float32))) is None


@pytest.mark.parametrize("kind", ["blank", "noise", "centre", "grey around"])
def test_what_is_no_breast_is_none(kind):
    rows, columns = np.mgrid[0:1:300j, 0:1:240j]
    disc = np.hypot(rows - 0.5, columns - 0.5) < 0.3
    values = {
        "blank": np.full(rows.shape, 0.5),
        "noise": np.random.default_rng(0).random(rows.shape),
        "centre": 0.5 * disc,
        "grey around": 0.3 + 0.5 * (np.hypot(rows - 0.5, columns) < 0.4),
    }[kind]
    assert breast(Image(values.astype(np.float32), (0.5, 0.5), "detector"), AS_IT_IS, muscle=False) is None


def test_otsu_parts_two_groups_and_leaves_one_grey_alone():
    two = np.concatenate([np.full(50, 0.1), np.full(20, 0.8)]).astype(np.float32)
    assert 0.1 < otsu(two) < 0.8
    assert otsu(np.full(5, 0.3, np.float32)) == pytest.approx(0.3)
