"""The evaluation in the few lines that a card shows."""

from typing import Any

from secondread.learn.manifest import SPLITS
from secondread.stats.calibration import BINS


def card_results(result: dict[str, Any]) -> dict[str, str]:
    """Measure to text with interval."""
    classes = result["classes"]
    rows = {
        "Data": "; ".join(f"{name}: {counted(result['splits'][name])}" for name in SPLITS),
        "All classes: accuracy of the most probable one": text(classes["accuracy"]),
        f"All classes: ECE of the most probable one ({BINS} bins), before and after calibration": (
            f"{classes['top_label_ece_before']:.3f}, {classes['top_label_ece']:.3f}"
        ),
    }
    for name, part in result["questions"].items():
        of_reader = predictive(part) if result["role"] == "reader" else {}
        rows |= {f"{name}: {key}": value for key, value in (question_rows(part) | of_reader).items()}
    return rows | dict(asked_for(row) for row in result["acceptance"])


def counted(split: dict[str, int]) -> str:
    """Pictures and patients of a split."""
    made, pictures = split["made"], split["pictures"]
    of = f" ({made} made from the others)" if made else ""
    owners = "each counted as a patient" if split["patients"] == pictures else f"{split['patients']} patients"
    return f"{pictures} pictures{of}, {owners}"


def question_rows(part: dict[str, Any]) -> dict[str, str]:
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
        "ECE if every probability were true, by chance": text(part["ece_by_chance"]),
        "Brier score before and after calibration": f"{part['brier_before']:.4f}, {part['brier']:.4f}",
        "AUROC of the shortcut baseline (24 grey-level numbers)": against(part["shortcut"]),
        "AUROC with the border painted over": text(part["border"]["covered"]),
        "AUROC from the border alone": text(part["border"]["alone"]),
    }
    return rows | of_maps(part) | of_members(part["members"])


def against(shortcut: dict[str, Any]) -> str:
    """The baseline's area, and by how much the network's is larger."""
    p = shortcut["p"]
    told = "p not defined" if p is None else "p < 0.0001" if p < 1e-4 else f"p = {p:.2g}"
    return f"{text(shortcut['auroc'])}; the network's less this is {shortcut['difference']:.3f}, {told}"


def of_maps(part: dict[str, Any]) -> dict[str, str]:
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


def of_members(members: dict[str, Any] | None) -> dict[str, str]:
    """The spread over seeds; of one seed there is none."""
    if members is None or members["standard_deviation"] is None:
        return {}
    each = ", ".join(f"{value:.4f}" for value in members["auroc"])
    told = f"{each}; mean {members['mean']:.4f}, standard deviation {members['standard_deviation']:.4f}"
    return {"AUROC of the single seeds": told}


def predictive(part: dict[str, Any]) -> dict[str, str]:
    """How often a positive call is right where the finding is rarer than in the test split."""
    return {
        f"positive predictive value at a prevalence of {row['prevalence']:.0%}": f"{row['ppv']:.3f}"
        for row in part["at_prevalence"]
        if row["ppv"] is not None
    }


def asked_for(row: dict[str, Any]) -> tuple[str, str]:
    """One figure that the recipe asked for, and whether it was reached."""
    limits = (("at least", row["at_least"]), ("at most", row["at_most"]))
    needed = " and ".join(f"{words} {value:g}" for words, value in limits if value is not None)
    verdict = "reached" if row["accepted"] else "missed"
    return f"Asked for: {row['question']}, {row['measure']} {needed}", f"{verdict} with {row['reached']:.4f}"


def card_subgroups(result: dict[str, Any]) -> tuple[dict[str, Any], ...]:
    """One row a question and group."""
    rows = []
    for name, part in result["questions"].items():
        for row in part["subgroups"]:
            told = "too few cases" if row["suppressed"] else text(row["auroc"])
            rows.append({"group": f"{name}: {row['group']}", "n": row["n"], "measure": "AUROC", "value": told})
    return tuple(rows)


def text(interval: dict[str, Any] | None) -> str:
    """An interval as a person reads it."""
    if interval is None:
        return "not defined"
    return f"{interval['value']:.3f} ({interval['low']:.3f} to {interval['high']:.3f})"
