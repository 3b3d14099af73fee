"""A bundle with its data and its answers: what every part of an assessment looks at."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from secondread.engine.bundle import Bundle, load_bundle
from secondread.learn.evaluate import check_fits
from secondread.learn.predict import batches
from secondread.learn.recipe import read_recipe
from secondread.learn.trial import Trial, answers


@dataclass(frozen=True, slots=True, eq=False)
class Assessed:
    """A bundle that is assessed.

    Attributes:
        bundle: Its card and folder.
        trial: Recipe, splits ``train``, ``val`` and ``test``, session, answers for ``val`` and ``test``, calibration.
        embeddings: float32 [n, d] of each split, in the order of its examples.
        data_root: Folder that holds the data sets.
    """

    bundle: Bundle
    trial: Trial
    embeddings: Mapping[str, NDArray[np.float32]]
    data_root: Path


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """What a part found.

    Attributes:
        entry: For ``evaluation.json``, under ``trust`` and the name of the part. Its ``rows`` (measure to text with
            interval) are shown on the card.
        files: Name to bytes of files that belong into the bundle.
    """

    entry: dict[str, Any]
    files: Mapping[str, bytes] = field(default_factory=dict)


def assessed(folder: Path, recipe_path: Path, data_root: Path) -> Assessed:
    """Load a bundle and its data, and run it over them.

    Raises:
        RecipeError, ManifestError, BundleError: If a part does not fit.
    """
    recipe, bundle = read_recipe(recipe_path), load_bundle(folder)
    check_fits(bundle.card, recipe)
    trial = answers(bundle, recipe, data_root, [])
    learnt = [trial.session.run(batch).embedding for batch in batches(trial.splits["train"].images)]
    found = {name: part.embedding for name, part in trial.found.items()}
    return Assessed(bundle, trial, {"train": np.concatenate(learnt), **found}, data_root)
