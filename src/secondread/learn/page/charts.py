"""The drawings of an evaluation, each made of what ``evaluation.json`` holds."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from secondread.learn.card_rows.outlines import rate_text
from secondread.learn.card_rows.words import text as told
from secondread.learn.page import svg
from secondread.learn.page.blocks import Chart
from secondread.learn.page.svg import Axis, Frame, shares

DIAGONAL = ((0.0, 0.0), (1.0, 1.0))
RATES = (0.125, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
BAR = (190.0, 18.0)  # pixels of a drawing in a table


def roc(name: str, part: Mapping[str, Any]) -> Chart:
    """The ROC curve with the operating point and its intervals."""
    frame = Frame(shares("1 - specificity"), shares("sensitivity"))
    sensitivity, specificity = part["sensitivity"], part["specificity"]
    x, y = 1.0 - specificity["value"], sensitivity["value"]
    cross = frame.line([(1.0 - specificity["low"], y), (1.0 - specificity["high"], y)], svg.POINT, wide=1.5)
    cross += frame.line([(x, sensitivity["low"]), (x, sensitivity["high"])], svg.POINT, wide=1.5)
    curve = frame.line(DIAGONAL, svg.OTHERS, dash="4 3", wide=1) + frame.line(part["roc"])
    area = told(part["auroc_by_patient"])
    return Chart(
        frame.whole(curve, cross, frame.dot(x, y, svg.POINT)),
        f"ROC curve of {name}, area {area}",
        f"{name}: AUROC {area}. Dot: the threshold, fixed on validation, with its intervals.",
    )


def reliability(name: str, part: Mapping[str, Any]) -> Chart:
    """Stated probability against what was seen."""
    frame = Frame(shares("stated probability"), shares("share that is positive"))
    parts = [frame.line(DIAGONAL, svg.OTHERS, dash="4 3", wide=1)]
    for row in part["reliability"]:
        x, seen = row["mean_probability"], row["observed"]
        parts.append(frame.line([(x, seen["low"]), (x, seen["high"])], wide=1.5))
        parts.append(frame.dot(x, seen["value"]))
        across, down = frame.at(x, seen["value"])
        inner, anchor = (across - 6, "end") if x > 0.9 else (across + 6, "start")
        parts.append(svg.text(inner, down + 11, str(row["n"]), anchor=anchor, size=9, colour=svg.QUIET))
    error = f"{part['ece_before']:.3f} before and {part['ece']:.3f} after calibration"
    return Chart(
        frame.whole(*parts),
        f"Reliability of {name}, ECE {error}",
        f"{name}: calibration. ECE {error}; numbers are cases.",
    )


def froc(name: str, part: Mapping[str, Any]) -> Chart:
    """Lesions found against false marks a picture."""
    ticks = tuple((rate, f"{rate:g}") for rate in RATES)
    frame = Frame(Axis("false marks a picture", RATES[0], RATES[-1], ticks, log=True), shares("lesions found"))
    inside = [(x, y) for x, y in part["points"] if x >= RATES[0]]
    before = [(RATES[0], y) for x, y in part["points"] if x < RATES[0]][-1:]
    line = [*before, *inside]
    line += [(RATES[-1], line[-1][1])] if line and line[-1][0] < RATES[-1] else []
    at, rate = part["sensitivity_at_rate"], part["rate"]
    cross = frame.line([(rate, at["low"]), (rate, at["high"])], svg.POINT, wide=1.5)
    return Chart(
        frame.whole(frame.line(line), cross, frame.dot(rate, at["value"], svg.POINT)),
        f"FROC curve of {name}: {told(at)} of the lesions at {rate_text(rate)}",
        f"{name} marks: {told(at)} of the lesions at {rate_text(rate)} (dot). A hit: {part['hit']}.",
    )


def dice_spread(name: str, part: Mapping[str, Any]) -> Chart:
    """How Dice is spread over cases."""
    counts, edges = np.histogram(part["of_case"], bins=20, range=(0.0, 1.0))
    top = max(int(counts.max()), 1)
    ticks = tuple((float(n), str(n)) for n in sorted({0, top // 2, top}))
    frame = Frame(shares("Dice"), Axis("cases", 0.0, float(top) * 1.05, ticks))
    bars = [frame.bar(edges[n], edges[n + 1], float(count)) for n, count in enumerate(counts)]
    middle = part["dice"]["median"]["value"]
    line = frame.line([(middle, 0.0), (middle, float(top) * 1.05)], svg.POINT, dash="5 3", wide=1.5)
    shown = f"; {len(part['of_case'])} of {part['cases']} shown" if len(part["of_case"]) < part["cases"] else ""
    return Chart(
        frame.whole(*bars, line),
        f"Dice of {name} over cases, median {told(part['dice']['median'])}",
        f"{name}: Dice of each case; dashed: the median {middle:.3f}{shown}.",
    )


def between(interval: Mapping[str, Any], low: float, high: float) -> Chart:
    """An interval in a table, on a scale that all its rows share."""
    width, height = BAR
    colour, middle = svg.OURS, height / 2

    def at(value: float) -> float:
        return 6.0 + (width - 12.0) * min(max((value - low) / (high - low), 0.0), 1.0)

    ground = f'<path d="M6 {middle}H{width - 6}" stroke="{svg.LINE}"/>'
    ends = "".join(f'<path d="M{x} 5V13" stroke="{svg.LINE}"/>' for x in (6, width - 6))
    left, right = at(interval["low"]), at(interval["high"])
    span = f'<path d="M{left:.1f} {middle}H{right:.1f}" stroke="{colour}" stroke-width="2"/>'
    dot = f'<circle cx="{at(interval["value"]):.1f}" cy="{middle}" r="4" fill="{colour}"/>'
    return Chart(svg.drawing(width, height, ground, ends, span, dot), f"{told(interval)} from {low:g} to {high:g}")


def scale(intervals: Sequence[Mapping[str, Any] | None], floor: float) -> tuple[float, float]:
    """The ends of a scale that holds all intervals: from ``floor`` or lower, in tenths, up to 1.

    >>> scale([{"low": 0.62, "high": 0.8}, None], 0.5)
    (0.5, 1.0)
    """
    lows = [interval["low"] for interval in intervals if interval is not None]
    return min(floor, float(np.floor(10.0 * min(lows, default=floor)) / 10.0)), 1.0
