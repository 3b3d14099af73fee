"""What changed since an earlier examination of the same person: lesions that grew, shrank, came and went."""

from collections import Counter
from dataclasses import dataclass, replace

import numpy as np

from secondread.accept.ct_content import TAKEN_FOR_HU, regions_shown
from secondread.accept.two_examinations import days_apart, facts_of, refused, scans_of, volumes
from secondread.accept.volume import Wanted, choose, fitting
from secondread.accept.volume import warnings as choice_warnings
from secondread.core.card import ModelCard
from secondread.core.clinical import Clinical
from secondread.core.code import LOCAL, Code
from secondread.core.errors import FormatError, GeometryError
from secondread.core.finding import Finding
from secondread.core.illustration import Illustration
from secondread.core.mask import Mask
from secondread.core.measurement import Measurement
from secondread.core.method import method_card
from secondread.core.reader import Answer, Case, GateView, Networks, Reader, Standing
from secondread.core.report import Priority, Refusal
from secondread.core.ruling import Ruling
from secondread.core.study import Series, Study
from secondread.core.volume import Volume
from secondread.explain.timeline import Course, Shot, side_by_side, timeline
from secondread.guidelines.follow_up import Size, lung_rads_again, lung_rads_of_exam, rano_of_flair, recist_again
from secondread.measure.flair_outline import BUNDLE, flair_outline
from secondread.measure.growth import NOISE_MM, NOISE_PERCENT, Scan, comparison_warnings
from secondread.measure.lesion_change import DAYS_IN_MONTH, is_thick
from secondread.measure.lesions_of_time import Found, abnormal_of, in_usual_grey, nodules_of
from secondread.measure.match_lesions import Lesion
from secondread.measure.told_changes import OUTLINE_PERCENT, finding_of
from secondread.measure.two_times import ORDER, Fate, Times, fates
from secondread.measure.voxel_change import CHANGED, LEAST_ML, changed_most
from secondread.prepare.register import WARNED_BELOW, Rigid, register
from secondread.prepare.shown import LUNG, grey_window

CHEST_CT = Wanted("CT", "a chest CT", frozenset({"chest"}), untagged=False)
FLAIR = Wanted("MR", "a FLAIR series of the head", frozenset({"head"}), sequences=("FLAIR",), untagged=False)
T1 = Wanted("MR", "a T1-weighted series of the head", frozenset({"head"}), sequences=("T1",), untagged=False)
EVERYWHERE = frozenset({"head", "neck", "chest", "breast", "abdomen", "pelvis", "spine", "extremity"})
ANY_CT, ANY_MR = (Wanted(modality, f"a {modality} series", EVERYWHERE) for modality in ("CT", "MR"))
WANTED = (CHEST_CT, FLAIR, ANY_CT, ANY_MR)  # the first that fits is read
MOST_TOLD, MOST_DRAWN = 9, 6
THICKEST_MM = 5.0  # of the slices of a chest CT: on thicker ones most candidates are missed
COMPARISON = Code(LOCAL, "comparison", "Comparison with the earlier examination")
DIFFERENCE = Code(LOCAL, "difference", "Difference from the earlier examination")


@dataclass(frozen=True, slots=True, eq=False)
class Setting:
    """What all findings of one comparison share.

    Attributes:
        times: Both volumes and the motion between them.
        days: Between them, or None.
        scans: Of the earlier and of the present examination: thickness, kernel, contrast.
        nodules: Whether the lesions are nodules of a chest CT; else bright regions of a brain.
        clinical: What is known besides.
    """

    times: Times
    days: int | None
    scans: tuple[Scan, Scan]
    nodules: bool
    clinical: Clinical

    @property
    def thick(self) -> bool:
        """Whether diameters are compared, because the slices of a chest CT are too thick for volumes of nodules."""
        return self.nodules and is_thick(*self.scans)

    @property
    def noise_percent(self) -> float:
        """Change of volume that the outlines may have by themselves."""
        return NOISE_PERCENT if self.nodules else OUTLINE_PERCENT

    @property
    def screening(self) -> bool | None:
        """Whether the examination was made to screen for lung cancer."""
        return None if self.clinical.indication is None else self.clinical.indication == "screening"


def select(study: Study, card: ModelCard) -> Series | tuple[Series, ...] | Refusal:  # noqa: ARG001 - every reader takes it
    """A chest CT, else a FLAIR series of the head with its T1-weighted ones, else any volume of CT or MR."""
    verdicts = [choose(study, wanted) for wanted in WANTED]
    refusals = [one for one in verdicts if isinstance(one, Refusal) and one.reason != "modality"]
    chosen = next((one for one in verdicts if isinstance(one, Series)), refusals[-1] if refusals else _no_volume(study))
    if isinstance(chosen, Refusal) or not _is_flair(chosen):
        return chosen
    weighted = [one for one in fitting(study, T1) if facts_of(one).sequence == "T1"]
    after = [one for one in weighted if facts_of(one).contrast]
    before = [one for one in weighted if not facts_of(one).contrast]
    return (chosen, *before[:1], *after[:1])


def _is_flair(series: Series) -> bool:
    facts = facts_of(series)
    return facts.sequence == "FLAIR" and "head" in facts.body_parts


def _no_volume(study: Study) -> Refusal:
    found = ", ".join(sorted({s.modality or f"no modality ({s.kind})" for s in study.series}))
    message = f"Found {found}; needed slices of CT or MR that form a volume, now and earlier."
    return Refusal("modality", message, "Ask another reader about these pictures.")


def check(
    case: Case,
    gate: GateView | None,  # noqa: ARG001 - every reader takes it
    card: ModelCard,  # noqa: ARG001 - the same
) -> Refusal | tuple[str, ...]:
    """Whether the two can be compared at all, and what speaks against trusting it."""
    if (refusal := refused(case)) is not None:
        return refusal
    now = case.series[0]
    told = [*choice_warnings(case.study, now, next(one for one in WANTED if now in fitting(case.study, one)))]
    told += [f"{text[0].upper()}{text[1:]}." for text in comparison_warnings(*scans_of(case))]
    if case.volume.unit != volumes(case)[1].unit:
        told.append(TAKEN_FOR_HU)
    if days_apart(case) is None:
        told.append("The date of an examination is not known: nothing that needs the time between them is computed.")
    return tuple(told)


def answer(case: Case, networks: Networks) -> Answer:
    """Register, find lesions at both times, pair them, and tell what became of each."""
    before, after = volumes(case)
    times = Times(before, after, register(after, before))
    if not times.motion.trusted:
        return Answer(refusal=_unlike(times.motion))
    days = days_apart(case)
    try:
        setting, earlier, now = _lesions(case, times, networks)
    except (FormatError, GeometryError) as error:
        why = f"Lesions could not be looked for, so voxels alone are compared. {error}"
        return _by_voxels(times, days, (*_about(times.motion), *after.warnings, why))
    if setting is None:
        why = "For this kind of examination no lesions are outlined: voxels alone are compared."
        return _by_voxels(times, days, (*_about(times.motion), *after.warnings, why))
    result = fates(
        setting.times, earlier.lesions, now.lesions, days, thick=setting.thick, noise_percent=setting.noise_percent
    )
    told = [*_about(times.motion), *after.warnings, *now.warnings]
    told += [f"Earlier examination: {text}" for text in earlier.warnings]
    return Answer(
        (*(_finding(one, setting) for one in result[:MOST_TOLD]), _comparison(result, setting)),
        tuple(told),
        illustrations=_drawn(result, setting),
        window=LUNG if setting.nodules else grey_window(after),
    )


def _lesions(case: Case, times: Times, networks: Networks) -> tuple[Setting | None, Found, Found]:
    """How to compare, and the lesions then and now; no setting where there is no method for this kind.

    Raises:
        FormatError: If no lungs are found, or the slices are too thick to find nodules on.
        GeometryError: If no brain is found.
    """
    setting = Setting(times, days_apart(case), scans_of(case), True, case.clinical)
    if times.after.unit == "HU":
        both = regions_shown(times.after).regions & regions_shown(times.before).regions
        thickest = max(scan.slice_thickness_mm or 0.0 for scan in setting.scans)
        if "chest" in both and thickest > THICKEST_MM:
            raise FormatError(f"Found slices of {thickest:g} mm; nodules are compared on at most {THICKEST_MM:g} mm.")
        if "chest" in both:
            earlier, now = nodules_of(times.before), nodules_of(times.after)
            return replace(setting, times=replace(times, fields=(earlier.field, now.field))), earlier, now
    elif _is_flair(case.series[0]) and case.prior is not None:
        drawn = [flair_outline(networks, one.volume, _others(one)) for one in (case.prior, case)]
        before, after = in_usual_grey(drawn[0], times.before), in_usual_grey(drawn[1], times.after)
        setting = replace(setting, times=Times(before, after, times.motion), nodules=False)
        return setting, abnormal_of(drawn[0], before), abnormal_of(drawn[1], after)
    return None, Found((), ()), Found((), ())


def _others(case: Case) -> list[tuple[Series, Volume]]:
    pairs = zip(case.series[1:], case.pixels[1:], strict=True)
    return [(series, pixels) for series, pixels in pairs if isinstance(pixels, Volume)]


def _finding(fate: Fate, setting: Setting) -> Finding:
    found = finding_of(fate, setting.times, thick=setting.thick, nodules=setting.nodules)
    return replace(found, rulings=(_lung_rads(fate, setting),)) if setting.nodules and fate.what != "unclear" else found


def _comparison(result: tuple[Fate, ...], setting: Setting) -> Finding:
    """How the two were laid on each other, how many lesions became what, and what rules say of the whole."""
    counts = Counter(one.what for one in result)
    listed = ", ".join(f"{counts[what]} {what}" for what in ORDER if counts[what]) or "none at either time"
    notes = [f"{'Candidates for nodules' if setting.nodules else 'Parts outlined on FLAIR'}: {listed}."]
    if len(result) > MOST_TOLD:
        notes.append(f"The {MOST_TOLD} most important are told one by one.")
    step = setting.scans[0].slice_thickness_mm
    rulings: tuple[Ruling, ...]
    if setting.nodules:
        each = [_lung_rads(one, setting) for one in result if one.what not in {"unclear", "gone"}]
        sizes = [_size(one) for one in result if one.what != "unclear"]
        answer_ = recist_again(sizes, slice_mm=step or 10.0, organ="lungs", cancer=setting.clinical.prior_cancer)
        rulings = (answer_, lung_rads_of_exam(each, screening=setting.screening))
    else:
        worse = counts["growing"] > 0
        rulings = rano_of_flair(setting.clinical, worse=worse, new_lesion=counts["new"] > 0)
    return Finding(COMPARISON, measurements=_numbers(setting), rulings=rulings, notes=tuple(notes))


def _numbers(setting: Setting) -> tuple[Measurement, ...]:
    told = _registration(setting.times.motion)
    if setting.days is None:
        return told
    return (*told, Measurement("time between the examinations", float(setting.days), "d", "from the dates of both"))


def _registration(motion: Rigid) -> tuple[Measurement, ...]:
    how = "rigid registration by correlation, grid of 4 mm"
    return (
        Measurement("agreement after registration", motion.agreement, "1", f"correlation coefficient; {how}"),
        Measurement("shared part of the body", 100.0 * motion.overlap, "%", how),
        Measurement("shift between the examinations", motion.shift_mm, "mm", f"of the middle of the body; {how}"),
        Measurement("turn between the examinations", motion.turn_deg, "deg", how),
    )


def _lung_rads(fate: Fate, setting: Setting) -> Ruling:
    months = None if setting.days is None or setting.days < 7 else setting.days / DAYS_IN_MONTH
    return lung_rads_again(_size(fate), months=months, screening=setting.screening)


def _size(fate: Fate) -> Size:
    old, new = fate.before, fate.after
    solid = all(one.kind == "solid" for one in (old, new) if one is not None)
    return Size(
        (old.long_mm if old else None, new.long_mm if new else None),
        (old.short_mm if old else None, new.short_mm if new else None),
        "solid" if solid else None,
    )


def _drawn(result: tuple[Fate, ...], setting: Setting) -> tuple[Illustration, ...]:
    """The timeline of the most important lesions."""
    window = LUNG if setting.nodules else grey_window(setting.times.after)
    shown = [one for one in result if one.what != "unclear"][:MOST_DRAWN]
    if not shown:
        return ()
    thick, unit = setting.thick, "mm" if setting.thick else "mm3" if setting.nodules else "mL"
    courses = [
        Course(
            _title(number, one),
            Shot(setting.times.before, one.before_mm, *_outline(one.before), _shown_size(one.before, unit)),
            Shot(setting.times.after, one.after_mm, *_outline(one.after), _shown_size(one.after, unit)),
            setting.times.motion.matrix[:3, :3],
            max(lesion.long_mm for lesion in (one.before, one.after) if lesion is not None),
        )
        for number, one in enumerate(shown, 1)
    ]
    words = f"{NOISE_MM[1]:g} mm" if thick else f"{setting.noise_percent:.0f} %"
    return (
        timeline(
            courses,
            shown_with=window,
            days=setting.days,
            what="mean diameter" if thick else "volume",
            unit=unit,
            noise=NOISE_MM[1] if thick else setting.noise_percent / 100.0,
            absolute=thick,
            noise_words=words,
        ),
    )


def _title(number: int, fate: Fate) -> str:
    seen = fate.after or fate.before
    place = f", {seen.place}" if seen is not None and seen.place else ""
    if fate.change is None:
        return f"{number}: {fate.what}{place}"
    return f"{number}: {fate.change.size.trend} ({fate.change.percent:+.0f} % of volume){place}"


def _outline(lesion: Lesion | None) -> tuple[np.ndarray | None, tuple[slice, slice, slice] | None]:
    return (None, None) if lesion is None else (lesion.inside, lesion.box)


def _shown_size(lesion: Lesion | None, unit: str) -> float:
    if lesion is None:
        return 0.0
    return {"mm": lesion.mean_mm, "mm3": lesion.volume_mm3, "mL": lesion.volume_mm3 / 1000.0}[unit]


def _by_voxels(times: Times, days: int | None, told: tuple[str, ...]) -> Answer:
    """What differs, where no lesions are outlined: numbers and a picture, never a call."""
    found = changed_most(times.before, times.after, times.motion)
    way = "brighter" if found.brighter else "darker"
    notes = [f"Compared on a grid of 3 mm after smoothing; a place differs from {CHANGED:.0%} of the range of grey on."]
    measured = [Measurement("mean difference", found.mean_percent, "%", "of the range of grey, within the body")]
    measured.append(Measurement("part of the body that differs", found.changed_percent, "%", "of its voxels"))
    mask = None
    if found.centre_mm is not None:
        size = Measurement(
            "largest region that differs", found.largest_ml, "mL", "connected, voxels times their volume"
        )
        measured.append(size)
        notes.append(f"The largest connected region became {way}. It may be disease, treatment, contrast or motion.")
        mask = Mask(found.inside, times.after.geometry, DIFFERENCE)
    else:
        notes.append(f"No connected region of {LEAST_ML:g} mL or more differs.")
    window = grey_window(times.after)
    at = np.asarray(times.motion.centre_mm) if found.centre_mm is None else found.centre_mm
    ends = times.after.geometry.world(np.array([(0, 0, 0), np.array(times.after.geometry.shape) - 1]))
    extent = float(np.abs(ends[1] - ends[0])[:2].max())
    box = tuple(slice(0, n) for n in found.inside.shape)
    inside = found.inside if mask is not None else None
    course = Course(
        "The section with the largest difference",
        Shot(times.before, times.motion.to_moving(at), None, None, 0.0),
        Shot(times.after, at, inside, (box[0], box[1], box[2]), 0.0),
        times.motion.matrix[:3, :3],
        extent / 3.0,
    )
    both = (
        Finding(DIFFERENCE, measurements=tuple(measured), mask=mask, notes=tuple(notes)),
        Finding(COMPARISON, measurements=_registration(times.motion)),
    )
    return Answer(both, told, illustrations=(side_by_side(course, shown_with=window, days=days),), window=window)


def _unlike(motion: Rigid) -> Refusal:
    found = (
        f"The two examinations could not be laid on each other: agreement {motion.agreement:.2f}, shared part of the "
        f"body {motion.overlap:.0%}, turn {motion.turn_deg:.0f} degrees; needed one person and one part."
    )
    return Refusal("content", found, "Check that both are of the same person and part of the body, lying the same way.")


def _about(motion: Rigid) -> tuple[str, ...]:
    if motion.agreement >= WARNED_BELOW:
        return ()
    text = f"The two examinations agree only moderately after registration ({motion.agreement:.2f})"
    return (f"{text}: look at every pair of lesions before you trust it.",)


def priority(findings: tuple[Finding, ...]) -> Priority:
    """A person should look soon at what grew or is new."""
    return Priority.URGENT if any(finding.positive for finding in findings) else Priority.ROUTINE


METHOD = method_card(
    name="change-since-prior",
    version="1.0.0",
    modalities=("CT", "MR"),
    intended_use=(
        "Lays two examinations of one person on each other, pairs what was outlined in both, and tells for research "
        "what grew, shrank, came and went, with the limits of measurement noise. A physician reviews every pair."
    ),
    not_for=(
        "Diagnosis, or any decision without a physician.",
        "Finding every nodule: candidates are found by a classical method that misses some and takes vessels for some.",
        "Judging response in a trial: baseline, smallest sum and non-target lesions are not known here.",
        "Two examinations in different positions (prone, supine), of different sequences, or before and after surgery.",
    ),
    method=(
        "Both volumes are averaged to 12, 6 and 4 mm. All shifts and 27 turns are searched by masked correlation; the "
        "best starts are climbed until the correlation rises no more; the worst-fitting 15 % are put aside.",
        "Chest CT: candidates for nodules of 3 mm and more inside the lungs, at both times. FLAIR: what the "
        "bundle brain-tumour outlines at both times, connected parts of 0.5 mL or more.",
        "The surroundings of each lesion (35 mm) are laid on each other once more. Pairs are one to one, within 12 mm "
        "or the radius of the larger.",
        "New or gone is a lesion only when the other examination shows nothing as bright within 3 mm of its place. "
        "A nodule found at one time only though the other is as bright is outlined again at both by one plain rule.",
        "Nodules on slices up to 2.5 mm: change of volume, noise 25 %; up to 5 mm: change of mean diameter, "
        "noise 2 mm. Outlines on FLAIR: change of volume, noise 40 %.",
        "Other CT and MR: voxel-wise difference on a grid of 3 mm, described and never called positive.",
    ),
    limits=(
        "A rigid motion does not follow breathing: nodules near the diaphragm may lie more than 12 mm apart.",
        "The noise limit of 25 % was measured by others on solid lung nodules on thin slices.",
        "Lesions of more than one organ of the chest are not told apart: only lung nodules are.",
    ),
    results={
        "Registration (a torso CT moved 12 times)": "mean error 0.07 mm and 0.03 degrees, worst 0.20 mm",
        "Nodules of 8 to 12 mm (4 phantoms) told as what they became": "20 of 20 (0.84 to 1.00)",
        "Unchanged brain tumours called grown or new (19 patients that were moved)": "1 of 19 (0.01 to 0.25)",
        "Change of volume of an unchanged outline on FLAIR": "median 2.4 %, 95 % below 28 %, 21 parts",
    },
    sources=(
        "Padfield D, IEEE Trans Image Process 2012;21:2706-2718.",
        "Evangelidis GD, Psarakis EZ, IEEE Trans Pattern Anal Mach Intell 2008;30:1858-1865.",
        "Callister MEJ et al., BTS guidelines, Thorax 2015;70 Suppl 2:ii1-ii54.",
        "Eisenhauer EA et al., RECIST 1.1, Eur J Cancer 2009;45:228-247.",
    ),
)

READER = Reader(
    name="change-since-prior",
    area="CT or MR with an earlier one",
    question="What grew, shrank, came or went since the earlier examination?",
    standing=Standing(
        "not validated", "phantoms at two times and one torso CT that was moved; no follow-up of patients"
    ),
    triage="Urgent where a lesion grew beyond measurement noise, or a new one reaches its limit, else routine.",
    bundles=(BUNDLE,),
    method=METHOD,
    select=select,
    check=check,
    answer=answer,
    priority=priority,
    compares=True,
)
