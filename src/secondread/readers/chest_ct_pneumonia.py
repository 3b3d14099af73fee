"""Opacities on chest CT as in pneumonia: how much of the lungs, how dense, and where."""

from functools import partial

from secondread.accept import chest_ct
from secondread.core.code import DCM, LOCAL, Code
from secondread.core.finding import Finding, Limit
from secondread.core.illustration import Illustration
from secondread.core.mask import Mask
from secondread.core.measurement import Measurement
from secondread.core.method import method_card
from secondread.core.reader import Answer, Case, Networks, Reader, Standing
from secondread.core.report import Priority, Refusal
from secondread.core.volume import Volume
from secondread.explain.lung_planes import coronal
from secondread.guidelines.ct_severity import Lobes, lobe_points, severity_score
from secondread.measure.lung_envelope import whole_lungs
from secondread.measure.lungs import SIDES, Lungs
from secondread.measure.opacities import KINDS, Opacities, measure_opacities
from secondread.prepare.shown import LUNG

NAME = "chest-ct-pneumonia"
OPACITY = Code(LOCAL, "lung-opacity", "Opacities of the lungs, as in pneumonia")
KIND_CODES = {
    "ground glass": Code(DCM, "112120", "Ground glass opacity"),  # Source: DICOM PS3.16 in pydicom's dictionary
    "mixed": Code(LOCAL, "mixed-opacity", "Opacity between ground glass and consolidation"),
    "consolidation": Code(LOCAL, "consolidation", "Consolidation of the lung"),
}
SHARE = Limit(1.0, "1 % of the lungs or more: our own limit, above what vessels and blur make on phantoms")
CRITICAL_PERCENT, THICK_MM = 50.0, 3.0
MOSTLY = 0.6
OUTER_VOLUME = 1 / 3
NOT_TOLD = (
    "Attenuation alone: infection, oedema, bleeding, collapse, fibrosis, contusion and tumour are not told apart, and "
    "dependent lung of a person lying down may count."
)
WANTED = chest_ct.wanted(5.0, soft=True)  # on thicker slices the vessels of the root pass for consolidation


def answer(case: Case, networks: Networks) -> Answer:  # noqa: ARG001 - every reader takes them
    """Outline opacities in lungs that hold their airless parts, measure them and say where they lie."""
    found = chest_ct.lungs_of(case)
    if isinstance(found, Refusal):
        return Answer(refusal=found)
    volume, lungs = found
    whole = whole_lungs(volume, lungs)
    seen = measure_opacities(volume, whole)
    told = [*chest_ct.cut_warnings(lungs), *seen.warnings]
    step = chest_ct.step_mm(volume)
    if step > THICK_MM:
        told.append(f"Slices lie {step:g} mm apart: large vessels at the root of the lung may count as opacity.")
    findings = (_extent(volume, seen), *(_kind(seen, kind) for kind in KINDS), _score(whole, seen))
    drawn = (_picture(volume, whole, seen),) if seen.inside.any() else ()
    return Answer(findings, tuple(told), illustrations=drawn, window=LUNG)


def _extent(volume: Volume, seen: Opacities) -> Finding:
    """How much, in all and by place, and how it is spread."""
    counted = "opacity over lung, airless lung included, on blocks of about 2.5 mm"
    by_side = [Measurement(f"share of the {s} lung", p, "%", counted) for s, p in seen.by_side.items()]
    thirds = [
        Measurement(f"share of the {side} {third} third", percent, "%", counted)
        for (side, third), percent in seen.by_place.items()
    ]
    return Finding(
        OPACITY,
        location=_place(seen),
        measurements=(
            Measurement("share of both lungs", seen.percent, "%", counted),
            Measurement("volume", seen.total_ml, "mL", "blocks of the outline times the volume of one"),
            *by_side,
            *thirds,
        ),
        mask=Mask(seen.inside, volume.geometry, OPACITY) if seen.inside.any() else None,
        limit=SHARE,
        rulings=(severity_score(Lobes(None, None, None, None, None)),),
        notes=(*_spread(seen), _rule(seen), NOT_TOLD),
    )


def _place(seen: Opacities) -> str | None:
    """Sides and the third that holds most of it, or None without any."""
    if not seen.inside.any():
        return None
    sides = [side for side, percent in seen.by_side.items() if percent >= SHARE.value]
    side, third = max(seen.by_place, key=lambda place: seen.by_place[place])
    where = "both lungs" if len(sides) == 2 else f"{sides[0]} lung" if sides else "small parts of the lungs"
    return f"{where}, most in the {third} third by height of the {side} lung"


def _spread(seen: Opacities) -> tuple[str, ...]:
    """Bilateral or not, peripheral or central, posterior or anterior: each by its rule."""
    if not seen.inside.any():
        return ("Looked for in both lungs and found none of 1 mL or more.",)
    sides = [side for side in SIDES if seen.by_side.get(side, 0.0) >= SHARE.value]
    words = "Bilateral" if len(sides) == 2 else f"On the {sides[0]} only" if sides else "Under 1 % of either lung"
    outer = "Peripheral" if seen.outer >= MOSTLY else "Central" if seen.outer < OUTER_VOLUME else "Neither peripheral"
    outer += " nor central" if outer.startswith("Neither") else ""
    back = "posterior" if seen.posterior >= MOSTLY else "anterior" if seen.posterior <= 1 - MOSTLY else "front and back"
    return (
        f"{words}: 1 % of a lung or more counts.",
        f"{outer}: {seen.outer:.0%} of it lies in the outer third of the lungs' volume; 60 % or more is peripheral, "
        "less than a third central.",
        f"{back.capitalize()}: {seen.posterior:.0%} of it lies behind the plane that halves the lungs; 60 % or more is "
        "posterior, 40 % or less anterior.",
    )


def _rule(seen: Opacities) -> str:
    return (
        f"Counted from {seen.limit_hu:.0f} HU on, in parts of 1 mL or more that are thicker than 10 mm, or than 18 mm "
        f"at the root of the lung; most of this lung measures {seen.usual_hu:.0f} HU."
    )


def _kind(seen: Opacities, kind: str) -> Finding:
    """How much of it is so dense: a description."""
    bounds = {"ground glass": "up to -500 HU", "mixed": "from -500 to -200 HU", "consolidation": "above -200 HU"}
    ml = seen.ml[kind]
    share = 100.0 * ml / max(seen.lung_ml, 1e-6)
    return Finding(
        KIND_CODES[kind],
        measurements=(
            Measurement(f"volume of {kind}", ml, "mL", f"blocks of opacity {bounds[kind]}"),
            Measurement("share of both lungs", share, "%", "volume over that of both lungs"),
        ),
        notes=(f"By attenuation: {bounds[kind]}. Blur puts a rim of milder density around dense parts.",),
    )


def _score(whole: Lungs, seen: Opacities) -> Finding:
    """Our own score by thirds: not the published one, which needs lobes."""
    points = sum(lobe_points(percent / 100.0) for percent in seen.by_place.values())
    named = len(seen.by_place)
    return Finding(
        Code(LOCAL, "thirds-score", "Own score of thirds of the lungs, not a published one"),
        measurements=(
            Measurement("score of thirds", float(points), "{score}", f"0 to 5 points for each of {named} thirds"),
        ),
        notes=(
            "Each third by height of each lung gets the points that the chest CT severity score gives a lobe: 0 to "
            f"{5 * named} in all. The published score, 0 to 25, needs lobes, which are not known; the two must not be "
            "compared.",
            *(f"No {side} lung was found." for side in SIDES if not whole.side(side).any()),
        ),
    )


def _picture(volume: Volume, whole: Lungs, seen: Opacities) -> Illustration:
    regions = ((whole.both, "lungs with their airless parts"), (seen.inside, "opacity"))
    rgb, caption = coronal(volume, regions, seen.inside)
    return Illustration("Opacities", rgb, caption)


def priority(findings: tuple[Finding, ...]) -> Priority:
    """By the share of the lungs."""
    percent = next(f.measurements[0].value for f in findings if f.code == OPACITY)
    if percent >= CRITICAL_PERCENT:
        return Priority.CRITICAL
    return Priority.URGENT if percent >= SHARE.value else Priority.ROUTINE


METHOD = method_card(
    name=NAME,
    version="1.0.0",
    modalities=("CT",),
    intended_use="Outlines and measures opacities of the lungs on chest CT of adults, for research: how much, how "
    "dense, where. A physician reviews every answer.",
    not_for=(
        "Diagnosis, or any decision without a physician.",
        "Telling pneumonia from oedema, bleeding, collapse, fibrosis, contusion or tumour.",
        "A lung that is airless as a whole, or fluid around the lung.",
        "The published severity score: it needs lobes.",
    ),
    method=(
        "Lungs are outlined by attenuation; airless parts count as lung where lung encloses them, where a ball of "
        "16 mm cannot enter, or where they fill a notch towards the chest wall.",
        "Opacity is what is denser than -700 HU, or than 130 HU above most of this lung, in parts of 1 mL or more that "
        "are thicker than 10 mm, or than 18 mm at the root of the lung.",
        "Ground glass up to -500 HU, mixed to -200 HU, consolidation above.",
    ),
    limits=(
        "Tried on phantoms and looked at on one real chest CT, of a tumour; no CT with outlined pneumonia was at hand.",
        "Consolidation at the mediastinum or the diaphragm, and beyond the straight line across a notch at the chest "
        "wall, is left out, so that the share is too low.",
        "Large vessels at the root of the lung may count, above all on thick slices: on slices of 8 mm, half of what "
        "was outlined on the one real CT was vessels, so that slices more than 5 mm apart are refused.",
        "A shallow breath makes lung denser; the limit then rises, and mild ground glass is missed.",
    ),
    results={
        "Phantoms, share of the lungs": "3.1 % where 3.8 % was true, on average of 5; Dice 0.82 (0.80 to 0.83)",
        "Phantoms without opacity": "under 0.1 % of the lungs",
    },
    sources=(
        "Pan F et al. Radiology 2020, doi 10.1148/radiol.2020200370 (table of points, outer third).",
        "PMC7963378 (lung counted from -950 to -200 HU).",
    ),
)

READER = Reader(
    name=NAME,
    area="chest CT",
    question="How much of the lungs on this chest CT is opaque as in pneumonia, how dense is it, and where?",
    standing=Standing("not validated", "phantoms with opacities of known size; looked at on one chest CT"),
    triage="Critical where half of the lungs or more is opaque, urgent from 1 %, else routine; our own limits.",
    bundles=(),
    method=METHOD,
    select=partial(chest_ct.select, needs=WANTED),
    check=partial(chest_ct.check, needs=WANTED),
    answer=answer,
    priority=priority,
)
