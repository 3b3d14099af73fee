"""The part ``calibration``: whether the probabilities are true."""

from typing import Any

import numpy as np

from secondread.audit.assessed import Assessed, Measured
from secondread.audit.sureness.asked import BRIEF, questions, rounded, text, told
from secondread.audit.sureness.calibrating import calibration_of
from secondread.audit.sureness.places import places_of, spread_of_readers
from secondread.learn.judge import SEED
from secondread.learn.judge_outlines import dices, drawn
from secondread.learn.trial import Trial
from secondread.stats.bootstrap import bootstrap
from secondread.stats.calibration import BINS

NAME = "calibration"
ORDER = 30
FEW_BINS = 5  # of a plot, where there are many questions


def measure(assessed: Assessed) -> Measured:
    """Figures on test; the choice of another method is made on validation, and the shipped one stays."""
    trial = assessed.trial
    found = questions(assessed)
    asked = [calibration_of(question, BINS if len(found) <= BRIEF else FEW_BINS) for question in found]
    entry: dict[str, Any] = {"questions": asked, "places": places(trial)}
    if trial.splits["test"].shares is not None:
        entry["readers"] = readers(trial)
    return Measured({"rows": rows(entry), **entry})


def places(trial: Trial) -> list[dict[str, Any]]:
    """Of every structure, whether the probability of its places is true."""
    test, outlines = trial.splits["test"], trial.found["test"].outlines
    if outlines is None:
        return []
    found = ((name, places_of(test, outlines, n)) for n, name in enumerate(trial.recipe.model.structures))
    return [{"name": name, **part} for name, part in found if part is not None]


def readers(trial: Trial) -> dict[str, Any]:
    """Disagreement of several readers, lesion by lesion, one picture each: those that are judged."""
    test, outlines = trial.splits["test"], trial.found["test"].outlines
    assert test.masks is not None
    assert outlines is not None
    has = np.flatnonzero(test.masks.reshape(len(test), -1).any(1) & (outlines.reshape(len(test), -1) > 0).any(1))
    found = drawn(outlines[has], 0, trial.outline_threshold())
    dice = np.array(dices(found, test.masks[has] == 1))
    return spread_of_readers(test, outlines, has, dice) | {"opinions": opinions(trial)}


def opinions(trial: Trial) -> dict[str, Any] | None:
    """Mean probability where the readers had a clear opinion, and where they had none; None without labels."""
    test = trial.splits["test"]
    if len(trial.recipe.questions) != 1:
        return None
    question = trial.recipe.questions[0]
    p, y = trial.yes(trial.found["test"].logits, question), trial.truth("test", question)
    parts = {"no": y == 0, "neither": y < 0, "yes": y == 1}
    return {
        name: told(bootstrap(lambda v: float(v.mean()), test.patients[mine], p[mine], n=1000, seed=SEED))
        for name, mine in parts.items()
        if mine.any()
    }


def rows(entry: dict[str, Any]) -> dict[str, str]:
    """What the card says."""
    judged = [q for q in entry["questions"] if "after" in q]
    found: dict[str, str] = {}
    if len(judged) <= BRIEF:
        found |= {f"calibration error, {q['name']}": errors(q) for q in judged}
    elif judged:
        found["calibration error"] = overall(judged)
    found |= others(judged)
    if entry["places"]:
        each = "; ".join(f"{part['name']} {text(part['error'])}" for part in entry["places"])
        found["calibration error of places"] = f"{each}, near the structure"
    if "readers" in entry:
        found["disagreement of the readers"] = told_of_readers(entry["readers"])
    return found or {"calibration": "not judged: too few cases of an answer on test"}


def errors(q: dict[str, Any]) -> str:
    """One question in one line."""
    after = q["after"]
    return (
        f"{q['ece'][0]:.3f} (true probabilities would show up to {q['ece_by_chance'][2]:.3f}); less the part of chance "
        f"{text(q['ece'][1:])}, in bins of equally many cases {text(q['adaptive_ece'][1:])}; "
        f"{q['before']['ece']:.3f} before calibration; Brier score {text(after['brier'])} = reliability "
        f"{q['reliability'][0]:.3f} - resolution {after['resolution'][0]:.3f} + uncertainty "
        f"{after['uncertainty'][0]:.3f} + within bins {after['within'][0]:.3f}"
    )


def overall(judged: list[dict[str, Any]]) -> str:
    """Many questions in one line."""
    worst = max(judged, key=lambda q: q["ece"][0] - q["ece_by_chance"][2])
    beyond = [q["name"] for q in judged if q["ece"][0] > q["ece_by_chance"][2]]
    middle = float(np.median([q["ece"][0] for q in judged]))
    return (
        f"median of {len(judged)} questions {middle:.3f}; furthest beyond chance {worst['name']}, "
        f"{worst['ece'][0]:.3f}, less the part of chance {text(worst['ece'][1:])}; more than true probabilities would "
        f"show: {', '.join(beyond) or 'none'}"
    )


def others(judged: list[dict[str, Any]]) -> dict[str, str]:
    """Whether another method of calibration would have been better on validation."""
    chosen = [q for q in judged if q["choice"]]
    clear = [q for q in chosen if q["choice"]["clear"]]
    if not chosen:
        return {"another calibration": "not tried: validation has too few cases"} if judged else {}
    if not clear:
        return {"another calibration": f"none is clearly better on validation ({len(chosen)} questions)"}
    each = "; ".join(
        f"{q['name']}: {q['choice']['best']}, log loss smaller by {text(q['choice']['gain'])}, calibration error on "
        f"test {rounded(q['choice']['ece_on_test']):.3f} for {q['ece'][0]:.3f}"
        for q in clear[:BRIEF]
    )
    more = f"; {len(clear) - BRIEF} more" if len(clear) > BRIEF else ""
    return {"another calibration": f"clearly better on validation, not used: {each}{more}"}


def told_of_readers(found: dict[str, Any]) -> str:
    """The readers of an outline in one line."""
    return (
        f"disagreement {text(found['disagreement'])} where the network's own unsureness is "
        f"{text(found['unsureness'])}, rank correlation {text(found['unsureness_follows_disagreement'])}; the error "
        f"grows with it: {text(found['error_grows_with_disagreement'])} ({found['lesions']} "
        "pictures with a consensus)"
    )
