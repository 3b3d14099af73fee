"""RECIST 1.1: whether the tumours of a patient under treatment shrank, grew or stayed.

Source: Eisenhauer et al., Eur J Cancer 2009;45:228. Thresholds checked at PMC2872013, PMC2755245 (table 3) and
radiologyassistant.nl (RECIST 1.1, the basics); 5 mm for what is too small, and nodes being one organ, at
eortc.be/Recist/questions_clarifications.html.

Traps: shrinkage is measured against the baseline, growth against the smallest sum so far; growth needs 20 % and 5 mm;
a lymph node counts with its short axis, so a complete response need not have a sum of nought.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import Literal

from secondread.core.ruling import Input, Ruling, missing
from secondread.guidelines.bounds import check, choose
from secondread.guidelines.thresholds import reaches

GUIDELINE, EDITION, SOURCE = "RECIST", "1.1", "doi:10.1016/j.ejca.2008.10.026"
MOST_TARGETS, MOST_PER_ORGAN = 5, 2
TARGET_MM, TARGET_NODE_MM, NORMAL_NODE_MM = 10.0, 15.0, 10.0
THIN_SLICE_MM, SLICES_PER_LESION = 5.0, 2.0
TOO_SMALL_MM = 5.0
SHRUNK, GROWN, GROWN_MM = 0.30, 0.20, 5.0
NODES = "lymph nodes"
NON_TARGETS = ("none", "CR", "non-CR/non-PD", "PD", "NE")
# (targets, others): overall, when there is no new lesion and neither is PD. Source: table 1 of the guideline.
OVERALL: Mapping[tuple[str, str], str] = MappingProxyType(
    {("CR", "CR"): "CR", ("CR", "none"): "CR", ("CR", "non-CR/non-PD"): "PR", ("CR", "NE"): "PR"}
)
MEANING: Mapping[str, str] = MappingProxyType(
    {
        "CR": "complete response",
        "PR": "partial response",
        "SD": "stable disease",
        "PD": "progressive disease",
        "NE": "not evaluable",
    }
)


@dataclass(frozen=True, slots=True)
class Target:
    """One target lesion at one time.

    Attributes:
        organ: Where it lies; all lymph nodes are one organ, ``lymph nodes``.
        longest_mm: Longest diameter.
        short_axis_mm: Short axis, which is what counts of a lymph node.
        seen: Whether it was measured, has gone, is there but too small to measure, or could not be assessed.
    """

    organ: str
    longest_mm: float | None = None
    short_axis_mm: float | None = None
    seen: Literal["measured", "gone", "too small", "not assessable"] = "measured"

    @property
    def node(self) -> bool:
        """Whether it is a lymph node."""
        return self.organ == NODES

    @property
    def counted_mm(self) -> float | None:
        """What it adds to the sum, or None when it could not be assessed.

        Raises:
            ValueError: If it was measured and the diameter that counts is missing or cannot be.
        """
        if self.seen != "measured":
            return {"gone": 0.0, "too small": TOO_SMALL_MM, "not assessable": None}[self.seen]
        name = "short_axis_mm" if self.node else "longest_mm"
        value = self.short_axis_mm if self.node else self.longest_mm
        check({name: -1.0 if value is None else value}, {name: (0.0, 1000.0)})
        return value


@dataclass(frozen=True, slots=True)
class TargetSum:
    """What the target lesions of one time add up to.

    Attributes:
        sum_mm: Sum of those that could be assessed.
        complete: Every target could be assessed.
        gone: Every target has gone, nodes being below 10 mm in their short axis.
    """

    sum_mm: float
    complete: bool
    gone: bool


@dataclass(frozen=True, slots=True)
class RecistCase:
    """What a time point is judged by; None where it is not known.

    Attributes:
        baseline_sum_mm: Sum of the targets before treatment.
        nadir_sum_mm: Smallest sum so far, the baseline included.
        sum_mm: Sum now, of the targets that could be assessed.
        targets_gone: See :class:`TargetSum`.
        targets_complete: See :class:`TargetSum`.
        non_targets: All other lesions: ``none`` when there never were any, ``CR``, ``non-CR/non-PD``, ``PD`` when they
            grew beyond doubt, ``NE``. ``CR`` includes tumour markers gone back to normal.
        new_lesion: A lesion that was not there before, beyond doubt.
    """

    baseline_sum_mm: float | None = None
    nadir_sum_mm: float | None = None
    sum_mm: float | None = None
    targets_gone: bool | None = None
    targets_complete: bool | None = True
    non_targets: str | None = None
    new_lesion: bool | None = None


def is_target(lesion: Target, *, slice_mm: float) -> bool:
    """Whether a lesion is large enough to be a target at baseline, on CT slices of this thickness.

    Raises:
        ValueError: If the thickness or a diameter cannot be.
    """
    check({"slice_mm": slice_mm}, {"slice_mm": (0.01, 100.0)})
    size = lesion.counted_mm
    if size is None or lesion.seen != "measured":
        return False
    if lesion.node:
        return reaches(size, TARGET_NODE_MM)
    return reaches(size, TARGET_MM if slice_mm <= THIN_SLICE_MM else SLICES_PER_LESION * slice_mm)


def add_up(targets: Sequence[Target]) -> TargetSum:
    """Sum of the targets: short axes of nodes and longest diameters of the others.

    Raises:
        ValueError: If there are none, more than five, or more than two of one organ.
    """
    organ, most = Counter(target.organ for target in targets).most_common(1)[0] if targets else ("", 0)
    if not 1 <= len(targets) <= MOST_TARGETS or most > MOST_PER_ORGAN:
        found = f"{len(targets)}, and {most} in {organ or 'no organ'}"
        raise ValueError(f"targets: found {found}; needed 1 to {MOST_TARGETS}, at most {MOST_PER_ORGAN} an organ")
    sizes = [target.counted_mm for target in targets]
    return TargetSum(
        sum_mm=sum(size for size in sizes if size is not None),
        complete=None not in sizes,
        gone=all(_gone(target) for target in targets),
    )


def _gone(target: Target) -> bool:
    size = target.counted_mm
    if size is None:
        return False
    return size < NORMAL_NODE_MM if target.node else size == 0.0


def recist(case: RecistCase) -> Ruling:
    """Response at one time: ``CR``, ``PR``, ``SD``, ``PD`` or ``NE``.

    Raises:
        ValueError: If an input cannot be, e.g. a nadir above the baseline.
    """
    inputs: dict[str, Input] = asdict(case)
    sums = ("baseline_sum_mm", "nadir_sum_mm", "sum_mm")
    check(inputs, dict.fromkeys(sums, (0.0, 5000.0)))
    choose(inputs, {"non_targets": NON_TARGETS})
    base, low = case.baseline_sum_mm, case.nadir_sum_mm
    if base is not None and low is not None and low > base:
        raise ValueError(f"nadir_sum_mm: found {low:g}; needed at most the baseline, {base:g}")
    value, reason = _overall(case, inputs)
    if reason:
        return Ruling(GUIDELINE, EDITION, SOURCE, inputs, reason=reason)
    return Ruling(GUIDELINE, EDITION, SOURCE, inputs, value, "", MEANING[value], _warnings(case, value))


def _overall(case: RecistCase, inputs: Mapping[str, Input]) -> tuple[str, str]:
    """The response, or the reason why there is none."""
    if case.new_lesion or case.non_targets == "PD":
        return "PD", ""
    if reason := missing(inputs, ("baseline_sum_mm", "nadir_sum_mm", "sum_mm")):
        return "", reason
    if case.baseline_sum_mm == 0.0:
        return "", "not applicable: there was no measurable lesion at baseline"
    targets = _targets(case)
    if targets == "PD":
        return "PD", ""
    if reason := missing(inputs, ("targets_gone", "targets_complete", "non_targets", "new_lesion")):
        return "", reason
    return OVERALL.get((targets, str(case.non_targets)), "PR" if targets == "CR" else targets), ""


def _targets(case: RecistCase) -> str:
    """Response of the targets alone, of a case with its three sums."""
    assert case.baseline_sum_mm is not None
    assert case.nadir_sum_mm is not None
    assert case.sum_mm is not None
    growth_mm = case.sum_mm - case.nadir_sum_mm
    if reaches(growth_mm, GROWN_MM) and reaches(growth_mm, GROWN * case.nadir_sum_mm):
        return "PD"  # also when a target could not be assessed: it can only add to the sum
    if not case.targets_complete:
        return "NE"
    if case.targets_gone:
        return "CR"
    return "PR" if reaches(case.baseline_sum_mm - case.sum_mm, SHRUNK * case.baseline_sum_mm) else "SD"


def _warnings(case: RecistCase, value: str) -> tuple[str, ...]:
    notes = ["requires review by a clinician"]
    if value in ("CR", "PR"):
        notes.append("a trial whose end point is response also needs a confirming scan")
    if case.targets_gone and case.non_targets == "NE" and value == "PR":
        notes.append("unverified: that targets gone with other lesions not evaluated make a partial response")
    if case.nadir_sum_mm == 0.0 and (case.sum_mm or 0.0) > 0.0 and value != "PD":
        notes.append("targets had gone and are seen again; that alone does not make progression")
    return tuple(notes)
