"""The part ``selective``: what is gained when the least sure cases are left to a person."""

from typing import Any

from secondread.audit.assessed import Assessed, Measured
from secondread.audit.sureness.asked import BRIEF, percent, questions, text
from secondread.audit.sureness.conforming import conformal_of
from secondread.audit.sureness.deciding import deciding, labels_at_once, outlines_at_once
from secondread.learn.trial import Trial
from secondread.stats.selective import POINTS

NAME = "selective"
ORDER = 50
FEW_POINTS = 8  # of a curve, where there are many questions


def measure(assessed: Assessed) -> Measured:
    """Curves on test; the range is that of the part ``conformal``."""
    trial = assessed.trial
    found, asked = questions(assessed), []
    points = POINTS if len(found) <= BRIEF else FEW_POINTS
    for question in found:
        ends = conformal_of(question)["range"]
        asked.append(deciding(question, None if ends is None else (ends[0], ends[1]), points))
    entry: dict[str, Any] = {"questions": asked, "labels": labels_at_once(trial), "outlines": outlines(trial)}
    return Measured({"rows": rows(entry), **entry})


def outlines(trial: Trial) -> list[dict[str, Any]]:
    """Of every structure that is judged by masks."""
    if trial.found["test"].outlines is None or any(map(len, trial.splits["test"].boxes)):
        return []
    threshold = trial.outline_threshold()
    found = ((name, outlines_at_once(trial, n, threshold)) for n, name in enumerate(trial.recipe.model.structures))
    return [{"name": name, **part} for name, part in found if part is not None]


def rows(entry: dict[str, Any]) -> dict[str, str]:
    """What the card says."""
    judged = [q for q in entry["questions"] if "curve" in q]
    found: dict[str, str] = {}
    if len(judged) <= BRIEF:
        found |= {f"errors when unsure cases are left out, {q['name']}": one(q) for q in judged}
    elif judged:
        found["errors when unsure cases are left out"] = many(judged)
    if entry["labels"]:
        found["errors when unsure cases are left out, all labels"] = curve(entry["labels"])
    for part in entry["outlines"]:
        found[f"1 - Dice when unsure outlines are left out, {part['name']}"] = curve(part)
    return found or {"selective": "not judged: there is neither a question with enough cases nor an outline with masks"}


def curve(part: dict[str, Any]) -> str:
    """A curve in words."""
    return (
        f"{text(part['risk'])} of all, {text(part['risk_at_80'])} of the surest 80 % (less by "
        f"{text(part['spared'])}); area {text(part['aurc'])}"
    )


def one(q: dict[str, Any]) -> str:
    """One question in one line."""
    decided = q["decided"]
    if not decided["undecided"]:
        return curve(q)
    right = "none is decided" if decided["accuracy"] is None else f"{text(decided['accuracy'])} of the rest is right"
    return f"{curve(q)}; {percent(decided['undecided'])} undecided, {right}"


def many(judged: list[dict[str, Any]]) -> str:
    """Many questions in one line."""
    helped = [q["name"] for q in judged if q["spared"][1] > 0.0]
    shares = sorted(q["decided"]["undecided"] for q in judged)
    return (
        f"the surest 80 % have clearly fewer errors in {len(helped)} of {len(judged)} questions; undecided in the "
        f"median question {percent(shares[len(shares) // 2])} of the cases, at most {percent(shares[-1])}"
    )
