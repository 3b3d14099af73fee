"""Results from reports: every ``report.json`` below a folder, and a table of what is true of each study."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from secondread.audit.fairness.results import Answers
from secondread.audit.fairness.table import CASE, LABEL, Wanted, made_of, rows_of
from secondread.core.errors import FormatError, ManifestError, UsageError, place_among, short_path

REPORT = "report.json"


@dataclass(frozen=True, slots=True)
class Reported:
    """What reports say about one finding.

    Attributes:
        answers: Of the studies that were answered.
        threshold: At or above it a finding is positive, as the reports have it.
        unanswered: Studies of the table that have no answer: refused, failed, or not there.
    """

    answers: Answers
    threshold: float
    unanswered: int


def reported(folder: Path, table: Path, finding: str, wanted: Wanted) -> Reported:
    """The answers about a finding in reports.

    Args:
        folder: Holds the reports, at any depth.
        table: CSV with ``case`` (Study Instance UID), ``label``, perhaps ``patient``, and columns to group by.
        finding: Value or name of its code, or name of its operating point, alone or as ``bundle:name``.
        wanted: Which columns are groups.

    Raises:
        ManifestError: If the table does not fit.
        FormatError: If a report cannot be read.
        UsageError: If no report has the finding, several findings have the name, or reports have different thresholds
            for it.
    """
    said = findings(folder, finding)
    rows = [row for row in rows_of(table, (CASE, LABEL)) if row[CASE] in said]
    if not rows:
        raise ManifestError(
            f"{short_path(table)}: found no study of the reports; needed their UIDs in the column case."
        )
    thresholds = {said[row[CASE]][1] for row in rows}
    if len(thresholds) > 1:
        raise UsageError(
            f"{finding}: found {len(thresholds)} thresholds in the reports; needed one. Audit each version by itself."
        )
    answers = made_of(rows, [said[row[CASE]][0] for row in rows], table, wanted)
    return Reported(answers, thresholds.pop(), len(rows_of(table, (CASE, LABEL))) - len(rows))


def findings(folder: Path, finding: str) -> dict[str, tuple[float, float]]:
    """Study UID to probability and threshold of a finding; of several in a study the most probable.

    Raises:
        FormatError: If a report cannot be read.
        UsageError: If there is no report, none has the finding, or several findings have the name.
    """
    paths = sorted(folder.rglob(REPORT))
    if not paths:
        raise UsageError(
            f"{short_path(folder)}: found no {REPORT} below it. Name the folder that reads were written to."
        )
    found, kinds, known = dict[str, tuple[float, float]](), set[str](), set[str]()
    for path in paths:
        report = loaded(path, paths)
        for one in (one for read in report["reads"] for one in read["findings"]):
            if one["probability"] is None or one["threshold"] is None:
                continue
            names = names_of(one)
            known.add(f"{names[0]} ({names[1]})")
            if finding.casefold() in map(str.casefold, names):
                kinds.add(names[-1])
                answer = (float(one["probability"]), float(one["threshold"]))
                found[report["study_uid"]] = max(answer, found.get(report["study_uid"], answer))
    if not found:
        raise UsageError(
            f"found no finding {finding!r} with a probability in the reports; they have {', '.join(sorted(known))}."
        )
    if len(kinds) > 1:
        raise UsageError(
            f"found {len(kinds)} findings of the name {finding!r} in the reports; needed one. Name one of "
            f"{', '.join(sorted(kinds))}."
        )
    return found


def names_of(finding: Mapping[str, Any]) -> tuple[str, ...]:
    """What a finding may be called: its code by name and value, then its operating point; the last names it alone.

    >>> names_of({"code": {"display": "Pneumonia", "value": "233604007"}, "point": {"bundle": "lungs", "name": "pneu"}})
    ('Pneumonia', 'pneu', '233604007', 'lungs:pneu')
    >>> names_of({"code": {"display": "Pneumonia", "value": "233604007"}, "point": None})
    ('Pneumonia', '233604007')
    """
    code, point = finding["code"], finding.get("point")
    if not point:
        return code["display"], code["value"]
    return code["display"], point["name"], code["value"], f"{point['bundle']}:{point['name']}"


def loaded(path: Path, among: Sequence[Path]) -> Mapping[str, Any]:
    """A report, one among others, as plain data.

    Raises:
        FormatError: If it is none.
    """
    try:
        report = json.loads(path.read_text(encoding="utf-8"))
        if "reads" in report and "study_uid" in report:
            return dict(report)
    except (OSError, ValueError, TypeError) as error:
        raise FormatError(f"{place_among(path, among)}: cannot be read as a report. Write it again.") from error
    raise FormatError(
        f"{place_among(path, among)}: is no report; needed study_uid and reads. Take it out of the folder."
    )
