"""Right answers and losses, each beside a formula written out or another library."""

from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from sklearn.metrics import log_loss  # noqa: E402 - torch decides whether this file runs

import toy_tasks  # noqa: E402
from secondread.learn.examples import UNKNOWN, Examples  # noqa: E402
from secondread.learn.recipe import Recipe, build  # noqa: E402
from secondread.learn.targets import (  # noqa: E402
    batch_of,
    class_weights,
    label_loss,
    loss_of,
    mask_loss,
    smoothed,
    targets_of,
)

LABELS = ("a", "b", "c")


def recipe_of(activation: str = "softmax", structures: tuple[str, ...] = (), **train: object) -> Recipe:
    base = {name: part for name, part in toy_tasks.BASE.items() if name != "schema"}
    model = base["model"] | {"labels": list(LABELS), "activation": activation, "structures": list(structures)}
    return build(Recipe, base | {"model": model, "train": base["train"] | train, "data": []}, "a test")


def examples_of(labels: np.ndarray, masks: np.ndarray | None = None, shares: np.ndarray | None = None) -> Examples:
    texts = np.array([str(n) for n in range(len(labels))])
    return Examples(np.zeros((len(labels), 1, 4, 4), np.uint8), labels, texts, {}, texts, masks=masks, shares=shares)


def of(examples: Examples, recipe: Recipe):
    index = np.arange(len(examples))
    return targets_of(examples, index, batch_of(examples, index)[1], recipe)


def test_the_loss_of_labels_that_exclude_each_other_is_the_log_loss_of_what_is_known():
    labels, recipe = np.array([0, 2, UNKNOWN, 1, 2]), recipe_of()
    logits = torch.randn(5, 3, generator=torch.Generator().manual_seed(1))
    found = label_loss(logits, of(examples_of(labels), recipe), torch.ones(3), recipe)
    known = labels != UNKNOWN
    assert float(found) == pytest.approx(log_loss(labels[known], logits.softmax(1)[known].numpy(), labels=[0, 1, 2]))


def test_what_a_network_says_of_an_unknown_label_changes_nothing():
    for activation, labels in (
        ("softmax", np.array([0, UNKNOWN])),
        ("sigmoid", np.array([[1, UNKNOWN, 0], [UNKNOWN, UNKNOWN, UNKNOWN]])),
    ):
        recipe = recipe_of(activation)
        targets = smoothed(
            of(examples_of(labels), recipe), replace(recipe, train=replace(recipe.train, label_smoothing=0.1))
        )
        logits = torch.zeros(2, 3, requires_grad=True)
        label_loss(logits, targets, torch.ones(3), recipe).backward()
        assert logits.grad is not None
        assert not logits.grad[1].any()
        assert logits.grad[0, 0] != 0
        if activation == "sigmoid":
            assert logits.grad[0, 1] == 0


def test_a_batch_in_which_nothing_is_known_has_no_loss():
    for activation, labels in (("softmax", np.array([UNKNOWN])), ("sigmoid", np.full((1, 3), UNKNOWN))):
        recipe = recipe_of(activation)
        assert float(label_loss(torch.randn(1, 3), of(examples_of(labels), recipe), torch.ones(3), recipe)) == 0.0


def test_the_loss_of_independent_labels_is_the_mean_of_their_log_losses():
    labels, recipe = np.array([[1, 0, 1], [0, UNKNOWN, 1], [1, 1, 0]]), recipe_of("sigmoid")
    logits = torch.randn(3, 3, generator=torch.Generator().manual_seed(2))
    found = float(label_loss(logits, of(examples_of(labels), recipe), torch.ones(3), recipe))
    known = labels != UNKNOWN
    assert found == pytest.approx(log_loss(labels[known], logits.sigmoid()[known].numpy(), labels=[0, 1]))


def test_class_weights_are_the_inverse_frequency_and_one_on_average():
    labels = np.array([0] * 8 + [1] * 2 + [UNKNOWN] * 5)
    full = class_weights(examples_of(labels), recipe_of(balance=1.0)).numpy()
    assert full[0] * 8 == pytest.approx(full[1] * 2)
    assert (full[labels[labels >= 0]]).mean() == pytest.approx(1.0)
    assert full[2] == 0.0  # a label that is not there
    assert class_weights(examples_of(labels), recipe_of(balance=0.0)).numpy()[:2] == pytest.approx([1.0, 1.0])
    many = np.array([[1, 0, 1], [0, 0, 1], [0, UNKNOWN, 1], [0, 1, 1]])
    assert class_weights(examples_of(many), recipe_of("sigmoid", balance=1.0)).tolist() == [3.0, 2.0, 0.25]


def test_smoothing_moves_a_share_to_the_other_labels():
    recipe = recipe_of(label_smoothing=0.3)
    found = smoothed(of(examples_of(np.array([1, UNKNOWN])), recipe), recipe).labels
    assert found is not None
    assert found[0].tolist() == pytest.approx([0.1, 0.8, 0.1])
    assert not found[1].any()
    recipe = recipe_of("sigmoid", label_smoothing=0.2)
    found = smoothed(of(examples_of(np.array([[1, 0, UNKNOWN]])), recipe), recipe).labels
    assert found is not None
    assert found[0].tolist() == pytest.approx([0.9, 0.1, 0.0])


def test_masks_become_one_plane_a_structure_and_shares_two():
    mask = np.zeros((1, 4, 4), np.uint8)
    mask[0, 1, 2], mask[0, 3, 3] = 1, 2
    planes = of(examples_of(np.array([0]), mask), recipe_of(structures=("x", "y"))).masks
    assert planes is not None
    assert planes.shape == (1, 3, 4, 4)
    assert planes.argmax(1).numpy().tolist() == mask.tolist()
    assert (planes.sum(1) == 1).all()
    shares = np.full((1, 4, 4), 51, np.uint8)
    planes = of(examples_of(np.array([0]), mask, shares), recipe_of(structures=("x",))).masks
    assert planes is not None
    assert planes[0, :, 0, 0].tolist() == pytest.approx([0.8, 0.2])


def test_the_loss_of_masks_is_the_log_loss_of_places_and_what_dice_lacks():
    random = torch.Generator().manual_seed(3)
    logits = torch.randn(2, 3, 5, 4, generator=random)
    number = torch.randint(0, 3, (2, 5, 4), generator=random)
    hot = torch.nn.functional.one_hot(number, 3).movedim(-1, 1).float()
    entropy = log_loss(number.ravel().numpy(), logits.double().softmax(1).movedim(1, -1).reshape(-1, 3).numpy())
    assert float(mask_loss(logits, hot, 0.0)) == pytest.approx(entropy, rel=1e-5)
    p, dices = logits.softmax(1).numpy(), []
    for k in (1, 2):
        true = (number == k).numpy()
        dices.append((2 * (p[:, k] * true).sum() + 1) / (p[:, k].sum() + true.sum() + 1))
    assert float(mask_loss(logits, hot, 0.5)) == pytest.approx(entropy + 0.5 * (1 - np.mean(dices)), rel=1e-5)


def test_an_empty_mask_that_is_found_empty_costs_nearly_nothing():
    sure = torch.tensor([20.0, -20.0])[None, :, None, None].expand(1, 2, 4, 4)
    empty = torch.tensor([1.0, 0.0])[None, :, None, None].expand(1, 2, 4, 4)
    assert float(mask_loss(sure, empty, 1.0)) < 1e-5
    assert float(mask_loss(-sure, empty, 1.0)) > 1.0


def test_the_whole_loss_is_that_of_labels_and_a_weight_times_that_of_masks():
    recipe = recipe_of(structures=("x",), mask_weight=0.25, dice=1.0)
    mask = (np.random.default_rng(4).random((2, 4, 4)) < 0.5).astype(np.uint8)
    targets = of(examples_of(np.array([0, 1]), mask), recipe)
    logits, outline = torch.randn(2, 3), torch.randn(2, 2, 4, 4)
    whole = loss_of((logits, torch.zeros(2, 3, 1, 1), torch.zeros(2, 5), outline), targets, torch.ones(3), recipe)
    assert targets.masks is not None
    parts = label_loss(logits, targets, torch.ones(3), recipe) + 0.25 * mask_loss(outline, targets.masks, 1.0)
    assert float(whole) == pytest.approx(float(parts))
