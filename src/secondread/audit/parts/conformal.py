"""The part ``conformal``: sets that hold the right answer nine times of ten, and when nothing can be said."""

from typing import Any

from secondread.audit.assessed import Assessed, Measured
from secondread.audit.sureness.asked import BRIEF, percent, questions, text
from secondread.audit.sureness.conforming import ALPHA, conformal_of, needed, several
from secondread.audit.sureness.lesions import lesions_of
from secondread.audit.sureness.sizes import sizes_of
from secondread.learn.judge_marks import marked
from secondread.learn.trial import Trial

NAME = "conformal"
ORDER = 40
TRUE_SIZE = "true size within a factor of {}"
MARGIN = "95 % of the structure within {} pixels of the outline"
WORDS = {"inside": "as expected", "below": "fewer than expected", "above": "more than expected"}


def measure(assessed: Assessed) -> Measured:
    """Everything is fixed on validation; the coverage is counted on test."""
    trial = assessed.trial
    asked = [conformal_of(question) for question in questions(assessed)]
    entry: dict[str, Any] = {
        "alpha": ALPHA,
        "unit": "one picture drawn from each patient, within each answer",
        "ranges": {q["name"]: q["range"] for q in asked},
        "questions": asked,
        "several": several(trial),
        "sizes": sizes(trial),
        "lesions": lesions(trial),
    }
    return Measured({"rows": rows(entry), **entry})


def sizes(trial: Trial) -> dict[str, Any]:
    """Of every structure whose outline is judged by masks."""
    if trial.found["val"].outlines is None or any(map(len, trial.splits["test"].boxes)):
        return {}
    threshold = trial.outline_threshold()
    return {name: sizes_of(trial, n, threshold) for n, name in enumerate(trial.recipe.model.structures)}


def lesions(trial: Trial) -> dict[str, Any]:
    """Of every structure with marks."""
    found = {}
    for item in trial.recipe.marks:
        number = trial.recipe.model.structures.index(item.structure)
        pair = []
        for split in ("val", "test"):
            outlines = trial.found[split].outlines
            assert outlines is not None
            pair.append(marked(trial.splits[split], outlines, number))
        found[item.structure] = lesions_of(*pair)
    return found


def rows(entry: dict[str, Any]) -> dict[str, str]:
    """What the card says."""
    asked = entry["questions"]
    known, without = ([q for q in asked if q["available"] == yes] for yes in (True, False))
    found: dict[str, str] = {}
    if len(known) <= BRIEF:
        found |= {f"conformal sets, {q['name']}": one(q) for q in known}
    else:
        found["conformal sets"] = many(known)
    if without:
        names = ", ".join(q["name"] for q in without)
        found["no undecided range"] = f"{names}: fewer than {needed()} patients of an answer on validation"
    if entry["several"]:
        found["conformal sets of all labels"] = of_labels(entry["several"])
    for name, part in entry["sizes"].items():
        found[f"size, {name}"] = of_size(part)
    for name, part in entry["lesions"].items():
        found[f"missed lesions, {name}"] = of_lesions(part)
    return found


def counted(row: dict[str, Any]) -> str:
    """A coverage in words."""
    low, high = row["expected"]
    return f"{row['covered']} of {row['n']} {row['group']} ({WORDS[row['verdict']]}: {low} to {high})"


def one(q: dict[str, Any]) -> str:
    """One question in one line."""
    sides = "; ".join(counted(row) for row in q["coverage"] if row["group"] in {"negative", "positive"})
    out = [row["group"] for row in q["coverage"] if row.get("verdict", "inside") == "below"]
    fell = f"; fell short in: {', '.join(out)}" if out else ""
    if q["range"] is None:
        return f"hold the right answer in {sides}{fell}; never undecided{between(q)}"
    low, high = q["range"]
    return (
        f"hold the right answer in {sides}{fell}; undecided from {low:.3f} to {high:.3f}, "
        f"{percent(q['undecided'])} of the test cases{between(q)}"
    )


def between(q: dict[str, Any]) -> str:
    """How often the calls were wrong where the set holds no answer."""
    empty = q.get("empty", {}).get("validation", 0)
    if not empty:
        return ""
    return f"; where the set holds neither answer {q['empty']['wrong']} of {empty} validation calls were wrong"


def many(known: list[dict[str, Any]]) -> str:
    """Many questions in one line."""
    sides = [(q["name"], row) for q in known for row in q["coverage"] if row["group"] in {"negative", "positive"}]
    out = [f"{name} {row['group']} {row['verdict']}" for name, row in sides if row["verdict"] != "inside"]
    always = [q["name"] for q in known if q["undecided"] > 0.5]
    fell = f"; outside: {', '.join(out)}" if out else ""
    most = f"; more than half of the test cases undecided: {', '.join(always)}" if always else ""
    return f"{len(sides) - len(out)} of {len(sides)} coverages (two a question) lie where expected{fell}{most}"


def of_labels(several: dict[str, Any]) -> str:
    """Sets over all labels in one line."""
    judged = [row for row in several["classes"] if "verdict" in row]
    out = [f"{row['label']} {row['verdict']}" for row in judged if row["verdict"] != "inside"]
    return (
        f"{several['mean_size']:.2f} labels in the mean, one alone in {percent(several['single'])}; "
        f"{len(judged) - len(out)} of {len(judged)} coverages lie where expected"
        + (f"; outside: {', '.join(out)}" if out else "")
    )


def of_size(part: dict[str, Any]) -> str:
    """The size of an outline in one line."""
    return "; ".join((bound(part["size_factor"], TRUE_SIZE), bound(part["margin_px"], MARGIN)))


def bound(row: dict[str, Any], words: str) -> str:
    """One bound in words."""
    if row["quantile"] is None:
        return f"{words.format('?')}: {row['patients']} patients do not bound it"
    low, high = row["expected"]
    held = f"{row['covered']} of {row['test_patients']} ({WORDS[row['verdict']]}: {low} to {high})"
    return f"{words.format(format(row['quantile'], '.2f'))} in {held}"


def of_lesions(part: dict[str, Any]) -> str:
    """Controlled misses in one line."""
    if part["threshold"] is None:
        least = part.get("least_missed_on_validation")
        return f"no score is low enough: even all marks together miss {percent(least or 0.0)} on validation"
    least = part["least_missed_on_validation"]
    why = "" if part["wanted"] == ALPHA else f" (all marks together miss {percent(least)}, so 10 % cannot be promised)"
    return (
        f"marks from {part['threshold']:.2f} up keep the missed share at {percent(part['wanted'])} or less in the mean"
        f"{why}; on test {text(part['missed'])}, with {text(part['false_marks'])} false marks a picture"
    )
