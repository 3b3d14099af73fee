"""What survives a kill, in trainings of every kind."""

from dataclasses import replace

import numpy as np
import pytest

import tiny_trainings as tiny
from secondread.core.errors import OutputError, RecipeError

torch = pytest.importorskip("torch")

from secondread.learn import checkpoint as module  # noqa: E402 - torch decides whether this file runs
from secondread.learn import loop  # noqa: E402
from secondread.learn.checkpoint import mark  # noqa: E402
from secondread.learn.examples import take  # noqa: E402
from secondread.learn.loop import fit  # noqa: E402


class PowerCutError(Exception):
    """Stands for a power cut."""


def same(one, other):
    pairs = zip(one.state_dict().values(), other.state_dict().values(), strict=True)
    return all(torch.equal(a, b) for a, b in pairs)


def cut(monkeypatch, epoch):
    """Cut the power when the checkpoint of an epoch is to be written."""

    def work(state, *arguments):
        if state.epoch == epoch:
            raise PowerCutError
        module.save(state, *arguments)

    monkeypatch.setattr(loop, "save", work)


@pytest.mark.parametrize("name", tiny.TRAININGS)
def test_every_kind_of_training_ends_with_the_same_network_when_it_was_cut(name, tmp_path, monkeypatch):
    recipe = tiny.TRAININGS[name]
    splits = tiny.splits(recipe)
    told, seen = [], []
    whole = fit(recipe, 1, splits, tmp_path / "whole" / "checkpoint.pt", told.append)
    with monkeypatch.context() as broken:
        cut(broken, 2)
        with pytest.raises(PowerCutError):
            fit(recipe, 1, splits, tmp_path / "cut" / "checkpoint.pt", seen.append)
    assert same(whole, fit(recipe, 1, splits, tmp_path / "cut" / "checkpoint.pt", seen.append))
    losses = [[(e["epoch"], e["loss"], e.get("validation_loss")) for e in events] for events in (told, seen)]
    assert losses[0] == losses[1]
    assert len(losses[0]) == 3


def test_a_checkpoint_of_other_patients_is_refused(tmp_path):
    """As of another fold of a cross-validation, whose recipe is the same."""
    splits = tiny.splits()
    fit(tiny.RECIPE, 1, splits, tmp_path / "checkpoint.pt")
    others = take(splits["train"], np.arange(2, tiny.COUNT))
    with pytest.raises(RecipeError, match="made by another recipe, data set or seed"):
        fit(tiny.RECIPE, 1, {"train": others, "plain": others}, tmp_path / "checkpoint.pt")


def test_a_file_that_holds_something_else_is_refused(tmp_path):
    torch.save(torch.zeros(3), tmp_path / "checkpoint.pt")
    with pytest.raises(RecipeError, match="damaged, or of another network"):
        fit(tiny.RECIPE, 1, tiny.splits(), tmp_path / "checkpoint.pt")


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), RuntimeError("file write failed")])
def test_a_full_disk_is_told_and_keeps_the_last_checkpoint(error, tmp_path, monkeypatch):
    real = torch.save

    def full(content, path):
        if content["epoch"] == 2:
            raise error
        real(content, path)

    monkeypatch.setattr(torch, "save", full)
    with pytest.raises(OutputError, match=r"checkpoint of epoch 2 cannot be written .*--resume"):
        fit(tiny.RECIPE, 1, tiny.splits(), tmp_path / "checkpoint.pt")
    assert torch.load(tmp_path / "checkpoint.pt", weights_only=True)["epoch"] == 1


@pytest.mark.parametrize(
    "key", [{"degrade_px": 64}, {"picture": "mosaic", "parts": ("a", "b")}, {"order": "instance"}, {"unlabelled": True}]
)
def test_a_mark_follows_how_pictures_are_made(key):
    other = replace(tiny.RECIPE, data=(replace(tiny.RECIPE.data[0], **key),))
    assert mark(other, 1) != mark(tiny.RECIPE, 1)


@pytest.mark.parametrize(
    "change",
    [
        {"train": {"patience": 3}},
        {"train": {"accumulate": 2}},
        {"train": {"frozen_epochs": 1}},
        {"network": {"weights": "bundle:x"}},
        {"model": {"activation": "sigmoid"}},
    ],
)
def test_a_mark_follows_how_a_network_is_taught(change):
    assert mark(tiny.change(**change), 1) != mark(tiny.RECIPE, 1)


def test_a_mark_does_not_follow_what_only_the_evaluation_reads():
    other = replace(tiny.RECIPE, data=(replace(tiny.RECIPE.data[0], numbers=("age",)),))
    assert mark(other, 1) == mark(tiny.RECIPE, 1)
