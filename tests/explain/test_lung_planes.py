import numpy as np

from phantoms import chest_ct
from secondread.explain.lung_planes import close_ups, coronal
from secondread.explain.outlined_planes import COLOURS


def columns_of(rgb, colour):
    return np.argwhere((rgb == colour).all(axis=2))[:, 1]


def drawn(axes):
    truth = chest_ct.plain()
    volume = chest_ct.turned(truth.volume, axes)
    flips = tuple(slice(None, None, -1 if axis in axes else 1) for axis in range(3))
    right, left = np.ascontiguousarray(truth.right[flips]), np.ascontiguousarray(truth.left[flips])
    return coronal(volume, ((right, "right lung"), (left, "left lung")), right | left)


def test_the_patients_right_is_on_the_left_of_both_planes_however_the_array_runs():
    for axes in ((), (0, 1, 2)):
        rgb, caption = drawn(axes)
        half = rgb.shape[1] // 2
        for plane in (rgb[:, :half], rgb[:, half:]):
            assert columns_of(plane, COLOURS[0]).max() < columns_of(plane, COLOURS[1]).min() + 5
        assert "right lung orange" in caption


def test_the_head_is_up_in_the_coronal_plane():
    truth = chest_ct.plain()
    top = np.zeros_like(truth.right)
    top[80:] = truth.right[80:]
    rgb, _ = coronal(truth.volume, ((top, "top"),), truth.right)
    rows = np.argwhere((rgb[:, : rgb.shape[1] // 2] == COLOURS[0]).all(axis=2))[:, 0]
    assert rows.max() < rgb.shape[0] / 2


def test_a_close_up_shows_the_outline_in_its_middle():
    one = chest_ct.outlined()
    ball = one.nearest("ball")
    rgb = close_ups(one.volume, [(ball.centre, ball.mask(one.volume.geometry.shape))])
    edge = np.argwhere((rgb == COLOURS[0]).all(axis=2))
    assert rgb.shape[1] == 240
    assert np.allclose(edge.mean(axis=0), (120, 120), atol=4)
    assert np.ptp(edge[:, 1]) * 60.0 / 240 == np.clip(np.ptp(edge[:, 1]) * 60.0 / 240, 8.5, 11.0)
