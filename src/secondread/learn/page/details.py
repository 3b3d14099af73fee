"""The parts of the page about single questions, outlines and marks, and about other data."""

from collections.abc import Mapping
from typing import Any

from secondread.learn.card_rows.elsewhere import external_rows, fold_rows
from secondread.learn.card_rows.outlines import marks_rows, outline_rows
from secondread.learn.card_rows.questions import not_answered, predictive, question_rows
from secondread.learn.card_rows.words import p_text, text
from secondread.learn.page import charts
from secondread.learn.page.blocks import Block, Chart, Charts, Section, Table, Words
from secondread.learn.page.sections import barred

MANY = 3  # questions from which on one table and small drawings serve all of them
BASELINES = (
    "A network should know more than what can be guessed without looking at anatomy: from 24 numbers about the grey "
    "levels, from the border of the picture, or from a number such as the age. p is of the paired test that both rank "
    "these cases equally well (DeLong)."
)


def questions(result: Mapping[str, Any]) -> list[Section]:
    """Each question, or all of them together when they are many."""
    silent = not_answered(result)
    asked = {name: part for name, part in result["questions"].items() if name not in silent}
    if len(asked) > MANY:
        return [together(asked)]
    return [one_question(name, part, result["role"]) for name, part in asked.items()]


def one_question(name: str, part: Mapping[str, Any], role: str) -> Section:
    """Curves, baselines and every figure of one question."""
    drawn = (*((charts.roc(name, part),) if "roc" in part else ()), charts.reliability(name, part))
    rows = question_rows(part) | (predictive(part) if role == "reader" else {})
    blocks: tuple[Block, ...] = (
        Charts(drawn),
        baselines(part),
        Words((BASELINES,)),
        Table("Every figure", ("", ""), tuple(rows.items())),
    )
    return Section(f"Question: {name}", blocks)


def baselines(part: Mapping[str, Any]) -> Table:
    """The network beside what knows no anatomy."""
    rows = [("the network", "", part["auroc_by_patient"])]
    rows.append(("24 numbers about grey levels", p_text(part["shortcut"]["p"]), part["shortcut"]["auroc"]))
    for kind, words in (("covered", "the network, border painted over"), ("alone", "the network, border alone")):
        if part["border"]:
            rows.append((words, "", part["border"][kind]))
    for number, found in part.get("numbers_alone", {}).items():
        rows.append((f"{number} alone, {found['n']} cases", p_text(found["p"]), found["auroc"]))
    return barred("AUROC against simpler explanations", ("", "p"), rows)


def together(asked: Mapping[str, Mapping[str, Any]]) -> Section:
    """Many questions in one table."""
    found = [
        (
            name,
            f"{part['positives']} of {part['n']}",
            text(part["sensitivity"]),
            text(part["specificity"]),
            f"{part['ece']:.3f}",
            text(part["shortcut"]["auroc"]),
            part["auroc_by_patient"],
        )
        for name, part in asked.items()
    ]
    header = ("", "positive", "sensitivity", "specificity", "ECE", "AUROC of 24 grey numbers")
    drawn = tuple(charts.roc(name, part) for name, part in asked.items() if "roc" in part)
    return Section("Every label that is answered", (barred("AUROC", header, found), Charts(drawn)))


def outlines(result: Mapping[str, Any]) -> list[Section]:
    """Each structure, and each kind of mark."""
    sections = []
    for name, part in result.get("structures_found", {}).items():
        drawn = (charts.dice_spread(name, part),) if part.get("of_case") else ()
        rows = tuple(outline_rows(part).items())
        sections.append(
            Section(f"Outline: {name}", (Charts(drawn), simpler(part), Table("Every figure", ("", ""), rows)))
        )
    for name, part in result.get("marks", {}).items():
        rows = tuple(marks_rows(part).items())
        sections.append(Section(f"Marks: {name}", (Charts((charts.froc(name, part),)), Table("", ("", ""), rows))))
    return sections


def simpler(part: Mapping[str, Any]) -> Table:
    """An outline beside what one grey level reaches."""
    rows = [("the network", part["dice"]["mean"])]
    rows += [("one grey level", part["grey_baseline"]["mean"])] if part.get("grey_baseline") else []
    return barred("Mean Dice by case against a simpler explanation", ("",), rows)


def external(result: Mapping[str, Any]) -> Section | None:
    """Sets of other sources."""
    rows = external_rows(result, not_answered(result))
    if not rows:
        return None
    told = "No part of the training saw these sets; calibration and thresholds are those fixed on validation."
    return Section("Other sources", (Words((told,)), Table("", ("", ""), tuple(rows.items()))))


def folds(result: Mapping[str, Any]) -> Section | None:
    """Cross-validation."""
    found, silent = result.get("cross_validation"), not_answered(result)
    if not found:
        return None
    rows = tuple((key.removeprefix("Cross-validation: "), value) for key, value in fold_rows(result, silent).items())
    blocks: list[Block] = [Table("", ("", ""), rows)]
    for name, part in found["structures_found"].items():
        of_fold = [fold for fold in part["folds"] if fold["mean"] is not None]
        lines = tuple(
            (fold["name"], str(fold["patients"]), single(fold["mean"]), f"{fold['mean']:.3f}", f"{fold['median']:.3f}")
            for fold in of_fold
        )
        blocks.append(Table(f"{name}: Dice by patient", ("fold", "patients", "0 to 1", "mean", "median"), lines))
    for name, part in found["questions"].items():
        if name not in silent:
            each = enumerate(part["auroc_of_each_fold"], 1)
            areas = tuple((f"fold {n}", single(v), f"{v:.3f}") for n, v in each if v is not None)
            blocks.append(Table(f"{name}: AUROC", ("", "0 to 1", "AUROC"), areas))
    return Section("Cross-validation", tuple(blocks))


def single(value: float) -> Chart:
    """A figure without an interval, drawn."""
    return charts.between({"value": value, "low": value, "high": value}, 0.0, 1.0)
