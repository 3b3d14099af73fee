"""The bundle that a dossier is about, and what is known of it, fact by fact."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from secondread.core.card import ModelCard
from secondread.core.errors import BundleError
from secondread.engine.bundle import Bundle
from secondread.learn.page.page import result_of
from secondread.learn.publish import trust_rows

PARTS: Mapping[str, str] = {
    "gate": "The gate in front of it",
    "outside": "Inputs unlike its training",
    "calibration": "Calibration",
    "conformal": "Undecided answers",
    "selective": "Answering only when sure",
    "maps": "Faithfulness of its maps",
    "bands": "Uncertainty of its outlines",
    "probes": "Shortcuts",
    "audit": "Subgroups compared",
    "similar": "Similar cases",
}


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """A bundle with everything that was measured of it.

    Attributes:
        card: Its card.
        result: What its ``evaluation.json`` holds.
    """

    card: ModelCard
    result: Mapping[str, Any]

    def rows(self, part: str) -> dict[str, str]:
        """The lines of one part of its assessment; none where it was not assessed."""
        found: dict[str, str] = self.result.get("trust", {}).get(part, {}).get("rows", {})
        return found

    @property
    def own_results(self) -> dict[str, str]:
        """The card's results without those of the assessment."""
        assessed = trust_rows(self.result)
        return {row: str(text) for row, text in self.card.results.items() if row not in assessed}


def subject_of(bundle: Bundle) -> Subject:
    """The subject of a bundle.

    Raises:
        BundleError: If it was not evaluated and assessed.
        IntegrityError: If its evaluation is not the one that its card names.
    """
    result = result_of(bundle)
    if not result.get("trust"):
        raise BundleError(
            f"bundle {bundle.card.name!r}: found no assessment, needed one. Run 'secondread assess' first."
        )
    return Subject(bundle.card, result)


def sentences(texts: tuple[str, ...]) -> str:
    """Several sentences as one paragraph."""
    return " ".join(texts)


def told(part: str) -> Callable[[Subject], str]:
    """A fact that is told by the lines of a part of the assessment."""

    def fact(subject: Subject) -> str:
        return "; ".join(f"{row}: {text}" for row, text in subject.rows(part).items()) or "not assessed"

    return fact


def splits(subject: Subject) -> str:
    """How many pictures and patients each split holds."""
    parts = subject.result["splits"].items()
    return "; ".join(f"{name}: {part['pictures']} pictures of {part['patients']} patients" for name, part in parts)


def contract(subject: Subject) -> str:
    """What the network must be given."""
    needs = subject.card.input
    size = " x ".join(str(side) for side in needs.grid)
    kinds = f"modality {', '.join(needs.modalities)}"
    views = f", view {', '.join(needs.views)}" if needs.views else ""
    ages = f", age {needs.age_years[0]:g} to {needs.age_years[1]:g} years" if needs.age_years else ""
    return f"{needs.channels} channel(s) of {size} ({needs.resize}), {kinds}{views}{ages}"


def points(subject: Subject) -> str:
    """Operating points and how they were chosen."""
    return "; ".join(f"{p.name}: {p.value:.4f} ({p.rule})" for p in subject.card.thresholds) or "none"


def external(subject: Subject) -> str:
    """Sets of another source on which it was judged."""
    found = subject.result.get("external") or {}
    return "; ".join(f"{name}: {part['pictures']} pictures" for name, part in found.items()) or "none"


def baseline(subject: Subject) -> str:
    """The network against what knows no anatomy."""
    rows = [f"{row}: {text}" for row, text in subject.own_results.items() if "baseline" in row or " alone" in row]
    return "; ".join(rows[:6]) or "see the table of results"


def headline(subject: Subject) -> str:
    """The first figures."""
    rows = [f"{row}: {text}" for row, text in subject.own_results.items() if "AUROC" in row or "Dice" in row]
    return "; ".join(rows[:4]) or "see the table of results"


def groups(subject: Subject) -> str:
    """Figures by subgroup."""
    count = len(subject.card.subgroups)
    return f"{count} rows of subgroups on the card; {told('audit')(subject)}"


FACTS: Mapping[str, Callable[[Subject], str]] = {
    "kind": lambda s: f"A convolutional neural network (deep learning), {s.card.name} {s.card.version}",
    "use": lambda s: s.card.intended_use,
    "not for": lambda s: sentences(s.card.not_for),
    "limits": lambda s: sentences(s.card.limits) or "none are known beyond what it is not for",
    "data": lambda s: sentences(s.card.training_data),
    "sources": lambda s: sentences(s.card.sources),
    "licence": lambda s: s.card.licence,
    "splits": splits,
    "input": contract,
    "points": points,
    "calibration": lambda s: f"{s.card.calibration.method}, fitted on {s.card.calibration.fitted_on}",
    "external": external,
    "baseline": baseline,
    "headline": headline,
    "groups": groups,
    "seeds": lambda s: f"seeds {s.result['seeds']}, ensemble: {s.result['ensemble']}, mirror: {s.result['mirror']}",
    "weights": lambda s: f"SHA-256 {s.card.weights}",
    **{part: told(part) for part in PARTS},
    "retrospective": lambda _: "Retrospective: public, de-identified data sets.",
    "goal": lambda _: "Model creation and testing, for research.",
    "identity": lambda _: "The data sets are public and were de-identified by their owners; no name is kept.",
    "disjoint": lambda _: "By patient (by near-duplicate group where no patient is known); the manifest fixes it.",
    "software": lambda s: f"Trained with PyTorch, run by {s.result['engine']}; versions in pyproject.toml.",
    "recipe": lambda s: f"recipes/{s.card.name}.toml holds every choice; training is repeatable by its seeds.",
    "selection": lambda _: "By the recipe, on validation data; looks at the test split are counted on the card.",
    "metrics": lambda _: (
        "docs/reference/evaluation-json.md names each; AUROC by DeLong and by patient, Dice, FROC, ECE."
    ),
    "intervals": lambda _: (
        "95 % intervals: drawing patients, DeLong on the logit scale, Wilson; see each figure's method."
    ),
    "code": lambda _: "Code, recipe, weights and evaluation are open; data by their own terms (see sources).",
    "tests": lambda _: (
        "Versioned code with tests, types and floors in CI; weights verified by SHA-256 before each use."
    ),
    "team": lambda _: (
        "The reading room shows AI content to be accepted, edited or rejected; overrides are kept as data."
    ),
    "told": lambda _: "Card, evidence page and label tell use, limits, figures by group, and what is refused.",
    "watched": lambda _: "Monitors of inputs, outputs, refusals, overrides and turnaround; alarms in the reading room.",
    "logs": lambda _: "An audit trail with a hash chain records every read, look, change and signature.",
    "oversight": lambda _: (
        "Drafts only; a named person signs. AI content can be hidden until the own look, and a reader switched off."
    ),
    "security": lambda _: (
        "Weights as ONNX only, never pickle; roles, tokens, TLS, strict content policy in the reading room."
    ),
}
