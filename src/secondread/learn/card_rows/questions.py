"""The rows of yes/no questions: how well they are answered, and which are not."""

from collections.abc import Mapping
from typing import Any

from secondread.learn.card_rows.words import p_text, prefixed, text
from secondread.stats.calibration import BINS

CHANCE = 0.5  # area under the ROC curve of a guess


def all_questions(result: Mapping[str, Any]) -> dict[str, str]:
    """Every question that is answered, then one row that names those that are not."""
    silent, brief = not_answered(result), result.get("activation") == "sigmoid"
    rows: dict[str, str] = {}
    for name, part in result["questions"].items():
        if name in silent:
            continue
        mine = short_rows(part) if brief else question_rows(part)
        mine |= predictive(part) if result["role"] == "reader" else {}
        rows |= prefixed(name, mine | alone_rows(part))
    return rows | ({"Not answered": "; ".join(f"{name}, {why}" for name, why in silent.items())} if silent else {})


def not_answered(result: Mapping[str, Any]) -> dict[str, str]:
    """Questions of which no score may be shown, and why: too few test cases, or no better than chance for all we know.

    The first rule is for independent labels, of which a set may hold very few; a question that could not be judged at
    all is never answered.
    """
    least = (result["classes"] or {}).get("least", 0)
    found = {}
    for name, part in result["questions"].items():
        rarer, area = min(part["positives"], part["n"] - part["positives"]), part.get("auroc_by_patient")
        if rarer < least or area is None:
            found[name] = f"too few cases ({rarer})"
        elif least and area["low"] <= CHANCE:
            found[name] = f"interval reaches 0.5 ({area['low']:.2f} to {area['high']:.2f})"
    return found


def class_rows(classes: Mapping[str, Any] | None) -> dict[str, str]:
    """All labels at once."""
    if classes is None:
        return {}
    if "accuracy" not in classes:
        return macro_rows(classes)
    return {
        "All classes: accuracy of the most probable one": text(classes["accuracy"]),
        f"All classes: ECE of the most probable one ({BINS} bins), before and after calibration": (
            f"{classes['top_label_ece_before']:.3f}, {classes['top_label_ece']:.3f}"
        ),
    }


def macro_rows(classes: Mapping[str, Any]) -> dict[str, str]:
    """Mean area over independent labels."""
    least = classes["least"]
    if classes["macro_auroc"] is None:
        return {"Mean AUROC of the labels": f"not defined: no label with {least} positive and {least} negative cases"}
    judged = len(classes["labels"]) - len(classes["not_judged"]) if "labels" in classes else len(classes["judged"])
    over = f"{judged} labels with at least {least} positive and {least} negative cases"
    return {"Mean AUROC of the labels": f"{text(classes['macro_auroc'])}, over {over}"}


def short_rows(part: Mapping[str, Any]) -> dict[str, str]:
    """The rows of one of many labels."""
    return {
        "AUROC": f"{text(part['auroc_by_patient'])}, {part['positives']} of {part['n']} pictures positive",
        "sensitivity at the threshold": text(part["sensitivity"]),
        "specificity at the threshold": text(part["specificity"]),
        f"ECE ({BINS} bins)": f"{part['ece']:.3f}",
        "AUROC of the shortcut baseline (24 grey-level numbers)": against(part["shortcut"]),
    }


def by_chance(part: Mapping[str, Any]) -> dict[str, str]:
    """What true probabilities would show; an evaluation of an earlier version does not tell."""
    found = part.get("ece_by_chance")
    return {} if found is None else {"ECE if every probability were true, by chance": text(found)}


def question_rows(part: Mapping[str, Any]) -> dict[str, str]:
    """The rows of one question."""
    rows = {
        "AUROC": f"{text(part['auroc'])}, {part['positives']} of {part['n']} pictures positive",
        "AUROC with the interval drawn by patient": text(part["auroc_by_patient"]),
        "average precision": f"{text(part['average_precision'])}; chance is {part['prevalence']:.3f}",
        "threshold": f"{part['threshold']:.4f} ({part['rule']})",
        "sensitivity at the threshold": text(part["sensitivity"]),
        "specificity at the threshold": text(part["specificity"]),
        "accuracy at the threshold": text(part["accuracy"]),
        f"ECE ({BINS} bins) before and after calibration": f"{part['ece_before']:.3f}, {part['ece']:.3f}",
        **by_chance(part),
        "Brier score before and after calibration": f"{part['brier_before']:.4f}, {part['brier']:.4f}",
        "AUROC of the shortcut baseline (24 grey-level numbers)": against(part["shortcut"]),
    }
    if part["border"]:
        rows["AUROC with the border painted over"] = text(part["border"]["covered"])
        rows["AUROC from the border alone"] = text(part["border"]["alone"])
    return rows | of_maps(part) | of_members(part["members"])


def against(simpler: Mapping[str, Any]) -> str:
    """The area of something simpler, and by how much the network's is larger."""
    if simpler["auroc"] is None:
        return "not defined"
    return f"{text(simpler['auroc'])}; the network's less this is {gap(simpler['difference'])}, {p_text(simpler['p'])}"


def gap(difference: Any) -> str:
    """A difference of areas, with its interval where there is one."""
    return text(difference) if isinstance(difference, Mapping) else f"{difference:.3f}"


def alone_rows(part: Mapping[str, Any]) -> dict[str, str]:
    """What a number of the manifest alone reaches, such as the age."""
    return {
        f"AUROC of {name} alone": f"{against(found)}, {found['n']} cases"
        for name, found in part.get("numbers_alone", {}).items()
    }


def of_maps(part: Mapping[str, Any]) -> dict[str, str]:
    """Where the maps of the pictures called positive lie, and whether they are faithful."""
    rows = {
        f"share of the maps' energy in the {place}": (
            f"median {share['median_share']:.0%} ({share['area_share']:.0%} of the area), {share['maps']} maps"
        )
        for place, share in part["map_energy"].items()
        if share["median_share"] is not None
    }
    found = part["faithfulness"]
    if found["gain"]:
        rows["faithfulness of the maps (fall of the probability beyond that for random places)"] = (
            f"{text(found['gain'])}, above 0 in {found['share_of_cases_above_random']:.0%} of {found['cases']} pictures"
        )
    return rows


def of_members(members: Mapping[str, Any] | None) -> dict[str, str]:
    """The spread over seeds; of one seed there is none."""
    if members is None or members["standard_deviation"] is None:
        return {}
    each = ", ".join(f"{value:.4f}" for value in members["auroc"])
    told = f"{each}; mean {members['mean']:.4f}, standard deviation {members['standard_deviation']:.4f}"
    return {"AUROC of the single seeds": told}


def predictive(part: Mapping[str, Any]) -> dict[str, str]:
    """How often a positive call is right where the finding is rarer than in the test split."""
    return {
        f"positive predictive value at a prevalence of {row['prevalence']:.0%}": f"{row['ppv']:.3f}"
        for row in part["at_prevalence"]
        if row["ppv"] is not None
    }
