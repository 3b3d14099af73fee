"""The drawings of an audit; each says how many cases it stands on and shows intervals."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from secondread.audit.fairness.results import AND, Audit, Group
from secondread.audit.fairness.words import Words
from secondread.learn.page import svg
from secondread.learn.page.blocks import Chart
from secondread.learn.page.svg import Axis, Frame, shares
from secondread.stats.interval import Interval

SURE = 0.05  # after Holm's correction
WIDTH, LEFT, RIGHT, ROW, FOOT = 340.0, 150.0, 10.0, 15.0, 34.0
DIAGONAL = ((0.0, 0.0), (1.0, 1.0))
HALVES = ((0.0, "0"), (0.5, "0.5"), (1.0, "1"))
LONGEST = 22  # letters of a name beside a drawing


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a forest plot: a name, how many cases, an interval, and whether its dot is filled."""

    name: str
    n: str
    interval: Interval
    filled: bool = True


def told(interval: Interval | None, say: Words, *, sign: bool = False) -> str:
    """An interval as the language writes it."""
    if interval is None:
        return "-"
    form = "+.3f" if sign else ".3f"
    value, low, high = (format(v, form) for v in (interval.value, interval.low, interval.high))
    return f"{value} ({low} ~ {high})" if say.language == "ko" else f"{value} ({low} to {high})"


def forest(audit: Audit, groups: Sequence[Group], measure: str, say: Words) -> Chart | None:
    """One figure of every group, beside that of all cases; None where no group has it."""
    lines = [
        Line(named(group, say), f"{group.n}/{group.positives}", one)
        for group in groups
        if (one := group.figures.get(measure)) is not None
    ]
    overall = audit.overall.figures[measure]
    if not lines or overall is None:
        return None
    drawn = rows(lines, shares(say(measure)), overall.value, f"n/{say('positive')}")
    caption = say("forest", measure=say(measure), overall=told(overall, say))
    return Chart(drawn, caption, caption)


def gap_chart(audit: Audit, measure: str, columns: Sequence[str], say: Words) -> Chart | None:
    """The gaps in one figure."""
    sizes = {(group.column, group.name): group for group in audit.groups}
    lines = [
        Line(
            named(sizes[gap.column, gap.group], say),
            f"{sizes[gap.column, gap.group].n}/{sizes[gap.column, gap.group].positives}",
            gap.difference,
            gap.raised is not None and gap.raised.holm < SURE,
        )
        for gap in audit.gaps
        if gap.measure == measure and gap.column in columns
    ]
    if not lines:
        return None
    reach = max(0.2, *(max(-line.interval.low, line.interval.high) for line in lines))
    top = next(edge for edge in (0.2, 0.4, 0.6, 0.8, 1.0) if edge >= min(reach, 1.0))
    ticks = tuple((n * top / 2, f"{n * top / 2:+g}" if n else "0") for n in range(-2, 3))
    caption = say("gap-chart", measure=say(measure))
    return Chart(rows(lines, Axis(say(measure), -top, top, ticks), 0.0, f"n/{say('positive')}"), caption, caption)


def rows(lines: Sequence[Line], axis: Axis, middle: float, counted: str) -> str:
    """Names at the left, intervals at the right, one below the other."""
    height = 14.0 + ROW * len(lines) + FOOT
    bottom = height - FOOT

    def at(value: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * max(axis.share(value), 0.0)

    grid = "".join(f"M{at(place):.0f} 14V{bottom:.0f}" for place, _ in axis.ticks)
    spans, names, counts, dots = "", "", "", ""
    for k, line in enumerate(lines):
        y, one = 14.0 + ROW * (k + 0.5), line.interval
        spans += f"M{at(one.low):.1f} {y:.1f}H{at(one.high):.1f}"
        names += f'<text x="2" y="{y + 3:.1f}">{escape(short(line.name))}</text>'
        counts += f'<text x="{LEFT - 8:.0f}" y="{y + 3:.1f}">{line.n}</text>'
        fill = "" if line.filled else ' fill="#ffffff"'
        dots += f'<circle cx="{at(one.value):.1f}" cy="{y:.1f}" r="3"{fill}/>'
    return svg.drawing(
        WIDTH,
        height,
        f'<path d="{grid}" stroke="{svg.LINE}"/>',
        f'<path d="M{at(middle):.1f} 14V{bottom:.0f}" stroke="{svg.QUIET}" stroke-dasharray="4 3"/>',
        f'<path d="{spans}" stroke="{svg.OURS}" stroke-width="1.5"/>',
        f'<g fill="{svg.OURS}" stroke="{svg.OURS}">{dots}</g>',
        f'<g font-size="9" fill="{svg.INK}">{names}</g>',
        f'<g font-size="8" fill="{svg.QUIET}" text-anchor="end">{counts}</g>',
        svg.text(LEFT - 8, 9, counted, anchor="end", size=8, colour=svg.QUIET),
        *(svg.text(at(place), bottom + 12, words, anchor="middle", size=9) for place, words in axis.ticks),
        svg.text((LEFT + WIDTH - RIGHT) / 2, height - 5, axis.label, anchor="middle", size=10),
    )


def reliability(group: Group, say: Words) -> Chart:
    """Stated probability against what was seen, in one group."""
    across, up = (Axis(say(key), 0.0, 1.0, HALVES) for key in ("probability", "seen"))
    frame = Frame(across, up, width=240.0, height=210.0)
    parts = [frame.line(DIAGONAL, svg.OTHERS, dash="4 3", wide=1)]
    for one in group.reliability:
        x, seen = one.mean_probability, one.observed
        parts.append(frame.line([(x, seen.low), (x, seen.high)], wide=1.5))
        parts.append(frame.dot(x, seen.value, radius=3.0))
        right, down = frame.at(x, seen.value)
        inner, anchor = (right - 5, "end") if x > 0.85 else (right + 5, "start")
        parts.append(svg.text(inner, down + 9, str(one.n), anchor=anchor, size=8, colour=svg.QUIET))
    error = told(group.figures["ece"], say)
    caption = say("reliability", column=say.column(group.column), group=group.name, n=group.n, ece=error)
    return Chart(frame.whole(*parts), caption, caption)


def named(group: Group, say: Words) -> str:
    """A group by its column and value; of an intersection, or a long one, the value says enough."""
    whole = f"{say.column(group.column)} {group.name}"
    return group.name if AND in group.column or len(whole) > LONGEST else whole


def short(name: str) -> str:
    """A name that fits beside a drawing."""
    return name if len(name) <= LONGEST else name[: LONGEST - 1] + "…"
