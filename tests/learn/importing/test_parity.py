"""Whether two networks answer alike is judged on inputs that would show a difference."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from secondread.core.errors import SourceError  # noqa: E402
from secondread.learn.importing.parity import check, difference, differences, random_inputs, unexplained  # noqa: E402
from tiny_bundle import network  # noqa: E402

SHAPE = (1, 16, 16)


def plain(image):
    """The tiny network of the tests by its own ONNX file, as the original."""
    from secondread.engine.runtimes import open_onnxruntime

    found = open_onnxruntime(network(2, 16, None).SerializeToString(), 1).forward(image.numpy())
    return {name: torch.from_numpy(found[name]) for name in ("logits", "cam", "embedding")}


def test_a_network_agrees_with_itself():
    worst = differences(network(2, 16, None).SerializeToString(), plain, SHAPE, 1, "x")
    assert set(worst) == {"logits", "cam", "embedding"}
    assert max(worst.values()) < 1e-6


def test_a_shifted_logit_is_seen():
    worst = differences(network(2, 16, (0.1, 0.0)).SerializeToString(), plain, SHAPE, 1, "x")
    assert worst["logits"] > 0.01
    with pytest.raises(SourceError, match="another logits"):
        check(worst, 1e-4, "x")


@pytest.mark.parametrize(
    ("found", "wanted", "value"),
    [
        ([1.0, 2.0], [1.0, 2.5], 0.2),  # as a share of the largest value
        ([0.1, 0.2], [0.1, 0.25], 0.05),  # as it is, where none passes 1
        ([1.0], [1.0, 2.0], np.inf),
        ([np.nan], [np.nan], np.inf),
    ],
)
def test_differences_are_shares_of_large_values_and_plain_of_small_ones(found, wanted, value):
    assert difference(np.array(found, np.float32), np.array(wanted, np.float32)) == pytest.approx(value)


def test_a_map_that_is_not_the_share_of_the_logit_is_seen():
    logits, cam = np.array([[1.0], [3.0]], np.float32), np.ones((2, 1, 2, 2), np.float32)
    assert unexplained(logits, cam) == pytest.approx(2 / 3)
    assert unexplained(logits, cam * logits[:, :, None, None]) == 0


def test_a_value_that_is_no_number_never_passes():
    with pytest.raises(SourceError):
        check({"logits": float("nan")}, 1e-4, "x")


def test_inputs_are_repeatable_fill_the_range_and_come_in_two_sizes():
    first, second = random_inputs(SHAPE)
    assert (len(first), len(second)) == (4, 1)
    assert all(np.array_equal(a, b) for a, b in zip(random_inputs(SHAPE), (first, second), strict=True))
    assert first.min() == 0
    assert 0.5 < first.max() <= 1
    assert len(random_inputs((1, 128, 128, 128))[0]) == 2
