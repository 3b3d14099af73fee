"""One training: interrupted, continued, refused, stopped."""

import pytest

import toy
from secondread.core.errors import RecipeError
from secondread.learn.data import load
from secondread.learn.recipe import read_recipe

torch = pytest.importorskip("torch")

from secondread.learn import loop  # noqa: E402 - torch decides whether this file runs
from secondread.learn.loop import fit, mark, silent  # noqa: E402

EPOCHS = 3


class PowerCutError(Exception):
    """Stands for a power cut."""


@pytest.fixture(scope="module")
def recipe(root):
    return read_recipe(toy.make_recipe(root, epochs=EPOCHS))


@pytest.fixture(scope="module")
def splits(root, recipe):
    return dict.fromkeys(("train", "plain"), load(recipe, root, "train"))


@pytest.fixture(scope="module")
def whole(recipe, splits, tmp_path_factory):
    return fit(recipe, 1, splits, tmp_path_factory.mktemp("whole") / "checkpoint.pt", silent)


def changed(root, old, new):
    return read_recipe(toy.make_recipe(root, epochs=EPOCHS, change=(old, new)))


def cut_after(monkeypatch, name, calls):
    """Let a function of the loop work a number of times, then cut the power."""
    real, left = getattr(loop, name), [calls]

    def work(*arguments, **named):
        left[0] -= 1
        if left[0] < 0:
            raise PowerCutError
        return real(*arguments, **named)

    monkeypatch.setattr(loop, name, work)


def same(one, other):
    pairs = zip(one.state_dict().values(), other.state_dict().values(), strict=True)
    return all(torch.equal(a, b) for a, b in pairs)


@pytest.mark.parametrize(("name", "calls"), [("step", 11), ("save", 1), ("check_finite", 2)])
def test_a_training_that_was_cut_and_continued_gives_the_same_network(
    name, calls, recipe, splits, whole, tmp_path, monkeypatch
):
    """In the middle of the second epoch, before its checkpoint is written, and before the last one is."""
    with monkeypatch.context() as broken:
        cut_after(broken, name, calls)
        with pytest.raises(PowerCutError):
            fit(recipe, 1, splits, tmp_path / "checkpoint.pt", silent)
    assert same(whole, fit(recipe, 1, splits, tmp_path / "checkpoint.pt", silent))


def test_a_cut_while_a_checkpoint_is_written_leaves_the_one_before(recipe, splits, whole, tmp_path, monkeypatch):
    real = torch.save

    def half(content, path):
        real(content, path)
        if content["epoch"] == 2:
            path.write_bytes(path.read_bytes()[:1000])
            raise PowerCutError

    with monkeypatch.context() as broken:
        broken.setattr(torch, "save", half)
        with pytest.raises(PowerCutError):
            fit(recipe, 1, splits, tmp_path / "checkpoint.pt", silent)
    seen = []
    assert same(whole, fit(recipe, 1, splits, tmp_path / "checkpoint.pt", seen.append))
    assert [event["epoch"] for event in seen] == [2, 3]


@pytest.fixture
def checkpoint(recipe, splits, tmp_path, monkeypatch):
    """Of one epoch."""
    with monkeypatch.context() as broken:
        cut_after(broken, "epoch", 1)
        with pytest.raises(PowerCutError):
            fit(recipe, 1, splits, tmp_path / "seed-1" / "checkpoint.pt", silent)
    return tmp_path / "seed-1" / "checkpoint.pt"


def test_the_checkpoint_of_another_recipe_is_refused(root, splits, checkpoint):
    other = changed(root, "learning_rate = 5e-3", "learning_rate = 4e-3")
    with pytest.raises(RecipeError, match=r"seed-1/checkpoint\.pt: made by another recipe"):
        fit(other, 1, splits, checkpoint, silent)


def test_the_checkpoint_of_another_seed_is_refused(recipe, splits, checkpoint):
    with pytest.raises(RecipeError, match="made by another recipe, data set or seed"):
        fit(recipe, 2, splits, checkpoint, silent)


def test_a_damaged_checkpoint_is_refused(recipe, splits, checkpoint):
    for content in (checkpoint.read_bytes()[:2000], b"", b"not a checkpoint"):
        checkpoint.write_bytes(content)
        with pytest.raises(RecipeError, match="damaged, or of another network"):
            fit(recipe, 1, splits, checkpoint, silent)


def test_a_checkpoint_without_a_mark_is_taken_if_it_fits(root, recipe, splits, whole, checkpoint):
    saved = torch.load(checkpoint, weights_only=True)
    del saved["recipe"]
    torch.save(saved, checkpoint)
    with pytest.raises(RecipeError, match="of another network"):
        fit(changed(root, "[4, 8, 8, 8]", "[4, 8, 8, 16]"), 1, splits, checkpoint, silent)
    assert same(whole, fit(recipe, 1, splits, checkpoint, silent))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("epochs = 3", "epochs = 4"),
        ("flip = 0.5", "flip = 0.4"),
        ("[4, 8, 8, 8]", "[4, 8, 8, 16]"),
        ('sha256 = "', f'sha256 = "{"0" * 12}'),
        ('{ plain = "plain", spot = "spot" }', '{ plain = "plain" }'),
        ("epochs = 3", "epochs = 3\nside_px = 24"),
    ],
)
def test_a_mark_follows_what_decides_the_weights(old, new, root, recipe):
    assert mark(changed(root, old, new), 1) != mark(recipe, 1)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('intended_use = "Tests."', 'intended_use = "More tests."'),
        ("at_least = 0.6", "at_least = 0.7"),
        ("seeds = [1]", "seeds = [1, 2]"),
        ("ensemble = false", "ensemble = true"),
        ("epochs = 3", 'epochs = 3\ncalibration = "temperature and bias"'),
        ("epochs = 3", "epochs = 3\nside_px = 32"),
    ],
)
def test_a_mark_does_not_follow_what_is_decided_later(old, new, root, recipe):
    assert mark(changed(root, old, new), 1) == mark(recipe, 1)


@pytest.mark.parametrize("what", ["loss", "weight"])
def test_a_training_that_diverges_stops_and_keeps_the_last_good_checkpoint(what, recipe, splits, tmp_path, monkeypatch):
    real, seen = loop.epoch, []

    def poisoned(state, *arguments):
        loss = real(state, *arguments)
        if state.epoch == 1 and what == "weight":
            with torch.no_grad():
                state.average.bias[0] = float("inf")
        return float("nan") if state.epoch == 1 and what == "loss" else loss

    monkeypatch.setattr(loop, "epoch", poisoned)
    with pytest.raises(RecipeError, match=r"seed 1: the training diverged in epoch 2 .*train\.learning_rate"):
        fit(recipe, 1, splits, tmp_path / "checkpoint.pt", seen.append)
    assert [event["epoch"] for event in seen] == [1]
    assert torch.load(tmp_path / "checkpoint.pt", weights_only=True)["epoch"] == 1


def test_bf16_learns_in_coarser_arithmetic_and_keeps_fp32_weights(root, splits, tmp_path):
    losses = {}
    for name in ("fp32", "bf16"):
        recipe, seen = changed(root, 'precision = "fp32"', f'precision = "{name}"'), []
        network = fit(recipe, 1, splits, tmp_path / f"{name}.pt", seen.append)
        losses[name] = [event["loss"] for event in seen]
        assert {p.dtype for p in network.parameters()} == {torch.float32}
    assert losses["bf16"] != losses["fp32"]
    assert losses["bf16"] == pytest.approx(losses["fp32"], abs=0.1)
