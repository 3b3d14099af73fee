"""What the training cases nearest to an input are worth; and the file that shows them."""

from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from secondread.audit.assessed import Assessed, Measured
from secondread.audit.likeness.keep import cases_of
from secondread.audit.likeness.worth import LabelWorth, OriginWorth, label_worth, origin_worth, origins, sizes_alike
from secondread.engine.bundle import load_bundle, read_verified
from secondread.engine.reference import REFERENCE_FILE, Reference, nearest, read_reference
from secondread.explain.similar import CASES_FILE, write_cases
from secondread.learn.examples import UNKNOWN, Examples
from secondread.learn.judge import truth
from secondread.stats.interval import Interval

NAME, ORDER = "similar", 90
SEED = 20240609
K = 10
ORIGINS = ("device", "site", "native", "view", "sex")
MOST_ROWS = 3


def measure(assessed: Assessed) -> Measured:
    """Label and origin of the nearest training cases, against the truth on the test split."""
    reference = kept(assessed)
    if reference is None:
        row = {"Similar cases": f"not measured: the bundle has no {REFERENCE_FILE}; assess the part outside first"}
        return Measured({"rows": row})
    trial = assessed.trial
    splits = trial.splits
    pictured = assessed.bundle.card.role == "reader"
    cases = cases_of(assessed.bundle.card, splits["train"], reference, assessed.embeddings["val"], pictured=pictured)
    test = splits["test"]
    real = np.arange(len(test) - test.made)
    embedding = assessed.embeddings["test"][real]
    found: dict[str, Any] = {
        "kept": len(reference.points),
        "pictured": int((cases.tile >= 0).sum()),
        "k": min(K, len(reference.points)),
        "questions": of_questions(assessed, reference, embedding, real),
        "origins": of_origins(assessed, reference, embedding, real),
        "size": of_size(splits["train"], test, reference, embedding, real),
    }
    return Measured({"rows": rows(found)} | found, {CASES_FILE: write_cases(cases)})


def kept(assessed: Assessed) -> Reference | None:
    """What the bundle remembers, as it is now."""
    bundle = load_bundle(assessed.bundle.folder)
    if REFERENCE_FILE not in bundle.card.sha256:
        return None
    return read_reference(read_verified(bundle, REFERENCE_FILE), f"bundle {bundle.card.name!r}")


def of_questions(
    assessed: Assessed, reference: Reference, embedding: NDArray[np.float32], real: NDArray[np.intp]
) -> dict[str, Any]:
    """Every question whose answer is known on both sides."""
    trial, result = assessed.trial, {}
    test = trial.splits["test"]
    for question in trial.recipe.questions:
        labels = truth(trial.splits["train"].labels, trial.recipe.model.labels, question)[reference.rows]
        told = np.flatnonzero(labels != UNKNOWN)
        if not len(told):
            continue
        near = told[nearest(of(reference, told), embedding, min(K, len(told)))[0]]
        p = trial.yes(trial.found["test"].logits, question)[real]
        found = label_worth(near, labels, trial.truth("test", question)[real], p, test.patients[real], seed=SEED)
        if found is not None:
            result[question.name] = told_label(found)
    return result


def of(reference: Reference, some: NDArray[np.intp]) -> Reference:
    """A reference of some of the kept cases."""
    return Reference(
        reference.mean, reference.basis, reference.points[some], reference.rows[some], reference.labels[some]
    )


def of_origins(
    assessed: Assessed, reference: Reference, embedding: NDArray[np.float32], real: NDArray[np.intp]
) -> dict[str, Any]:
    """Device, site, view, sex and data set."""
    train, test = assessed.trial.splits["train"], assessed.trial.splits["test"]
    one = nearest(reference, embedding, 1)[0][:, 0]
    there, here = (origins(part.groups, part.names, ORIGINS) for part in (train, test))
    result = {}
    for name in there.keys() & here.keys():
        found = origin_worth(one, there[name][reference.rows], here[name][real], test.patients[real], seed=SEED)
        if found is not None:
            result[name] = told_origin(found)
    return dict(sorted(result.items()))


def of_size(
    train: Examples, test: Examples, reference: Reference, embedding: NDArray[np.float32], real: NDArray[np.intp]
) -> list[float] | None:
    """Rank correlation of the size of what is outlined, or None without outlines."""
    if train.masks is None or test.masks is None:
        return None
    there, here = (
        np.array([float((masks[n] > 0).sum()) for n in rows])
        for masks, rows in ((train.masks, reference.rows), (test.masks, real))
    )
    near = nearest(reference, embedding, min(K, len(reference.points)))[0]
    found = sizes_alike(near, there, here, test.patients[real], seed=SEED)
    return None if found is None else numbers(found)


def numbers(found: Interval) -> list[float]:
    """Value and ends."""
    return [round(value, 5) for value in (found.value, found.low, found.high)]


def plain(found: LabelWorth | OriginWorth) -> dict[str, Any]:
    """Intervals as ``[value, low, high]``, numbers rounded."""
    told: dict[str, Any] = {}
    for name in asdict(found):
        value = getattr(found, name)
        told[name] = numbers(value) if isinstance(value, Interval) else value
    return told | {"by_chance": round(found.by_chance, 5)}


def told_label(found: LabelWorth) -> dict[str, Any]:
    """As plain data."""
    return plain(found) | {"cases": list(found.cases)}


def told_origin(found: OriginWorth) -> dict[str, Any]:
    """As plain data."""
    return plain(found)


def rows(found: dict[str, Any]) -> dict[str, str]:
    """Lines for the card."""
    result = {}
    questions = sorted(found["questions"].items(), key=lambda item: -min_cases(item[1]))
    for name, worth in questions[:MOST_ROWS]:
        told = (
            f"nearest training case has the same label in {span(worth['nearest'])}, by chance {worth['by_chance']:.3f}"
        )
        if worth["auroc"] is not None:
            told += (
                f"; AUROC of the {found['k']} nearest {span(worth['auroc'])}, the network's less this "
                f"{span(worth['less_than_network'])}"
            )
        result[f"Similar cases: {name}"] = f"{told}; {worth['cases'][0]} test cases, {worth['cases'][1]} kept"
    if found["size"] is not None:
        result["Similar cases: size of what is outlined"] = (
            f"rank correlation with the {found['k']} nearest {span(found['size'])}"
        )
    if found["origins"]:
        result["Similar cases: origin of the nearest"] = "; ".join(
            f"same {name} in {span(worth['same'])}, by chance {worth['by_chance']:.3f}"
            for name, worth in found["origins"].items()
        )
    if found["questions"] or found["size"] is not None:
        return result
    told = f"{found['kept']} kept, all of one label: whether likeness tells it was not measured"
    return result | {"Similar cases": told}


def min_cases(worth: dict[str, Any]) -> int:
    """Questions with an area first, then by cases."""
    return int(worth["cases"][0]) + (10**6 if worth["auroc"] is not None else 0)


def span(found: list[float]) -> str:
    """A number with its interval."""
    return f"{found[0]:.3f} ({found[1]:.3f} to {found[2]:.3f})"
