"""An audit as lines of text."""

from collections.abc import Sequence

from secondread.audit.fairness.charts import told
from secondread.audit.fairness.page import counted, glance, remaining, sure_line, warnings
from secondread.audit.fairness.results import AND, COLUMNS, LEAST, TESTED, Audit, Gap, Remedy
from secondread.audit.fairness.words import Words
from secondread.learn.card_rows.words import columned

SHOWN = ("auroc", "sensitivity", "specificity", "in the large")
MOST = 10  # gaps that are listed


def lines(audit: Audit, language: str = "en") -> list[str]:
    """The figures of every single group, the gaps that stand out, and the price of what could be done.

    Raises:
        UsageError: If there is no such language.
    """
    say = Words(language)
    parts = [[f"{say('warning')}: {line}" for line in warnings(audit, say)]]
    parts += [[say("title", name=audit.results.name), audit.results.source], list(glance(audit, say))]
    parts += [groups(audit, say), gaps(audit, say), remedies(audit, say), small(audit, say), [say("notice")]]
    return [line for part in parts if part for line in (*part, "")][:-1]


def groups(audit: Audit, say: Words) -> list[str]:
    """A table of single groups."""
    rows = [("", say("n"), say("positive"), *(say(measure) for measure in SHOWN))]
    for group in (audit.overall, *(one for one in audit.judged if AND not in one.column)):
        name = f"{say.column(group.column)} {group.name}" if group.column else say("all")
        rows.append((name, str(group.n), str(group.positives), *(told(group.figures[one], say) for one in SHOWN)))
    return columned(rows)


def gaps(audit: Audit, say: Words) -> list[str]:
    """The gaps that remain when all of their family are counted, those for a second look, and the largest."""
    if not audit.families:
        return [say("untested")]
    told_lines = list[str]()
    for family, tested in audit.families.items():
        sure, likely = remaining(tested)
        named = {"family": say(f"family.{family}"), "tests": len(tested)}
        told_lines.append(say("sure", gaps=counted(len(sure), say), **named) if sure else say("none-sure", **named))
        told_lines += listed(sure, say)
        told_lines.append(say("likely", gaps=counted(len(sure) + len(likely), say), **named))
        told_lines += [f"  {say('second-look')}", *listed(likely, say)] if likely else []
    own = audit.families.get(COLUMNS, ())
    told_lines += ["", say("largest"), *listed(largest(own), say)] if own else []
    several = len({gap.column for gap in own}) > 1
    return [*told_lines, say("fewer-columns")] if several else told_lines


def listed(found: Sequence[Gap], say: Words) -> list[str]:
    """A line each, the first of many."""
    more = len(found) - MOST
    return [f"  {sure_line(gap, say)}" for gap in found[:MOST]] + ([f"  {say('and-more', n=more)}"] if more > 0 else [])


def largest(tested: Sequence[Gap]) -> list[Gap]:
    """Of each measure the gap whose difference is largest."""
    kinds = [[gap for gap in tested if gap.measure == measure] for measure in TESTED]
    return [max(kind, key=lambda gap: abs(gap.difference.value)) for kind in kinds if kind]


def remedies(audit: Audit, say: Words) -> list[str]:
    """What could be done, with its price, and who decides."""
    if not audit.remedies:
        return []
    header = tuple(map(say, ("sensitivity", "specificity", "worst-sensitivity", "opportunity")))
    return [*columned([("", say("rule"), *header), *(remedy(one, say) for one in audit.remedies)]), say("decide")]


def remedy(one: Remedy, say: Words) -> tuple[str, ...]:
    """A row of that table."""
    name = say(f"way.{one.way}") + (" *" if one.uses_group else "")
    rates = (told(one.sensitivity, say), told(one.specificity, say))
    return (
        say.column(one.column),
        name,
        *rates,
        f"{one.worst_group}: {told(one.worst, say)}",
        told(one.opportunity, say),
    )


def small(audit: Audit, say: Words) -> list[str]:
    """What was not judged."""
    rows = [
        say("suppressed-row", column=say.column(one.column), group=one.name, n=one.n, positives=one.positives)
        for one in audit.suppressed
        if AND not in one.column
    ]
    return [say("suppressed", least=LEAST), *rows] if rows else []
