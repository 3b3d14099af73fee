"""Whether a bundle tells inputs that are not its own: near, far and broken sets against its test pictures."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from secondread.audit.assessed import Assessed, Measured
from secondread.audit.reference_of import ACCEPTANCE, distances, fitted, known, with_thresholds
from secondread.audit.shifts.broken import BREAKS, broken
from secondread.audit.shifts.gated import gate_of
from secondread.audit.shifts.judged import by_examination, judged, rate, rounded
from secondread.audit.shifts.rows import rows_of
from secondread.audit.shifts.sets import sets_for
from secondread.audit.shifts.shift import Shift
from secondread.engine.outside import PARTS, quotients
from secondread.engine.reference import REFERENCE_FILE, Reference, read_reference, write_reference
from secondread.engine.session import Session
from secondread.learn.adversarial import attacked

NAME, ORDER = "outside", 20

MOST, SEED = 60, 7  # test pictures that are damaged
ATTACKED = 20
AT_ONCE = 2**19  # numbers of a batch
EPSILONS = (2, 8)  # of 255
METHOD = (
    "The largest of six distances, each in units of its own threshold: Mahalanobis distance, rest beside the "
    "directions of the training and third nearest training case of the embedding, Mahalanobis distances of greys, "
    "grain and layout of the input."
)


def measure(seen: Assessed) -> Measured:
    """The reference of the bundle, and what its distance makes of every set."""
    val = known(seen, "val")
    part = seen.trial.splits["val"]
    fit = fitted(seen)
    found = distances(fit, part.images[val], seen.embeddings["val"][val])
    reference = with_thresholds(fit, found, part.patients[val])
    content = write_reference(reference)
    reference = read_reference(content, seen.bundle.card.name)  # as reading will see it
    patients = len(np.unique(part.patients[val]))
    card = {
        "method": METHOD,
        "acceptance": ACCEPTANCE,
        "fitted_on": f"training split; thresholds on validation ({len(val)} inputs of {patients} patients)",
    }
    entry = {"card": card, **figures(seen, reference)}
    return Measured({"rows": rows_of(entry), **entry}, {REFERENCE_FILE: content})


def figures(seen: Assessed, reference: Reference) -> dict[str, Any]:
    """Acceptance of the test pictures, and every set against them."""
    test = known(seen, "test")
    part = seen.trial.splits["test"]
    owners = part.patients[test]
    each = of(reference, part.images[test], seen.embeddings["test"][test])
    here, gate = each.max(1), gate_of(seen.bundle.card)
    whole, patients = by_examination(reference, each, owners)
    sets = []
    for shift in shifts(seen):
        embedding = embeddings_of(seen.trial.session, shift.images)
        there = of(reference, shift.images, embedding)
        refused = None if gate is None else gate.refuses(shift.images)
        told = judged(shift, there.max(1), here, owners, refused)
        told["parts"] = {name: round(float(share), 3) for name, share in zip(PARTS, (there > 1.0).mean(0), strict=True)}
        sets.append(told)
    accepted = {"inputs": len(test), "accepted": rounded(rate(here <= 1.0, owners))}
    if len(patients) < len(owners):
        accepted |= {"examinations": len(patients), "examinations_accepted": rounded(rate(whole <= 1.0, patients))}
    if gate is not None:
        passed = (here <= 1.0) & ~gate.refuses(part.images[test])
        accepted["accepted_with_gate"] = rounded(rate(passed, owners))
    return {"test": accepted, "groups": groups(part.groups, test, here), "sets": sets}


def groups(columns: Any, test: NDArray[np.intp], here: NDArray[np.float64]) -> dict[str, dict[str, list[float]]]:
    """Share of test inputs that pass, by each value of each column of the recipe: [share, inputs]."""
    found: dict[str, dict[str, list[float]]] = {}
    for column, values in columns.items():
        mine = values[test]
        found[column] = {
            str(value): [round(float((here[mine == value] <= 1.0).mean()), 3), int((mine == value).sum())]
            for value in np.unique(mine)
            if value
        }
    return found


def of(reference: Reference, images: NDArray[np.uint8], embedding: NDArray[np.float32]) -> NDArray[np.float64]:
    """float64 [n, part] in units of the thresholds."""
    return quotients(reference, distances(reference, images, embedding))


def embeddings_of(session: Session, images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """float32 [n, d] of uint8 [n, channel, *grid], few at once: large pictures need much memory."""
    size = max(1, AT_ONCE // max(1, math.prod(images.shape[1:])))
    starts = range(0, len(images), size)
    given = (images[n : n + size].astype(np.float32) / np.float32(255.0) for n in starts)
    return np.concatenate([session.run(batch).embedding for batch in given])


def shifts(seen: Assessed) -> Iterator[Shift]:
    """Every set: those of other sources, then broken test pictures, then attacked ones."""
    recipe, part = seen.trial.recipe, seen.trial.splits["test"]
    yield from sets_for(recipe, seen.data_root, "test")
    test = known(seen, "test")
    chosen = np.sort(np.random.default_rng(SEED).permutation(test)[:MOST])
    for name in BREAKS:
        yield broken(name, part.images[chosen], part.patients[chosen], SEED)
    few = np.sort(np.random.default_rng(SEED).permutation(test)[:ATTACKED])
    for epsilon in EPSILONS:
        moved = attacked(seen.bundle, part.images[few], epsilon / 255.0)
        yield Shift(f"adversarial ({epsilon}/255)", "broken", moved, part.patients[few])
