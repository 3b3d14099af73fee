"""A reader study told: as JSON, as lines, as a page to print."""

import math
from dataclasses import asdict
from typing import Any

from secondread.audit.reader_study.study import GOOD_CASES, GOOD_READERS, ROC, Study
from secondread.core.report import NOTICE
from secondread.core.version import __version__
from secondread.learn.page import svg
from secondread.learn.page.blocks import Block, Chart, Charts, Listing, Page, Section, Table, Words
from secondread.learn.page.svg import Frame, shares
from secondread.stats.auroc import CHANCE
from secondread.stats.interval import Interval
from secondread.stats.mrmc import CUT, Components, Test
from secondread.stats.reader_power import Power

COLOURS = (svg.OURS, svg.POINT, "#3d7a3d", "#7a3d74")
HOW = (
    "Model of Obuchowski and Rockette (1995) with the degrees of freedom of Hillis (2007); covariances by jackknife "
    "over cases."
)
WARNING = "WARNING"
REVERSED = (
    "The ratings rank worse than chance: are the truths (1 is diseased), or the ratings (higher is more suspicious), "
    "swapped? Find out before you use any figure here."
)
MARKS_REVERSED = (
    "Whoever marks nothing reaches 0.5: false marks on healthy cases are rated above lesions. Are the ratings swapped "
    "(higher is more suspicious), or do the cases of the two tables not belong together? Find out before you use any "
    "figure here."
)
OF_TESTS = " Only the first of the three tests speaks about other readers and other cases."


def as_json(study: Study, margin: float | None = None) -> dict[str, Any]:
    """The study as JSON types."""
    found = study.analysis
    return {
        "measure": study.measure,
        "modalities": list(study.modalities),
        "readers": list(study.readers),
        "program": study.program,
        "cases": {"healthy": study.cases[0], "diseased": study.cases[1]},
        "figures": study.figures.tolist(),
        "alone": list(study.alone),
        "components": None if found is None else values(found.components),
        "tests": [] if found is None else [values(test) for test in found.tests],
        "means": [asdict(one) for one in study.means],
        "differences": differences(study, margin),
        "against_program": [
            {"modality": name, "people_less_program": asdict(one), "p": p} for name, one, p in study.against_program
        ],
        "plans": [values(plan) for plan in study.plans],
        "warnings": list(warnings(study)),
        "notes": list(notes(study)),
    }


def warnings(study: Study) -> tuple[str, ...]:
    """What makes every figure doubtful: readers who are, on average, surely worse than chance."""
    means = zip(study.modalities, study.means, strict=True)
    low = ", ".join(f"{name} {one}" for name, one in means if one.high < CHANCE)
    if not low:
        return ()
    why = REVERSED if study.measure == ROC else MARKS_REVERSED
    return (f"The whole interval of the mean {study.measure} lies below 0.5: {low}. {why}",)


def notes(study: Study) -> tuple[str, ...]:
    """What a reader of the figures must know before they are used."""
    told = []
    if study.analysis is None:
        told.append(
            "There is one modality: no two were compared. Its mean has an interval for readers and cases like these."
        )
    if len(study.readers) < GOOD_READERS or min(study.cases) < GOOD_CASES:
        told.append(
            f"A small study: simulation found these methods good from {GOOD_READERS} readers and {GOOD_CASES} cases of "
            "each kind on (Hillis 2012). Take p values and intervals as rough."
        )
    intervals = [*study.means, *(one for _, one, _ in study.against_program)]
    intervals += [] if study.analysis is None else [one.interval for one in study.analysis.differences]
    if any(one.method.endswith(CUT) for one in intervals):
        told.append(
            "An interval reached beyond what an area can be (0 to 1; a difference -1 to 1) and was cut there: too few "
            "cases or readers, or an area near the end, for its method."
        )
    return tuple(told)


def values(noun: Components | Test | Power) -> dict[str, Any]:
    """Its fields; what is infinite, because nothing varies, is null."""
    return {name: None if value == math.inf else value for name, value in asdict(noun).items()}


def differences(study: Study, margin: float | None) -> list[dict[str, Any]]:
    """Each pair of modalities, for each of the three tests."""
    rows = []
    for one in () if study.analysis is None else study.analysis.differences:
        row = {
            "first": study.modalities[one.first],
            "second": study.modalities[one.second],
            "to": one.to,
            "difference": asdict(one.interval),
            "p": one.p,
        }
        if margin is not None:
            row["not_inferior"] = not_inferior(study, one.first, one.second, one.interval, margin)
        rows.append(row)
    return rows


def not_inferior(study: Study, first: int, second: int, found: Interval, margin: float) -> list[str]:
    """Names of the modalities that are not worse than the other by more than a margin that was fixed before."""
    kept = ((first, found.low > -margin), (second, found.high < margin))
    return [study.modalities[number] for number, holds in kept if holds]


def lines(study: Study, margin: float | None = None) -> list[str]:
    """The study as lines of text."""
    told = [line for text in warnings(study) for line in (f"{WARNING}: {text}", "")]
    told += [f"{study.measure}, {study.cases[0]} healthy and {study.cases[1]} diseased cases", ""]
    for table in tables(study, margin):
        told += [table.title, *("  " + "  ".join(str(cell) for cell in row) for row in (table.header, *table.rows)), ""]
    return [*told, *notes(study), how(study)]


def how(study: Study) -> str:
    """By which method."""
    return HOW + ("" if study.analysis is None else OF_TESTS)


def tables(study: Study, margin: float | None) -> list[Table]:
    """Every table of the study."""
    found = [figure_table(study)]
    if study.analysis is not None:
        tests = tuple((t.to, f"{t.f:.2f}", f"{t.ndf:g}, {t.ddf:.1f}", f"{t.p:.4f}") for t in study.analysis.tests)
        found.append(Table("Are all modalities equal?", ("generalises to", "F", "df", "p"), tests))
        found.append(difference_table(study, margin))
    if study.against_program:
        rows = tuple((name, str(one), f"{p:.4f}") for name, one, p in study.against_program)
        found.append(Table(f"People less {study.program}", ("modality", "difference", "p"), rows))
    if study.plans:
        plans = tuple((str(p.readers), str(p.cases), f"{p.power:.3f}") for p in study.plans)
        found.append(Table("What a study would need", ("readers", "cases", "power"), plans))
    return found


def figure_table(study: Study) -> Table:
    """One row a reader, one column a modality."""
    rows = [(name, *(f"{v:.3f}" for v in study.figures[:, n])) for n, name in enumerate(study.readers)]
    rows.append(("mean of readers", *map(str, study.means)))
    if study.program:
        rows.append((f"{study.program} (alone)", *(f"{value:.3f}" for value in study.alone)))
    return Table(study.measure[0].upper() + study.measure[1:], ("reader", *study.modalities), tuple(rows))


def difference_table(study: Study, margin: float | None) -> Table:
    """Pairs of modalities; with a margin, which is not inferior."""
    rows = []
    for row in differences(study, margin):
        ends = row["difference"]
        told = f"{ends['value']:.3f} ({ends['low']:.3f} to {ends['high']:.3f})"
        cells = [f"{row['first']} less {row['second']}", row["to"], told, f"{row['p']:.4f}"]
        rows.append((*cells, *((", ".join(row["not_inferior"]) or "none",) if margin is not None else ())))
    last = () if margin is None else (f"not inferior (margin {margin:g})",)
    return Table("Differences", ("pair", "generalises to", "difference", "p", *last), tuple(rows))


def page(study: Study, margin: float | None = None) -> Page:
    """The page of a study."""
    warned, noted = warnings(study), notes(study)
    blocks: tuple[Block, ...] = (
        *((Listing(WARNING, warned, "warning"),) if warned else ()),
        *((Words(noted),) if noted else ()),
        Charts(tuple(chart(study, k) for k in range(len(study.modalities)))),
        *tables(study, margin),
    )
    count = f"{len(study.readers)} readers, {sum(study.cases)} cases"
    return Page(
        "Reader study",
        f"{study.measure}; {count}. Written by secondread {__version__}.",
        NOTICE,
        (Section("Results", blocks), Section("How it was computed", (Words((how(study),)),))),
    )


def chart(study: Study, k: int) -> Chart:
    """The curves of one modality: each reader thin, a program thick."""
    afroc, name = study.measure != ROC, study.modalities[k]
    frame = Frame(shares("healthy cases marked" if afroc else "1 - specificity"), shares("sensitivity"))
    curves = study.curves[k]
    drawn = [frame.line(points, COLOURS[k % len(COLOURS)], wide=1.2) for points in curves[: len(study.readers)]]
    drawn += [frame.line(points, svg.INK, wide=2.5) for points in curves[len(study.readers) :]]
    guess = "" if afroc else frame.line(((0.0, 0.0), (1.0, 1.0)), svg.OTHERS, dash="4 3", wide=1)
    thick = f"; thick: {study.program} alone" if study.program else ""
    caption = f"{name}: one line a reader ({', '.join(study.readers)}){thick}."
    return Chart(frame.whole(guess, *drawn), f"{'AFROC' if afroc else 'ROC'} curves of {name}", caption)
