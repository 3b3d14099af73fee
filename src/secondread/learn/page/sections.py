"""The parts of the page, in the order in which a careful reader asks."""

from collections.abc import Mapping, Sequence
from typing import Any

from secondread.core.card import ModelCard
from secondread.learn.acceptance import measured
from secondread.learn.card_rows.questions import not_answered
from secondread.learn.card_rows.words import many, text
from secondread.learn.manifest import SPLITS
from secondread.learn.page import charts
from secondread.learn.page.blocks import Block, Chart, Listing, Section, Table, Words
from secondread.learn.recipe import Acceptance
from secondread.learn.variants import variant_rows

INTERVALS = (
    "Ranges in brackets are 95 % intervals. Those by patient come from drawing patients with replacement; those of "
    "sensitivity and specificity are Wilson's. Calibration and thresholds were fixed on validation data, never on the "
    "test split."
)


def purpose(card: ModelCard) -> Section:
    """What it is for, and what not."""
    blocks: list[Block] = [Words((card.intended_use,)), Listing("Not for", card.not_for, "warning")]
    if card.limits:
        blocks.append(Listing("Known limits", card.limits))
    return Section("What it is for, and what not", tuple(blocks))


def asked(result: Mapping[str, Any]) -> Section | None:
    """What the recipe asked for, and whether it was reached."""
    silent, rows = not_answered(result), []
    for row in result.get("acceptance", ()):
        where = {"test": "test split"}.get(row.get("on", "test"), row.get("on"))
        limits = (("at least", row["at_least"]), ("at most", row["at_most"]))
        needed = " and ".join(f"{words} {value:g}" for words, value in limits if value is not None)
        verdict = "reached" if row["accepted"] else "missed"
        found = "not answered" if row["question"] in silent else reached(row, result)
        rows.append((f"{row['question']}: {row['measure'].replace('_', ' ')}", where, needed, found, verdict))
    if not rows:
        return None
    table = Table("", ("figure", "measured on", "asked for", "found", ""), tuple(rows))
    return Section("What was asked of it", (table,))


def reached(row: Mapping[str, Any], result: Mapping[str, Any]) -> str:
    """What was found, with its interval where it has one."""
    if row["reached"] is None:
        return "not measured"
    item = Acceptance(row["question"], row["measure"], row["at_least"], row["at_most"], row.get("on", "test"))
    found = measured(item, dict(result))
    return text(found) if isinstance(found, Mapping) else f"{row['reached']:.4f}"


def headline(result: Mapping[str, Any]) -> Section:
    """The first figure of everything that it answers."""
    silent, found = not_answered(result), []
    for name, part in result["questions"].items():
        if name not in silent:
            cases = f"{part['positives']} of {part['n']} positive"
            found.append((name, "AUROC", cases, part["auroc_by_patient"]))
    for name, part in result.get("structures_found", {}).items():
        found.append((name, "mean Dice by case", many(part["cases"], "case"), part["dice"]["mean"]))
    for name, part in result.get("marks", {}).items():
        lesions = many(part["at_threshold"]["lesions"], "lesion")
        found.append((name, f"lesions found at {part['rate']:g} false a picture", lesions, part["sensitivity_at_rate"]))
    blocks: list[Block] = [barred("", ("", "measure", "cases"), found)]
    if silent:
        why = tuple(f"{name}: {reason}" for name, reason in silent.items())
        blocks.append(Listing("Not answered", why, "warning"))
    return Section("At a glance, on the test split", (*blocks, Words((INTERVALS,))))


def barred(
    title: str, header: tuple[str, ...], found: Sequence[tuple[Any, ...]], *, without: str = "not defined"
) -> Table:
    """A table whose rows end with an interval, drawn and written.

    Args:
        title: Of the table.
        header: Of the cells before the interval.
        found: Rows; the last of each is an interval as plain data, or None.
        without: What is written where there is no interval.
    """
    low, high = charts.scale([row[-1] for row in found], 0.5)
    rows = []
    for *cells, interval in found:
        drawn: str | Chart = "" if interval is None else charts.between(interval, low, high)
        rows.append((*map(str, cells), drawn, without if interval is None else text(interval)))
    return Table(title, (*header, f"{low:g} to {high:g}", "95 % interval"), tuple(rows))


def data(result: Mapping[str, Any], card: ModelCard) -> Section:
    """What it learnt from, and what it was judged on."""
    names = {"train": "training", "val": "validation", "test": "test"}
    splits = tuple(
        (names[name], str(part["pictures"]), str(part["made"]), str(part["patients"]))
        for name, part in ((name, result["splits"][name]) for name in SPLITS)
    )
    others = [part["data"] for part in (result.get("external") or {}).values()]
    used = [("learnt from and judged on", item) for item in result["data"]]
    used += [("another source, only judged on", item) for item in others]
    sets = tuple((item["path"], words, item["sha256"][:16]) for words, item in used)
    return Section(
        "Data",
        (
            Table("Splits, by patient", ("split", "pictures", "of these made from others", "patients"), splits),
            Table("Sets", ("set", "", "SHA-256 begins"), sets),
            Listing("In words", card.training_data),
        ),
    )


def subgroups(result: Mapping[str, Any]) -> Section | None:
    """Every group of every question and structure."""
    silent, blocks = not_answered(result), list[Block]()
    for name, part in result["questions"].items():
        if name in silent:
            continue
        areas = [(row["group"], row["n"], row["positives"], row["auroc"]) for row in part["subgroups"]]
        if areas:
            blocks.append(barred(f"{name}: AUROC", ("group", "cases", "positive"), areas, without="too few cases"))
    for name, part in result.get("structures_found", {}).items():
        rows = [(row["group"], row["n"], row["dice"] and row["dice"]["mean"]) for row in part["subgroups"]]
        if rows:
            blocks.append(barred(f"{name}: mean Dice", ("group", "cases"), rows, without="too few patients"))
    return Section("By group", tuple(blocks)) if blocks else None


def variants(result: Mapping[str, Any]) -> Section | None:
    """Other forms of the network."""
    rows = tuple(variant_rows(result).items())
    return Section("Other forms of the network", (Table("", ("", ""), rows),)) if rows else None


def origin(result: Mapping[str, Any], card: ModelCard) -> Section:
    """Where the figures come from."""
    calibration = result["calibration"]
    rows = (
        ("network (SHA-256 of model.onnx)", result["model_sha256"]),
        ("run by", result["engine"]),
        ("seeds", ", ".join(map(str, result["seeds"]))),
        ("calibration", f"{calibration['method']}, fitted on {calibration['fitted_on']}"),
        *((f"operating point {point.name}", f"{point.value:.4g}; {point.rule}") for point in card.thresholds),
        ("licence", card.licence),
    )
    return Section("Where these figures come from", (Table("", ("", ""), rows), Listing("Sources", card.sources)))
