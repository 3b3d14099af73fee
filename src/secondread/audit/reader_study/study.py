"""A reader study, analysed: the figures, the comparison, and what a larger study would need."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from secondread.audit.reader_study.table import Marked, Ratings
from secondread.core.errors import ManifestError
from secondread.stats.checks import Floats
from secondread.stats.interval import Interval
from secondread.stats.mrmc import Mrmc, against_one, mrmc, of_modality
from secondread.stats.reader_figures import Figures, Marks, afroc_figures, roc_figures
from secondread.stats.reader_power import Power, cases_needed

ROC = "area under the ROC curve"
WEIGHTED = "area under the weighted AFROC curve"
JAFROC = "area under the AFROC curve (JAFROC figure of merit)"
LEAST_READERS, LEAST_CASES = 3, 10  # of each kind; our own: with fewer, intervals say nothing and tests mislead
# Source: the smallest studies of which simulation found both methods good: Hillis, Academic Radiology
# 2012;19:1518-1528.
GOOD_READERS, GOOD_CASES = 5, 25


@dataclass(frozen=True, slots=True, eq=False)
class Study:
    """What came out.

    Attributes:
        measure: Name of the figure of merit.
        modalities: Names.
        readers: Names of the people.
        program: Name of the program that read alone, or empty.
        cases: (healthy, diseased).
        figures: [modality, reader], the people's.
        alone: The program's figure of each modality, or none.
        means: Mean of the people with each modality, for readers and cases like these.
        analysis: Of the people, or None with one modality.
        against_program: (modality, mean of the people less the program, p).
        plans: What studies of other sizes would need.
        curves: Of each modality and reader, the program last, points (x, y).
    """

    measure: str
    modalities: tuple[str, ...]
    readers: tuple[str, ...]
    program: str
    cases: tuple[int, int]
    figures: Floats
    alone: tuple[float, ...]
    means: tuple[Interval, ...]
    analysis: Mrmc | None
    against_program: tuple[tuple[str, Interval, float], ...]
    plans: tuple[Power, ...]
    curves: tuple[tuple[tuple[tuple[float, float], ...], ...], ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """A larger study to be planned.

    Attributes:
        readers: Numbers of readers.
        effect: Difference that shall be found.
        power: Probability of finding it.
    """

    readers: tuple[int, ...]
    effect: float
    power: float = 0.8


def analysed(
    found: Ratings | Marked, *, program: str = "", plan: Plan | None = None, each_lesion: bool = False
) -> Study:
    """Analyse a study.

    Args:
        found: Its ratings or marks.
        program: Name of the reader that is a program and read alone, or empty.
        plan: A study to be planned from this one as its pilot, or None.
        each_lesion: Of marks, each lesion counts alike (JAFROC), not each diseased case.

    Raises:
        ManifestError: If there is no such reader, or too few readers, modalities or cases for what was asked.
    """
    figures = figures_of(found, each_lesion=each_lesion)
    people = [n for n, name in enumerate(found.readers) if name != program]
    if program and len(people) == len(found.readers):
        raise ManifestError(f"no reader is named {program!r}; found {', '.join(found.readers)}. Name one of them.")
    check_size(len(people), counted(found), program)
    chosen = part(figures, people)
    compared = mrmc(chosen) if len(found.modalities) > 1 else None
    if plan is not None and (compared is None or len(found.modalities) != 2):
        raise ManifestError("a study can be planned from a pilot with two modalities only; found another number.")
    at = found.readers.index(program) if program else -1
    return Study(
        measure=ROC if isinstance(found, Ratings) else JAFROC if each_lesion else WEIGHTED,
        modalities=found.modalities,
        readers=tuple(found.readers[n] for n in people),
        program=program,
        cases=counted(found),
        figures=chosen.values,
        alone=tuple(float(row[at]) for row in figures.values) if program else (),
        means=tuple(of_modality(chosen, k, 0.95) for k in range(len(found.modalities))),
        analysis=compared,
        against_program=program_rows(figures, found.modalities, at, people) if program else (),
        plans=() if plan is None or compared is None else planned(compared, figures.cases, plan),
        curves=curves_of(found, [*people, *([at] if program else [])], each_lesion=each_lesion),
    )


def check_size(people: int, cases: tuple[int, int], program: str) -> None:
    """Enough readers and cases for the method to say something.

    Raises:
        ManifestError: If there are not.
    """
    if people < LEAST_READERS:
        besides = " besides the program" if program else ""
        found = "1 reader" if people == 1 else f"{people} readers"
        raise ManifestError(f"reader study: found {found}{besides}; needed at least {LEAST_READERS}. Add some.")
    if min(cases) < LEAST_CASES:
        raise ManifestError(
            f"reader study: found {cases[0]} healthy and {cases[1]} diseased cases; needed at least {LEAST_CASES} of "
            "each. Add cases."
        )


def figures_of(found: Ratings | Marked, *, each_lesion: bool) -> Figures:
    """Figures of merit of all readers.

    Raises:
        ManifestError: If a class has too few cases.
    """
    try:
        if isinstance(found, Ratings):
            return roc_figures(found.values, found.diseased)
        return afroc_figures(found.marks, weighted=not each_lesion)
    except ValueError as error:
        raise ManifestError(f"reader study: {error}. Add cases, or correct the tables.") from error


def counted(found: Ratings | Marked) -> tuple[int, int]:
    """Healthy and diseased cases."""
    if isinstance(found, Ratings):
        return int((~found.diseased).sum()), int(found.diseased.sum())
    one = found.marks[0][0]
    return len(one.false), len(one.lesions)


def part(figures: Figures, readers: Sequence[int]) -> Figures:
    """The figures of some of the readers."""
    modalities, count = figures.values.shape
    index = [m * count + r for m in range(modalities) for r in readers]
    return Figures(figures.values[:, list(readers)], figures.covariance[np.ix_(index, index)], figures.cases)


def program_rows(
    figures: Figures, modalities: Sequence[str], program: int, people: Sequence[int]
) -> tuple[tuple[str, Interval, float], ...]:
    """The people against the program, modality by modality."""
    count, rows = figures.values.shape[1], []
    for k, name in enumerate(modalities):
        index = [k * count + n for n in (program, *people)]
        values, block = figures.values[k : k + 1, [program, *people]], figures.covariance[np.ix_(index, index)]
        rows.append((name, *against_one(Figures(values, block, figures.cases))))
    return tuple(rows)


def planned(pilot: Mrmc, cases: int, plan: Plan) -> tuple[Power, ...]:
    """Cases that each number of readers needs; a number that no case count saves is left out."""
    found = (
        cases_needed(pilot.components, cases, readers=readers, effect=plan.effect, wanted=plan.power)
        for readers in plan.readers
    )
    return tuple(one for one in found if one is not None)


def curves_of(
    found: Ratings | Marked, readers: Sequence[int], *, each_lesion: bool
) -> tuple[tuple[tuple[tuple[float, float], ...], ...], ...]:
    """ROC or AFROC points of every modality and of these readers, from (0, 0)."""
    if isinstance(found, Ratings):
        ill = found.diseased
        return tuple(tuple(steps(table[n][~ill], [table[n][ill]]) for n in readers) for table in found.values)

    def of(one: Marks) -> tuple[tuple[float, float], ...]:
        return steps(one.false, [np.concatenate(one.lesions)] if each_lesion else one.lesions)

    return tuple(tuple(of(row[n]) for n in readers) for row in found.marks)


def steps(healthy: Floats, diseased: Sequence[Floats]) -> tuple[tuple[float, float], ...]:
    """Share of healthy cases and of diseased ratings at or above each rating, from the highest; then (1, 1).

    Args:
        healthy: [case], minus infinity without a mark.
        diseased: Groups of ratings; each group counts alike.
    """
    every = np.concatenate([healthy, *diseased])
    points = [(0.0, 0.0)]
    for level in np.unique(every[np.isfinite(every)])[::-1]:
        hits = float(np.mean([(part >= level).mean() for part in diseased]))
        points.append((float((healthy >= level).mean()), hits))
    return (*points, (1.0, 1.0))
