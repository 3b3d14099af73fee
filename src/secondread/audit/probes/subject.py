"""What is probed: pictures with what is known of them, and something that answers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from secondread.core.card import ModelCard
from secondread.engine.probabilities import calibrate
from secondread.engine.session import Session
from secondread.learn.examples import UNKNOWN, Examples, data_sets, take
from secondread.learn.judge import score, truth
from secondread.learn.judge_outlines import drawn
from secondread.learn.predict import predict_images
from secondread.learn.publish import outline_point
from secondread.learn.recipe import Recipe

Pictures = NDArray[np.uint8]
MOST = 160  # pictures that are probed
AT_ONCE = 16  # pictures that lie in memory as numbers of a network


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """What a network says of pictures.

    Attributes:
        yes: float64 [n, question], calibrated probability.
        inside: bool [n, structure, *grid], what it outlines; None where it outlines nothing.
    """

    yes: NDArray[np.float64]
    inside: NDArray[np.bool_] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """What is probed.

    Attributes:
        pictures: uint8 [n, channel, *grid].
        patients: str [n].
        questions: Names of what is answered.
        structures: Names of what is outlined.
        thresholds: Operating point of each question.
        truth: int64 [n, question], 1 or 0, ``UNKNOWN`` where not known.
        masks: bool [n, structure, *grid], or None.
        devices: Column to str [n]: device, site, source.
        donors: Column to (pictures, value of each) of the training split.
        ask: What the network says of pictures.
    """

    pictures: Pictures
    patients: NDArray[np.str_]
    questions: tuple[str, ...]
    structures: tuple[str, ...]
    thresholds: tuple[float, ...]
    truth: NDArray[np.int64]
    masks: NDArray[np.bool_] | None
    devices: dict[str, NDArray[np.str_]]
    donors: dict[str, tuple[Pictures, NDArray[np.str_]]]
    ask: Callable[[Pictures], Answers]

    @property
    def flat(self) -> bool:
        """Whether its inputs are pictures, not volumes."""
        return self.pictures.ndim == 4

    @property
    def lead(self) -> int | None:
        """The question whose classes are most even: cases are swapped between its two classes."""
        smaller = [int(min((y == 0).sum(), (y == 1).sum())) for y in self.truth.T]
        return int(np.argmax(smaller)) if smaller and max(smaller) > 0 else None


def joined(parts: Sequence[Answers]) -> Answers:
    """Answers of several sets of pictures as one."""
    inside = [part.inside for part in parts if part.inside is not None]
    return Answers(np.concatenate([part.yes for part in parts]), np.concatenate(inside) if inside else None)


DEVICES = ("device", "site", "native", "scanner", "source")


def devices_of(examples: Examples) -> dict[str, NDArray[np.str_]]:
    """The columns that say where a picture comes from: those of the manifest, else the data set."""
    found = {name: values for name, values in examples.groups.items() if name in DEVICES}
    if found:
        return found
    sets = data_sets(examples.names)
    return {"data set": sets} if len(np.unique(sets)) > 1 else {}


def chosen(examples: Examples, most: int, seed: int) -> NDArray[np.intp]:
    """Numbers of at most so many examples, drawn with a seed; those that were made from others are left out."""
    real = len(examples) - examples.made
    if real <= most:
        return np.arange(real)
    return np.sort(np.random.default_rng(seed).choice(real, most, replace=False))


def subject_of(
    card: ModelCard,
    recipe: Recipe,
    session: Session,
    test: Examples,
    train: Examples,
    *,
    most: int = MOST,
    seed: int,
) -> Subject:
    """A bundle on some pictures of its test split.

    Args:
        card: Its card: calibration and operating points are taken from here.
        recipe: What it answers.
        session: Runs it.
        test: The pictures to choose from.
        train: Where the look of a device is measured.
        most: How many pictures are probed.
        seed: Of the choice.
    """
    some, (questions, labels) = take(test, chosen(test, most, seed)), (recipe.questions, recipe.model.labels)
    structures = recipe.model.structures
    limit = outline_point(card, structures[0]) if len(structures) == 1 else 0.5

    def ask(pictures: Pictures) -> Answers:
        return joined([some_of(pictures[n : n + AT_ONCE]) for n in range(0, len(pictures), AT_ONCE)])

    def some_of(pictures: Pictures) -> Answers:
        found = predict_images(session, pictures)
        p = calibrate(found.logits, card) if questions else np.zeros((len(pictures), 0))
        yes = np.stack([score(p, labels, q) for q in questions], 1) if questions else p
        outlines = found.outlines
        if outlines is None:
            return Answers(yes)
        return Answers(yes, np.stack([drawn(outlines, n, limit) for n in range(len(structures))], 1))

    known = [truth(some.labels, labels, q) for q in questions]
    masks = None if some.masks is None or not structures else some.masks
    return Subject(
        pictures=some.images,
        patients=some.patients,
        questions=tuple(q.name for q in questions),
        structures=structures,
        thresholds=tuple(card.threshold(q.name) for q in questions),
        truth=np.stack(known, 1) if known else np.full((len(some), 0), UNKNOWN),
        masks=None if masks is None else np.stack([masks == 1 + n for n in range(len(structures))], 1),
        devices=devices_of(some),
        donors={name: (train.images, values) for name, values in devices_of(train).items()},
        ask=ask,
    )
