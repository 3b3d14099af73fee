"""Whether the maps of a bundle mark what its network used: measured by taking away, by shuffling, and beside marks."""

from collections.abc import Mapping
from typing import Any

from secondread.audit.assessed import Assessed, Measured
from secondread.audit.maps.drawn import INTEGRATED, METHODS
from secondread.audit.maps.measured import by_question
from secondread.audit.maps.outlined import outlines
from secondread.audit.maps.rating import rating, sentence, text
from secondread.core.trust import IN_GRAPH, MAP_METHODS, OCCLUSION, RATINGS
from secondread.explain.curves import SHARES
from secondread.explain.integrated import STEPS
from secondread.explain.occlusion import CELLS, grid

NAME = "maps"
ORDER = 60


def measure(assessed: Assessed) -> Measured:
    """Maps and outlines on test pictures."""
    return measured_on(assessed, "test")


def measured_on(assessed: Assessed, split: str) -> Measured:
    """The same on the pictures of one split; rules were fixed on ``val``."""
    card = assessed.bundle.card
    questions = by_question(assessed, split) if card.labels and not card.input.depth_px else {}
    drawn = outlines(assessed, split) if card.structures else {}
    ratings = [rated(name, part, method) for name, part in questions.items() for method in MAP_METHODS]
    entry = {
        "rows": rows(questions, drawn, ratings),
        "split": split,
        "shares": list(SHARES),
        "passes": passes(assessed) if questions else {},
        "questions": questions,
        "outlines": drawn,
        "ratings": ratings,
    }
    return Measured(entry)


def rated(name: str, part: Mapping[str, Any], method: str) -> dict[str, str]:
    """The rating of the maps of an operating point by one method, with its reason."""
    figures = part.get("methods", {}).get(method, {})
    return {
        "point": name,
        "method": method,
        "rating": rating(part["pictures"], part["patients"], figures),
        "told": sentence(part["pictures"], figures),
    }


def passes(assessed: Assessed) -> dict[str, str]:
    """What each method costs beside the pass that gives the answer."""
    down, across = grid(assessed.bundle.card.input.grid, CELLS)
    return {
        IN_GRAPH: "none",
        OCCLUSION: f"{len(down) * len(across) + 1} passes for all questions together",
        INTEGRATED: f"{STEPS} gradients a question, each about three passes",
    }


def rows(questions: Mapping[str, Any], drawn: Mapping[str, Any], ratings: list[dict[str, str]]) -> dict[str, str]:
    """What the card shows."""
    found: dict[str, str] = {}
    if ratings:
        found |= {f"maps by question, {method}": by_rating(ratings, method) for method in MAP_METHODS}
        found |= of_first(questions)
    for name, part in drawn.items():
        if part.get("deletion"):
            found[f"outline of {name}, taken out"] = (
                f"its probability fell by {text(part['own'])}, by {text(part['elsewhere'])} when places elsewhere were "
                f"({part['pictures']} pictures)"
            )
    return found or {"maps": "none: this bundle gives no map and no outline"}


def by_rating(ratings: list[dict[str, str]], method: str) -> str:
    """Which operating points have which rating by one method."""
    named = {
        kind: [row["point"] for row in ratings if (row["method"], row["rating"]) == (method, kind)] for kind in RATINGS
    }
    return "; ".join(f"{kind}: {', '.join(names)}" for kind, names in named.items() if names)


def of_first(questions: Mapping[str, Any]) -> dict[str, str]:
    """The first question that was measured, method by method."""
    for name, part in questions.items():
        if part["pictures"] < 2:
            continue
        methods, found = part["methods"], {}
        gained = [f"{method} {text(methods[method]['deletion'])}" for method in METHODS]
        found[f"maps of {name}, taken out"] = (
            f"fall of the answer beyond that for random places, in SD of its log odds, {part['pictures']} pictures: "
            f"{', '.join(gained)}"
        )
        alike = [f"{method} {text(methods[method]['likeness'])}" for method in MAP_METHODS]
        found[f"maps of {name}, weights shuffled"] = f"alike by, 1 = the same: {', '.join(alike)}"
        if methods[IN_GRAPH].get("inside"):
            shares = [f"{method} {text(methods[method]['inside'])}" for method in METHODS]
            found[f"maps of {name}, in marked places"] = (
                f"{', '.join(shares)}; share of the area {methods[IN_GRAPH]['area'][0]:.2f} "
                f"({methods[IN_GRAPH]['marked_pictures']} pictures)"
            )
        return found
    return {}
