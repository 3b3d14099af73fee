"""How the pictures were taken, which decides how they may be changed at random in training."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from secondread.core.errors import UsageError
from secondread.learn.automatic.choice import Choice
from secondread.learn.automatic.facts import Facts

AIR_HU = -200.0  # stored values below it are Hounsfield units of air
AROUND = 0.2  # share of nearly black pixels from which on something black lies around the body

# Moderate sizes for a first training; the recipes that ship were tuned around these.
EVERYWHERE = {
    "rotate_deg": 8.0,
    "scale": 0.1,
    "shift": 0.05,
    "gamma": 0.15,
    "contrast": 0.2,
    "brightness": 0.05,
    "noise": 0.02,
}


@dataclass(frozen=True, slots=True)
class Look:
    """Pictures of a kind.

    Attributes:
        kept: Modalities that such a network is made for.
        changes: Random changes beside those that fit everywhere.
        why: Why these.
    """

    kept: tuple[str, ...]
    changes: Mapping[str, float] = field(default_factory=dict)
    why: str = ""


PROJECTION = "a mirrored chest or breast is another finding, so nothing is flipped unless a person vouches for it"
ANY_WAY_ROUND = {"flip": 0.5, "flip_rows": 0.5}
# Source of the names: DICOM PS3.3 C.7.3.1.1.1, Modality.
LOOKS = {
    "CR": Look(("CR", "DX"), {"dose": 0.02}, PROJECTION),
    "DX": Look(("CR", "DX"), {"dose": 0.02}, PROJECTION),
    "MG": Look(("MG",), {"dose": 0.02}, PROJECTION),
    "CT": Look(("CT",), {"dose": 0.02, "kernel": 0.2}, "dose and kernel differ between CT scanners; left is not right"),
    "MR": Look(("MR",), {"bias_field": 0.2}, "coils light a picture unevenly; left is not right"),
    "US": Look(("US",), {"flip": 0.5, "speckle": 0.1}, "a probe can be held either way round, and speckle differs"),
    "ES": Look(("ES",), ANY_WAY_ROUND, "a camera can be held any way round"),
    "GM": Look(("GM",), ANY_WAY_ROUND, "a slide has no upper side"),
    "SM": Look(("SM",), ANY_WAY_ROUND, "a slide has no upper side"),
    "XC": Look(("XC",), {"flip": 0.5}, "a photograph can be taken from either side"),
    "OP": Look(("OP",), {}, "a mirrored eye is the other eye, so nothing is flipped"),
}


def modality_of(facts: Facts, named: str) -> tuple[str, str]:
    """A modality, or "" where none can be known; and how it is known.

    Raises:
        UsageError: If the one that is named is not known here.
    """
    if named and named.upper() not in LOOKS:
        raise UsageError(f"--modality is {named!r}; needed one of {', '.join(LOOKS)}")
    if named:
        return named.upper(), "--modality says so"
    if facts.modality in LOOKS:
        return facts.modality, "the column modality says so"
    if facts.lowest < AIR_HU:
        return "CT", f"values go down to {facts.lowest:g}, as Hounsfield units do"
    return "", "nothing in the set says it"


def augmentation(facts: Facts, named: str) -> tuple[tuple[str, ...], dict[str, float], list[Choice]]:
    """Modalities of the card, the table ``[augment]``, and why.

    Raises:
        UsageError: If the modality that is named is not known here.
    """
    modality, how = modality_of(facts, named)
    changes = dict(EVERYWHERE)
    if not modality:
        what = "around the body it is black" if facts.dark >= AROUND else "grey fills the picture"
        like = "coloured" if facts.coloured else f"like a slice or ultrasound, {what}"
        like = like if facts.coloured or facts.dark >= AROUND else f"like an X-ray, {what}"
        return (
            (),
            changes,
            [
                Choice("input", "no modality", f"{how}; the bundle will read no DICOM file until a person names one"),
                Choice("augment", "small changes, no flips", f"the pictures look {like}, which proves nothing"),
            ],
        )
    look = LOOKS[modality]
    changes |= {key: value for key, value in look.changes.items() if not (facts.volumes and key.startswith("flip"))}
    return look.kept, changes, [Choice("input", f"modality {modality}", how), Choice("augment", modality, look.why)]
