"""Mammograms: which pictures of a study are the standard views, how they lie, and whether they may be read."""

from dataclasses import dataclass

from secondread.accept.checks import Warned
from secondread.core.card import ModelCard
from secondread.core.errors import short_uid
from secondread.core.image import Image
from secondread.core.reader import Case, GateView
from secondread.core.report import Refusal
from secondread.core.study import Series, Study
from secondread.measure.breast_outline import Breast, Turn, breast, chest_wall_left

SIDES, VIEWS = ("R", "L"), ("CC", "MLO")
SIDE_WORDS = {"R": "right breast", "L": "left breast"}
MIN_SIDE_PX = 200
# Words of Image Type for pictures computed from tomosynthesis, as makers write them; unverified.
COMPUTED = frozenset({"TOMOSYNTHESIS", "GENERATED_2D", "TOMO_2D"})


@dataclass(frozen=True, slots=True)
class Placed:
    """How a picture lies.

    Attributes:
        turn: Puts the chest wall on the left, and the head or the outer side at the top.
        vertical: Whether the tags say what is at the top; else it is taken as usual.
    """

    turn: Turn
    vertical: bool


def select(study: Study, card: ModelCard) -> tuple[Series, ...] | Refusal:
    """One picture for each side and standard view, right before left and CC before MLO; or why there is none.

    Of several of one side and view, the one with the smallest SOP Instance UID: the same on every run.
    """
    pictures = mammograms(study, card)
    if not pictures:
        found = ", ".join(sorted({s.modality or f"no modality ({s.kind})" for s in study.series}))
        return Refusal(
            "modality",
            f"Found {found}; needed mammograms ({' or '.join(card.input.modalities)}).",
            "Send the mammograms FOR PRESENTATION, or ask a reader for this modality.",
        )
    verdicts = [refused_by_tags(series) for series in pictures]
    usable = [series for series, verdict in zip(pictures, verdicts, strict=True) if verdict is None]
    if not usable:
        return next(verdict for verdict in verdicts if verdict is not None)
    first = {(series.laterality, series.view): series for series in reversed(usable)}
    return tuple(first[side, view] for view in VIEWS for side in SIDES if (side, view) in first)


def mammograms(study: Study, card: ModelCard) -> list[Series]:
    """The pictures of the right modality, by SOP Instance UID."""
    found = [series for series in study.series if series.modality in card.input.modalities]
    return sorted(found, key=lambda series: series.files[0].sop_instance_uid)


def refused_by_tags(series: Series) -> Refusal | None:
    """Why a picture is no standard view ready for presentation, as far as its tags say."""
    if series.body_part and "BREAST" not in series.body_part:
        return Refusal("body-part", f"Found body part {series.body_part}; needed BREAST.", "Send the mammograms.")
    if series.intent == "FOR PROCESSING":
        return Refusal(
            "processing",
            "Found raw detector values (FOR PROCESSING); needed pictures FOR PRESENTATION.",
            "Send the processed pictures of the same exposures.",
        )
    if series.files[0].frames > 1 or len(series.files) > 1:
        return Refusal(
            "view",
            "Found slices (tomosynthesis); needed single full-field pictures.",
            "Send the two-dimensional mammograms.",
        )
    if series.view not in VIEWS:
        found = f"view {series.view}" if series.view else "no view"
        return Refusal(
            "view", f"Found {found}; needed CC or MLO.", "Send the standard views, with their view in the tags."
        )
    if series.laterality not in SIDES:
        found = f"side {series.laterality}" if series.laterality else "no side"
        return Refusal("view", f"Found {found}; needed R or L.", "Send the pictures with Image Laterality.")
    return None


def placed(series: Series, image: Image) -> Placed | Refusal:
    """How to turn a picture, from Patient Orientation and from where the breast lies in it.

    Source: DICOM PS3.3 C.7.6.1.1.1: the first value is where rows run to, the second where columns run to.
    """
    seen = chest_wall_left(image)
    name = f"{series.laterality} {series.view}"
    if len(series.orientation) != 2 or not all(series.orientation):
        if seen is None:
            found = f"Found neither Patient Orientation nor a breast against one side of the {name} picture"
            return Refusal("orientation", f"{found}; needed one of them.", "Send the original picture.")
        return Placed(Turn(rows=False, columns=not seen), vertical=False)
    row, column = (direction[0] for direction in series.orientation)
    medial = {"R": "L", "L": "R"}[series.laterality]
    down = "F" if series.view == "MLO" else medial
    up = "H" if series.view == "MLO" else series.laterality
    if row not in "AP" or column not in (down, up):
        found = f"Found the {name} picture with rows running to {row} and columns to {column}"
        return Refusal(
            "orientation", f"{found}; needed rows to A or P and columns to {down} or {up}.", "Send it upright."
        )
    if seen is not None and seen != (row == "A"):
        tags, pixels = ("left", "right") if row == "A" else ("right", "left")
        found = f"Found the {name} picture with the chest wall on the {pixels}, and on the {tags} by its tags"
        ask = "Ask for the picture as it was made."
        return Refusal("orientation", f"{found}; needed both to agree.", ask, check="mirrored")
    return Placed(Turn(rows=column == up, columns=row == "P"), vertical=True)


def check(case: Case, _gate: GateView | None, card: ModelCard) -> Refusal | tuple[str, ...]:
    """Refusal, or warnings for the reviewer: size, orientation, content, then what the tags leave open."""
    for series, image in pictures(case):
        refusal = _refused_by_size(series, image)
        if refusal is not None:
            return refusal
        way = placed(series, image)
        if isinstance(way, Refusal):
            return way
        if outlined(series, image, way) is None:
            found = f"Found no breast against one side of the {series.laterality} {series.view} picture"
            return Refusal("content", f"{found}; needed one with air around it.", "Send the original mammograms.")
    return (*_study_warnings(case.study, card), *_picture_warnings(case))


def pictures(case: Case) -> tuple[tuple[Series, Image], ...]:
    """The series and their pictures, the leading one first."""
    paired = zip(case.series, case.pixels, strict=True)
    return tuple((series, image) for series, image in paired if isinstance(image, Image))


def outlined(series: Series, image: Image, way: Placed) -> Breast | None:
    """The breast, with the muscle sought in an MLO view only."""
    return breast(image, way.turn, muscle=series.view == "MLO")


def _refused_by_size(series: Series, image: Image) -> Refusal | None:
    rows, columns = image.shape
    if min(rows, columns) >= MIN_SIDE_PX:
        return None
    name = f"{series.laterality} {series.view}"
    found = f"Found the {name} picture with {columns} x {rows} pixels; needed at least {MIN_SIDE_PX} a side."
    return Refusal("quality", found, "Send the picture in full size.", check="spacing")


def _study_warnings(study: Study, card: ModelCard) -> tuple[str, ...]:
    told: list[str] = []
    found = mammograms(study, card)
    usable = [series for series in found if refused_by_tags(series) is None]
    others = [series for series in found if series not in usable]
    names = [(series.laterality, series.view) for series in usable]
    for side, view in sorted({name for name in names if names.count(name) > 1}):
        told.append(f"The study holds {names.count((side, view))} {side} {view} pictures; only one was read.")
    if others:
        uids = ", ".join(short_uid(series.files[0].sop_instance_uid) for series in others[:4])
        more = " and more" if len(others) > 4 else ""
        told.append(f"Not read, as they are no standard view for presentation: {uids}{more}.")
    if study.sex == "M":
        told.append(Warned("person", "The breast of a man: everything here was made for the breasts of women."))
    return tuple(told)


def _picture_warnings(case: Case) -> tuple[str, ...]:
    told: list[str] = []
    for series, image in pictures(case):
        name = f"{series.laterality} {series.view}"
        if image.spacing_mm is None:
            found = f"{name}: the size of a pixel is not known: neither masses nor calcifications were looked for."
            told.append(Warned("spacing", found))
        if set(series.image_type) & COMPUTED:
            found = f"{name}: computed from tomosynthesis; its calcifications may look other than on a mammogram."
            told.append(Warned("acquisition", found))
        if len(series.orientation) != 2 or not all(series.orientation):
            told.append(Warned("orientation", f"{name}: the tags do not state the orientation; its top is not named."))
    if any(not series.intent for series in case.series):
        told.append(Warned("acquisition", "The tags do not state whether the pictures are for presentation."))
    if any(image.spacing_source == "detector" for _, image in pictures(case)):
        found = "Lengths are those on the detector: in the breast they are some percent smaller."
        told.append(Warned("spacing", found))
    return tuple(told)
