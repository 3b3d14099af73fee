"""From a recipe to a bundle with its evaluation."""

import hashlib
from pathlib import Path

import numpy as np
import torch

from secondread.core.card import Calibration, ModelCard, Threshold
from secondread.core.errors import RecipeError
from secondread.engine.card import render_card
from secondread.learn.data import Examples, load
from secondread.learn.export import export
from secondread.learn.loop import Progress, fit
from secondread.learn.network import Classifier, Ensemble, Mirrored
from secondread.learn.recipe import Recipe, read_recipe
from secondread.learn.synthesise import with_synthetic


def silent(_event: dict[str, object]) -> None:
    """A progress callback that says nothing."""


def train(
    recipe_path: Path,
    data_root: Path,
    out: Path,
    *,
    resume: bool = False,
    threads: int = 2,
    progress: Progress = silent,
) -> Path:
    """Train every seed of a recipe, export the bundle and evaluate it.

    Args:
        recipe_path: The TOML file.
        data_root: Folder that holds the data sets.
        out: Folder for checkpoints and the finished bundle ``out/<name>``.
        resume: Continue from the checkpoints in ``out``; without it they must not exist.
        threads: CPU threads.
        progress: Called with events.

    Returns:
        The folder of the bundle.

    Raises:
        RecipeError: If the recipe does not fit, or checkpoints are there and ``resume`` is not set.
        ManifestError: If the data do not fit.
    """
    from secondread.learn.evaluate import evaluate

    recipe = read_recipe(recipe_path)
    torch.set_num_threads(threads)
    checkpoints = [out / f"seed-{seed}" / "checkpoint.pt" for seed in recipe.train.seeds]
    if not resume and any(path.exists() for path in checkpoints):
        raise RecipeError(f"{out.name}: checkpoints of an earlier training are there. Add --resume, or choose --out.")
    splits = pictures(recipe, data_root)
    progress({"event": "data", **{name: len(part) for name, part in splits.items()}})
    networks = []
    for seed, checkpoint in zip(recipe.train.seeds, checkpoints, strict=True):
        networks.append(fit(recipe, seed, splits, checkpoint, progress))
        write_network(networks[-1], checkpoint.parent / "model.onnx", recipe)
    losses = [validation_loss(network, splits["val"]) for network in networks]
    progress({"event": "seeds", "validation_loss": losses})
    chosen = Ensemble(networks) if recipe.train.ensemble else networks[int(np.argmin(losses))]
    folder = out / recipe.model.name
    folder.mkdir(parents=True, exist_ok=True)
    write_network(chosen, folder / "model.onnx", recipe)
    (folder / "card.toml").write_text(render_card(draft_card(recipe, folder)), encoding="utf-8")
    evaluate(folder, recipe_path, data_root, members=[p.parent / "model.onnx" for p in checkpoints], progress=progress)
    return folder


def pictures(recipe: Recipe, data_root: Path) -> dict[str, Examples]:
    """``train`` at training size; ``plain`` (the same pictures) and ``val`` as the network will be run."""

    def made(split: str, size: Recipe) -> Examples:
        return with_synthetic(load(size, data_root, split), size, split)

    plain = made("train", recipe)
    train = made("train", recipe.at_training_size()) if recipe.train.side_px else plain
    return {"train": train, "plain": plain, "val": made("val", recipe)}


def write_network(network: torch.nn.Module, path: Path, recipe: Recipe) -> None:
    """Export in the shape the recipe's card promises."""
    network = Mirrored(network) if recipe.train.mirror else network
    export(network, path, recipe.input.height_px, recipe.input.width_px)


@torch.no_grad()
def validation_loss(network: Classifier, val: Examples) -> float:
    """Mean negative log likelihood."""
    total = 0.0
    for index in np.array_split(np.arange(len(val)), -(-len(val) // 128)):
        logits = network(torch.from_numpy(val.batch(index)))[0]
        total += float(torch.nn.functional.cross_entropy(logits, torch.from_numpy(val.labels[index]), reduction="sum"))
    return total / len(val)


def draft_card(recipe: Recipe, folder: Path) -> ModelCard:
    """The card before evaluation: what the recipe knows, thresholds still at one half."""
    text = recipe.model
    return ModelCard(
        name=text.name,
        version=text.version,
        role=text.role,
        sha256={"model.onnx": hashlib.sha256((folder / "model.onnx").read_bytes()).hexdigest()},
        intended_use=text.intended_use,
        not_for=text.not_for,
        labels=text.labels,
        thresholds=tuple(Threshold(q.name, 0.5, "not yet evaluated") for q in recipe.questions),
        calibration=Calibration("temperature", 1.0, "not yet evaluated"),
        input=recipe.input,
        training_data=text.training_data,
        licence=text.licence,
        sources=text.sources,
        limits=text.limits,
    )
