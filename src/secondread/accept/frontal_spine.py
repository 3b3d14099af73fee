"""A frontal X-ray of the spine: which picture of a study it is, by its tags."""

from secondread.accept.checks import Warned
from secondread.accept.frontal_chest import FRONTAL, NOT_FRONTAL
from secondread.core.report import Refusal
from secondread.core.study import Series, Study

MODALITIES = ("CR", "DX")
NEXT = "Send the frontal picture of the spine."


def radiographs(study: Study) -> list[Series]:
    """The radiographs of the study, by SOP Instance UID."""
    found = [series for series in study.series if series.modality in MODALITIES]
    return sorted(found, key=lambda series: series.files[0].sop_instance_uid)


def refused_by_tags(series: Series) -> Refusal | None:
    """Why a radiograph is no frontal picture of a spine ready to be read, as far as its tags say.

    The tags must name the spine: a chest X-ray shows a spine as well, and is not made for it.
    """
    stated = series.facts.body_parts if series.facts else ()
    if "SPINE" not in series.body_part and stated != ("spine",):
        part = series.body_part or "not stated"
        return Refusal("body-part", f"Found body part {part}; needed SPINE.", "Send an X-ray of the spine.")
    words = set(series.view.replace("-", " ").replace("_", " ").split())
    if words & NOT_FRONTAL:
        return Refusal("view", f"Found view {series.view}; needed a frontal one (PA or AP).", NEXT)
    if series.intent == "FOR PROCESSING":
        found = "Found raw detector values (FOR PROCESSING); needed a picture FOR PRESENTATION."
        return Refusal("processing", found, "Send the processed picture of the same exposure.")
    directions = tuple(direction[0] for direction in series.orientation if direction)
    if len(directions) == 2 and set(directions) & {"A", "P"}:
        found = f"Found rows running to {series.orientation[0]}, a side view; needed a frontal view."
        return Refusal("view", found, NEXT)
    if len(directions) == 2 and directions[1] != "F":
        found = f"Found columns running to {series.orientation[1]}; needed F: the picture is turned."
        return Refusal("orientation", found, "Send it upright.")
    return None


def warnings(study: Study, series: Series) -> tuple[str, ...]:
    """What a reviewer must know: a view that is not stated, others that were not read, a mirrored picture."""
    told: list[str] = []
    if not set(series.view.split()) & FRONTAL:
        told.append(Warned("view", "The tags do not state a frontal view (PA or AP)."))
    if series.orientation and series.orientation[0][:1] == "R":
        told.append("Rows run to the patient's right (a PA spine is often shown so): left and right are from the tags.")
    elif len(series.orientation) != 2:
        found = "The tags do not state the orientation: left and right are those of a usual display."
        told.append(Warned("laterality", found))
    others = [one for one in radiographs(study) if refused_by_tags(one) is None]
    if len(others) > 1:
        told.append(f"The study holds {len(others)} frontal pictures of the spine; only one was read.")
    return tuple(told)


def left_is(series: Series) -> str:
    """The patient's side on the left of the picture, ``right`` as it is usually shown, or ``left``."""
    return "left" if series.orientation and series.orientation[0][:1] == "R" else "right"
