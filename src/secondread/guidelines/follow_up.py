"""Published rules that compare two times, asked with what a program can know: RECIST 1.1, RANO and Lung-RADS.

The earlier examination stands for baseline and smallest sum, which is right only where there are no others; whether a
candidate is a new lesion beyond doubt, and whether tumour explains a change, no program says. Where one of these would
decide, the answer is ``not computable`` and names it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from secondread.core.clinical import Clinical
from secondread.core.ruling import Ruling
from secondread.guidelines.lung_rads import Nodule, lung_rads, lung_rads_exam
from secondread.guidelines.rano import EDITIONS, RanoCase, rano
from secondread.guidelines.recist import MOST_PER_ORGAN, RecistCase, Target, add_up, is_target, recist

AS_BASELINE = "the earlier examination was taken for the baseline and for the smallest sum; name others where there are"
FIRST = (
    "the earlier category was computed as if that had been the first screening CT; take the reported one where known"
)


@dataclass(frozen=True, slots=True)
class Size:
    """A lesion at two times, mm; None where it is not seen.

    Attributes:
        long_mm: (earlier, now) longest diameter within a slice.
        short_mm: (earlier, now) longest diameter perpendicular to it.
        kind: Of a lung nodule, ``solid``, ``part-solid`` or ``non-solid``; None where that is not known.
    """

    long_mm: tuple[float | None, float | None]
    short_mm: tuple[float | None, float | None]
    kind: str | None = None

    def mean_mm(self, time: int) -> float | None:
        """Mean of both diameters at time 0 (earlier) or 1 (now)."""
        pair = self.long_mm[time], self.short_mm[time]
        return None if pair[0] is None or pair[1] is None else (pair[0] + pair[1]) / 2.0


def recist_again(sizes: Sequence[Size], *, slice_mm: float, organ: str, cancer: bool | None) -> Ruling:
    """RECIST 1.1 of the lesions of one organ; the two largest that are large enough are the targets.

    Args:
        sizes: Of every lesion, new and vanished ones included.
        slice_mm: Distance of the slices of the earlier examination.
        organ: Where they all lie.
        cancer: Whether a cancer is known; without one RECIST says nothing.
    """
    known = [one for one in sizes if one.long_mm[0] is not None]
    fits = [s for s in known if is_target(Target(organ, s.long_mm[0], s.short_mm[0]), slice_mm=slice_mm)]
    targets = sorted(fits, key=lambda one: -(one.long_mm[0] or 0.0))[:MOST_PER_ORGAN]
    new = any(one.long_mm[0] is None for one in sizes)
    case = RecistCase(new_lesion=None if new else False, non_targets="none" if len(known) == len(targets) else None)
    if targets:
        before = add_up([Target(organ, one.long_mm[0], one.short_mm[0]) for one in targets])
        now = add_up([_target_now(organ, one) for one in targets])
        case = replace(case, baseline_sum_mm=before.sum_mm, nadir_sum_mm=before.sum_mm, sum_mm=now.sum_mm)
        case = replace(case, targets_gone=now.gone, targets_complete=now.complete)
    ruling = recist(case)
    if cancer is not True:
        reason = (
            "not applicable: no cancer is known" if cancer is False else "not computable: prior_cancer is not known"
        )
        return replace(ruling, value=None, unit="", advice="", warnings=(), reason=reason)
    if not targets:
        reason = f"not applicable: no lesion was large enough to be a target on slices {slice_mm:g} mm apart"
        return replace(ruling, value=None, unit="", advice="", warnings=(), reason=reason)
    return replace(ruling, warnings=(*ruling.warnings, AS_BASELINE))


def _target_now(organ: str, one: Size) -> Target:
    if one.long_mm[1] is None:
        return Target(organ, seen="gone")
    return Target(organ, one.long_mm[1], one.short_mm[1])


def lung_rads_again(size: Size, *, months: float | None, screening: bool | None) -> Ruling:
    """Lung-RADS v2022 of a nodule that was seen before, or is new."""
    now, then = size.mean_mm(1), size.mean_mm(0)
    if now is None:
        ruling = lung_rads(Nodule(screening=screening, kind=size.kind, seen="before"))
        return (
            ruling
            if ruling.reason.startswith("not applicable")
            else replace(ruling, reason="not applicable: the nodule is not seen any more")
        )
    if then is None:
        return lung_rads(Nodule(screening=screening, kind=size.kind, seen="new", mean_diameter_mm=now))
    earlier = lung_rads(Nodule(screening=screening, kind=size.kind, seen="baseline", mean_diameter_mm=then))
    ruling = lung_rads(
        Nodule(
            screening=screening,
            kind=size.kind,
            seen="before",
            mean_diameter_mm=now,
            prior_mean_diameter_mm=then,
            months_since_prior=months,
            prior_category=None if earlier.value is None else str(earlier.value),
        )
    )
    return ruling if ruling.value is None else replace(ruling, warnings=(*ruling.warnings, FIRST))


def lung_rads_of_exam(rulings: Sequence[Ruling], *, screening: bool | None) -> Ruling:
    """Lung-RADS v2022 of the whole examination, from those of its nodules."""
    categories = [str(one.value) for one in rulings if one.value is not None]
    exam = lung_rads_exam(categories, screening=screening)
    unknown = sum(one.reason.startswith("not computable") for one in rulings)
    if exam.value is None or not unknown:
        return exam
    reason = f"not computable: the category of {unknown} of its {len(rulings)} nodules is not known"
    return replace(exam, value=None, unit="", advice="", warnings=(), reason=reason)


def rano_of_flair(clinical: Clinical, *, worse: bool, new_lesion: bool) -> tuple[Ruling, ...]:
    """Both editions of RANO, as far as FLAIR alone carries them: the size of enhancing tumour is not known from it.

    Args:
        clinical: Steroids, clinical state and weeks since radiotherapy.
        worse: Whether what is bright on FLAIR grew beyond noise; whether tumour explains it a physician must say.
        new_lesion: Whether a bright region is new; whether it is tumour a physician must say.
    """
    case = RanoCase(
        flair_worse=None if worse else False,
        new_lesion=None if new_lesion else False,
        clinically_worse=None if clinical.clinical_state is None else clinical.clinical_state == "worse",
        steroids=clinical.steroids,
        weeks_after_radiotherapy=clinical.weeks_since_radiotherapy,
    )
    return tuple(rano(case, edition=edition) for edition in EDITIONS)
