"""An audit as plain data, small enough to be kept with the bundle: an interval is [value, low, high]."""

from typing import Any

from secondread.audit.fairness.means import MeansAudit
from secondread.audit.fairness.results import LEAST, Audit, Gap, Group, Held, Remedy, Spread
from secondread.stats.interval import Interval
from secondread.stats.multiplicity import Raised

DIGITS = 3


def plain(audit: Audit) -> dict[str, Any]:
    """Everything that was found."""
    return {
        "name": audit.results.name,
        "source": audit.results.source,
        "threshold": round(audit.results.threshold, 6),
        "resamples": audit.results.resamples,
        "seed": audit.results.seed,
        "least": LEAST,
        "overall": group_entry(audit.overall),
        "groups": [group_entry(group) for group in audit.judged],
        "suppressed": [suppressed(group) for group in audit.suppressed],
        "unstated": dict(audit.unstated),
        "tests": {name: len(gaps) for name, gaps in audit.families.items()},
        "gaps": [gap_entry(gap) for gap in audit.gaps],
        "spreads": [spread_entry(spread) for spread in audit.spreads],
        "held": [held_entry(one) for one in audit.held if one.within.verdict != "not checked"],
        "not_checked": sum(one.within.verdict == "not checked" for one in audit.held),
        "remedies": [remedy_entry(remedy) for remedy in audit.remedies],
        "not_tried": dict(audit.not_tried),
    }


def means_entry(audit: MeansAudit) -> dict[str, Any]:
    """Everything that was found about a number that every case has."""
    return {
        "name": audit.values.name,
        "source": audit.values.source,
        "measure": audit.values.measure,
        "overall": interval(audit.overall.mean),
        "groups": [
            {"column": one.column, "group": one.name, "n": one.n, "patients": one.patients, "mean": interval(one.mean)}
            for one in audit.groups
        ],
        "unstated": dict(audit.unstated),
        "gaps": [
            {"column": gap.column, "group": gap.group, "difference": interval(gap.difference), **p_entry(gap.raised)}
            for gap in audit.gaps
        ],
    }


def group_entry(group: Group) -> dict[str, Any]:
    """A judged group."""
    figures = {name: interval(one) for name, one in group.figures.items()}
    return {**suppressed(group), "patients": group.patients, **figures}


def suppressed(group: Group) -> dict[str, Any]:
    """A group that is only counted."""
    return {"column": group.column, "group": group.name, "n": group.n, "positives": group.positives}


def gap_entry(gap: Gap) -> dict[str, Any]:
    """A gap with its p values, where it was tested."""
    about = {"column": gap.column, "group": gap.group, "measure": gap.measure}
    return {**about, "difference": interval(gap.difference), **p_entry(gap.raised)}


def p_entry(found: Raised | None) -> dict[str, float]:
    """P values: alone, Holm's, Benjamini and Hochberg's."""
    if found is None:
        return {}
    return {
        "p": round(found.p, 4),
        "holm": round(found.holm, 4),
        "benjamini_hochberg": round(found.benjamini_hochberg, 4),
    }


def spread_entry(spread: Spread) -> dict[str, Any]:
    """The best and the worst group."""
    found = {"column": spread.column, "measure": spread.measure, "best": spread.best, "worst": spread.worst}
    if spread.chance is None:
        return {**found, "difference": interval(spread.difference)}
    chance = {"by_chance": round(spread.chance.by_chance, DIGITS), "p": round(spread.chance.p, DIGITS)}
    return {**found, "difference": interval(spread.difference), **chance}


def held_entry(one: Held) -> dict[str, Any]:
    """A gap held against another column."""
    found = one.within
    return {
        "column": one.column,
        "group": one.group,
        "measure": found.measure,
        "third": found.third,
        "pooled": None if found.pooled is None else round(found.pooled, DIGITS),
        "adjusted": interval(found.adjusted),
        "moved": interval(found.moved),
        "strata": [[part.name, part.inside, part.rest, round(part.gap, DIGITS)] for part in found.strata],
        "verdict": found.verdict,
    }


def remedy_entry(one: Remedy) -> dict[str, Any]:
    """A rule and its price."""
    return {
        "column": one.column,
        "way": one.way,
        "uses_group": one.uses_group,
        "sensitivity": interval(one.sensitivity),
        "specificity": interval(one.specificity),
        "worst_group": one.worst_group,
        "worst": interval(one.worst),
        "equal_opportunity": interval(one.opportunity),
        "equalised_odds": interval(one.odds),
        "changed": interval(one.changed),
        "left_out": list(one.left_out),
    }


def interval(found: Interval | None) -> list[float] | None:
    """Value, low and high."""
    return None if found is None else found.rounded(DIGITS)
