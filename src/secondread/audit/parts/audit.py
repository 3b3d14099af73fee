"""The part ``audit``: for which people and machines a bundle answers less well."""

from collections.abc import Mapping, Sequence
from typing import Any

from secondread.audit.assessed import Assessed, Measured
from secondread.audit.fairness.audited import gate_audit, outline_audits, question_audits
from secondread.audit.fairness.entry import means_entry, plain
from secondread.audit.fairness.means import MeansAudit
from secondread.audit.fairness.results import AND, COLUMNS, PAIRS, Audit, Gap
from secondread.stats.interval import Interval

NAME, ORDER = "audit", 80
SURE, NOTABLE = 0.05, 0.05
FIGURES = ("auroc", "sensitivity", "specificity")
PAIR = ("column", "group", "n", "positives", *FIGURES)
REMEDY = (
    "column",
    "way",
    "uses_group",
    "sensitivity",
    "specificity",
    "worst_group",
    "worst",
    "equal_opportunity",
    "changed",
)
NOTHING = "not possible: the data name neither people nor machines (no sex, age, device or site)"


def measure(assessed: Assessed) -> Measured:
    """Every question, outline and gate by every group that the data name."""
    audits, skipped = question_audits(assessed)
    means = [*outline_audits(assessed), *gate_audit(assessed)]
    entry = {
        "questions": {name: brief(plain(audit), len(audits) > 1) for name, audit in audits.items()},
        "means": {audit.values.name: means_entry(audit) for audit in means},
        "skipped": skipped,
    }
    return Measured({"rows": rows(audits, means), **entry})


def brief(entry: dict[str, Any], many: bool) -> dict[str, Any]:
    """What is kept with the bundle: the whole of single columns, and of the rest what stands out.

    With several questions, remedies are kept where a gap remains, and intersections are left to the printed page.
    """

    def single(one: Mapping[str, Any]) -> bool:
        return AND not in one["column"]

    def remains(gap: Mapping[str, Any]) -> bool:
        return bool(gap.get("benjamini_hochberg", 1.0) < SURE)

    small = [one for one in entry["suppressed"] if single(one)]
    apart = {gap["column"] for gap in entry["gaps"] if remains(gap)}
    return {
        **entry,
        "groups": [one if single(one) else kept(one, PAIR) for one in entry["groups"] if single(one) or not many],
        "gaps": [gap for gap in entry["gaps"] if single(gap) and (gap["measure"] in FIGURES or remains(gap))],
        "spreads": [one for one in entry["spreads"] if one["measure"].startswith("equal")],
        "held": [one for one in entry["held"] if one["verdict"] != "stands" and abs(one["pooled"] or 0.0) >= NOTABLE],
        "suppressed": small,
        "suppressed_pairs": len(entry["suppressed"]) - len(small),
        "remedies": [kept(one, REMEDY) for one in entry["remedies"] if not many or one["column"] in apart],
    }


def kept(one: Mapping[str, Any], keys: Sequence[str]) -> dict[str, Any]:
    """Some keys of an entry."""
    return {key: one[key] for key in keys}


def rows(audits: Mapping[str, Audit], means: Sequence[MeansAudit]) -> dict[str, str]:
    """The lines of the card."""
    found = dict[str, str]()
    if audits:
        found |= question_rows(audits)
    for one in means:
        worst = one.worst
        if worst is not None and worst.mean is not None and one.judged:
            remain = sum(gap.raised.holm < SURE for gap in one.gaps)
            lowest = f"{worst.column} {worst.name}, {worst.mean}, {worst.n} cases of {worst.patients} patients"
            tests = f"; {remain} of {len(one.gaps)} gaps remain after Holm's correction" if one.gaps else ""
            what = one.values.name.rpartition(", ")[2] if ", " in one.values.name else "all labels"
            found[f"Audit: lowest mean {one.values.measure} of a group, {what}"] = lowest + tests
    return found or {"Audit by group": NOTHING}


def question_rows(audits: Mapping[str, Audit]) -> dict[str, str]:
    """Of all questions together: what was judged, the lowest figures, and the gaps that remain."""
    judged = {(one.column, one.name) for audit in audits.values() for one in audit.judged}
    columns = dict.fromkeys(column for audit in audits.values() for column in audit.results.answers.groups)
    found = {"Audit: groups judged": f"{len(judged)} of {', '.join(columns)} and their pairs"}
    for measure in FIGURES[:2]:
        lowest = lowest_of(audits, measure)
        if lowest:
            label = "AUROC" if measure == "auroc" else measure
            found[f"Audit: lowest {label} of a group"] = lowest
    tested = [(name, gap) for name, audit in audits.items() for gap in audit.gaps if gap.raised is not None]
    if tested:
        sure = [(name, gap) for name, gap in tested if gap.raised is not None and gap.raised.holm < SURE]
        counts = [
            f"{sum(gap.family == family for _, gap in sure)} of {of} tests of {family}"
            for family in (COLUMNS, PAIRS)
            if (of := sum(gap.family == family for _, gap in tested))
        ]
        found["Audit: gaps that remain (Holm, within a question)"] = ", ".join(counts) + widest(sure)
    return found


def lowest_of(audits: Mapping[str, Audit], measure: str) -> str:
    """The lowest figure over all questions, in words."""
    able = [
        (one.value, f"{name}: {group.column} {group.name}, {one}, {group.n} cases, {group.positives} positive")
        for name, audit in audits.items()
        if (group := audit.worst(measure)) is not None and (one := group.figures[measure]) is not None
    ]
    return min(able)[1] if able else ""


def widest(gaps: Sequence[tuple[str, Gap]]) -> str:
    """The largest gap of single columns, in words."""
    single = [(name, gap) for name, gap in gaps if AND not in gap.column]
    if not single:
        return ""
    name, gap = max(single, key=lambda pair: abs(pair[1].difference.value))
    return f"; largest: {name}, {gap.column} {gap.group} against the others, {gap.measure} {signed(gap.difference)}"


def signed(difference: Interval) -> str:
    """A difference with its signs."""
    return f"{difference.value:+.3f} ({difference.low:+.3f} to {difference.high:+.3f})"
