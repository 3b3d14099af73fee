"""The cases of a site: what people know of them, joined with what the program said."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from secondread.audit.table import FIRST_LINE, read_table
from secondread.core.card import ModelCard
from secondread.core.errors import ManifestError, SiteError, UsageError, short_path
from secondread.engine.site import Site

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
STUDY, PATIENT, LABEL, PROBABILITY = "study", "patient", "label", "probability"
YES_NO = {"0": 0, "1": 1}


@dataclass(frozen=True, slots=True, eq=False)
class Cases:
    """The cases of one operating point.

    Attributes:
        point: Name of the operating point.
        studies: Name of each study, as it stands in the table [n].
        patients: [n].
        y: Truth 0/1 [n].
        p: Probability that the bundle as it was shipped gave [n].
        distances: Of those cases that have one, how far they lie from what the bundle knows.
        without: How many rows of the table have no report, or none with an answer.
    """

    point: str
    studies: tuple[str, ...]
    patients: NDArray[np.str_]
    y: Ints
    p: Floats
    distances: Floats = field(default_factory=lambda: np.zeros(0))
    without: int = 0

    @property
    def digest(self) -> str:
        """SHA-256 of the sorted names of the studies: tells that cases are the same and names none of them."""
        return hashlib.sha256("\n".join(sorted(self.studies)).encode()).hexdigest()


def point_of(card: ModelCard, asked: str | None) -> str:
    """The operating point that is calibrated: the one asked for, or the only one.

    Raises:
        UsageError: If there is none of that name, or there are several and none was asked for.
    """
    names = [point.name for point in card.thresholds]
    if asked in names:
        return str(asked)
    if asked is None and len(names) == 1:
        return names[0]
    found = "none" if asked is None else repr(asked)
    raise UsageError(
        f"found the question {found}; the bundle {card.name!r} has {', '.join(names)}. Choose one of them."
    )


def read_rows(table: Path, point: str) -> list[dict[str, str]]:
    """The rows of the table of cases: ``study``, ``patient``, and the label under ``label`` or the point's name.

    Raises:
        ManifestError: As :func:`read_table`, or if a label is not 0 or 1, a cell is empty or a study is there twice.
    """
    where, rows = short_path(table), read_table(table, (STUDY, PATIENT))
    label = point if point in rows[0] else LABEL
    if label not in rows[0]:
        raise ManifestError(f"{where}: line 1: found no column {LABEL!r} and no {point!r}; needed one of them. Add it.")
    for number, row in enumerate(rows, FIRST_LINE):
        if row[label] and (row[label] not in YES_NO or not row[STUDY] or not row[PATIENT]):
            raise ManifestError(
                f"{where}: line {number}: needed a study, a patient, and 0 or 1 as the label. Correct it."
            )
    kept = [row for row in rows if row[label]]  # a case nobody knows the answer of stays out
    names = [row[STUDY] for row in kept]
    if len(set(names)) < len(names):
        raise ManifestError(f"{where}: a study stands there twice. Keep one row for each.")
    return [{**row, LABEL: row[label]} for row in kept]


def from_table(table: Path, point: str) -> Cases:
    """Cases whose probability stands in the table.

    Raises:
        ManifestError: As :func:`read_rows`, or if a probability is none.
    """
    rows = read_rows(table, point)
    values = []
    for row in rows:
        try:
            value = float(row[PROBABILITY])
        except (KeyError, ValueError):
            value = -1.0
        if not 0.0 <= value <= 1.0:
            raise ManifestError(
                f"{short_path(table)}: needed a number in [0, 1] under {PROBABILITY!r} in every row, or --reports."
            )
        values.append(value)
    return _made(point, rows, values, [], 0)


def from_reports(table: Path, reports: Path, card: ModelCard, point: str, site: Site | None = None) -> Cases:
    """Cases of the table, with what reports of these very weights said.

    A study with several answers of the point counts with the highest, which is what a person sees first.

    Args:
        table: See :func:`read_rows`; ``study`` is the Study Instance UID.
        reports: Folder with reports as JSON, at any depth.
        card: Of the bundle.
        point: Name of the operating point.
        site: What the reports were made with, where that was a calibrated bundle; it is undone.

    Raises:
        ManifestError: As :func:`read_rows`.
        SiteError: If the folder is not there, or a report was made with other weights or another site's calibration.
    """
    if not reports.is_dir():
        raise SiteError(f"{short_path(reports)!r} is not a folder. Name the folder that holds the reports.")
    answers = dict(answers_in(reports, card, point, site))
    rows = read_rows(table, point)
    kept = [row for row in rows if row[STUDY] in answers]
    values = [answers[row[STUDY]][0] for row in kept]
    far = [found for found in (answers[row[STUDY]][1] for row in kept) if found is not None]
    return _made(point, kept, values, far, len(rows) - len(kept))


def _made(point: str, rows: Sequence[Mapping[str, str]], p: Sequence[float], far: Sequence[float], out: int) -> Cases:
    return Cases(
        point,
        tuple(row[STUDY] for row in rows),
        np.array([row[PATIENT] for row in rows], dtype=np.str_),
        np.array([YES_NO[row[LABEL]] for row in rows], dtype=np.int64),
        np.array(p, dtype=np.float64),
        np.array(far, dtype=np.float64),
        out,
    )


def answers_in(
    reports: Path, card: ModelCard, point: str, site: Site | None
) -> Iterator[tuple[str, tuple[float, float | None]]]:
    """(study, (probability, distance or None)) of every report that answers the point."""
    for path in sorted(reports.rglob("*.json")):
        report = _report(path)
        if report is None:
            continue
        found: list[float] = []
        far: list[float] = []
        for read in report["reads"]:
            mine = [f for f in read["findings"] if f.get("point") == {"bundle": card.name, "name": point}]
            if not mine:
                continue
            undo = _undoing(read["provenance"], card, site, short_path(path))
            local = None if undo is None else undo.point(point)
            found += [p if local is None else local.undone(p) for p in (float(f["probability"]) for f in mine)]
            scale = 1.0 if undo is None else undo.outside_scale
            far += [d["value"] / scale for d in read.get("distances", ()) if d["bundle"] == card.name]
        if found:
            yield str(report["study_uid"]), (max(found), max(far) if far else None)


def _report(path: Path) -> Any:
    """The report in a file, or None where it holds something else."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return content if isinstance(content, dict) and {"study_uid", "reads", "schema_version"} <= set(content) else None


def _undoing(told: Mapping[str, str], card: ModelCard, site: Site | None, where: str) -> Site | None:
    """The site's calibration that a read was made with, or None.

    Raises:
        SiteError: If it was made with other weights, or with a calibration that is not at hand.
    """
    if told.get("bundle") == card.name:
        weights, made_with = told.get("sha256", ""), told.get("site_sha256", "")
    else:
        words = told.get(f"asked_{card.name}", "").split(" ")
        weights = words[1] if len(words) > 1 else ""
        made_with = words[-1] if "site" in words else ""
    if weights != card.weights:
        raise SiteError(
            f"{where}: made with the network {weights[:12] or 'that it does not name'}…; needed {card.weights[:12]}…. "
            "Read these cases again with the bundle that is installed."
        )
    if made_with and (site is None or site.sha256 != made_with):
        raise SiteError(
            f"{where}: made with a site's calibration that is not at hand. Name its folder with --site, or read these "
            "cases again without one."
        )
    return site if made_with else None
