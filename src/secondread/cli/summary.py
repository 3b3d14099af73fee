"""A report in a few lines of text."""

from collections.abc import Sequence
from pathlib import Path

from secondread.core.errors import short_uid
from secondread.core.finding import Finding
from secondread.core.report import NOTICE, Read, Report
from secondread.report.wording import NEEDS_DICOM, PRIORITIES, amount, headline, meaning, percent, verdict


def summary(report: Report, files: Sequence[Path]) -> str:
    """What was found, what was not read and why, and where the files are."""
    lines = [f"Study {short_uid(report.study_uid)} · {PRIORITIES[report.priority]}"]
    for read in report.concerned:
        lines += ["", f"{read.reader}: {headline(read)}", *(f"  {line}" for line in _about(read))]
    idle = [read.reader for read in report.reads if report.is_idle(read)]
    lines += ["", f"Not for this study: {', '.join(idle)}."] if idle else []
    lines += [f"Not read: {series}: {reason}." for series, reason in report.unread]
    lines += ["", "Written:" if files else "Written: nothing.", *(f"  {file}" for file in files)]
    if any(read.evidence and read.evidence.series.kind != "dicom" for read in report.reads):
        lines += [NEEDS_DICOM]
    lines += ["", NOTICE]
    return "\n".join(lines)


def _about(read: Read) -> list[str]:
    if read.refusal is not None:
        return [read.refusal.message, f"What to do: {read.refusal.next_step}"]
    if read.failure is not None:
        return [read.failure]
    lines = [line for finding in read.findings for line in _finding(finding)]
    return [*lines, *(f"Warning: {warning}" for warning in read.warnings)]


def _finding(finding: Finding) -> list[str]:
    lines = [f"{verdict(finding)} {meaning(finding)}" if finding.probability is not None else verdict(finding)]
    lines += [f"  {code.display}: {percent(p)}" for code, p in finding.details if finding.positive]
    lines += [f"  Place: {finding.location}"] if finding.location else []
    lines += [f"  {one.name}: {amount(one)}" for one in finding.measurements]
    lines += [f"  {ruling.sentence}" for ruling in finding.rulings]
    return [*lines, *(f"  {note}" for note in finding.notes)]
