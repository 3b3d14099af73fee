"""Whether a bundle tells inputs that are not its own: near, far and broken sets against its test pictures."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from secondread.audit.assessed import Assessed, Measured
from secondread.audit.reference_of import ACCEPTANCE, Looked, distances, fitted, known, look
from secondread.audit.shifts.broken import BREAKS, broken, usual
from secondread.audit.shifts.gated import gate_of
from secondread.audit.shifts.judged import alone, by_examination, examinations_refused, judged, rate, rounded
from secondread.audit.shifts.lessons import ATTACK
from secondread.audit.shifts.rows import rows_of
from secondread.audit.shifts.sets import sets_for, shown_in
from secondread.audit.shifts.shift import Shift
from secondread.audit.sureness.sizes import is_stack, whole_patients
from secondread.audit.taught_of import Taught, shown
from secondread.engine.outside import PARTS, quotients
from secondread.engine.reference import REFERENCE_FILE, Reference, read_reference, write_reference
from secondread.learn.adversarial import attacked
from secondread.learn.predict import embeddings_of

NAME, ORDER = "outside", 20

MOST, SEED = 60, 7  # test pictures that are damaged
ATTACKED = 20
EXAMINATIONS, ATTACKED_EXAMINATIONS = 15, 4  # of slices: whole examinations are damaged, every slice of them
EPSILONS = (2, 8)  # of 255
METHOD = (
    "The largest of seven distances, each in units of its own threshold: Mahalanobis distance, rest beside the "
    "directions of the training and third nearest training case of the embedding, Mahalanobis distances of greys, "
    "grain and layout of the input, and the odds of a small network that was taught to tell training inputs from "
    "damaged ones and from other examinations."
)


def measure(seen: Assessed) -> Measured:
    """The reference of the bundle, and what its distance makes of every set."""
    val, part, fit = known(seen, "val"), seen.trial.splits["val"], fitted(seen)
    learnt = shown(seen, fit)
    looked = look(fit, part.images[val], seen.embeddings["val"][val])
    taught_by = Taught(fit, learnt, looked, part.patients[val])
    content = write_reference(taught_by.reference())
    patients = len(np.unique(part.patients[val]))
    card = {
        "method": METHOD,
        "acceptance": ACCEPTANCE,
        "fitted_on": f"training split; thresholds on validation ({len(val)} inputs of {patients} patients)",
    }
    entry = {"card": card, **figures(seen, read_reference(content, seen.bundle.card.name), taught_by)}
    return Measured({"rows": rows_of(entry), **entry}, {REFERENCE_FILE: content})


def figures(seen: Assessed, reference: Reference, taught_by: Taught) -> dict[str, Any]:
    """Acceptance of the test pictures, and every set against them."""
    test, part = known(seen, "test"), seen.trial.splits["test"]
    owners, stacks = part.patients[test], is_stack(seen.trial)
    here, gate = look(reference, part.images[test], seen.embeddings["test"][test]), gate_of(seen.bundle.card)
    each = of(reference, here)
    whole, patients = by_examination(reference, each, owners)
    sets = []
    for shift in shifts(seen):
        there = look(reference, shift.images, embeddings_of(seen.trial.session, shift.images))
        refused = None if gate is None else gate.refuses(shift.images)
        far = of(reference, there)
        told = judged(shift, far.max(1), each.max(1), owners, refused)
        beyond = (far[shift.counted] > 1.0).mean(0)
        told["parts"] = {name: round(float(share), 3) for name, share in zip(PARTS, beyond, strict=True)}
        never = taught_by.without(kind_of(shift))
        if never is not None:
            unknown = of(never, there)
            told["never_shown"] = alone(shift, unknown.max(1), of(never, here).max(1), owners)
        if stacks and shift.kind == "broken":
            told["examinations_refused"] = examinations_refused(reference, far, shift.owners)
            if never is not None:
                told["never_shown"]["examinations_refused"] = examinations_refused(never, unknown, shift.owners)
        sets.append(told)
    passes = each.max(1) <= 1.0
    accepted = {"inputs": len(test), "accepted": rounded(rate(passes, owners))}
    if len(patients) < len(owners):
        accepted |= {"examinations": len(patients), "examinations_accepted": rounded(rate(whole <= 1.0, patients))}
    if gate is not None:
        accepted["accepted_with_gate"] = rounded(rate(passes & ~gate.refuses(part.images[test]), owners))
    return {"test": accepted, "groups": groups(part.groups, test, passes), "sets": sets}


def groups(columns: Any, test: NDArray[np.intp], passes: NDArray[np.bool_]) -> dict[str, dict[str, list[float]]]:
    """Share of test inputs that pass, by each value of each column of the recipe: [share, inputs]."""
    found: dict[str, dict[str, list[float]]] = {}
    for column, values in columns.items():
        mine = values[test]
        found[column] = {
            str(value): [round(float(passes[mine == value].mean()), 3), int((mine == value).sum())]
            for value in np.unique(mine)
            if value
        }
    return found


def of(reference: Reference, looked: Looked) -> NDArray[np.float64]:
    """float64 [n, part] in units of the thresholds."""
    return quotients(reference, distances(reference, looked))


def kind_of(shift: Shift) -> str:
    """The kind of lesson that teaches a set, where there is one."""
    if shift.kind == "far":
        return shown_in(shift.name)
    return ATTACK if shift.name.startswith(ATTACK) else shift.name


def shifts(seen: Assessed) -> Iterator[Shift]:
    """Every set: those of other sources, then broken test pictures, then attacked ones."""
    recipe, part = seen.trial.recipe, seen.trial.splits["test"]
    yield from sets_for(recipe, seen.data_root, "test")
    chosen, few = to_damage(seen, MOST, EXAMINATIONS), to_damage(seen, ATTACKED, ATTACKED_EXAMINATIONS)
    for name in BREAKS:
        yield broken(name, part.images[chosen], part.patients[chosen], SEED, usual=name in usual(recipe))
    for epsilon in EPSILONS:
        moved = attacked(seen.bundle, part.images[few], epsilon / 255.0)
        yield Shift(f"{ATTACK} ({epsilon}/255)", "broken", moved, part.patients[few])


def to_damage(seen: Assessed, most: int, examinations: int) -> NDArray[np.intp]:
    """Test inputs by lot; of slices all those of so many patients."""
    random, test = np.random.default_rng(SEED), known(seen, "test")
    if not is_stack(seen.trial):
        return np.sort(random.permutation(test)[:most])
    whole = whole_patients(seen.trial.splits["test"])
    return np.sort(np.concatenate([whole[n] for n in random.permutation(len(whole))[:examinations]]))
