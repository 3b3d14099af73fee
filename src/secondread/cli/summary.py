"""A report in a few lines of text."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from secondread.core.errors import short_uid
from secondread.core.finding import Finding
from secondread.core.report import NOTICE, Read, Report
from secondread.core.trust import VERDICTS
from secondread.report.same_reason import by_reason
from secondread.report.wording import NEEDS_DICOM, PRIORITIES, amount, headline, meaning, percent, verdict


def summary(report: Report, files: Sequence[Path]) -> str:
    """What was found, what was not read and why, and where the files are."""
    lines = [f"Study {short_uid(report.study_uid)} · {PRIORITIES[report.priority]}"]
    reads = report.concerned
    for first, *others in by_reason(reads):
        names = ", ".join(reads[place].reader for place in (first, *others))
        lines += ["", f"{names}: {headline(reads[first])}", *(f"  {line}" for line in _about(reads[first]))]
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
    return [*lines, *(f"Warning: {warning}" for warning in read.warnings), *_trust(read)]


def _trust(read: Read) -> list[str]:
    """What was checked, in numbers, and how unlike the training each network found the input."""
    counts = Counter(check.verdict for check in read.checks)
    checked = ", ".join(f"{counts[verdict]} {verdict}" for verdict in VERDICTS if counts[verdict])
    lines = [f"Checks: {checked}."] if checked else []
    return lines + [f"Unlike its training ({one.bundle}): {one.value:.2f} of 1." for one in read.distances]


def _finding(finding: Finding) -> list[str]:
    lines = [f"{verdict(finding)} {meaning(finding)}" if finding.probability is not None else verdict(finding)]
    lines += [f"  {code.display}: {percent(p)}" for code, p in finding.details if finding.decided]
    lines += [f"  Place: {finding.location}"] if finding.location else []
    lines += [f"  {one.name}: {amount(one)}" for one in finding.measurements]
    lines += [f"  {ruling.sentence}" for ruling in finding.rulings]
    return [*lines, *(f"  {note}" for note in finding.notes)]
