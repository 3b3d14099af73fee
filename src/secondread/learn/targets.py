"""What a batch should be answered with, and how far an answer is from it."""

from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from secondread.learn.examples import UNKNOWN, Examples
from secondread.learn.network import Outputs
from secondread.learn.recipe import Recipe


@dataclass(frozen=True, slots=True, eq=False)
class Targets:
    """The right answers to a batch.

    Attributes:
        labels: float32 [m, label], share of each label; rows of 0 where it is not known. None without labels.
        known: float32 [m, label], 1 where the label is known, else 0. None without labels.
        masks: float32 [m, 1 + structure, *grid], share of each structure at each place. None without structures.
    """

    labels: torch.Tensor | None
    known: torch.Tensor | None
    masks: torch.Tensor | None

    def to(self, device: torch.device) -> "Targets":
        """The same on another device."""
        return Targets(*(part if part is None else part.to(device) for part in (self.labels, self.known, self.masks)))


def batch_of(
    examples: Examples, index: NDArray[np.int64], where: torch.device | None = None
) -> tuple[torch.Tensor, torch.Tensor | None]:
    """Images float32 [m, channel, *grid], and what moves with them: int64 [m, *grid], shares or structure numbers.

    Both on the device ``where``; they travel there as bytes.
    """
    moved = examples.masks if examples.shares is None else examples.shares
    return (
        torch.from_numpy(examples.images[index]).to(device=where).float() / 255.0,
        None if moved is None else torch.from_numpy(moved[index]).to(device=where).long(),
    )


def targets_of(examples: Examples, index: NDArray[np.int64], moved: torch.Tensor | None, recipe: Recipe) -> Targets:
    """The right answers to some examples, whose masks were ``moved`` with their images."""
    labels, known = label_targets(examples.labels[index], recipe)
    if moved is None:
        return Targets(labels, known, None)
    if examples.shares is not None:
        share = moved.float() / 255.0
        return Targets(labels, known, torch.stack([1.0 - share, share], 1))
    hot = functional.one_hot(moved, 1 + len(recipe.model.structures)).movedim(-1, 1)
    return Targets(labels, known, hot.float())


def label_targets(found: NDArray[np.int64], recipe: Recipe) -> tuple[torch.Tensor | None, torch.Tensor | None]:
    """Shares of the labels and which are known, each float32 [m, label]; None without labels."""
    if not recipe.model.labels:
        return None, None
    values = torch.from_numpy(found)
    if recipe.model.activation == "sigmoid":
        known = (values != UNKNOWN).float()
        return values.clamp(0, 1).float() * known, known
    known = (values != UNKNOWN).float()[:, None].expand(-1, len(recipe.model.labels))
    return functional.one_hot(values.clamp(min=0), len(recipe.model.labels)).float() * known, known


def smoothed(targets: Targets, recipe: Recipe) -> Targets:
    """Label smoothing (Szegedy et al., CVPR 2016)."""
    smooth = recipe.train.label_smoothing
    if targets.labels is None or targets.known is None or not smooth:
        return targets
    classes = 2 if recipe.model.activation == "sigmoid" else targets.labels.shape[1]
    return replace(targets, labels=(targets.labels * (1.0 - smooth) + smooth / classes) * targets.known)


def class_weights(train: Examples, recipe: Recipe) -> torch.Tensor:
    """Loss weight of each label, float32 [label].

    Labels that exclude each other: inverse frequency to the power ``balance``, mean 1 over the pictures. Independent
    ones: weight of a yes, (no / yes) to the power ``balance``.
    """
    if recipe.model.activation == "sigmoid":
        yes, no = ((train.labels == mark).sum(0).astype(np.float64) for mark in (1, 0))
        return torch.from_numpy((np.maximum(no, 1.0) / np.maximum(yes, 1.0)) ** recipe.train.balance).float()
    if not recipe.model.labels:
        return torch.ones(0)
    counts = np.bincount(train.labels[train.labels >= 0], minlength=len(recipe.model.labels)).astype(np.float64)
    raw = np.where(counts > 0, (counts.sum() / np.maximum(counts, 1.0)) ** recipe.train.balance, 0.0)
    return torch.from_numpy(raw * counts.sum() / (raw * counts).sum()).float()


def loss_of(outputs: Outputs, targets: Targets, weights: torch.Tensor, recipe: Recipe) -> torch.Tensor:
    """The loss of a batch: that of the labels, and ``mask_weight`` times that of the masks."""
    total = outputs[0].new_zeros((), dtype=torch.float32)
    if targets.labels is not None and targets.known is not None:
        total = total + label_loss(outputs[0].float(), targets, weights, recipe)
    if targets.masks is not None:
        total = total + recipe.train.mask_weight * mask_loss(outputs[-1].float(), targets.masks, recipe.train.dice)
    return total


def label_loss(logits: torch.Tensor, targets: Targets, weights: torch.Tensor, recipe: Recipe) -> torch.Tensor:
    """Cross-entropy over what is known."""
    assert targets.labels is not None
    assert targets.known is not None
    if recipe.model.activation == "sigmoid":
        each = functional.binary_cross_entropy_with_logits(logits, targets.labels, pos_weight=weights, reduction="none")
        counts = targets.known * label_weights(recipe).to(logits.device)
        return (each * counts).sum() / counts.sum().clamp(min=1e-6)
    each = -(targets.labels * weights * functional.log_softmax(logits, 1)).sum(1)
    return each.sum() / targets.known[:, 0].sum().clamp(min=1.0)


def label_weights(recipe: Recipe) -> torch.Tensor:
    """float32 [label]: how much the loss of each independent label counts, 1 where the recipe says nothing."""
    return torch.tensor([recipe.train.label_weights.get(label, 1.0) for label in recipe.model.labels])


def mask_loss(logits: torch.Tensor, masks: torch.Tensor, dice: float) -> torch.Tensor:
    """Cross-entropy over all places, and ``dice`` times 1 - Dice of the structures over the whole batch.

    Source of the second: Milletari et al., V-Net, 3DV 2016; over the batch, so that empty masks count too.
    """
    entropy = -(masks * functional.log_softmax(logits, 1)).sum(1).mean()
    found, true = logits.softmax(1)[:, 1:], masks[:, 1:]
    around = (0, *range(2, logits.ndim))
    overlap = 2.0 * (found * true).sum(around) + 1.0
    return entropy + dice * (1.0 - overlap / (found.sum(around) + true.sum(around) + 1.0)).mean()
