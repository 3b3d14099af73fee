"""The spine: its sideways curve on X-ray or CT, and on CT the heights and the spongy bone of its vertebrae."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from secondread.accept import frontal_spine
from secondread.accept.ct_content import case_in_hu, choice_warnings, regions_shown
from secondread.accept.volume import Wanted, choose
from secondread.core.card import ModelCard
from secondread.core.code import LOCAL, SCT, Code
from secondread.core.finding import Finding, Limit
from secondread.core.image import Image
from secondread.core.mask import Mask
from secondread.core.measurement import Measurement
from secondread.core.method import method_card
from secondread.core.reader import Answer, Case, GateView, Networks, Reader, Standing
from secondread.core.report import Priority, Refusal
from secondread.core.study import Series, Study
from secondread.explain.spine_picture import frontal_picture, straight_picture
from secondread.guidelines.l1_attenuation import bone_density
from secondread.guidelines.scoliosis import severity
from secondread.measure.coarse_grid import CoarseGrid, coarse, on_source
from secondread.measure.cobb_angle import largest_cobb_angle
from secondread.measure.contrast_phase import PLAIN_AORTA, aorta_hu
from secondread.measure.endplates import Line, Vertebra, between, vertebrae
from secondread.measure.spine_xray import band
from secondread.measure.straight_spine import BESIDE_MM, StraightSpine, straight_spine
from secondread.measure.vertebrae import column, patient
from secondread.measure.vertebral_bodies import Body, bodies, grade, losses_percent, region, side_lines, whole

NAME = "spine"
COBB = Code(SCT, "285285000", "Cobb angle")  # Source: SNOMED CT in pydicom's dictionary, CID 7550
LOSS = Code(LOCAL, "vertebra-height", "Height loss of a vertebral body")
BONE = Code(LOCAL, "spongy-bone-hu", "Attenuation of spongy bone of vertebrae")
COBB_LIMIT = Limit(10.0, "scoliosis is said to start at a Cobb angle of 10 degrees; the angle is good to 5 degrees")
LOSS_LIMIT = Limit(20.0, "20 % of height is where grade 1 starts (Genant 1993), here by measurement alone")
SEVERE_PERCENT = 40.0
STEP_MM, HALF_WIDTH_MM = 3.0, 14.0
FEWEST, LEAST_STRENGTH, MOST_TOLD = 4, 0.5, 8
ENHANCED_AORTA = 100.0
BONE_WINDOW = (200.0, 800.0)
WANTED = Wanted("CT", "a CT of the spine or the abdomen", frozenset({"spine", "abdomen", "pelvis"}), thickest_mm=3.1)


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """What a CT gave."""

    grid: CoarseGrid
    spine: StraightSpine
    found: tuple[Vertebra, ...]
    bodies: tuple[Body, ...]
    losses: tuple[float, ...]
    contrast: bool | None


def select(study: Study, card: ModelCard) -> Series | Refusal:  # noqa: ARG001 - every reader takes it
    """The frontal X-ray of the spine, else the thinnest CT that shows it."""
    xrays = frontal_spine.radiographs(study)
    verdicts = [(series, frontal_spine.refused_by_tags(series)) for series in xrays]
    usable = [series for series, refusal in verdicts if refusal is None]
    if usable:
        return usable[0]
    volume = choose(study, WANTED)
    if isinstance(volume, Refusal) and volume.reason == "modality" and verdicts:
        return next(refusal for _, refusal in verdicts if refusal is not None)
    if isinstance(volume, Refusal) and volume.reason == "modality":
        found = ", ".join(sorted({s.modality or f"no modality ({s.kind})" for s in study.series}))
        return Refusal(
            "modality",
            f"Found {found}; needed a frontal X-ray of the spine (CR or DX) or a CT.",
            "Send one of these, or ask another reader.",
        )
    return volume


def check(
    case: Case,
    gate: GateView | None,  # noqa: ARG001 - every reader takes it
    card: ModelCard,  # noqa: ARG001 - every reader takes it
) -> Refusal | tuple[str, ...]:
    """Pixel size of an X-ray, content of a CT."""
    series = case.series[0]
    if series.modality in frontal_spine.MODALITIES:
        if case.image.spacing_mm is None:
            found = "Found no pixel spacing; needed it, because vertebrae are told by their size."
            return Refusal("quality", found, "Send the original DICOM file.")
        return frontal_spine.warnings(case.study, series)
    known = case_in_hu(case)
    if known.volume.unit != "HU":
        found = f"Found voxels in {case.volume.unit}; needed HU."
        return Refusal("content", found, "Send the CT as DICOM.")
    shown = regions_shown(known.volume)
    stated = series.facts is not None and bool(series.facts.body_parts)
    if "head" in shown.regions or (shown.regions == {"chest"} and not stated):
        found = f"Found a {min(shown.regions)}; needed an abdomen, or tags that name the spine. {shown.why}"
        return Refusal("content", found, "Send a CT of the spine.")
    return choice_warnings(case, WANTED)


def answer(case: Case, networks: Networks) -> Answer:  # noqa: ARG001 - every reader takes them
    """The X-ray's curve, or all that a CT shows."""
    return _of_xray(case) if isinstance(case.pixels[0], Image) else _of_ct(case_in_hu(case))


def _of_xray(case: Case) -> Answer:
    image, spacing = case.image, case.image.require_spacing_mm()
    spine = band(image.values, spacing)
    if spine is None:
        found = "Found no bright band of the width of a spine from top to bottom; needed one."
        return Answer(refusal=Refusal("content", found, "Send an upright frontal picture of the spine."))
    seen = vertebrae(image.values, spacing, spine.centre, spine.half_width_mm)
    firm = [one for one in seen if one.strength >= LEAST_STRENGTH]
    if len(firm) < FEWEST:
        why = f"Found the endplates of {len(firm)} vertebrae; needed at least {FEWEST} in a row."
        return Answer(refusal=Refusal("content", why, "Measure the angle by hand."))
    side = frontal_spine.left_is(case.series[0])
    lines = [(one.upper, one.lower) for one in seen]
    angle, upper, lower = largest_cobb_angle(lines, spacing)
    mask = Mask(between(seen[upper : lower + 1], image.shape), spacing, COBB)
    where = f"from the {_nth(upper + 1)} to the {_nth(lower + 1)} of {len(seen)} vertebrae found, counted from the top"
    bow = _bow(lines[upper : lower + 1])
    curve = Finding(
        COBB,
        location=f"{where}; the curve bows to the {_patient_side(bow, side)}",
        measurements=(angle,),
        mask=mask,
        limit=COBB_LIMIT,
        rulings=(severity(cobb_deg=angle.value, standing=None),),
        notes=(
            "Endplates are straight lines along which the picture turns from disc to bone or back.",
            "Vertebrae at the edge of the picture, ribs, metal and turned vertebrae mislead this rule.",
        ),
    )
    return Answer((curve,), illustrations=(frontal_picture(image.values, lines, (upper, lower)),))


def _bow(lines: Sequence[tuple[Line, Line]]) -> float:
    """How far a curve lies to the right of the line between its ends in the picture, in columns."""
    middles = np.asarray(lines, np.float64).mean(axis=(1, 2))
    first, last = middles[0], middles[-1]
    share = (middles[:, 0] - first[0]) / max(last[0] - first[0], 1e-6)
    off = middles[:, 1] - (first[1] + share * (last[1] - first[1]))
    return float(off[np.abs(off).argmax()])


def _patient_side(bow: float, left_of_picture: str) -> str:
    other = {"left": "right", "right": "left"}
    return left_of_picture if bow < 0 else other[left_of_picture]


def _of_ct(case: Case) -> Answer:
    grid = coarse(case.volume, STEP_MM)
    canal = column(grid, patient(grid))
    if canal is None:
        why = "Found no vertebral column of 6 cm; needed one with its canal across the slices."
        return Answer(refusal=Refusal("content", why, "Send axial slices of the trunk."))
    spine = straight_spine(case.volume, grid, canal)
    view = spine.front_view
    found = whole(spine, vertebrae(view, (1.0, 1.0), np.full(len(view), float(BESIDE_MM)), HALF_WIDTH_MM))
    firm = [one for one in found if one.strength >= LEAST_STRENGTH]
    if len(firm) < FEWEST - 1:
        why = f"Found the endplates of {len(firm)} whole vertebrae; needed at least {FEWEST - 1} in a row."
        return Answer(refusal=Refusal("content", why, "Send thinner slices, or measure by hand."))
    those = bodies(spine, found)
    aorta = aorta_hu(grid, canal)
    told = case.series[0].facts.contrast if case.series[0].facts else None
    seen = None if aorta is None else True if aorta >= ENHANCED_AORTA else False if aorta < PLAIN_AORTA else None
    contrast = told if seen is None or told else seen
    measured = Measured(grid, spine, found, those, losses_percent(those), contrast)
    findings = (_height(case, measured), _spongy(case, measured), _curve(measured))
    note = ("Levels are not named: vertebrae are counted from the lowest one measured, which may be sacral.",)
    side = [side_lines(spine, one) for one in found]
    picture = straight_picture(spine.side_view, view, side, [(one.upper, one.lower) for one in found])
    return Answer(findings, note, illustrations=(picture,), window=BONE_WINDOW)


def _height(case: Case, measured: Measured) -> Finding:
    worst = int(np.argmax(measured.losses))
    count = len(measured.bodies)
    how = (
        "1 minus the lower of front and middle height over the back one, or mean height over that of both neighbours; "
        "heights between the edges of disc and bone"
    )
    slack = 100.0 * max(case.volume.geometry.spacing_mm) / measured.bodies[worst].back_mm
    loss = Measurement("largest height loss of a vertebral body", measured.losses[worst], "%", how, slack)
    one = measured.bodies[worst]
    heights = tuple(
        Measurement(f"{place} height of this vertebra", value, "mm", "between the edges of disc and bone")
        for place, value in (("front", one.front_mm), ("middle", one.middle_mm), ("back", one.back_mm))
    )
    lines = [
        f"{_from_below(n, count)}: {body.front_mm:.0f}, {body.middle_mm:.0f}, {body.back_mm:.0f} mm before, in the "
        f"middle, behind; loss {lost:.1f} %, grade {grade(lost)} by measurement."
        for n, (body, lost) in enumerate(zip(measured.bodies, measured.losses, strict=True))
    ]
    inside = on_source(region(measured.spine, measured.found[worst], measured.grid), measured.grid)
    return Finding(
        LOSS,
        location=f"{_from_below(worst, count)} of {count} measured",
        measurements=(loss, *heights),
        mask=Mask(inside, case.volume.geometry, LOSS),
        limit=LOSS_LIMIT,
        notes=(*lines[-MOST_TOLD:], "A grade by measurement is no fracture: shape and history decide."),
    )


def _spongy(case: Case, measured: Measured) -> Finding:
    count = len(measured.bodies)
    how = "mean of an ellipse in the middle half of height and depth"
    values = [(n, body.hu) for n, body in enumerate(measured.bodies) if np.isfinite(body.hu)]
    numbers = tuple(
        Measurement(f"spongy bone, {_from_below(n, count)}", hu, "[hnsf'U]", how) for n, hu in values[-MOST_TOLD:]
    )
    said = {True: "contrast medium was given, which raises it", False: "no contrast was given", None: "unknown"}
    notes = (
        f"Contrast: {said[measured.contrast]}.",
        "Published limits are for the first lumbar vertebra (110 and 160 HU); which one that is, the rule cannot tell. "
        "Islands of bone, haemangiomas, cement and degeneration raise the figure.",
    )
    ruling = bone_density(l1_hu=None, contrast=measured.contrast)
    those = [region(measured.spine, one, measured.grid) for one in measured.found]
    inside = on_source(np.any(those, axis=0), measured.grid)
    mask = Mask(inside, case.volume.geometry, BONE)
    return Finding(BONE, measurements=numbers, rulings=(ruling,), mask=mask, notes=notes)


def _curve(measured: Measured) -> Finding:
    lines = [(measured.spine.in_front_mm(one.upper), measured.spine.in_front_mm(one.lower)) for one in measured.found]
    angle, upper, lower = largest_cobb_angle(lines, (1.0, 1.0))
    count = len(measured.found)
    side = "left" if _bow(lines[upper : lower + 1]) > 0 else "right"
    return Finding(
        COBB,
        location=f"from the {_from_below(upper, count)} to the {_from_below(lower, count)}; bows to the {side}",
        measurements=(angle,),
        limit=COBB_LIMIT,
        rulings=(severity(cobb_deg=angle.value, standing=False),),
        notes=("From the front view of the straightened spine; a curve is flatter lying than standing.",),
    )


def _nth(n: int) -> str:
    ending = {1: "st", 2: "nd", 3: "rd"}.get(n % 10 if n % 100 not in (11, 12, 13) else 0, "th")
    return f"{n}{ending}"


def _from_below(n: int, count: int) -> str:
    return f"{_nth(count - n)} vertebra from below"


def priority(findings: tuple[Finding, ...]) -> Priority:
    """Soon where a body has lost more than 40 % of its height: it may be a fresh fracture."""
    lost = [finding.measurements[0].value for finding in findings if finding.code == LOSS and finding.measurements]
    return Priority.URGENT if any(value > SEVERE_PERCENT for value in lost) else Priority.ROUTINE


METHOD = method_card(
    name=NAME,
    version="1.0.0",
    modalities=("CR", "DX", "CT"),
    intended_use=(
        "Research: the largest Cobb angle on a frontal X-ray of the spine or on CT; on CT the heights of vertebral "
        "bodies and the attenuation of their spongy bone."
    ),
    not_for=(
        "Diagnosis of fracture, tumour, infection or stenosis, or ruling them out.",
        "Following a curve over time: the angle is good to about 5 degrees on clear pictures, and untried on people.",
        "Spines with metal, fused or extra vertebrae; side views; necks.",
    ),
    method=(
        "No network. On an X-ray the spine is the bright band of the width of vertebrae; on CT the canal is followed "
        "by bone, and the bodies before it are laid straight.",
        "Endplates are lines across the spine where brightness rises from disc to bone and falls again, in turn, at "
        "distances that vertebrae and discs have. The Cobb angle is the largest between an upper and a lower one.",
        "On CT, heights are measured before, in the middle and behind, in the patient; spongy bone as a mean.",
        "Vertebrae are counted from below; levels are not named.",
    ),
    limits=(
        "No X-ray of a person's spine was at hand: it was tried on projections of phantoms only.",
        "Tried on one CT, on which it was developed; levels, heights and angle were not checked by a person.",
        "Heights come out about 1 mm too large, because blur moves edges outwards, and losses are off by up to 7 "
        "percentage points at 2 and 3 mm slices. They are taken inside the corners, where a loss is largest.",
        "A severe fracture whose endplates leave the usual distances breaks the chain, so that vertebrae are missed.",
        "On an X-ray bowel, ribs, the heart and turned vertebrae make edges too.",
    ),
    sources=(
        "Cobb JR 1948; Morrissy RT et al., J Bone Joint Surg Am 1990;72:320 (error)",
        "Genant HK et al., J Bone Miner Res 1993;8:1137, as quoted in doi 10.21037/qims.2019.02.04",
        "Pickhardt PJ et al., Ann Intern Med 2013;158:588; doi 10.1186/s13244-023-01400-1 (L1)",
        "Example CT of TotalSegmentator, Apache-2.0 (Wasserthal J et al., Radiol Artif Intell 2023)",
    ),
    results={
        "Cobb angle on projections of phantoms, 0 to 60 degrees, found less true": (
            "mean -0.4 degrees, 95 % within 1.1 (n = 65); with ten times the noise 95 % within 2.2 (n = 65)"
        ),
        "Height loss in CT phantoms of 0 to 37 %, found less true": (
            "at most 1 percentage point at 1 mm slices (n = 4), 6 at 2 mm (n = 4), 7 at 3 mm (n = 4)"
        ),
    },
)

READER = Reader(
    name=NAME,
    area="spine X-ray and CT",
    question="How curved is this spine, and on CT how high are its vertebrae and how dense is their spongy bone?",
    standing=Standing("not validated", "phantoms, and one CT on which it was developed"),
    triage="Urgent where a vertebral body has lost more than 40 % of its height, else routine.",
    bundles=(),
    method=METHOD,
    select=select,
    check=check,
    answer=answer,
    priority=priority,
)
