"""A predetermined change control plan: what may change, how a change is tested, what it may harm.

Source: the three parts that the guidance of the FDA asks for (marketing submission recommendations for a predetermined
    change control plan for AI-enabled device software functions, 2024, renewed in 2025).
"""

from secondread.audit.dossier.markdown import PERSON, listing, page, section, table
from secondread.audit.dossier.subject import Subject, headline, points, splits

MODIFICATIONS = (
    ("New weights by the same recipe, from more data", "retraining", "labels, input and intended use stay"),
    ("New calibration and thresholds of a site", "recalibration", "'secondread calibrate', stored beside the bundle"),
    ("Smaller or faster form of the same weights", "export", "'secondread export' within the tolerance of the card"),
)
STEPS = (
    "Data: split by patient; the test split of the version in use is kept frozen and is never trained on.",
    "Training: by the recipe, with stated seeds; the recipe and the data's hash are kept with the bundle.",
    "Evaluation: 'secondread evaluate' and 'secondread assess'; every part of the assessment anew.",
    "Comparison: 'secondread compare' on the same cases, paired tests, Holm's correction; not worse by more than the "
    "margin, overall and in every subgroup with enough cases.",
    "Thresholds: never carried over; re-tuned by the documented procedure for the new hash and each site.",
    "Roll-out: beside the version in use at first; monitors start with a new reference; "
    "the old bundle stays as a way back.",
)


def change_plan(subject: Subject) -> str:
    """The plan in Markdown."""
    card = subject.card
    return page(
        f"Predetermined change control plan: {card.name} {card.version}",
        section("1. Description of modifications", table(("change", "kind", "bounds"), MODIFICATIONS)),
        section("2. Modification protocol", listing(STEPS), f"{PERSON}: the margin, the subgroups that must not lose."),
        section(
            "3. Impact assessment",
            f"What stands today, and a change is compared with: {headline(subject)}.",
            f"Operating points: {points(subject)}.",
            f"Splits: {splits(subject)}.",
            f"{PERSON}: benefit and risk of each change, alone and together, and how users are told.",
        ),
    )
