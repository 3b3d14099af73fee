"""How wide the heart is on a frontal chest X-ray of an adult: outlines, cardiothoracic ratio, and its limits."""

import math
import re

import numpy as np
from numpy.typing import NDArray

from secondread.accept.frontal_chest import check, select
from secondread.accept.person import OLDEST_YEARS
from secondread.core.code import LOCAL, SCT, Code
from secondread.core.errors import SpacingError
from secondread.core.finding import Finding, Limit
from secondread.core.illustration import Illustration
from secondread.core.image import Image
from secondread.core.mask import Mask
from secondread.core.measurement import Measurement
from secondread.core.method import method_card
from secondread.core.reader import Answer, Case, Networks, Reader, Standing
from secondread.core.report import Priority, Refusal
from secondread.core.study import Series
from secondread.explain.counterfactual import narrower
from secondread.guidelines.cardiothoracic import PA_LIMIT, heart_size
from secondread.measure.cardiothoracic_ratio import HeartWidth, from_masks
from secondread.measure.chest_outline import ChestOutline, outline
from secondread.prepare.resize import resize

# Source: SNOMED CT; heart and lung as in DICOM PS3.16 CID 4, cardiomegaly cross-checked in two public repositories.
CARDIOMEGALY = Code(SCT, "8186001", "Cardiomegaly")
HEART, LUNG = Code(SCT, "80891009", "Heart"), Code(SCT, "39607008", "Lung")
RATIO = Code(LOCAL, "ctr", "Cardiothoracic ratio")

LEAST_SCORE = 3.0  # of 1,000 NIH pictures the worst reached 3.4; noise stays below 3
TILTED_DEG, TOO_TILTED_DEG = 5.0, 8.0  # 3 in 100 PA pictures of NIH lean by more than 5 degrees, 6 of 739 by 8
SMALLER_LUNG = 0.4  # share of the larger lung's area below which a lung was not found
PALER_LUNG = 0.45  # share of the other lung's darkness below which fluid or disease hides its borders
USUAL_SIDES = (0.65, 1.55)  # width of the right over the left half of the chest in 99 of 100 PA pictures of NIH
PICTURE_SIDE_PX = 480
GREEN, CYAN, RED, YELLOW = (60, 200, 60), (40, 200, 220), (240, 70, 60), (250, 220, 60)
MAGNIFIED = "at the plane of the detector, where lengths are larger than in the body"
ALWAYS = "Fluid, consolidation or fat beside the heart hide its border; look at the outline before the ratio is used."


def answer(case: Case, networks: Networks) -> Answer:  # noqa: ARG001 - no network is asked
    """Outline the lungs and the heart, and judge the ratio of their widths by the projection."""
    image, found = case.image, outline(case.image)
    if (refusal := refused(found)) is not None:
        return Answer(refusal=refusal)
    projection = projection_of(case.series[0])
    heart = Mask(found.heart, image.spacing_mm, HEART)
    lungs = Mask(found.lungs, image.spacing_mm, LUNG)
    try:  # the ratio itself is the same for every projection
        width = from_masks(heart, lungs, projection=projection or "PA", upright=True)
    except SpacingError as error:
        return Answer(refusal=Refusal("quality", f"Found {error}", "Send the picture with square pixels."))
    except ValueError as error:
        return Answer(refusal=_not_outlined(f"outlines that contradict each other ({error})"))
    size = _size(width, heart, projection, case.clinical.age_years)
    return Answer(
        (size, _lungs(found, width, lungs, image)),
        warnings=_warnings(found, projection),
        illustrations=(_drawn(image, found, width),),
    )


def projection_of(series: Series) -> str | None:
    """``PA``, ``AP`` or ``AP supine`` as the tags say, or None."""
    words = set(re.split(r"[^A-Z]+", series.view))
    if words & {"PA", "POSTEROANTERIOR"}:
        return "PA"
    if words & {"AP", "ANTEROPOSTERIOR"}:
        return "AP supine" if "SUPINE" in words else "AP"
    return None


def refused(found: ChestOutline) -> Refusal | None:
    """Why the outlines may not be used, or None."""
    if found.place.score < LEAST_SCORE:
        return _not_outlined(f"nothing that fits the borders of two lungs (fit {found.place.score:.1f})")
    if found.at_edge:
        text = "Found a chest whose outer border lies at the edge of the picture; needed the whole width of the chest."
        return Refusal("field-of-view", text, "Send the whole picture.")
    if abs(found.tilt_deg) > TOO_TILTED_DEG:
        text = f"Found a chest that leans by {abs(found.tilt_deg):.0f} degrees; needed at most {TOO_TILTED_DEG:g}."
        return Refusal("orientation", text, "Turn the picture upright and send it again, or measure by hand.")
    areas = int(found.right.sum()), int(found.left.sum())
    if not found.heart.any() or min(areas) < SMALLER_LUNG * max(areas):
        return _not_outlined("one lung without borders that could be traced")
    if min(found.darkness) < PALER_LUNG * max(found.darkness):
        return _not_outlined("one lung almost as bright as the heart, so that its borders are hidden")
    return None


def _not_outlined(what: str) -> Refusal:
    return Refusal(
        "content",
        f"Found {what}; needed a chest X-ray on which both lungs and the heart can be outlined.",
        "Measure the ratio by hand, or send a clearer picture.",
    )


def _size(width: HeartWidth, heart: Mask, projection: str | None, age_years: float | None) -> Finding:
    """The ratio: positive above the limit on a PA picture of an adult, else a description with what the rule says."""
    ruling = heart_size(ratio=width.ratio.value, projection=projection, age_years=age_years)
    columns = width.heart_columns[1] - width.heart_columns[0] + 1, width.thorax_columns[1] - width.thorax_columns[0] + 1
    seen = f"Heart {columns[0]} pixels wide, chest {columns[1]} at its widest row."
    if ruling.value is None or projection != "PA":
        why = "No call is made: that needs a PA picture of a person known to be an adult."
        return Finding(RATIO, measurements=(width.ratio,), mask=heart, rulings=(ruling,), notes=(seen, ALWAYS, why))
    limit = Limit(math.nextafter(PA_LIMIT, 1.0), f"more than {PA_LIMIT:.2f} on PA pictures of adults")  # not at it
    notes: tuple[str, ...] = (seen, ALWAYS)
    if isinstance(heart.grid, tuple):
        heart_mm, chest_mm = (column * heart.grid[1] for column in columns)
        notes += tuple(filter(None, (narrower(heart_mm, chest_mm, PA_LIMIT, ("the heart", "mm")),)))
    return Finding(CARDIOMEGALY, measurements=(width.ratio,), mask=heart, limit=limit, rulings=(ruling,), notes=notes)


def _lungs(found: ChestOutline, width: HeartWidth, lungs: Mask, image: Image) -> Finding:
    """What was measured beside the ratio; never positive."""
    measured = [
        Measurement(
            "lean of the chest", found.tilt_deg, "deg", "middle of the outer borders, upper against lower part"
        ),
        Measurement("right over left half of the chest", found.sides_ratio, "1", "widths above the heart"),
    ]
    if image.spacing_mm is not None:
        at = MAGNIFIED if image.spacing_source == "detector" else f"pixel spacing: {image.spacing_source}"
        millimetres = (width.thorax_columns[1] - width.thorax_columns[0] + 1) * image.spacing_mm[1]
        measured.insert(0, Measurement("inner width of the chest", millimetres, "mm", f"widest row of the lungs, {at}"))
    return Finding(LUNG, measurements=tuple(measured), mask=lungs, notes=("Both lung fields, as the ratio used them.",))


def _warnings(found: ChestOutline, projection: str | None) -> tuple[str, ...]:
    warnings = []
    if projection is None:
        warnings.append("The tags do not state the projection (PA or AP): the ratio is not judged.")
    elif projection != "PA":
        warnings.append(
            "An AP picture magnifies the heart, and on 608 of them the ratio hardly told who was reported to have a "
            "large heart: no call is made."
        )
    if abs(found.tilt_deg) > TILTED_DEG:
        warnings.append(f"The chest leans by {abs(found.tilt_deg):.0f} degrees, which changes the ratio.")
    low, high = USUAL_SIDES
    if not low <= found.sides_ratio <= high:
        warnings.append(
            "The two halves of the chest differ in width: the person may be rotated, which changes the heart's shadow."
        )
    return tuple(warnings)


def _drawn(image: Image, found: ChestOutline, width: HeartWidth) -> Illustration:
    """The picture with the outlines, and the two widths as lines."""
    scale = min(1.0, PICTURE_SIDE_PX / max(image.shape))
    shape = (max(1, round(image.shape[0] * scale)), max(1, round(image.shape[1] * scale)))
    grey = np.rint(255.0 * np.clip(resize(image.values, shape), 0.0, 1.0)).astype(np.uint8)
    rgb = np.repeat(grey[:, :, None], 3, axis=2)
    for inside, colour in ((found.right, GREEN), (found.left, CYAN), (found.heart, RED)):
        rgb[_edge(_nearest(inside, shape))] = colour
    heart_row = int(np.flatnonzero(found.heart.any(axis=1))[-1])
    for row, columns, colour in (
        (width.thorax_row, width.thorax_columns, YELLOW),
        (heart_row, width.heart_columns, RED),
    ):
        first, last = (int(column * shape[1] / image.shape[1]) for column in columns)
        rgb[min(int(row * shape[0] / image.shape[0]), shape[0] - 1), first : last + 1] = colour
    caption = (
        "Green and blue: the lung fields of the patient's right and left. Red: the heart's shadow, its lower line as "
        "wide as the heart. Yellow: the widest inner width of the chest."
    )
    return Illustration("Outlines of lungs and heart", rgb, caption)


def _nearest(inside: NDArray[np.bool_], shape: tuple[int, int]) -> NDArray[np.bool_]:
    j, i = (((np.arange(n) + 0.5) * have / n).astype(np.intp) for n, have in zip(shape, inside.shape, strict=True))
    return inside[np.ix_(j, i)]


def _edge(inside: NDArray[np.bool_]) -> NDArray[np.bool_]:
    from scipy.ndimage import binary_erosion

    return np.asarray(inside & ~binary_erosion(inside))


def priority(findings: tuple[Finding, ...]) -> Priority:  # noqa: ARG001 - the rule does not look
    """A large heart alone can wait its turn."""
    return Priority.ROUTINE


METHOD = method_card(
    name="chest-xray-heart-size",
    version="1.0.0",
    modalities=("CR", "DX"),
    age_years=(18.0, OLDEST_YEARS),
    intended_use=(
        "Outlines lungs and heart on a frontal chest X-ray of an adult and gives the cardiothoracic ratio, for "
        "research. A physician looks at the outline before the ratio is used."
    ),
    not_for=(
        "Diagnosis of heart disease, or any decision without a physician.",
        "Lateral views, children, pictures of a part of the chest.",
        "Judging the heart on AP or supine pictures: they magnify it.",
    ),
    method=(
        "A template of the lungs' four borders, drawn by hand, is fitted to edges and greys of the picture; each "
        "border is traced as the cheapest path near it, and the heart is what lies between the inner ones.",
        "The ratio is the heart's widest extent over that of the lungs along the rows; above 0.50 on a PA picture of "
        "an adult it is called large. On an AP picture the rule is told, and no call is made.",
        "No network takes part but the input gate. Weights of the search were chosen on training and validation "
        "pictures of NIH ChestX-ray14.",
    ),
    limits=(
        "No outline drawn by a person was at hand: the outlines were looked at, not measured against a truth.",
        "Fluid, consolidation, a raised diaphragm or a fat pad are taken for heart.",
        "On AP pictures the ratio hardly told people whose report named a large heart from others.",
        "Of chests drawn by a program the ratio was found within 0.02, of narrow hearts 0.03 too large.",
    ),
    sources=(
        "RCEM Learning, cardiac shadow (ratio and limit on PA pictures).",
        "Chon SB et al. J Korean Med Sci 2011, PMC3207047 (magnification on AP pictures).",
        "Wang X et al. ChestX-ray8. CVPR 2017 (pictures and labels for the figures). Images: NIH Clinical Center.",
    ),
    results={
        "PA pictures, AUROC of the ratio against the word cardiomegaly": "0.882 (0.805 to 0.938), 37 pictures of 20 "
        "people among 725; the search was tuned on them",
        "PA pictures of the test split, the same": "0.861 (0.622 to 1.000), 4 people among 144; network of "
        "chest-xray-findings on the same pictures 0.711 (0.226 to 0.951)",
        "PA pictures, above 0.50": "sensitivity 0.865 (0.720 to 0.941), specificity 0.731 (0.697 to 0.763)",
        "AP pictures, AUROC of the ratio": "0.621 (0.519 to 0.737), 43 pictures of 11 people among 551",
        "refused of 1,347 adults of train and val": "PA 14 of 739, AP 57 of 608",
    },
)

READER = Reader(
    name="chest-xray-heart-size",
    area="chest X-ray",
    question="How wide is the heart on this frontal chest X-ray of an adult, and is it enlarged for its projection?",
    standing=Standing("limited", "869 PA pictures of one source against words of reports; no outlines by a person"),
    triage="Always routine: a large heart shadow alone can wait its turn.",
    bundles=(),
    method=METHOD,
    gate="chest-xray-gate",
    select=select,
    check=check,
    answer=answer,
    priority=priority,
)
