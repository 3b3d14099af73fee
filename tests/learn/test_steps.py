"""Steps from several batches, and how far each part of a network moves in one."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

import tiny_trainings as tiny

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402 - torch decides whether this file runs

from secondread.learn import loop  # noqa: E402
from secondread.learn.augmentation import Augmentation  # noqa: E402
from secondread.learn.checkpoint import save as real_save  # noqa: E402
from secondread.learn.loop import fit, free, start  # noqa: E402
from secondread.learn.recipe import Positives  # noqa: E402

PLAIN = replace(tiny.RECIPE, augment=Augmentation())


class WithoutBatchStatistics(nn.Module):
    """Answers as a classifier does, but each picture alone."""

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(nn.Conv2d(1, 4, 3, stride=2), nn.GroupNorm(2, 4), nn.ReLU())
        self.head = nn.Conv2d(4, 2, 1)

    def forward(self, image):
        places = self.features(image - 0.4)
        cam = self.head(places)
        return cam.mean((2, 3)), cam, places.mean((2, 3))


def test_batches_whose_gradients_are_added_up_make_the_step_of_one_large_batch(tmp_path, monkeypatch):
    monkeypatch.setattr(loop, "network_of", lambda _: WithoutBatchStatistics())
    found = {}
    for name, plan in {"large": {"batch": 6}, "added": {"batch": 2, "accumulate": 3}, "small": {"batch": 2}}.items():
        recipe = tiny.change(PLAIN, train=plan)
        network = fit(recipe, 1, tiny.splits(recipe), tmp_path / name / "checkpoint.pt")
        found[name] = torch.cat([p.detach().reshape(-1) for p in network.parameters()])
    assert torch.allclose(found["large"], found["added"], atol=1e-5)
    assert not torch.allclose(found["large"], found["small"], atol=1e-3)


def test_what_is_left_at_the_end_of_an_epoch_is_a_step_of_its_own_size(tmp_path, monkeypatch):
    """Ten batches by fours: the last two count as two, not as half of four."""
    real, seen = loop.step, []

    def step(state, images, targets, weights, recipe, together, *, last):
        seen.append((together, last))
        return real(state, images, targets, weights, recipe, together, last=last)

    monkeypatch.setattr(loop, "step", step)
    recipe = tiny.change(train={"batch": 2, "accumulate": 4, "epochs": 1})
    train = tiny.examples(recipe, count=20)
    fit(recipe, 1, {"train": train, "plain": train}, tmp_path / "checkpoint.pt")
    assert seen == [(4, False), (4, False), (4, False), (4, True)] * 2 + [(2, False), (2, True)]


def test_a_schedule_lasts_as_long_as_a_training_that_shows_positives_among_many_without_a_mask(tmp_path):
    """What is drawn again for a label makes an epoch as long as the set, whatever share of the empty masks is asked."""
    recipe = tiny.change(
        model=tiny.OUTLINED | {"activation": "sigmoid"},
        network={"decoder": (4, 4)},
        train={"empty_share": 0.1, "positives": Positives("yes", 0.5)},
    )
    splits, seen = tiny.splits(recipe), []
    fit(recipe, 1, splits, tmp_path / "checkpoint.pt", seen.append)
    assert [event["epoch"] for event in seen] == [1, 2, 3]
    schedule = start(recipe, 1, splits["train"]).schedule
    assert schedule.total_steps == recipe.train.epochs * (tiny.COUNT // recipe.train.batch)


def weights(network):
    """Backbone and the rest, without the bias that starts at 0."""
    named = [(name, p.detach().clone()) for name, p in network.named_parameters()]
    return [p for n, p in named if n.startswith("features.")], [p for n, p in named if n.startswith("head")]


def after_each_epoch(recipe, tmp_path, monkeypatch):
    """What learns, at the start and after each epoch."""
    splits = tiny.splits(recipe)
    kept = [weights(start(recipe, 1, splits["train"]).network)]

    def save(state, *arguments):
        kept.append(weights(state.network))
        real_save(state, *arguments)

    monkeypatch.setattr(loop, "save", save)
    fit(recipe, 1, splits, tmp_path / "checkpoint.pt")
    return kept


def moved(before, after):
    return [not torch.equal(a, b) for a, b in zip(before, after, strict=True)]


def test_a_frozen_backbone_keeps_its_weights_while_the_rest_learns(tmp_path, monkeypatch):
    recipe = tiny.change(PLAIN, train={"frozen_epochs": 2, "weight_decay": 0.1})
    kept = after_each_epoch(recipe, tmp_path, monkeypatch)
    backbones, heads = zip(*kept, strict=True)
    assert [any(moved(backbones[0], now)) for now in backbones] == [False, False, False, True]
    assert all(moved(backbones[2], backbones[3]))
    assert [any(moved(a, b)) for a, b in pairwise(heads)] == [True, True, True]


def test_a_rate_of_zero_freezes_the_backbone_for_good(tmp_path, monkeypatch):
    kept = after_each_epoch(tiny.change(PLAIN, train={"backbone_rate": 0.0}), tmp_path, monkeypatch)
    assert not any(moved(kept[0][0], kept[-1][0]))
    assert any(moved(kept[0][1], kept[-1][1]))


def test_a_gradual_backbone_is_set_free_from_the_deepest_stage_on():
    """Six stages with weights in six epochs, one after the other, and none in the first."""
    recipe = tiny.change(train={"frozen_epochs": 6, "gradual": True})
    network = start(recipe, 1, tiny.examples()).network
    learning = []
    for epoch in range(7):
        free(network, epoch, recipe)
        stages = [[p.requires_grad for p in stage.parameters()] for stage in network.features]
        assert all(len(set(stage)) <= 1 for stage in stages)
        learning.append([stage[0] for stage in stages if stage])
        assert all(p.requires_grad for p in network.head.parameters())
    assert learning == [[False] * (6 - n) + [True] * n for n in range(7)]


def test_a_backbone_with_a_tenth_of_the_rate_moves_a_tenth_as_far_in_the_first_step():
    """The first step of AdamW without decay moves each weight by the rate, whatever the size of its gradient."""
    recipe = tiny.change(PLAIN, train={"backbone_rate": 0.1, "weight_decay": 0.0, "batch": 12, "epochs": 4})
    splits = tiny.splits(recipe)
    state = start(recipe, 1, splits["train"])
    before = weights(state.network)
    loop.advance(state, splits, recipe, 1, watched=False)
    backbone, head = (
        float(torch.cat([(b - a).abs().reshape(-1) for a, b in zip(one, other, strict=True)]).median())
        for one, other in zip(before, weights(state.network), strict=True)
    )
    assert backbone / head == pytest.approx(0.1, rel=0.02)


def test_batch_statistics_are_those_of_the_plain_pictures_also_of_a_frozen_backbone(tmp_path):
    recipe = tiny.change(PLAIN, train={"backbone_rate": 0.0})
    splits = tiny.splits(recipe)
    network = fit(recipe, 1, splits, tmp_path / "checkpoint.pt")
    pictures = splits["plain"].batch(slice(None))
    centred = pictures - pictures.mean((1, 2, 3), keepdims=True)
    seen = centred / (np.sqrt((centred**2).mean((1, 2, 3), keepdims=True)) + 1e-3)
    with torch.no_grad():
        places = network.features[0](torch.from_numpy(seen))
    assert torch.allclose(network.features[1].running_mean, places.mean((0, 2, 3)), atol=1e-5)
    assert torch.allclose(network.features[1].running_var, places.var((0, 2, 3)), rtol=1e-4)
