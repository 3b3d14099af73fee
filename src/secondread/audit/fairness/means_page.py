"""The audit of a number that every case has, such as Dice, as a page to print."""

from secondread.audit.fairness import charts
from secondread.audit.fairness.charts import SURE, Line, told
from secondread.audit.fairness.means import LEAST_PATIENTS, MeanGroup, MeansAudit
from secondread.audit.fairness.page import p_text
from secondread.audit.fairness.words import Words
from secondread.core.version import __version__
from secondread.learn.page.blocks import Block, Chart, Charts, Listing, Page, Section, Table
from secondread.learn.page.blocks import Words as Sentences
from secondread.learn.page.svg import Axis, shares


def means_page(audit: MeansAudit, language: str = "en") -> Page:
    """The whole page.

    Raises:
        UsageError: If there is no such language.
    """
    say, values = Words(language), audit.values
    how = say("means-method", resamples=values.resamples, seed=values.seed, least=LEAST_PATIENTS)
    return Page(
        title=say("title", name=values.name),
        subtitle=say("subtitle", source=values.source.rstrip("."), version=__version__),
        notice=say("notice"),
        sections=(
            Section(say("glance"), (Sentences(glance(audit, say)), *missing(audit, say))),
            Section(say("groups"), (Charts(drawn(audit, say)), table(audit, say))),
            Section(say("gaps"), (Sentences((say("means-gaps", tests=len(audit.gaps)),)), gaps(audit, say))),
            Section(say("method"), (Sentences((how, say("limits"))),)),
        ),
        language=language,
        about="",
    )


def glance(audit: MeansAudit, say: Words) -> tuple[str, ...]:
    """The sentences that a reader sees first."""
    whole, worst, measure = audit.overall, audit.worst, audit.values.measure
    mean = told(whole.mean, say)
    lines = [say("means-cases", n=whole.n, patients=whole.patients, measure=measure, mean=mean)]
    if worst is not None:
        named = {"column": say.column(worst.column), "group": worst.name, "patients": worst.patients}
        lines.append(say("means-worst", measure=measure, value=told(worst.mean, say), n=worst.n, **named))
    if not audit.gaps:
        return (*lines, say("untested"))
    sure = [gap for gap in audit.gaps if gap.raised.holm < SURE]
    if not sure:
        return (*lines, say("none-sure", family=say("family.columns"), tests=len(audit.gaps)))
    remaining = say("one-gap") if len(sure) == 1 else say("many-gaps", n=len(sure))
    return (*lines, say("sure", family=say("family.columns"), gaps=remaining, tests=len(audit.gaps)))


def missing(audit: MeansAudit, say: Words) -> list[Block]:
    """What was not judged, and why."""
    small = tuple(
        say("means-small", column=say.column(one.column), group=one.name, n=one.n, patients=one.patients)
        for one in audit.groups
        if one.mean is None
    )
    unstated = tuple(say("unstated-row", column=say.column(name), n=n) for name, n in audit.unstated.items())
    blocks: list[Block] = [Listing(say("means-suppressed", least=LEAST_PATIENTS), small, "warning")] if small else []
    return blocks + ([Listing(say("unstated"), unstated, "warning")] if unstated else [])


def drawn(audit: MeansAudit, say: Words) -> tuple[Chart, ...]:
    """Means by group, and gaps."""
    counts = {(one.column, one.name): f"{one.n}/{one.patients}" for one in audit.groups}
    counted = f"n/{say('patients')}"
    lines = [
        Line(label(one.column, one.name, say), counts[one.column, one.name], one.mean)
        for one in audit.judged
        if one.mean is not None
    ]
    found = list[Chart]()
    if lines and audit.overall.mean is not None:
        caption = say("forest", measure=audit.values.measure, overall=told(audit.overall.mean, say))
        svg = charts.rows(lines, shares(audit.values.measure), audit.overall.mean.value, counted)
        found.append(Chart(svg, caption, caption))
    if audit.gaps:
        apart = [
            Line(label(g.column, g.group, say), counts[g.column, g.group], g.difference, g.raised.holm < SURE)
            for g in audit.gaps
        ]
        ticks = tuple((n / 4, f"{n / 4:+g}" if n else "0") for n in range(-2, 3))
        caption = say("gap-chart", measure=audit.values.measure)
        found.append(
            Chart(charts.rows(apart, Axis(audit.values.measure, -0.5, 0.5, ticks), 0.0, counted), caption, caption)
        )
    return tuple(found)


def table(audit: MeansAudit, say: Words) -> Table:
    """Every judged group."""
    header = ("", say("n"), say("patients"), audit.values.measure)
    return Table("", header, tuple(cells(one, say) for one in (audit.overall, *audit.judged)))


def cells(one: MeanGroup, say: Words) -> tuple[str, ...]:
    """A row of that table."""
    name = label(one.column, one.name, say) if one.column else say("all")
    return (name, str(one.n), str(one.patients), told(one.mean, say))


def gaps(audit: MeansAudit, say: Words) -> Table:
    """Each group against the others."""
    header = (say("group"), say("difference"), say("p"), say("holm"), say("bh"))
    rows = []
    for gap in audit.gaps:
        p = map(p_text, (gap.raised.p, gap.raised.holm, gap.raised.benjamini_hochberg))
        rows.append((label(gap.column, gap.group, say), told(gap.difference, say, sign=True), *p))
    return Table("", header, tuple(rows))


def label(column: str, group: str, say: Words) -> str:
    """A group by its column and value."""
    return f"{say.column(column)} {group}"
