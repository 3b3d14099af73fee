"""A comparison as a person reads it: lines of text, or a page."""

from collections.abc import Mapping, Sequence
from typing import Any

from secondread.core.report import NOTICE
from secondread.core.version import __version__
from secondread.learn.card_rows.words import columned, many, text
from secondread.learn.comparing.rows import BY_CASE
from secondread.learn.page import svg
from secondread.learn.page.blocks import Block, Chart, Listing, Page, Section, Table, Words
from secondread.learn.page.charts import BAR

SURE = 0.05
HEADER = ("", "measure", "A", "B", "A less B", "p", "p, Holm", "test")
HOW = (
    "Both answered the same cases, each in its own model space, with its own calibration and operating points. p is "
    "two-sided; p, Holm is raised so that all comparisons together mislead no more often than one alone. Where a "
    "patient has several cases, tests by patient count and tests by case are too sure. That a difference is not shown "
    "does not mean that there is none: the interval tells how large it may be."
)


def title(result: Mapping[str, Any]) -> str:
    """Which two."""
    return " and ".join(f"{side.upper()} = {result[side]['bundle']} {result[side]['version']}" for side in "ab")


def facts(result: Mapping[str, Any]) -> list[str]:
    """On what they were compared."""
    sets = ", ".join(item["path"] for item in result["data"])
    cases = f"{many(result['cases'], 'case')} of {many(result['patients'], 'patient')}"
    missing = {side.upper(): result[side]["left_out"] for side in "ab" if result[side]["left_out"]}
    left_out = [f"{many(n, 'test case')} of {side} left out: the other lacks them." for side, n in missing.items()]
    return [f"Test split of {sets}: {cases}.", *left_out]


def verdicts(result: Mapping[str, Any]) -> list[str]:
    """What the comparisons show together, one line a question or structure.

    Tests by case do not count where a patient has several: such cases are alike, and the test takes them for many.
    """
    lines, alike = [], result["patients"] < result["cases"]
    for about in dict.fromkeys(row["about"] for row in result["rows"]):
        rows = [row for row in result["rows"] if row["about"] == about]
        fair = [row for row in rows if not (alike and row["test"] == BY_CASE)]
        shown = [row for row in fair if row["p_holm"] is not None and row["p_holm"] < SURE]
        if not shown:
            lines.append(f"{about}: no difference is shown.")
        lines += [f"{about}: {favoured(row)}." for row in shown]
    return lines


def favoured(row: Mapping[str, Any]) -> str:
    """Which one is better, in which measure, by which test."""
    return f"{row['favours'].upper()} is better in {row['measure']} ({row['test']}, {p_text(row['p_holm'])})"


def cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    """A row of the table."""
    difference = "" if row["difference"] is None else text(row["difference"])
    p, raised = (p_text(row[key]).removeprefix("p = ").removeprefix("p ") for key in ("p", "p_holm"))
    return (row["about"], row["measure"], f"{row['a']:.3f}", f"{row['b']:.3f}", difference, p, raised, row["test"])


def p_text(p: float | None) -> str:
    """A p value; below what a bootstrap of this size can tell it is only told to be small."""
    return "p not defined" if p is None else "p < 0.001" if p < 1e-3 else f"p = {p:.3f}"


def lines(result: Mapping[str, Any]) -> list[str]:
    """The whole as text, columns aligned."""
    rows = columned([HEADER, *map(cells, result["rows"])])
    missing = [f"{name}: not compared, {why}" for name, why in result["not_compared"].items()]
    return [title(result), *facts(result), "", *rows, "", *verdicts(result), *missing]


def comparison_page(result: Mapping[str, Any]) -> Page:
    """The whole as a page."""
    blocks: list[Block] = [Listing("", tuple(verdicts(result))), drawn(result["rows"]), Words((HOW,))]
    if result["not_compared"]:
        why = tuple(f"{name}: {reason}" for name, reason in result["not_compared"].items())
        blocks.append(Listing("Not compared", why, "warning"))
    grids = {side: " x ".join(map(str, result[side]["grid"])) for side in "ab"}
    bundles = tuple(
        (side.upper(), f"{result[side]['bundle']} {result[side]['version']}", grids[side], result[side]["model_sha256"])
        for side in "ab"
    )
    about = (Words(tuple(facts(result))), Table("", ("", "bundle", "grid, pixels", "SHA-256 of the network"), bundles))
    sections = (Section("What is compared", about), Section("What is shown", tuple(blocks)))
    return Page(title(result), f"Comparison of two bundles. Written by secondread {__version__}.", NOTICE, sections)


def drawn(rows: Sequence[Mapping[str, Any]]) -> Table:
    """The table with each difference drawn around zero."""
    ends = [abs(row["difference"][key]) for row in rows if row["difference"] is not None for key in ("low", "high")]
    reach = max([*ends, 0.01])
    told = []
    for row in rows:
        about, measure, a, b, difference, p, raised, test = cells(row)
        bar: str | Chart = "" if row["difference"] is None else around_zero(row["difference"], reach)
        told.append((about, measure, a, b, bar, difference, p, raised, test))
    return Table("", ("", "measure", "A", "B", "B better | A better", *HEADER[4:]), tuple(told))


def around_zero(interval: Mapping[str, Any], reach: float) -> Chart:
    """A difference on a scale from -reach to reach, with a line at zero."""
    width, height = BAR
    middle = height / 2

    def at(value: float) -> float:
        return width / 2 + (width / 2 - 6.0) * min(max(value / reach, -1.0), 1.0)

    zero = f'<path d="M{width / 2} 1V{height - 1}" stroke="{svg.QUIET}"/>'
    ground = f'<path d="M6 {middle}H{width - 6}" stroke="{svg.LINE}"/>'
    span = f'<path d="M{at(interval["low"]):.1f} {middle}H{at(interval["high"]):.1f}" stroke-width="2"'
    dot = f'<circle cx="{at(interval["value"]):.1f}" cy="{middle}" r="4" fill="{svg.OURS}"/>'
    parts = (ground, zero, f'{span} stroke="{svg.OURS}"/>', dot)
    return Chart(svg.drawing(width, height, *parts), f"{text(interval)} from {-reach:.3g} to {reach:.3g}")
