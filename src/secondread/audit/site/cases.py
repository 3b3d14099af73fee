"""The cases of a site: what people know of them, joined with what the program said."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from secondread.audit.cells import check_once, label_of, line_of, numbered, probability_of
from secondread.audit.site.reports import Said, said_in
from secondread.audit.table import read_table
from secondread.core.card import ModelCard
from secondread.core.errors import ManifestError, SiteError, UsageError, short_path
from secondread.engine.site import Site

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
STUDY, PATIENT, LABEL, PROBABILITY = "study", "patient", "label", "probability"
MISSING = Said(None, None, "without a report")


@dataclass(frozen=True, slots=True, eq=False)
class Cases:
    """The cases of one operating point.

    Attributes:
        point: Name of the operating point.
        studies: Name of each study, as it stands in the table [n].
        patients: [n].
        y: Truth 0/1 [n].
        p: Probability that the bundle as it was shipped gave [n].
        distances: Of those cases that have one, how far they lie from what the bundle knows. Cases that were refused
            for it have no answer and are here all the same.
        whose: Patient of each distance.
        refused: How many of the distances are of such cases.
        left_out: Why rows of the table are not among the n cases, in words, to how many.
    """

    point: str
    studies: tuple[str, ...]
    patients: NDArray[np.str_]
    y: Ints
    p: Floats
    distances: Floats = field(default_factory=lambda: np.zeros(0))
    whose: NDArray[np.str_] = field(default_factory=lambda: np.zeros(0, dtype=np.str_))
    refused: int = 0
    left_out: Mapping[str, int] = field(default_factory=dict)

    @property
    def counted(self) -> str:
        """How many rows of the table are used, and why the others are not."""
        rows = len(self.y) + sum(self.left_out.values())
        told = f"{len(self.y)} of {rows} rows of the table"
        why = ", ".join(f"{n} {words}" for words, n in self.left_out.items())
        return f"{told}; left out: {why}" if why else told

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


def read_rows(table: Path, point: str) -> tuple[list[dict[str, str]], int]:
    """The rows of the table of cases: ``study``, ``patient``, and the label under ``label`` or the point's name.

    Returns:
        The rows with a label, and how many have none: a case nobody knows the answer of stays out.

    Raises:
        ManifestError: As :func:`read_table`, or if a label is not 0 or 1, or a row with one has no study or patient, or
            the study of another.
    """
    where, rows = short_path(table), numbered(read_table(table, (STUDY, PATIENT)))
    heads = {head.lower(): head for head in rows[0]}
    label = heads.get(point.lower()) or heads.get(LABEL)
    if label is None:
        raise ManifestError(f"{where}: line 1: found no column {LABEL!r} and no {point!r}; needed one of them. Add it.")
    kept = [{**row, LABEL: row[label]} for row in rows if row[label]]
    for row in kept:
        label_of(where, line_of(row), row[LABEL], "Correct it, or leave it empty where nobody knows.")
        if not row[PATIENT]:
            raise ManifestError(
                f"{where}: line {line_of(row)}: found no {PATIENT}; needed one beside every label. Add it."
            )
    check_once(where, STUDY, kept)
    return kept, len(rows) - len(kept)


def from_table(table: Path, point: str) -> Cases:
    """Cases whose probability stands in the table.

    Raises:
        ManifestError: As :func:`read_rows`, or if a probability is none.
    """
    where, (rows, unknown) = short_path(table), read_rows(table, point)
    column = next((head for head in rows[0] if head.lower() == PROBABILITY), None) if rows else PROBABILITY
    if column is None:
        raise ManifestError(
            f"{where}: line 1: found no column {PROBABILITY!r}; needed it, or --reports with reports of these cases."
        )
    values = [probability_of(where, line_of(row), row[column]) for row in rows]
    return _made(point, rows, values, left_out=_without(unknown))


def from_reports(table: Path, reports: Path, card: ModelCard, point: str, site: Site | None = None) -> Cases:
    """Cases of the table, with what reports of these very weights said.

    A study with several answers of the point counts with the highest, which is what a person sees first. A study that
    was refused because its input lies outside has a distance and no answer.

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
    said = said_in(reports, card, point, site)
    rows, unknown = read_rows(table, point)
    found = [(row, said.get(row[STUDY], MISSING)) for row in rows]
    kept = [(row, one.p) for row, one in found if one.p is not None]
    far = [(row[PATIENT], one.distance) for row, one in found if one.distance is not None]
    left_out = Counter(_without(unknown)) + Counter(one.why for _, one in found if one.p is None)
    made = _made(point, [row for row, _ in kept], [p for _, p in kept], left_out=left_out)
    return replace(
        made,
        distances=np.array([distance for _, distance in far], dtype=np.float64),
        whose=np.array([patient for patient, _ in far], dtype=np.str_),
        refused=sum(one.p is None and one.distance is not None for _, one in found),
    )


def _without(labels: int) -> dict[str, int]:
    return {"without a label": labels} if labels else {}


def _made(point: str, rows: Sequence[Mapping[str, str]], p: Sequence[float], *, left_out: Mapping[str, int]) -> Cases:
    return Cases(
        point,
        tuple(row[STUDY] for row in rows),
        np.array([row[PATIENT] for row in rows], dtype=np.str_),
        np.array([int(row[LABEL]) for row in rows], dtype=np.int64),
        np.array(p, dtype=np.float64),
        left_out=dict(left_out),
    )
