"""From grey to the values that a network was trained on, against what MONAI's transforms do."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from monai.transforms import NormalizeIntensity  # noqa: E402 - torch decides whether this file runs

from secondread.core.errors import SourceError  # noqa: E402
from secondread.learn.importing.normalise import INSIDE, PICTURE, Normalise, module  # noqa: E402


@pytest.fixture
def grey():
    """Two pictures of two channels with empty margins."""
    image = np.random.default_rng(3).random((2, 2, 9, 7), dtype=np.float32)
    image[..., :3] = 0
    return torch.from_numpy(image)


@pytest.mark.parametrize(("how", "nonzero"), [(PICTURE, False), (INSIDE, True)])
def test_standardising_is_that_of_monai(grey, how, nonzero):
    found = module(Normalise(how), 2, 2)(grey)
    monai = NormalizeIntensity(nonzero=nonzero, channel_wise=True)
    for picture, one in zip(grey, found, strict=True):
        np.testing.assert_allclose(one, monai(picture.numpy().copy()), atol=1e-5)


@pytest.mark.parametrize("how", [PICTURE, INSIDE])
def test_an_empty_picture_stays_empty(how):
    assert torch.equal(module(Normalise(how), 1, 3)(torch.zeros(1, 1, 2, 3, 4)), torch.zeros(1, 1, 2, 3, 4))


def test_each_channel_has_its_own_scale(grey):
    found = module(Normalise(low=(-1.0, 0.0), high=(1.0, 10.0)), 2, 2)(grey)
    torch.testing.assert_close(found[:, 0], grey[:, 0] * 2 - 1)
    torch.testing.assert_close(found[:, 1], grey[:, 1] * 10)


@pytest.mark.parametrize(
    "given",
    [
        {"how": "magic"},
        {"low": (1.0,), "high": (0.0,)},
        {"low": (0.0, 0.0), "high": (1.0,)},
        {"low": (), "high": ()},
    ],
)
def test_a_rule_that_means_nothing_is_refused(given):
    with pytest.raises(SourceError, match="normalise"):
        Normalise(**given)


def test_a_rule_for_another_number_of_channels_is_refused():
    with pytest.raises(SourceError, match="needed 1 or 3"):
        module(Normalise(low=(0.0, 0.0), high=(1.0, 1.0)), 3, 2)
