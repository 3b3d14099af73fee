"""The evaluation in the few lines that a card shows."""

from typing import Any


def card_results(result: dict[str, Any]) -> dict[str, str]:
    """Measure to text with interval."""
    rows = {
        "Data": ", ".join(f"{name}: {part['pictures']} pictures" for name, part in sorted(result["splits"].items())),
        "All classes: accuracy": text(result["classes"]["accuracy"]),
        "All classes: ECE of the winning class, before and after calibration": (
            f"{result['classes']['top_label_ece_before']:.3f}, {result['classes']['top_label_ece']:.3f}"
        ),
    }
    for name, part in result["questions"].items():
        rows |= {f"{name}: {key}": value for key, value in question_rows(part).items()}
    return rows


def question_rows(part: dict[str, Any]) -> dict[str, str]:
    """The rows of one question."""
    rows = {
        "AUROC": f"{text(part['auroc'])}, {part['positives']} of {part['n']} positive",
        "AUROC by patient (bootstrap)": text(part["auroc_by_patient"]),
        "average precision": text(part["average_precision"]),
        "threshold": f"{part['threshold']:.4f} ({part['rule']})",
        "sensitivity": text(part["sensitivity"]),
        "specificity": text(part["specificity"]),
        "accuracy": text(part["accuracy"]),
        "ECE before and after calibration": f"{part['ece_before']:.3f}, {part['ece']:.3f}",
        "Brier score before and after calibration": f"{part['brier_before']:.4f}, {part['brier']:.4f}",
        "shortcut baseline (24 grey-level numbers) AUROC": (
            f"{text(part['shortcut']['auroc'])}; difference {part['shortcut']['difference']:.3f}, "
            f"p = {part['shortcut']['p']:.2g}"
        ),
        "AUROC with the border painted over": text(part["border"]["covered"]),
        "AUROC from the border alone": text(part["border"]["alone"]),
    }
    for place, share in part["map_energy"].items():
        if share["median_share"] is not None:
            rows[f"map energy in the {place}"] = (
                f"median {share['median_share']:.0%} ({share['area_share']:.0%} of the area), {share['maps']} maps"
            )
    gain = part["faithfulness"]["gain"]
    if gain:
        rows["faithfulness of the map (deletion gain over random)"] = (
            f"{text(gain)}, above random in {part['faithfulness']['share_of_cases_above_random']:.0%} "
            f"of {part['faithfulness']['cases']} cases"
        )
    if part["members"]:
        each = ", ".join(f"{value:.4f}" for value in part["members"]["auroc"])
        rows["AUROC of the single seeds"] = f"{each}; mean {part['members']['mean']:.4f}"
        if part["members"]["standard_deviation"] is not None:
            rows["AUROC of the single seeds"] += f", standard deviation {part['members']['standard_deviation']:.4f}"
    for row in part["at_prevalence"]:
        if row["ppv"] is not None:
            rows[f"positive predictive value at a prevalence of {row['prevalence']:.0%}"] = f"{row['ppv']:.3f}"
    return rows


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
