"""A bundle with its answers for the test split, and the cases that two of them share."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from secondread.core.card import ModelCard
from secondread.core.errors import BundleError, RecipeError
from secondread.engine.bundle import load_bundle
from secondread.engine.probabilities import calibrate
from secondread.engine.session import open_session
from secondread.learn.data import load
from secondread.learn.evaluate import check_fits
from secondread.learn.examples import Examples, take
from secondread.learn.judge import score, truth
from secondread.learn.judge_outlines import drawn
from secondread.learn.predict import predict
from secondread.learn.publish import EVALUATION_FILE, outline_point
from secondread.learn.recipe import Question, Recipe, read_recipe

THREADS = 2


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """One of the two.

    Attributes:
        card: Of the bundle; its calibration and operating points are taken as they are.
        recipe: Names the data, the questions and the structures.
        test: The test split in this bundle's own model space.
        probabilities: Calibrated, float64 [n, label].
        outlines: uint8 [n, structure, *grid], probability times 255; None without structures.
    """

    card: ModelCard
    recipe: Recipe
    test: Examples
    probabilities: NDArray[np.float64]
    outlines: NDArray[np.uint8] | None

    def yes(self, question: Question) -> NDArray[np.float64]:
        """Probability of yes, [n]."""
        return score(self.probabilities, self.recipe.model.labels, question)

    def truth(self, question: Question) -> NDArray[np.int64]:
        """1 where the answer is yes, 0 where it is no, ``UNKNOWN`` elsewhere, [n]."""
        return truth(self.test.labels, self.recipe.model.labels, question)

    def masks(self, structure: str) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """What was drawn and what is true, each bool [n, *grid]."""
        assert self.outlines is not None
        assert self.test.masks is not None
        n = self.recipe.model.structures.index(structure)
        threshold = 0.5 if len(self.recipe.model.structures) > 1 else outline_point(self.card, structure)
        return drawn(self.outlines, n, threshold), self.test.masks == 1 + n


def side(folder: Path, recipe_path: Path, data_root: Path) -> Side:
    """Run a bundle over the test split of its recipe, in its own model space.

    Raises:
        BundleError: If the bundle is missing, altered or was not evaluated.
        RecipeError: If the recipe is not the bundle's.
        ManifestError: If the data do not fit.
    """
    bundle, recipe = load_bundle(folder), read_recipe(recipe_path)
    card = bundle.card
    if EVALUATION_FILE not in card.sha256:
        raise BundleError(
            f"bundle {card.name!r}: not evaluated yet, so it has no operating points. Evaluate it first, then compare."
        )
    if (card.input.channels, bool(card.input.depth_px)) == (recipe.input.channels, bool(recipe.input.depth_px)):
        recipe = replace(recipe, input=card.input)  # another size of the same pictures
    check_fits(card, recipe)
    test = load(recipe, data_root, "test")
    found = predict(open_session(bundle, engine="onnxruntime", threads=THREADS), test)
    probabilities = calibrate(found.logits, card) if card.labels else found.logits
    return Side(card, recipe, test, probabilities, found.outlines)


def shared(a: Side, b: Side) -> tuple[Side, Side]:
    """Both with the cases that both have, in one order.

    Raises:
        RecipeError: If they were made for other data, or share no case.
    """
    sets = [{(item.path, item.sha256) for item in one.recipe.data} for one in (a, b)]
    if sets[0] != sets[1]:
        paths = [sorted(path for path, _ in one) for one in sets]
        raise RecipeError(
            f"recipe of {b.card.name!r}: found the data {paths[1]}, needed those of {a.card.name!r}, {paths[0]}, as "
            "they were there. Name one recipe for both with --recipe."
        )
    names, of_a, of_b = np.intersect1d(a.test.names, b.test.names, return_indices=True)
    if not len(names):
        raise RecipeError(
            f"recipe of {b.card.name!r}: found no test case that that of {a.card.name!r} has too. Name one recipe for "
            "both with --recipe."
        )
    return chosen(a, of_a), chosen(b, of_b)


def chosen(one: Side, index: NDArray[np.intp]) -> Side:
    """A side with some of its cases."""
    outlines = None if one.outlines is None else one.outlines[index]
    return replace(one, test=take(one.test, index), probabilities=one.probabilities[index], outlines=outlines)
