"""The rows of outlines and of marks."""

from collections.abc import Mapping
from typing import Any

from secondread.learn.card_rows.words import many, mean_and_median, prefixed, text


def all_outlines(result: Mapping[str, Any]) -> dict[str, str]:
    """Every structure, then the marks."""
    rows: dict[str, str] = {}
    for name, part in result.get("structures_found", {}).items():
        rows |= prefixed(name, outline_rows(part))
    for name, part in result.get("marks", {}).items():
        rows |= prefixed(f"{name} marks", marks_rows(part))
    return rows


def outline_rows(part: Mapping[str, Any]) -> dict[str, str]:
    """The rows of one structure."""
    rows = {"Dice by case": mean_and_median(part["dice"])}
    if part["by_patient"]["cases"] < part["dice"]["cases"] or part["empty"]["cases"]:
        rows["Dice by patient, over all pictures"] = mean_and_median(part["by_patient"], "patient")
    if part.get("grey_baseline"):
        rows["Dice by case of the shortcut baseline (one grey level)"] = mean_and_median(part["grey_baseline"])
    rows["cases in which some of it was found"] = f"{part['found']:.1%} of {part['cases']}"
    return rows | edge_rows(part["surface"]) | size_row(part["size"]) | empty_row(part["empty"]) | reader_row(part)


def edge_rows(surface: Mapping[str, Any]) -> dict[str, str]:
    """Distances between edges, in pixels of the network's grid."""
    rows = {}
    if surface["hd95_px"] is not None:
        rows["distance of the edges (HD95), pixels"] = mean_and_median(surface["hd95_px"], digits=1)
    if surface["nsd"] is not None:
        rows[f"share of the edge within {surface['tolerance_px']:g} pixels"] = mean_and_median(surface["nsd"])
    return rows


def size_row(size: Mapping[str, Any]) -> dict[str, str]:
    """How much too large or too small it is drawn."""
    signed, off = size["relative_error"]["mean"], size["absolute_relative_error"]["median"]
    words = f"{percent(signed['value'])} ({percent(signed['low'])} to {percent(signed['high'])}) on average"
    return {"error of its size": f"{words}; half of the cases are off by less than {off['value']:.0%}"}


def percent(share: float) -> str:
    """A signed share in percent."""
    return f"{share:+.0%}"


def empty_row(empty: Mapping[str, Any]) -> dict[str, str]:
    """Pictures that do not show the structure."""
    if not empty["cases"]:
        return {}
    largest = empty["largest_share_of_the_picture"]
    told = f"on {empty['drawn_on']} of {empty['cases']}" + (
        f", at most {largest:.2%} of the picture, {empty['mean_share_of_the_picture']:.3%} on average"
        if empty["drawn_on"]
        else ""
    )
    return {"drawn where it is not": told}


def reader_row(part: Mapping[str, Any]) -> dict[str, str]:
    """Whether the probability of a place is the share of the readers who marked it."""
    found = part.get("readers")
    if not found:
        return {}
    told = f"ECE {text(found['ece'])}; Brier score {found['brier']:.4f}, of which {found['disagreement']:.4f} is theirs"
    return {"probability against the share of the readers": told}


def marks_rows(part: Mapping[str, Any]) -> dict[str, str]:
    """The rows of marks: found at a rate of false ones, and at the fixed threshold."""
    curve = ", ".join(f"{value:.2f} at {rate}" for rate, value in part["curve"].items())
    rows = {
        f"lesions found at {rate_text(part['rate'])}": f"{text(part['sensitivity_at_rate'])}; {part['hit']}",
        "lesions found by false marks a picture": curve,
    }
    return rows | fixed_rows(part["at_threshold"])


def fixed_rows(point: Mapping[str, Any]) -> dict[str, str]:
    """What is found and marked falsely at the threshold that validation fixed."""
    rows = {}
    if point["sensitivity"] is not None:
        rows["sensitivity at the threshold"] = (
            f"{text(point['sensitivity'])}, {point['lesions_found']} of {many(point['lesions'], 'lesion')}; "
            f"{point['patients_found']} of {many(point['patients'], 'patient')} with any"
        )
    rows["false marks a picture at the threshold"] = (
        f"{text(point['false_marks_per_image'])}, {many(point['images'], 'picture')}"
    )
    return rows


def rate_text(rate: float) -> str:
    """A rate of false marks in words."""
    return f"{rate:g} false mark{'' if rate == 1 else 's'} a picture"
