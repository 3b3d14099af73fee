"""A box of another picture: labels are mixed as the pixels are, and masks come with their pixels."""

import pytest

torch = pytest.importorskip("torch", reason="needs the extra `learn`")

import toy  # noqa: E402
from secondread.core.errors import RecipeError  # noqa: E402
from secondread.learn.cutmix import cutmix  # noqa: E402
from secondread.learn.recipe import read_recipe  # noqa: E402
from secondread.learn.targets import Targets  # noqa: E402


@pytest.mark.parametrize("grid", [(12, 20), (8, 10, 6)])
def test_labels_have_the_share_of_the_pixels_and_masks_stay_with_theirs(grid):
    n = 6
    images = torch.arange(n).float().reshape(n, 1, *[1] * len(grid)).expand(n, 1, *grid)
    masks = torch.nn.functional.one_hot(images[:, 0].long(), n).movedim(-1, 1).float()
    targets = Targets(torch.eye(n), torch.ones(n, n), masks)
    for seed in range(8):
        seen, mixed = cutmix(images, targets, 1.0, torch.Generator().manual_seed(seed))
        shares = torch.stack([(seen[:, 0] == k).flatten(1).float().mean(1) for k in range(n)], 1)
        assert torch.allclose(shares, mixed.labels, atol=1e-5)
        assert torch.equal(mixed.masks.argmax(1), seen[:, 0].long())


def test_a_label_that_is_unknown_of_either_picture_is_unknown():
    known = torch.tensor([[1.0], [0.0]])
    targets = Targets(torch.tensor([[1.0], [0.0]]), known, None)
    mixes = [cutmix(torch.rand(2, 1, 8, 8), targets, 1.0, torch.Generator().manual_seed(s))[1] for s in range(6)]
    assert {tuple(mixed.known[:, 0].tolist()) for mixed in mixes} == {(1.0, 0.0), (0.0, 0.0)}


def test_a_recipe_that_asks_for_it_gets_it(root):
    from secondread.learn.loop import mix

    recipe = read_recipe(toy.make_recipe(root, change=("ema = 0.9", "ema = 0.9\ncutmix = 1.0")))
    images = torch.arange(4).float().reshape(4, 1, 1, 1).expand(4, 1, 8, 8)
    targets = Targets(torch.eye(2)[[0, 1, 0, 1]], torch.ones(4, 2), None)
    seen, mixed = mix(images, targets, recipe, torch.Generator().manual_seed(2))
    odd = torch.stack([(picture % 2 == 1).float().mean() for picture in seen])
    assert torch.allclose(mixed.labels[:, 1], odd, atol=1e-5)
    assert 0 < odd[0] < 1 or 0 < odd[1] < 1


def test_a_share_below_0_is_refused(root):
    with pytest.raises(RecipeError, match=r"train\.cutmix does not fit"):
        read_recipe(toy.make_recipe(root, change=("ema = 0.9", "ema = 0.9\ncutmix = -1.0")))
