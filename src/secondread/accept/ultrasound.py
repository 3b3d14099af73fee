"""A breast ultrasound picture: which of a study it is, where it shows tissue, and whether it may be read."""

import numpy as np
import scipy
from numpy.typing import NDArray

from secondread.accept.checks import Warned
from secondread.core.card import ModelCard
from secondread.core.errors import short_uid
from secondread.core.image import Image
from secondread.core.reader import Case, GateView
from secondread.core.report import Refusal
from secondread.core.study import Series, Study
from secondread.measure.doppler import is_coloured
from secondread.report.wording import percent

COLOURED = 2  # what _colour_by_tags says of a picture with colour
BREAST, WANTED, UNKNOWN = "breast", "breast ultrasound", "unknown"  # a body part, and labels of the gate
MIN_SIDE_PX, MIN_LEVELS, MIN_DEVIATION = 100, 16, 0.02
LIT, LIT_SHARE, WHOLE, GAP_SHARE = 0.03, 0.25, 0.8, 0.03  # see tissue_box()
# log2 of the ratio of grey steps down and across: 0.63 to 3.5 in 958 public breast pictures; turned, as much below 0.
DOUBTFUL, TEXTURE_PX = 0.4, 1.5
# Of 665 pictures of another hospital the gate calls 27 unknown, each with breast ultrasound next, at 0.08 or more.
NEXT = 0.08
# Source: DICOM PS3.3 C.8.5.6.1.1, value 3 of the image type of ultrasound: examinations that are none of a breast.
OTHER_EXAMINATIONS = frozenset(
    {"ABDOMINAL", "CHEST", "ENDOCAVITARY", "ENDORECTAL", "ENDOVAGINAL", "EPICARDIAL", "FETAL HEART", "GYNECOLOGY"}
    | {"INTRACARDIAC", "INTRAOPERATIVE", "INTRAVASCULAR", "MUSCULOSKELETAL", "NEONATAL HEAD", "OBSTETRICAL"}
    | {"OPHTHALMIC", "PEDIATRIC", "PELVIC", "RETROPERITONEAL", "SCROTAL", "TEE", "THYROID", "TRANSCRANIAL", "TTE"}
    | {"URINARY", "VASCULAR", "CARDIOLOGY", "CARDIAC"}
)
Box = tuple[int, int, int, int]


def select(study: Study, card: ModelCard) -> tuple[Series, ...] | Refusal:
    """The picture of the study to read, and one with colour if that is in grey; or why there is none.

    Of several it is, in this order: one that its tags call grey (B mode without colour), one of which they say nothing,
    one with colour; then the largest; then the one with the smallest SOP Instance UID.
    """
    pictures = _pictures(study, card)
    if not pictures:
        found = ", ".join(sorted({s.modality or f"no modality ({s.kind})" for s in study.series}))
        needed = " or ".join(card.input.modalities)
        return Refusal(
            "modality",
            f"Found {found}; needed a breast ultrasound picture ({needed}).",
            "Send a breast ultrasound picture, or ask a reader for this modality.",
        )
    refusals = [(series, _refused_by_tags(series)) for series in pictures]
    fitting = [series for series, refusal in refusals if refusal is None]
    if not fitting:
        return next(refusal for _, refusal in refusals if refusal is not None)
    coloured = [series for series in fitting[1:] if _colour_by_tags(series) == COLOURED]
    return (fitting[0], *(coloured[:1] if _colour_by_tags(fitting[0]) != COLOURED else ()))


def _pictures(study: Study, card: ModelCard) -> list[Series]:
    """Series that may be ultrasound pictures, the best first; a picture without tags may be one."""
    found = [
        series
        for series in study.series
        if series.modality in card.input.modalities or (series.kind == "raster" and not series.modality)
    ]
    return sorted(found, key=_order)


def _order(series: Series) -> tuple[int, int, str]:
    rows, columns = series.size or (0, 0)
    return _colour_by_tags(series), -rows * columns, min(file.sop_instance_uid for file in series.files)


def _colour_by_tags(series: Series) -> int:
    """0: grey, 1: not said, 2: with colour.

    Source: DICOM PS3.3 C.8.5.6.1.1, value 4 of the image type of ultrasound.
    """
    if len(series.image_type) < 4:
        return 1
    try:
        kinds = int(series.image_type[3], 16)
    except ValueError:
        return 1
    return COLOURED if kinds & 0x0110 else 0  # 0010: colour Doppler, 0100: its power


def _refused_by_tags(series: Series) -> Refusal | None:
    count = max(len(series.files), *(file.frames for file in series.files))
    if count > 1:
        found = f"Found a moving picture or stack of {count} frames; needed a single picture."
        return Refusal("field-of-view", found, "Send the frame that shows the lesion best as a picture of its own.")
    parts = () if series.facts is None or series.facts.disputed else series.facts.body_parts
    if parts and BREAST not in parts:
        return Refusal("body-part", f"Found body part {', '.join(parts)}; needed breast.", "Send a breast picture.")
    examination = series.image_type[2] if len(series.image_type) > 2 else ""
    if examination in OTHER_EXAMINATIONS and not says_breast(series):
        found = f"Found an ultrasound examination of another kind ({examination}); needed one of the breast."
        return Refusal("body-part", found, "Send a breast picture.")
    return None


def says_breast(series: Series) -> bool:
    """Whether the tags of an ultrasound picture name the breast."""
    facts = series.facts
    named = facts is not None and BREAST in facts.body_parts
    return bool(series.modality) and (named or series.image_type[2:3] == ("BREAST",))


def check(case: Case, gate: GateView | None, card: ModelCard) -> Refusal | tuple[str, ...]:
    """Refusal, or warnings for the reviewer: the person, the picture's quality, what it shows, how it is turned."""
    if case.study.sex == "M":
        found = "Found a man; needed a woman: the network saw no men."
        return Refusal("population", found, "Read it without this reader.")
    refusal = _refused_by_quality(case.image) or _refused_by_gate(gate, case.image, case.series[0])
    return refusal or _refused_by_texture(case.image) or _warnings(case, gate, card)


def _refused_by_quality(image: Image) -> Refusal | None:
    rows, columns = image.shape
    if min(rows, columns) < MIN_SIDE_PX:
        found = f"Found a picture of {columns} x {rows} pixels; needed at least {MIN_SIDE_PX} a side."
        return Refusal("quality", found, "Send the picture in full size.", check="spacing")
    step = max(1, min(rows, columns) // 256)
    grey = image.values[::step, ::step]
    levels = len(np.unique(np.round(grey * 255.0)))
    if levels < MIN_LEVELS or float(grey.std()) < MIN_DEVIATION:
        grey_levels = f"{levels} grey level{'s' * (levels != 1)}"
        found = f"Found a blank or nearly blank picture ({grey_levels}); needed a breast ultrasound picture."
        return Refusal("quality", found, "Check the export and send the picture again.")
    return None


def _refused_by_gate(gate: GateView | None, image: Image, series: Series) -> Refusal | None:
    """A picture whose tags do not name the breast must look like breast ultrasound.

    One that the gate does not know passes where breast ultrasound comes next, with a probability of ``NEXT`` or more,
    and its texture is that of ultrasound.
    """
    if gate is None or says_breast(series):
        return None
    rest = gate.probabilities
    likeliest, second = sorted(rest, key=lambda label: rest[label], reverse=True)[:2]
    unknown = likeliest == UNKNOWN
    if likeliest == WANTED:
        return None
    if unknown and second == WANTED and rest[WANTED] >= NEXT and (texture(image) or 0.0) > DOUBTFUL:
        return None
    seen = "nothing that is known" if unknown else f"a picture of another kind ({likeliest})"
    found = (
        f"Found a picture that passes for breast ultrasound with a probability of {percent(rest[WANTED])}: it looks "
        f"like {seen}; needed breast ultrasound."
    )
    return Refusal("content", found, "Cut the picture to the tissue, or send it as DICOM with its body part.")


def _refused_by_texture(image: Image) -> Refusal | None:
    if (lean := texture(image)) is None or lean > 0.0:
        return None
    found = (
        "Found a picture turned on its side: its speckle and layers run down the picture instead of across; needed one "
        "with the skin along the upper edge."
    )
    return Refusal("orientation", found, "Turn the picture upright and send it again.")


def texture(image: Image) -> float | None:
    """How much larger grey steps are down the picture than across, log2; above 0 where layers run across.

    Ultrasound sees finer in depth than along the skin, and the layers of the breast lie along the skin, so that a
    picture with the skin on top, or at the bottom, is above 0, and one turned on its side below. None where it is dark.
    """
    step = max(1, min(image.shape) // 384)
    grey = scipy.ndimage.gaussian_filter(image.values, TEXTURE_PX * step)[::step, ::step]
    lit = grey > 2 * LIT
    if image.rgb is not None:
        lit &= ~scipy.ndimage.binary_dilation(is_coloured(image.rgb)[::step, ::step], iterations=4)
    if lit.sum() < MIN_SIDE_PX**2 / 4:
        return None
    down, across = (float(np.median(np.abs(part[lit]))) for part in np.gradient(grey))
    return 2.0 * float(np.log2(max(down, 1e-9) / max(across, 1e-9)))


def skin_on_top(image: Image) -> bool | None:
    """Whether depth runs down the picture; None where its texture leaves a doubt. Top and bottom are not told apart."""
    lean = texture(image)
    return None if lean is None or abs(lean) < DOUBTFUL else lean > 0.0


def tissue_box(values: NDArray[np.float32]) -> Box:
    """(top, left, bottom, right) of the part of a screen that shows tissue, or the whole picture.

    The longest run of columns, then of rows, of which a quarter is not black; gaps of 3 % are bridged. Nothing is cut
    where at least 80 % of the picture is left: pictures that were cut before stay as they are.
    """
    lit = scipy.ndimage.uniform_filter(values, max(3, round(min(values.shape) / 50))) > LIT
    left, right = _longest_run(lit.mean(axis=0) >= LIT_SHARE)
    top, bottom = _longest_run(lit[:, left:right].mean(axis=1) >= LIT_SHARE)
    kept = (bottom - top) * (right - left)
    whole = (0, 0, *values.shape)
    return whole if kept >= WHOLE * values.size or min(bottom - top, right - left) < MIN_SIDE_PX else (
        top, left, bottom, right
    )  # fmt: skip


def _longest_run(lit: NDArray[np.bool_]) -> tuple[int, int]:
    """First and last + 1 of the longest run, gaps bridged; everything where nothing is lit."""
    gap = max(1, round(GAP_SHARE * len(lit)))
    closed = np.asarray(scipy.ndimage.binary_closing(np.pad(lit, gap), np.ones(gap))[gap:-gap]) | lit
    numbers, count = scipy.ndimage.label(closed)
    if count == 0:
        return 0, len(lit)
    place = scipy.ndimage.find_objects(numbers)[int(np.bincount(numbers)[1:].argmax())][0]
    return int(place.start), int(place.stop)


def _warnings(case: Case, gate: GateView | None, card: ModelCard) -> tuple[str, ...]:
    series, image = case.series[0], case.image
    told: list[str] = []
    if series.kind == "raster":
        found = "A picture without DICOM tags: modality, body part, side and scale could not be checked."
        told.append(Warned("tags", found))
    elif series.facts is None or not series.facts.body_parts:
        told.append(Warned("body-part", "The tags do not state the body part."))
    elif series.facts.disputed:
        told.append(Warned("tags", "The tags name different body parts in different places."))
    if gate is not None and max(gate.probabilities, key=lambda label: gate.probabilities[label]) != WANTED:
        told.append(Warned("examination", "The input gate does not recognise the picture as breast ultrasound."))
    if image.spacing_mm is None:
        found = "The picture is not calibrated: lengths were not measured, and its pixels were taken as square."
        told.append(Warned("spacing", found))
    if skin_on_top(image) is None:
        told.append(Warned("orientation", "Whether the skin lies along the upper edge could not be told."))
    others = [s for s in _pictures(case.study, card) if s not in case.series and _refused_by_tags(s) is None]
    if others:
        colour = sum(_colour_by_tags(other) == COLOURED for other in others)
        more = f", {colour} of them with colour" if colour else ""
        uids = " and ".join(short_uid(one.files[0].sop_instance_uid) for one in case.series)
        told.append(f"The study holds {len(others)} more single pictures{more}; only {uids} was read.")
    return tuple(told)
