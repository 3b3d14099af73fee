"""The audit as a page to print: what was found, on how many cases, what was not judged, and what could be done."""

from collections.abc import Sequence

from secondread.audit.fairness import charts
from secondread.audit.fairness.charts import SURE, told
from secondread.audit.fairness.results import (
    AND,
    COLUMNS,
    LEAST,
    MEASURES,
    PAIRS,
    TESTED,
    Audit,
    Gap,
    Group,
    Held,
    Remedy,
)
from secondread.audit.fairness.words import Words
from secondread.core.version import __version__
from secondread.learn.page.blocks import Block, Chart, Charts, Listing, Page, Section, Table
from secondread.learn.page.blocks import Words as Sentences
from secondread.stats.auroc import CHANCE
from secondread.stats.simpson import LEAST as LEAST_IN_STRATUM

NOTABLE = 0.05  # a gap that is worth holding against another column
DRAWN = ("auroc", "sensitivity", "specificity")
GAPS_DRAWN = ("sensitivity", "specificity")


def audit_page(audit: Audit, language: str = "en") -> Page:
    """The whole page.

    Raises:
        UsageError: If there is no such language.
    """
    say, results = Words(language), audit.results
    sections = [
        Section(
            say("glance"),
            (*warned(audit, say), Sentences(glance(audit, say)), *verdict(audit, say), *missing(audit, say)),
        ),
        Section(say("groups"), (*drawn(audit, say), *tables(audit, say))),
        Section(say("gaps"), (*gap_blocks(audit, say), *spread_blocks(audit, say))),
        Section(say("simpson"), simpson_blocks(audit, say)),
        Section(say("remedies"), remedy_blocks(audit, say)),
        Section(say("method"), (Sentences((method(audit, say), say("limits"))),)),
    ]
    return Page(
        title=say("title", name=results.name),
        subtitle=say("subtitle", source=results.source.rstrip("."), version=__version__),
        notice=say("notice"),
        sections=tuple(sections),
        language=language,
        about="",
    )


def warnings(audit: Audit, say: Words) -> tuple[str, ...]:
    """What makes every figure doubtful: a score that is surely worse than chance."""
    area = audit.overall.figures["auroc"]
    return (say("reversed", value=told(area, say)),) if area is not None and area.high < CHANCE else ()


def warned(audit: Audit, say: Words) -> list[Block]:
    """The warnings as a block of the page."""
    found = warnings(audit, say)
    return [Listing(say("warning"), found, "warning")] if found else []


def glance(audit: Audit, say: Words) -> tuple[str, ...]:
    """The sentences that a reader sees first."""
    results, whole = audit.results, audit.overall
    threshold = f"{results.threshold:.4g}"
    first = say(
        "cases", n=whole.n, patients=whole.patients, positives=whole.positives, threshold=threshold, rule=results.rule
    )
    return (first, *worst(audit, say))


def worst(audit: Audit, say: Words) -> list[str]:
    """The groups with the lowest figures."""
    lines = []
    for measure in DRAWN:
        group = audit.worst(measure)
        if group is not None:
            value = told(group.figures[measure], say)
            named = {"column": say.column(group.column), "group": group.name, "n": group.n}
            lines.append(say("worst", measure=say(measure), value=value, positives=group.positives, **named))
    return lines


def verdict(audit: Audit, say: Words) -> list[Block]:
    """Which gaps are left when all of their family are counted."""
    if not audit.families:
        return [Sentences((say("untested"),))]
    blocks = list[Block]()
    for family, tested in audit.families.items():
        sure, likely = remaining(tested)
        told_here = {"family": say(f"family.{family}"), "tests": len(tested)}
        weaker = say("likely", gaps=counted(len(sure) + len(likely), say), **told_here)
        if sure:
            head = say("sure", gaps=counted(len(sure), say), **told_here)
            blocks += [Listing(head, tuple(sure_line(gap, say) for gap in sure)), Sentences((weaker,))]
        else:
            blocks.append(Sentences((say("none-sure", **told_here), weaker)))
    return blocks


def remaining(tested: Sequence[Gap]) -> tuple[list[Gap], list[Gap]]:
    """Gaps that remain after Holm's correction, and those that remain after Benjamini's and Hochberg's alone."""
    sure = [gap for gap in tested if gap.raised is not None and gap.raised.holm < SURE]
    likely = [
        gap for gap in tested if gap.raised is not None and gap.raised.benjamini_hochberg < SURE <= gap.raised.holm
    ]
    return sure, likely


def counted(n: int, say: Words) -> str:
    """So many gaps, in words."""
    return say("one-gap") if n == 1 else say("many-gaps", n=n)


def sure_line(gap: Gap, say: Words) -> str:
    """One gap in a sentence."""
    p, holm = ("", "") if gap.raised is None else (equals(gap.raised.p), equals(gap.raised.holm))
    difference = told(gap.difference, say, sign=True)
    named = {"column": say.column(gap.column), "group": gap.group, "measure": say(gap.measure)}
    return say("sure-gap", difference=difference, p=p, holm=holm, **named)


def p_text(p: float) -> str:
    """A p value, never more exactly than it is known."""
    return "< 0.001" if p < 1e-3 else f"{p:.3f}"


def equals(p: float) -> str:
    """A p value inside a sentence."""
    told_p = p_text(p)
    return told_p if told_p.startswith("<") else f"= {told_p}"


def missing(audit: Audit, say: Words) -> list[Block]:
    """What was not judged, and why; of intersections only how many."""
    single = [one for one in audit.suppressed if AND not in one.column]
    rows = [
        say("suppressed-row", column=say.column(one.column), group=one.name, n=one.n, positives=one.positives)
        for one in single
    ]
    crossed = len(audit.suppressed) - len(single)
    rows += [say("suppressed-pairs", n=crossed)] if crossed else []
    unstated = tuple(say("unstated-row", column=say.column(name), n=n) for name, n in audit.unstated.items())
    blocks: list[Block] = [Listing(say("suppressed", least=LEAST), tuple(rows), "warning")] if rows else []
    blocks += [Listing(say("unstated"), unstated, "warning")] if unstated else []
    return blocks or [Sentences((say("nothing-suppressed"),))]


def drawn(audit: Audit, say: Words) -> list[Block]:
    """Forest plots of every judged group, and a reliability plot of each group of a single column."""
    forests = [charts.forest(audit, audit.judged, measure, say) for measure in DRAWN]
    single = [group for group in audit.judged if AND not in group.column]
    each = tuple(charts.reliability(group, say) for group in single)
    return [Charts(present(forests)), Charts(each)]


def present(found: Sequence[Chart | None]) -> tuple[Chart, ...]:
    """The drawings that there are."""
    return tuple(chart for chart in found if chart is not None)


def tables(audit: Audit, say: Words) -> list[Block]:
    """Every figure of the judged groups of each single column."""
    header = ("", say("n"), say("positive"), *(say(measure) for measure in MEASURES))
    blocks = list[Block]()
    for column in dict.fromkeys(group.column for group in audit.judged if AND not in group.column):
        mine = [group for group in audit.judged if group.column == column]
        rows = [cells(audit.overall, say("all"), say), *(cells(group, group.name, say) for group in mine)]
        blocks.append(Table(say("by", column=say.column(column)), header, tuple(rows)))
    return blocks


def cells(group: Group, name: str, say: Words) -> tuple[str, ...]:
    """A row of a table of groups."""
    return (name, str(group.n), str(group.positives), *(told(group.figures[measure], say) for measure in MEASURES))


def gap_blocks(audit: Audit, say: Words) -> list[Block]:
    """Every gap of a single column, and those of intersections that remain."""
    tests = {name: len(audit.families.get(name, ())) for name in (COLUMNS, PAIRS)}
    remains = [gap for gap in audit.gaps if gap.raised is not None and gap.raised.benjamini_hochberg < SURE]
    shown = [gap for gap in audit.gaps if (gap.measure in TESTED and AND not in gap.column) or gap in remains]
    header = (say("group"), say("measure"), say("difference"), say("p"), say("holm"), say("bh"))
    rows = []
    for gap in shown:
        one = gap.raised
        p = ("-",) * 3 if one is None else tuple(map(p_text, (one.p, one.holm, one.benjamini_hochberg)))
        rows.append(
            (f"{say.column(gap.column)} {gap.group}", say(gap.measure), told(gap.difference, say, sign=True), *p)
        )
    columns = list(dict.fromkeys(gap.column for gap in audit.gaps))
    figures = Charts(present([charts.gap_chart(audit, measure, columns, say) for measure in GAPS_DRAWN]))
    return [Sentences((say("gaps-words", **tests),)), figures, Table("", header, tuple(rows))]


def spread_blocks(audit: Audit, say: Words) -> list[Block]:
    """The best and the worst group of each column."""
    header = ("", say("measure"), say("best"), say("worst-group"), say("difference"), say("chance"), say("p"))
    rows = []
    for one in audit.spreads:
        if one.measure in {"ppv", "in the large"}:
            continue
        measure = say(f"spread.{one.measure}") if one.measure.startswith("equal") else say(one.measure)
        chance = ("-", "-") if one.chance is None else (f"{one.chance.by_chance:.3f}", p_text(one.chance.p))
        rows.append((say.column(one.column), measure, one.best, one.worst, told(one.difference, say), *chance))
    return [Table(say("spreads"), header, tuple(rows)), Sentences((say("spreads-words"),))] if rows else []


def simpson_blocks(audit: Audit, say: Words) -> tuple[Block, ...]:
    """Notable gaps, held against every other column."""
    notable = [one for one in audit.held if one.within.pooled is not None and abs(one.within.pooled) >= NOTABLE]
    moved = [one for one in notable if one.within.verdict != "stands"]
    unchecked = sum(one.within.verdict == "not checked" for one in audit.held)
    words = say("simpson-words", least=LEAST_IN_STRATUM)
    counts = say(
        "simpson-counts",
        notable=len(notable),
        stands=len(notable) - len(moved),
        unchecked=unchecked,
        held=len(audit.held),
    )
    if not moved:
        return (Sentences((words, counts)),)
    header = (say("group"), say("measure"), say("third"), say("pooled"), say("within"), say("verdict"))
    return Sentences((words, counts)), Table("", header, tuple(held_cells(one, say) for one in moved))


def held_cells(one: Held, say: Words) -> tuple[str, ...]:
    """A row of that table."""
    found = one.within
    strata = ", ".join(f"{part.name} {part.gap:+.2f} (n {part.inside}, {part.rest})" for part in found.strata)
    within = f"{told(found.adjusted, say, sign=True)}; {strata}"
    named = f"{say.column(one.column)} {one.group}"
    pooled = "-" if found.pooled is None else f"{found.pooled:+.3f}"
    return (named, say(found.measure), say.column(found.third), pooled, within, say(found.verdict))


def remedy_blocks(audit: Audit, say: Words) -> tuple[Block, ...]:
    """Every rule that was tried, a table for each column, and where none was."""
    header = tuple(map(say, ("rule", "sensitivity", "specificity", "worst-sensitivity", "opportunity", "change")))
    blocks: list[Block] = [Sentences((say("remedies-words"), say("decide")))] if audit.remedies else []
    for column in dict.fromkeys(one.column for one in audit.remedies):
        mine = [one for one in audit.remedies if one.column == column]
        blocks.append(
            Table(say("by", column=say.column(column)), header, tuple(remedy_cells(one, say) for one in mine))
        )
    why = tuple(f"{say.column(name)}: {say(f'why.{key}', least=LEAST)}" for name, key in audit.not_tried.items())
    return (*blocks, *((Listing(say("not-tried"), why),) if why else ()))


def remedy_cells(one: Remedy, say: Words) -> tuple[str, ...]:
    """A row of that table."""
    left = f" ({say('left-out', groups=', '.join(one.left_out))})" if one.left_out else ""
    name = say(f"way.{one.way}") + (" *" if one.uses_group else "") + left
    worst_one = f"{one.worst_group}: {told(one.worst, say)}"
    changed = "" if one.changed is None else told(one.changed, say, sign=True)
    return (
        name,
        told(one.sensitivity, say),
        told(one.specificity, say),
        worst_one,
        told(one.opportunity, say),
        changed,
    )


def method(audit: Audit, say: Words) -> str:
    """How the figures were made."""
    return say("method-words", resamples=audit.results.resamples, seed=audit.results.seed, least=LEAST)
