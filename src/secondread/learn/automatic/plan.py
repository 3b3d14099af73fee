"""From facts to the tables of a recipe, each choice with its reason."""

import re
from dataclasses import dataclass
from typing import Any

from secondread.learn.automatic.candidates import LARGEST_VOLUME, Candidate, candidates
from secondread.learn.automatic.choice import Choice
from secondread.learn.automatic.facts import Facts
from secondread.learn.automatic.modality import augmentation
from secondread.learn.automatic.pace import Pace, pace
from secondread.learn.automatic.timing import Timer
from secondread.learn.choices import plain_name
from secondread.learn.recipe import Recipe
from secondread.learn.recipe_checks import check
from secondread.learn.tables import build

NOBODY = "nobody has yet written what this bundle is for"
# Words in labels that say that nothing is there; only a question about something is asked.
ABSENT = frozenset({"no", "normal", "none", "negative", "healthy", "control", "absent", "without", "plain", "0"})
UNEVEN = 0.5  # of its even share: a label that is rarer is weighed up
FAITHFUL = 100  # validation patients from which on one constant a class can be fitted
EMPTY = 0.3  # share of the pictures with something drawn, below which empty ones are shown less often


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """A recipe as tables, and why it is so.

    Attributes:
        tables: As TOML would hold them.
        choices: In the order of the tables.
    """

    tables: dict[str, Any]
    choices: tuple[Choice, ...]


def plan(facts: Facts, minutes: float, modality: str, timer: Timer, name: str = "") -> Plan:
    """The whole recipe.

    Args:
        facts: The data.
        minutes: For everything.
        modality: As named by a person; "" = guess.
        timer: Seconds a step of a recipe.
        name: Of the bundle; that of the data set by default.

    Raises:
        RecipeError: If the time is too short.
        UsageError: If the modality is not known.
    """
    kept, changes, told = augmentation(facts, modality)
    tables, about = fixed(facts, kept, changes, plain_name(name or facts.name, "automatic"))
    possible = not facts.labels or facts.fewest > 0
    taken = pace(
        facts,
        candidates(facts),
        minutes,
        lambda candidate: timer(made(with_network(tables, candidate, candidate.enough), "timing")),
        possible,
    )
    whole = with_network(tables, taken.candidate, taken.epochs)
    if taken.folds:
        whole["cross_validation"] = {"folds": taken.folds}
    made(whole, "automatic recipe")
    return Plan(whole, (*about, *told, *taken.choices, *too_short(taken)))


def made(tables: dict[str, Any], where: str) -> Recipe:
    """The recipe that these tables are.

    Raises:
        RecipeError: If they do not fit.
    """
    recipe: Recipe = build(Recipe, {key: value for key, value in tables.items() if key != "schema"}, where)
    check(recipe, where)
    return recipe


def fixed(
    facts: Facts, modalities: tuple[str, ...], changes: dict[str, float], name: str
) -> tuple[dict[str, Any], list[Choice]]:
    """What does not hang on the time."""
    item, told = dict(facts.data), [task(facts)]
    item["picture"] = "volume" if facts.volumes else "colour" if facts.coloured else "grey"
    schedule, about = balance(facts)
    questions = [{"name": label, "positive": [label]} for label in asked(facts)]
    tables = {
        "schema": 1,
        "model": words(facts, name),
        "input": {
            "resize": "centre" if facts.volumes else "squeeze" if facts.alike else "pad",
            "modalities": list(modalities),
            "channels": 3 if facts.coloured else 1,
        },
        "data": [item],
        "train": schedule,
        "augment": changes,
    }
    told += [shape(facts), *about]
    if questions:
        tables["questions"] = questions
        why = "each label that says something is there is asked for; the threshold is Youden's on validation"
        told.append(Choice("questions", ", ".join(asked(facts)), why))
    return tables, told


def task(facts: Facts) -> Choice:
    """What is to be answered."""
    guessed = f" (columns guessed: {', '.join(facts.guessed)})" if facts.guessed and facts.labels else ""
    parts = []
    if facts.labels:
        parts += [
            f"{len(facts.labels)} independent labels" if facts.independent else f"one of {len(facts.labels)} labels"
        ]
    if facts.structures:
        parts += [f"{len(facts.structures)} outlined structures"]
    kind = "volumes" if facts.volumes else "pictures"
    columns = "columns of 1 and 0" if facts.independent else "a column of labels that exclude each other"
    held = [columns] * bool(facts.labels) + ["masks"] * bool(facts.structures)
    return Choice("model", f"{' and '.join(parts)} of {kind}", f"the manifest holds {' and '.join(held)}{guessed}")


def shape(facts: Facts) -> Choice:
    """How a picture is brought to the size of the network."""
    if facts.volumes:
        cut = (
            " and parts beyond it are cut off: look whether that loses something"
            if max(facts.size) > LARGEST_VOLUME
            else ""
        )
        return Choice("input", "resize centre", f"voxels keep their size; the largest volume decides the grid{cut}")
    if facts.alike:
        return Choice("input", "resize squeeze", "all pictures have nearly the same shape")
    return Choice("input", "resize pad", "pictures differ in shape, and squeezing would deform them differently")


def words(facts: Facts, name: str) -> dict[str, Any]:
    """The card's texts: what is known is said, the rest is left to a person, in words that nobody can mistake."""
    rows = ", ".join(f"{facts.rows[split]:,} {split}" for split in facts.rows)
    table: dict[str, Any] = {
        "name": name,
        "version": "0.0.1",
        "role": "reader",
        "intended_use": f"Trying out, for research: {NOBODY}.",
        "not_for": [f"Any clinical use: {NOBODY}."],
        "licence": "Not stated: a person must look up the licence of the data.",
        "training_data": [
            f"{facts.name}: {rows} pictures of {sum(facts.patients.values()):,} patients; where they come from, a "
            "person must say."
        ],
        "sources": ["Not stated: a person must cite the data."],
        "limits": ["Picked and trained automatically; nobody has reviewed the recipe."],
    }
    if facts.labels:
        table["labels"] = list(facts.labels)
    if facts.structures:
        table["structures"] = list(facts.structures)
    return table | ({"activation": "sigmoid"} if facts.independent else {})


def balance(facts: Facts) -> tuple[dict[str, Any], list[Choice]]:
    """How rare labels are weighed, and how probabilities are made honest again."""
    schedule: dict[str, Any] = {"balance": 0.0, "calibration": "temperature"}
    told = []
    total = sum(facts.positive.values()) if not facts.independent else facts.rows["train"]
    even = total / max(1, len(facts.labels)) if not facts.independent else total / 2
    rarest = min(facts.positive, key=lambda label: facts.positive[label], default="")
    if rarest and facts.positive[rarest] < UNEVEN * even:
        schedule["balance"] = 0.5
        why = f"{rarest} is on {facts.positive[rarest]:,} of {facts.rows['train']:,} training pictures"
        told.append(Choice("train", "balance 0.5", why))
        if facts.patients["val"] >= FAITHFUL:
            schedule["calibration"] = "temperature and bias"
            told.append(Choice("train", "calibration by temperature and bias", "it takes back what balance shifts"))
    if facts.labels and schedule["calibration"] == "temperature":
        told.append(Choice("train", "calibration by temperature", f"{facts.patients['val']:,} validation patients"))
    if facts.structures and not facts.labels and facts.drawn < EMPTY:
        schedule["empty_share"] = EMPTY
        told.append(Choice("train", f"empty_share {EMPTY}", f"{1 - facts.drawn:.0%} of the masks are empty"))
    return schedule, told


def asked(facts: Facts) -> tuple[str, ...]:
    """Labels that are asked for: those that say that something is there; all, where none says that it is not."""
    return tuple(name for name in facts.labels if not ABSENT & set(re.split(r"[\W_]+", name.lower()))) or facts.labels


def with_network(tables: dict[str, Any], candidate: Candidate, epochs: int) -> dict[str, Any]:
    """The tables with this network, trained for so long."""
    grid = dict(zip(("depth_px", "height_px", "width_px")[-len(candidate.grid) :], candidate.grid, strict=True))
    train = {
        "epochs": epochs,
        "batch": candidate.batch,
        "learning_rate": candidate.rate,
        "backbone_rate": candidate.backbone_rate,
        "ema": 0.9 if epochs < candidate.enough else 0.99,
    }
    order = ("schema", "model", "input", "data", "network", "train", "augment", "questions")
    whole = tables | {
        "input": grid | tables["input"],
        "network": dict(candidate.network),
        "train": train | tables["train"],
    }
    return {key: whole[key] for key in order if key in whole}


def too_short(taken: Pace) -> list[Choice]:
    """A word of warning where the time was short."""
    if taken.epochs >= taken.candidate.enough:
        return []
    needed = taken.candidate.enough / max(1, taken.epochs)
    return [Choice("train", "too short a training", f"give it {needed:.0f} times as long before you believe a figure")]
