"""A bundle with all its answers: what every part of an evaluation looks at."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from secondread.core.card import Calibration
from secondread.engine.bundle import NETWORK_FILE, Bundle
from secondread.engine.probabilities import calibrated
from secondread.engine.session import Session, open_session
from secondread.learn import looks
from secondread.learn.calibrate import fit_calibration
from secondread.learn.examples import UNKNOWN, Examples
from secondread.learn.judge import choose_threshold, score, truth
from secondread.learn.judge_outlines import choose
from secondread.learn.manifest import SPLITS
from secondread.learn.predict import Predictions, predict
from secondread.learn.recipe import Question, Recipe
from secondread.learn.shortcut import shortcut_probabilities
from secondread.learn.synthesise import whole_split
from secondread.stats.calibration import softmax

Floats = NDArray[np.float64]
THREADS = 2


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """A bundle with all its answers.

    Attributes:
        recipe: What it was trained by.
        splits: ``train``, ``val`` and ``test``.
        session: Runs it.
        found: Its answers for ``val`` and ``test``.
        border: Its answers for the test pictures with the border covered, and for the border alone; none for volumes
            and where there are no labels.
        members: Logits [n, label] of the single seeds for ``test``; empty when they are not there.
        shortcut: Probabilities [n, label] of the baseline for ``test``.
        calibration: Fitted on ``val``.
    """

    recipe: Recipe
    splits: dict[str, Examples]
    session: Session
    found: dict[str, Predictions]
    border: dict[str, Predictions]
    members: list[Floats]
    shortcut: Floats
    calibration: Calibration

    def probabilities(self, logits: Floats) -> Floats:
        """Calibrated, [n, label]."""
        return calibrated(logits, self.calibration, self.recipe.model.activation)

    def raw(self, logits: Floats) -> Floats:
        """Not calibrated, [n, label]."""
        plain = Calibration("temperature", 1.0, "nothing")
        return calibrated(logits, plain, "sigmoid") if self.recipe.model.activation == "sigmoid" else softmax(logits)

    def yes(self, logits: Floats, question: Question) -> Floats:
        """Calibrated probability of yes, [n]."""
        return score(self.probabilities(logits), self.recipe.model.labels, question)

    def truth(self, split: str, question: Question) -> NDArray[np.int64]:
        """1 where the answer is yes, 0 where it is no, ``UNKNOWN`` elsewhere, [n]."""
        return truth(self.splits[split].labels, self.recipe.model.labels, question)

    def known(self, split: str, question: Question) -> NDArray[np.intp]:
        """Numbers of the examples whose answer is known."""
        return np.flatnonzero(self.truth(split, question) != UNKNOWN)

    def threshold(self, question: Question) -> float:
        """The operating point, from validation only."""
        known = self.known("val", question)
        p = self.yes(self.found["val"].logits[known], question)
        return choose_threshold(question, self.truth("val", question)[known], p)

    def outline_threshold(self) -> float:
        """The probability at which a single structure is drawn, from validation only."""
        outlines = self.found["val"].outlines
        return 0.5 if outlines is None else choose(self.splits["val"].masks, outlines)


def answers(
    bundle: Bundle,
    recipe: Recipe,
    data_root: Path,
    members: Sequence[Path],
    splits: Mapping[str, Examples] | None = None,
) -> Trial:
    """Everything that the bundle, its members and the baseline say; splits that are at hand are not loaded again."""
    splits = dict(splits) if splits else {name: whole_split(recipe, data_root, name) for name in SPLITS}
    session = open_session(bundle, engine="onnxruntime", threads=THREADS)
    found = {name: predict(session, splits[name]) for name in ("val", "test")}
    flat = bool(recipe.model.labels) and not recipe.input.depth_px
    labels = len(recipe.model.labels)
    return Trial(
        recipe=recipe,
        splits=splits,
        session=session,
        found=found,
        border=looks.border_predictions(session, splits["test"]) if flat else {},
        members=[of_member(bundle, path, splits["test"], found["test"]) for path in members] if labels else [],
        shortcut=shortcut_probabilities(splits["train"], splits["test"], labels),
        calibration=fit_calibration(
            recipe.train.calibration, found["val"].logits, splits["val"].labels, recipe.model.activation
        ),
    )


def of_member(bundle: Bundle, path: Path, test: Examples, found: Predictions) -> Floats:
    """Logits [n, label] of a single seed's network, run like the bundle; ``found`` are the bundle's own answers."""
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    if digest == bundle.card.sha256[NETWORK_FILE]:
        return found.logits
    card = replace(bundle.card, sha256={NETWORK_FILE: digest})
    return predict(open_session(Bundle(card, path.parent), engine="onnxruntime", threads=THREADS), test).logits
