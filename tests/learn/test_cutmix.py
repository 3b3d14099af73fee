"""A box of another picture: labels are mixed as the pixels are, and masks come with their pixels."""

import pytest

torch = pytest.importorskip("torch", reason="needs the extra `learn`")

from secondread.learn.cutmix import cutmix  # noqa: E402
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
