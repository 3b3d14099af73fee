"""What is known of each label of the bundle ``chest-xray-findings``: its code, and how far its answer can be trusted.

The figures are those of the bundle's evaluation.json (a test compares them) and, for validation, of its data.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from secondread.core.card import ModelCard
from secondread.core.code import DCM, LOCAL, SCT, Code
from secondread.core.finding import Finding
from secondread.explain.class_map import above, strongest
from secondread.explain.reasons import Reasons

FEWEST = 15  # positive pictures from which a threshold or a figure counts; the bundle's evaluation uses the same
ALPHA = 0.05


@dataclass(frozen=True, slots=True)
class Evidence:
    """How well a label is answered.

    Attributes:
        validation: Positive pictures of the validation split, which its threshold was chosen on.
        pictures: Positive pictures in cross-validation, of 1,707.
        patients: Whose they are.
        auroc: (value, low, high) in cross-validation, with the interval drawn by patient.
        beyond_grey: (value, low, high): the same less that of 24 numbers about grey levels alone.
        test: (value, low, high) on the test split of the network that ships, or None below ``FEWEST`` positives.
        test_beyond_grey: (difference, p) there.
    """

    validation: int
    pictures: int
    patients: int
    auroc: tuple[float, float, float]
    beyond_grey: tuple[float, float, float]
    test: tuple[float, float, float] | None = None
    test_beyond_grey: tuple[float, float] | None = None

    @property
    def told(self) -> str:
        """One sentence for the reviewer."""
        value, low, high = self.auroc
        text = (
            f"It ranked such pictures with an AUROC of {value:.2f} ({low:.2f} to {high:.2f}) in cross-validation, "
            f"{self.pictures} positive pictures of {self.patients} people"
        )
        if self.test is not None:
            text += f", and of {self.test[0]:.2f} ({self.test[1]:.2f} to {self.test[2]:.2f}) on test pictures"
        return f"{text}."


EVIDENCE = {
    "atelectasis": Evidence(
        32, 173, 128, (0.600, 0.554, 0.645), (-0.009, -0.062, 0.046), (0.656, 0.566, 0.735), (0.073, 0.1932)
    ),
    "cardiomegaly": Evidence(23, 90, 33, (0.774, 0.691, 0.839), (0.263, 0.120, 0.349)),
    "effusion": Evidence(
        30, 216, 106, (0.745, 0.699, 0.790), (0.163, 0.083, 0.239), (0.706, 0.589, 0.800), (0.005, 0.9409)
    ),
    "infiltration": Evidence(
        47, 283, 196, (0.692, 0.651, 0.731), (0.075, 0.021, 0.124), (0.606, 0.518, 0.687), (-0.111, 0.0080)
    ),
    "mass": Evidence(1, 51, 30, (0.720, 0.608, 0.781), (0.263, 0.175, 0.320)),
    "nodule": Evidence(6, 51, 41, (0.692, 0.617, 0.767), (0.056, 0.001, 0.123)),
    "pneumonia": Evidence(
        58, 447, 329, (0.612, 0.561, 0.664), (-0.022, -0.068, 0.020), (0.612, 0.543, 0.677), (-0.067, 0.0401)
    ),
    "pneumothorax": Evidence(0, 48, 14, (0.757, 0.596, 0.827), (0.087, -0.039, 0.197)),
    "consolidation": Evidence(16, 58, 32, (0.765, 0.690, 0.822), (0.248, 0.184, 0.313)),
    "edema": Evidence(
        35, 118, 70, (0.851, 0.792, 0.893), (0.047, -0.017, 0.102), (0.842, 0.755, 0.903), (-0.048, 0.2215)
    ),
    "emphysema": Evidence(1, 45, 20, (0.808, 0.749, 0.863), (0.071, 0.018, 0.130)),
    "fibrosis": Evidence(1, 32, 24, (0.739, 0.635, 0.834), (-0.007, -0.109, 0.092)),
    "pleural thickening": Evidence(3, 50, 40, (0.718, 0.649, 0.780), (0.078, 0.010, 0.147)),
    "hernia": Evidence(0, 11, 2, (0.411, 0.218, 0.853), (-0.269, -0.374, -0.039)),
}

# Source: SNOMED CT and DCM concepts of DICOM PS3.16 (effusion, edema, pneumothorax, nodule, infiltrate) or
# cross-checked in at least two public repositories; what has no verified code gets one of our own.
CODES = {
    "atelectasis": Code(SCT, "46621007", "Atelectasis"),
    "cardiomegaly": Code(SCT, "8186001", "Cardiomegaly"),
    "effusion": Code(SCT, "60046008", "Pleural effusion"),
    "infiltration": Code(DCM, "112121", "Infiltrate"),
    "mass": Code(SCT, "309529002", "Lung mass"),
    "nodule": Code(SCT, "27925004", "Nodule"),
    "pneumonia": Code(SCT, "233604007", "Pneumonia"),
    "pneumothorax": Code(SCT, "36118008", "Pneumothorax"),
    "consolidation": Code(SCT, "95436008", "Lung consolidation"),
    "edema": Code(SCT, "19242006", "Pulmonary edema"),
    "emphysema": Code(SCT, "87433001", "Pulmonary emphysema"),
    "fibrosis": Code(SCT, "51615001", "Fibrosis of lung"),
    "pleural thickening": Code(LOCAL, "pleura-thick", "Pleural thickening"),
    "hernia": Code(SCT, "84089009", "Hiatal hernia"),
}


def not_answered(label: str, card: ModelCard) -> str:
    """Why a label is not answered at all; empty where it is.

    A label is answered when its threshold was chosen on data that holds both answers, when in cross-validation the
    network ranks better than the grey levels of the picture alone do, and when on test pictures it does not rank worse
    than they do.
    """
    known = EVIDENCE.get(label)
    if known is None:
        return "nothing is known about how well it is answered"
    rule = next((point.rule for point in card.thresholds if point.name == label), "no threshold")
    if known.validation == 0 or rule.startswith(("one half", "no threshold")):
        return "no threshold could be chosen for it"
    if known.beyond_grey[0] <= 0.0:
        return "the network knows no more of it than the grey levels of the picture tell"
    if known.test_beyond_grey is not None and known.test_beyond_grey[0] < 0.0 and known.test_beyond_grey[1] < ALPHA:
        return "on test pictures the grey levels alone told more of it than the network"
    return ""


def no_call(label: str) -> str:
    """Why a label that is answered gets no yes or no; empty where it does."""
    validation = EVIDENCE[label].validation
    if validation >= FEWEST:
        return ""
    return f"its threshold rests on {validation} positive picture{'s' * (validation != 1)}, needed {FEWEST}"


def called(
    label: str,
    probability: float,
    cam: NDArray[np.float32],
    reasons: Reasons,
    card: ModelCard,
    *,
    notes: tuple[str, ...],
    relative: bool = False,
) -> Finding:
    """A label judged by its threshold; map and place only where it is positive.

    Args:
        label: Of the bundle.
        probability: Calibrated.
        cam: float32 [h, w], its activation map.
        reasons: How its map is made.
        card: Of the bundle.
        notes: Told with the finding.
        relative: As :func:`secondread.explain.class_map.above` takes it.
    """
    threshold, point = card.threshold(label), (card.name, label)
    if probability < threshold:
        return Finding(CODES[label], probability, threshold, notes=notes, point=point)
    reason = reasons.of(label, (card.labels.index(label),), above(cam, relative=relative))
    where = None if reason is None else strongest(reason)
    return Finding(CODES[label], probability, threshold, location=where, map=reason, notes=notes, point=point)
