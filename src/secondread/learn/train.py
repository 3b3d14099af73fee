"""From a recipe to a bundle with its evaluation."""

import hashlib
import shutil
from pathlib import Path

import numpy as np
import torch

from secondread.core.card import Calibration, ModelCard, Threshold
from secondread.core.errors import OutputError, RecipeError
from secondread.engine.card import render_card
from secondread.engine.session import promised
from secondread.learn.distributed import first
from secondread.learn.examples import Examples
from secondread.learn.export import export
from secondread.learn.exporting import export_variants
from secondread.learn.lite import refine
from secondread.learn.loop import Progress, fit, silent
from secondread.learn.network import Ensemble, as_run
from secondread.learn.precision import settle
from secondread.learn.recipe import Recipe, read_recipe
from secondread.learn.statistics import validation_loss
from secondread.learn.synthesise import whole_split

UNFINISHED = ".unfinished"  # no bundle can have this name


def train(
    recipe_path: Path,
    data_root: Path,
    out: Path,
    *,
    resume: bool = False,
    threads: int = 2,
    progress: Progress = silent,
    watched: bool = False,
) -> Path:
    """Train every seed of a recipe, and its folds where it asks for them; export the bundle and evaluate it.

    Args:
        recipe_path: The TOML file.
        data_root: Folder that holds the data sets.
        out: Folder for checkpoints and the finished bundle ``out/<name>``, which appears there in one move.
        resume: Continue from the checkpoints in ``out``; without it they must not exist.
        threads: CPU threads.
        progress: Called with events.
        watched: True measures the validation loss of every epoch, also where training does not stop early.

    Returns:
        The folder of the bundle. Of several processes only the first one waits until it is there.

    Raises:
        RecipeError: If the recipe does not fit, checkpoints are there and ``resume`` is not set, they belong to
            another training, or the training diverges.
        ManifestError: If the data do not fit; those of the test split are checked too before anything is learnt.
        OutputError: If ``out`` cannot be written.
    """
    from secondread.learn.cross_validation import checkpoint_of, cross_validate
    from secondread.learn.evaluate import CROSS_VALIDATION_FILE, evaluate

    recipe = read_recipe(recipe_path)
    torch.set_num_threads(threads)
    checkpoints = [out / f"seed-{seed}" / "checkpoint.pt" for seed in recipe.train.seeds]
    if not resume and any(path.exists() for path in (*checkpoints, checkpoint_of(out, 0))):
        raise RecipeError(f"{out.name}: checkpoints of an earlier training are there. Add --resume, or choose --out.")
    test = whole_split(recipe, data_root, "test")  # nothing is learnt from it; what is wrong with it is found now
    splits = pictures(recipe, data_root)
    progress({"event": "data", **{name: len(part) for name, part in splits.items()}})
    make_folder(out)
    recipe = settle(recipe, splits["train"], out / "precision", progress, data_root)
    members, networks = [path.with_name("model.onnx") for path in checkpoints], []
    for seed, checkpoint, member in zip(recipe.train.seeds, checkpoints, members, strict=True):
        networks.append(fit(recipe, seed, splits, checkpoint, progress, data_root, watched=watched))
        if not first():
            continue
        if recipe.train.fine_map:
            refine(networks[-1].features)  # type: ignore[arg-type]
        write_network(networks[-1], member, recipe)
    if recipe.cross_validation.wanted:
        cross_validate(recipe, data_root, out, progress)
    if not first():
        return out / recipe.model.name
    losses = [validation_loss(network, splits["val"], recipe) for network in networks]
    progress({"event": "seeds", "validation_loss": losses})
    draft = out / UNFINISHED / recipe.model.name
    draft.mkdir(parents=True, exist_ok=True)
    best = int(np.argmin(losses))
    network = networks[best]
    if recipe.train.ensemble and len(networks) > 1:
        outputs = promised(recipe.model.labels, recipe.model.structures)
        network = Ensemble(networks, outputs.index("embedding"))
        write_network(network, draft / "model.onnx", recipe)
    else:
        shutil.copyfile(members[best], draft / "model.onnx")
    (draft / "card.toml").write_text(render_card(draft_card(recipe, draft)), encoding="utf-8")
    seen = {"train": splits["plain"], "val": splits["val"], "test": test}
    folds = out / CROSS_VALIDATION_FILE
    evaluate(draft, recipe_path, data_root, members=members, folds=folds, splits=seen, progress=progress)
    export_variants(draft, recipe, seen, recipe.export.variants, network=as_run(network, recipe), progress=progress)
    return take_over(draft, out / recipe.model.name)


def make_folder(out: Path) -> None:
    """The folder of the training, before hours are spent on what could not be written there.

    Raises:
        OutputError: If it cannot be made.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            f"{out.name}: this folder cannot be made ({error.strerror}). Choose another --out."
        ) from error


def take_over(draft: Path, place: Path) -> Path:
    """Move a finished bundle to its place; an earlier one there goes."""
    if place.exists():
        shutil.rmtree(place)
    draft.replace(place)
    shutil.rmtree(draft.parent)
    return place


def pictures(recipe: Recipe, data_root: Path) -> dict[str, Examples]:
    """``train`` at training size; ``plain`` (the same pictures) and ``val`` as the network will be run."""
    plain = whole_split(recipe, data_root, "train")
    train = whole_split(recipe.at_training_size(), data_root, "train") if recipe.train.side_px else plain
    return {"train": train, "plain": plain, "val": whole_split(recipe, data_root, "val")}


def write_network(network: torch.nn.Module, path: Path, recipe: Recipe) -> None:
    """Export in the shape the recipe's card promises."""
    outputs = promised(recipe.model.labels, recipe.model.structures)
    export(as_run(network, recipe), path, recipe.input.tensor_shape, outputs, recipe.train.store)


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
        structures=text.structures,
        activation=text.activation,
    )
