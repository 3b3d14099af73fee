"""What an audit says, in English and Korean."""

from collections.abc import Mapping
from typing import Any

from secondread.audit.fairness import korean
from secondread.core.errors import UsageError

LANGUAGES = ("en", "ko")
ENGLISH: Mapping[str, str] = {
    "title": "Fairness audit: {name}",
    "subtitle": "{source}. secondread {version}.",
    "notice": "Draft. Decision support for research, not for diagnosis. Figures of groups are estimates with "
    "intervals; "
    "they show where an answer may be less good, not why.",
    "warning": "WARNING",
    "reversed": "AUROC {value} over all cases: the whole interval lies below 0.5. The score ranks worse than chance: "
    "are the labels, or yes and no, swapped (label 1 is yes)? Find out before you use any figure here.",
    "glance": "At a glance",
    "cases": "{n} cases of {patients} patients, {positives} positive. Positive at or above {threshold}: {rule}.",
    "rule.given": "as given",
    "rule.reports": "as the reports have it",
    "rule.youden": "largest sensitivity + specificity on validation",
    "answered": "{n} studies with an answer",
    "unanswered": "{n} more were refused, failed or not read",
    "written": "Written to {file}",
    "worst": "Lowest {measure}: {column} {group}, {value}, n = {n} ({positives} positive).",
    "family.columns": "Columns",
    "family.pairs": "Pairs of columns",
    "sure": "{family}: {gaps} left after counting all {tests} tests (Holm, 0.05).",
    "one-gap": "1 gap",
    "many-gaps": "{n} gaps",
    "sure-gap": "{column} {group} against the others: {measure} {difference}, p {p} alone, p {holm} among all (Holm).",
    "none-sure": "{family}: no gap remains after counting all {tests} tests (Holm, 0.05). That does not show that "
    "there is none: the intervals tell how large one may be.",
    "likely": "{family}: {gaps} left by the weaker control of Benjamini and Hochberg (0.05).",
    "second-look": "worth a second look on other cases:",
    "largest": "Largest gaps of the columns, whatever the correction says:",
    "and-more": "and {n} more: see the page (--page) or --json",
    "fewer-columns": "Every further column makes the correction stricter: name those that you ask about with --groups, "
    "before you look.",
    "untested": "No gap could be tested: fewer than two groups of any column are large enough.",
    "groups": "Every group",
    "by": "By {column}",
    "all": "all cases",
    "suppressed": "Not judged: fewer than {least} positive or {least} negative cases",
    "suppressed-row": "{column} {group}: {n} cases, {positives} positive",
    "unstated": "Not stated",
    "unstated-row": "{column}: {n} cases; they belong to no group and to no comparison",
    "nothing-suppressed": "Every group was large enough to be judged.",
    "forest": "{measure} by group; line: 95 % interval; dashed: all cases ({overall}).",
    "reliability": "{column} {group}: n = {n}, ECE {ece}; numbers are cases.",
    "gap-chart": "{measure} of each group less that of all others, with 95 % interval; filled: p below 0.05 after "
    "Holm.",
    "probability": "stated probability",
    "seen": "share that is positive",
    "gaps": "Gaps",
    "gaps-words": "Each group against all other cases whose group is stated; of two groups one line tells both. "
    "The false-negative gap is the gap in sensitivity with its sign turned. p of sensitivity and specificity: groups "
    "dealt out anew by patient; of AUROC and calibration: standard error of the resamples. Holm and "
    "Benjamini-Hochberg count the {columns} tests of columns together, and the {pairs} of pairs of columns together. "
    "Small groups have a larger ECE by chance alone: it is not tested.",
    "spreads": "Best and worst group of each column",
    "spreads-words": "A largest difference is above 0 by chance alone: the column says what 95 of 100 deals of the "
    "groups stay below, and p how often chance does as much.",
    "spread.equal opportunity": "equal-opportunity difference (sensitivity)",
    "spread.equalised odds": "equalised-odds difference",
    "simpson": "Is it the group, or something that goes with it?",
    "simpson-words": "Gaps of at least 0.05, held against every other column: the same gap among cases that are "
    "alike there. It reverses (Simpson's paradox), shrinks to less than half, or stands. Strata have at least "
    "{least} cases of both sides.",
    "simpson-counts": "{notable} such gaps could be held against a column; {stands} stand. {unchecked} of all "
    "{held} checks were not possible for want of cases.",
    "suppressed-pairs": "{n} pairs of values of two columns",
    "reverses": "reverses",
    "shrinks": "shrinks",
    "stands": "stands",
    "remedies": "What could be done, and its price",
    "remedies-words": "Everything was fitted on validation and judged on the cases of this page. Each rule aims "
    "at the "
    "sensitivity that the one threshold has on validation.",
    "decide": "Rules marked with * use a person's group when a case is read. Whether that is right, and lawful, "
    "is for "
    "people to decide: clinicians, patients and those who answer for the use, not for this program.",
    "way.as it is": "as it is",
    "way.thresholds": "threshold of each group",
    "way.recalibration": "calibration of each group",
    "way.last layer": "new last layer, unweighted",
    "way.reweighting": "new last layer, reweighted",
    "way.weighted threshold": "one threshold, groups weighted",
    "left-out": "too little validation for {groups}: unchanged",
    "not-tried": "Not tried",
    "why.one group": "fewer than two groups are large enough",
    "why.no validation": "no validation cases were given",
    "why.small validation": "no group has {least} positive and {least} negative validation cases",
    "method": "How",
    "method-words": "Intervals: {resamples} resamples of patients within each class, percentiles, seed {seed}; "
    "Wilson or "
    "Newcombe where all or none are right. Groups with fewer than {least} positive or negative cases are counted, "
    "not "
    "judged. Calibration in the large is the mean probability less the share of positive cases; ECE has 10 bins.",
    "limits": "Groups are as the data state them. Labels can be wrong in one group more than in another; an audit "
    "cannot see that. A difference that is not shown may still be there.",
    "means-cases": "{n} cases of {patients} patients; mean {measure} {mean}.",
    "means-worst": "Lowest mean {measure}: {column} {group}, {value}, n = {n} of {patients} patients.",
    "means-small": "{column} {group}: {n} cases of {patients} patients",
    "means-suppressed": "Not judged: fewer than {least} patients",
    "means-gaps": "The mean of each group less that of all other cases whose group is stated; p from the standard "
    "error "
    "of the resamples; Holm and Benjamini-Hochberg count all {tests} tests.",
    "means-method": "Intervals: {resamples} resamples of patients, percentiles, seed {seed}. Groups of fewer than "
    "{least} "
    "patients are counted, not judged.",
    "patients": "patients",
    "n": "n",
    "positive": "positive",
    "group": "group",
    "measure": "measure",
    "difference": "difference (95 % interval)",
    "p": "p",
    "holm": "p, Holm",
    "bh": "p, BH",
    "best": "best",
    "worst-group": "worst",
    "chance": "95 % of chance",
    "third": "held against",
    "pooled": "gap",
    "within": "gap within",
    "verdict": "",
    "rule": "rule",
    "opportunity": "equal-opportunity difference",
    "change": "change",
    "odds": "equalised odds",
    "worst-sensitivity": "worst sensitivity",
    "auroc": "AUROC",
    "sensitivity": "sensitivity",
    "specificity": "specificity",
    "ppv": "PPV",
    "in the large": "calibration in the large",
    "ece": "ECE",
    "mean": "mean",
    "column.sex": "sex",
    "column.age": "age",
    "column.view": "view",
    "column.device": "device",
    "column.site": "site",
    "column.race": "race",
    "column.native": "native",
    "column.birads": "BI-RADS",
    "column.side": "side",
    "column.source": "source",
    "column.subtype": "subtype",
}
TABLES: Mapping[str, Mapping[str, str]] = {"en": ENGLISH, "ko": korean.WORDS}


class Words:
    """The words of one language.

    Args:
        language: One of ``LANGUAGES``.

    Raises:
        UsageError: If there is no such language.
    """

    def __init__(self, language: str) -> None:
        if language not in TABLES:
            raise UsageError(f"found the language {language!r}; needed one of {', '.join(LANGUAGES)}")
        self.language, self._table = language, TABLES[language]

    def __call__(self, key: str, **values: Any) -> str:
        """The sentence of a key with its places filled in."""
        return self._table[key].format(**values)

    def column(self, name: str) -> str:
        """A column, or a pair of them, by its name in the language; one that is not known keeps its own."""
        parts = name.split(" & ")
        return " & ".join(self._table.get(f"column.{part}", part) for part in parts)
