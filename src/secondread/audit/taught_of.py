"""The taught part of a reference: what it is shown, and what it would be without one kind of that."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from secondread.audit.assessed import Assessed
from secondread.audit.reference_of import Looked, known, learnt, look, with_thresholds
from secondread.audit.shifts.lessons import lessons
from secondread.engine.reference import Reference, in_steps
from secondread.learn.predict import embeddings_of
from secondread.learn.taught import teach

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """What the taught part of a bundle learns from, as the numbers that it looks at.

    Attributes:
        known: Training inputs, [n, number].
        lessons: Kind to its strange inputs, made of training splits, [m, number].
        held: Kind to others, made of validation splits, for the threshold.
    """

    known: Floats
    lessons: Mapping[str, Floats]
    held: Mapping[str, Floats]


def shown(seen: Assessed, reference: Reference) -> Shown:
    """Known inputs and lessons of a bundle.

    Args:
        seen: The bundle.
        reference: Of it, fitted.
    """
    chosen = learnt(seen)
    images, embeddings = seen.trial.splits["train"].images[chosen], seen.embeddings["train"][chosen]
    told = {split: by_kind(seen, reference, split) for split in ("train", "val")}
    return Shown(look(reference, images, embeddings).numbers, told["train"], told["val"])


def by_kind(seen: Assessed, reference: Reference, split: str) -> dict[str, Floats]:
    """Kind of lesson to its numbers."""
    found: dict[str, list[Floats]] = {}
    for lesson in lessons(seen, split, known(seen, split)):
        embedding = embeddings_of(seen.trial.session, lesson.images)
        found.setdefault(lesson.kind, []).append(look(reference, lesson.images, embedding).numbers)
    return {kind: np.concatenate(parts) for kind, parts in found.items()}


def taught(reference: Reference, shown: Shown, without: str = "") -> Reference:
    """The reference with a taught part, which never saw the kind ``without``; its thresholds are not set yet."""
    kept = [numbers for kind, numbers in shown.lessons.items() if kind != without]
    weights = teach(shown.known, kept)
    first, steps = in_steps(weights.pop("taught.first"))
    return replace(reference, gauges={**reference.gauges, **weights, "taught.first": first, "taught.steps": steps})


@dataclass(frozen=True, slots=True, eq=False)
class Taught:
    """References of one bundle that differ in what they were shown.

    Attributes:
        fitted: Without thresholds or a taught part.
        shown: All lessons.
        val: Validation inputs, for the thresholds.
        patients: Of these.
        made: By the kind that was left out.
    """

    fitted: Reference
    shown: Shown
    val: Looked
    patients: NDArray[np.str_]
    made: dict[str, Reference] = field(default_factory=dict)

    def reference(self, without: str = "") -> Reference:
        """The reference with thresholds."""
        if without not in self.made:
            held = {kind: numbers for kind, numbers in self.shown.held.items() if kind != without}
            reference = taught(self.fitted, self.shown, without)
            self.made[without] = with_thresholds(reference, self.val, self.patients, held)
        return self.made[without]

    def without(self, kind: str) -> Reference | None:
        """The reference that was never shown a kind; None where there is no such lesson."""
        return self.reference(kind) if kind in self.shown.lessons else None
