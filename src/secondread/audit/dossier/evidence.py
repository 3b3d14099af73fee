"""The evidence page of a bundle: every figure that a careful reader asks for, in that order."""

import tomllib
from pathlib import Path

from secondread.audit.dossier.markdown import cell, listing, page, pairs, section, table
from secondread.audit.dossier.subject import PARTS, Subject, contract, points, splits
from secondread.audit.likeness.passing_on import is_listed, licence_of
from secondread.core.card import ModelCard
from secondread.engine.bundle import find_bundles, load_card, shipped
from secondread.learn.examples import data_set

PUBLISHED = Path(__file__).parent / "published.toml"
INTERVALS = (
    "Ranges in brackets are 95 % intervals. Calibration, thresholds and designs were chosen on validation data; the "
    "test split gave the figures alone, and further looks at it are told under the limits."
)
FORBIDDEN = "The licence of its data lets no pictures of cases be passed on."
UNKNOWN = "Whether the licence of its data lets pictures of cases be passed on is not known here, so none are shown."
WITHOUT = "This file was written without the data, so it shows no pictures of cases."
ELSEWHERE = "The test cases on which it is most wrong are shown in `docs/evidence/{name}.md` of the source code."


def evidence_page(subject: Subject, *, picture: str = "", credit: str = "") -> str:
    """The page in Markdown.

    Args:
        subject: The bundle.
        picture: File name, beside the page, of the sheet of its failures, or empty where there is none.
        credit: Whose pictures they are, in sentences.
    """
    card = subject.card
    return page(
        f"Evidence: {card.name} {card.version}",
        section("What it is for", card.intended_use),
        section("What it is not for", listing(card.not_for)),
        section("Known limits", listing(card.limits)),
        section("Data", listing(card.training_data), f"Splits, by patient: {splits(subject)}.", listing(card.sources)),
        section("Method", method(subject)),
        section("Results", pairs(("measure", "test split unless said"), subject.own_results), INTERVALS),
        section("Published figures to compare with", published(card.name)),
        section("Subgroups", subgroups(subject)),
        *(section(title, pairs(("measure", "value"), subject.rows(part))) for part, title in PARTS.items()),
        section("Known failures", failures(subject, picture, credit)),
        section("Licence and weights", f"{card.licence}.", f"`model.onnx` has the SHA-256 `{card.weights}`."),
    )


def method(subject: Subject) -> str:
    """How it gets from pixels to an answer."""
    card = subject.card
    rows = {
        "input": contract(subject),
        "answers": ", ".join((*card.labels, *card.structures)),
        "calibration": f"{card.calibration.method}, temperature {card.calibration.temperature:.3g}, fitted on "
        f"{card.calibration.fitted_on}",
        "operating points": points(subject),
        "recipe": f"`recipes/{card.name}.toml`, seeds {subject.result['seeds']}",
        "run by": str(subject.result["engine"]),
    }
    return pairs(("", ""), rows)


def published(name: str) -> str:
    """What others reported, and why it is not the same thing."""
    rows = tomllib.loads(PUBLISHED.read_text(encoding="utf-8"))["figure"]
    found = [(row["who"], row["figure"], row["on"], row["source"]) for row in rows if row["bundle"] == name]
    return table(("who", "figure", "on", "source"), found)


def subgroups(subject: Subject) -> str:
    """Every row of the card."""
    rows = ((str(r["group"]), str(r["n"]), str(r["measure"]), str(r["value"])) for r in subject.card.subgroups)
    return table(("group", "n", "measure", "value"), rows)


def failures(subject: Subject, picture: str, credit: str) -> str:
    """The sheet of the worst test cases, or why there is none."""
    if not picture:
        return f"{without_pictures(subject)} The figures above tell how often it fails."
    told = f"One case a patient; numbers are probabilities or Dice. Pictures: {credit}"
    return f"![The test cases on which it is most wrong]({cell(picture)})\n\n{told}"


def without_pictures(subject: Subject) -> str:
    """Whether pictures of cases may not be shown, or only are not here."""
    sets = [data_set(str(item["path"])) for item in subject.result.get("data", ())]
    if any(licence_of(name).pictures for name in sets):
        return f"{WITHOUT} {ELSEWHERE.format(name=subject.card.name)}" if is_shipped(subject.card) else WITHOUT
    return FORBIDDEN if sets and all(map(is_listed, sets)) else UNKNOWN


def is_shipped(card: ModelCard) -> bool:
    """Whether it is the bundle that comes with the package, not one of a site's own under its name."""
    folder = find_bundles([shipped()]).get(card.name)
    return folder is not None and load_card(folder).weights == card.weights
