"""When a training stops before its last epoch, and what it then keeps."""

import pytest

import tiny_trainings as tiny

torch = pytest.importorskip("torch")

from secondread.core.errors import RecipeError  # noqa: E402 - torch decides whether this file runs
from secondread.learn import checkpoint as module  # noqa: E402
from secondread.learn import loop  # noqa: E402
from secondread.learn.loop import fit  # noqa: E402

LOSSES = (0.9, 0.4, 0.6, 0.5, 0.45, 0.1)  # the best, and three that are worse before a better one would come


def patient(epochs, patience):
    return tiny.change(train={"epochs": epochs, "patience": patience})


@pytest.fixture
def averages(monkeypatch):
    """Validation losses as given above; what is filled with the averaged network after each epoch."""
    left, kept = list(LOSSES), []

    def save(state, *arguments):
        kept.append([p.clone() for p in state.average.parameters()])
        module.save(state, *arguments)

    monkeypatch.setattr(loop, "validation_loss", lambda *_: left.pop(0))
    monkeypatch.setattr(loop, "save", save)
    return kept


def holds(network, parameters):
    return all(torch.equal(a, b) for a, b in zip(network.parameters(), parameters, strict=True))


def test_it_stops_when_the_loss_has_not_fallen_for_as_long_as_was_asked_and_keeps_the_best(averages, tmp_path):
    seen = []
    network = fit(patient(10, 3), 1, tiny.splits(), tmp_path / "checkpoint.pt", seen.append)
    assert [event["validation_loss"] for event in seen] == [0.9, 0.4, 0.6, 0.5, 0.45]
    assert holds(network, averages[1])
    assert not holds(network, averages[4])


def test_a_longer_patience_finds_the_better_one(averages, tmp_path):
    network = fit(patient(6, 4), 1, tiny.splits(), tmp_path / "checkpoint.pt")
    assert holds(network, averages[5])


def test_a_training_that_has_stopped_is_not_taken_up_again(averages, tmp_path):
    network = fit(patient(10, 3), 1, tiny.splits(), tmp_path / "checkpoint.pt")
    seen = []
    again = fit(patient(10, 3), 1, tiny.splits(), tmp_path / "checkpoint.pt", seen.append)
    assert seen == []
    assert holds(again, list(network.parameters()))


def test_a_validation_loss_that_is_no_number_stops_the_training(tmp_path, monkeypatch):
    monkeypatch.setattr(loop, "validation_loss", lambda *_: float("nan"))
    with pytest.raises(RecipeError, match="seed 1: the training diverged in epoch 1"):
        fit(patient(10, 3), 1, tiny.splits(), tmp_path / "checkpoint.pt")


def test_watching_the_validation_loss_changes_nothing(tmp_path):
    recipe = tiny.TRAININGS["dropout and mixup"]
    seen = []
    plain = fit(recipe, 1, tiny.splits(recipe), tmp_path / "a" / "checkpoint.pt")
    watched = fit(recipe, 1, tiny.splits(recipe), tmp_path / "b" / "checkpoint.pt", seen.append, watched=True)
    assert holds(watched, list(plain.parameters()))
    assert len({event["validation_loss"] for event in seen}) == recipe.train.epochs
