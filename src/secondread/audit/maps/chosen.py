"""Which pictures the maps of a bundle are measured on, and what a person marked on them."""

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from secondread.audit.assessed import Assessed
from secondread.audit.table import read_table
from secondread.engine.bundle import NETWORK_FILE
from secondread.learn.examples import UNKNOWN
from secondread.learn.recipe import Question

SEED = 20240607
MOST, MIDDLE, FEW = 32, 20, 12  # pictures a question, by what a forward pass costs
MANY = 4  # questions, beyond which each is looked at on fewer pictures
DEAR, DEARER = 1e10, 1e11  # pixels times bytes of the network: roughly what it costs
# Source: manifest of NIH ChestX-ray14: boxes count 1024 pixels a side; one label is named otherwise than the column.
BOX_PX = 1024
BOX_LABELS = {"infiltrate": "infiltration"}


def most(seen: Assessed) -> int:
    """How many pictures of a question are looked at: fewer where a pass is dear or the questions are many."""
    cost = math.prod(seen.bundle.card.input.grid) * (seen.bundle.folder / NETWORK_FILE).stat().st_size
    found = MOST if cost < DEAR else MIDDLE if cost < DEARER else FEW
    return min(found, MIDDLE) if len(seen.trial.recipe.questions) > MANY else found


def called(seen: Assessed, split: str, question: Question) -> NDArray[np.intp]:
    """Numbers of the pictures of a split that are called positive and so show a map, in an order drawn by a seed.

    Where people marked places, the pictures that hold some come first: on the others nothing can be pointed at.
    """
    trial, logits = seen.trial, seen.trial.found[split].logits
    positive = np.flatnonzero(trial.yes(logits, question) >= trial.threshold(question))
    place = np.random.default_rng(SEED).permutation(len(logits))  # one order for all questions: they share pictures
    drawn = positive[np.argsort(place[positive])]
    places = marked(seen, split, question)
    last = np.array([n not in places for n in drawn], dtype=np.int64)
    return drawn[np.argsort(last, kind="stable")]


def marked(seen: Assessed, split: str, question: Question) -> Mapping[int, NDArray[np.bool_]]:
    """Number of a picture to what people marked there, bool [h, w]: outlines, or boxes of this very label.

    Only pictures whose answer is yes, and known: elsewhere a mark is not the reason of the answer.
    """
    examples, truth = seen.trial.splits[split], seen.trial.truth(split, question)
    if examples.masks is not None and examples.masks.ndim == 3:
        present = examples.masks.reshape(len(examples), -1).any(axis=1)
        return {int(n): examples.masks[n] > 0 for n in np.flatnonzero((truth == 1) & present)}
    boxes = boxes_of(seen, question) if len(question.positive) == 1 else {}
    shape = (examples.images.shape[-2], examples.images.shape[-1])
    found = {}
    for n, name in enumerate(examples.names.tolist()):
        if name in boxes and truth[n] != UNKNOWN and truth[n] == 1:
            found[n] = drawn_boxes(boxes[name], shape)
    return found


def boxes_of(seen: Assessed, question: Question) -> dict[str, list[list[float]]]:
    """Name of a picture to the boxes (x, y, width, height) of a question's label, of manifests that have them.

    Only where each label is a column of the manifest; other boxes are the masks that a network learnt to draw.
    """
    found: dict[str, list[list[float]]] = {}
    for source in seen.trial.recipe.data:
        path = seen.data_root / source.path / "manifest.csv"
        if not source.columns or not path.exists():
            continue
        for row in read_table(path, ("file",)):
            for box in filter(None, row.get("boxes", "").split(";")):
                label, _, numbers = box.partition(":")
                if BOX_LABELS.get(label.lower(), label.lower()) == question.positive[0]:
                    corner = [float(number) for number in numbers.split(",")]
                    found.setdefault(f"{source.path}:{row['file']}", []).append(corner)
    return found


def drawn_boxes(boxes: list[list[float]], shape: tuple[int, int]) -> NDArray[np.bool_]:
    """Boxes (x, y, width, height) in 1024 px as a region of the picture, bool [h, w]; at least a pixel each."""
    region = np.zeros(shape, dtype=np.bool_)
    for x, y, width, height in boxes:
        top, left = int(y * shape[0] / BOX_PX), int(x * shape[1] / BOX_PX)
        bottom, right = (
            math.ceil((a + b) * side / BOX_PX) for a, b, side in ((y, height, shape[0]), (x, width, shape[1]))
        )
        region[top : max(bottom, top + 1), left : max(right, left + 1)] = True
    return region
