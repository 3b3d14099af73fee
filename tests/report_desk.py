"""Reads of every outcome on invented pictures, and the cards they were made with."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

import dicom_factory
import fakes
from secondread.core.card import ModelCard
from secondread.core.code import DCM, LOCAL, SCT, Code
from secondread.core.finding import Finding, Map
from secondread.core.image import Image
from secondread.core.mask import Mask
from secondread.core.measurement import Measurement
from secondread.core.report import Evidence, Outcome, Priority, Read, Refusal, Report

PNEUMONIA = Code(SCT, "233604007", "Pneumonia")
ACTIVATION = Code(DCM, "130402", "Class activation")
RESULTS = {
    "pneumonia: sensitivity": "0.980 (0.960 to 0.990)",
    "pneumonia: specificity": "0.950 (0.900 to 0.980)",
    "viral: sensitivity": "0.700 (0.600 to 0.800)",
}


@dataclass
class Desk:
    """Makes reads and reports; what is not said is filled in."""

    card: ModelCard

    @property
    def cards(self) -> dict[str, ModelCard]:
        return {self.card.name: self.card}

    def found(self, probability: float = 0.94, **changes: Any) -> Read:
        return self.read(Outcome.FOUND, **{"findings": (self.finding(probability),), **changes})

    def nothing_found(self, **changes: Any) -> Read:
        return self.read(Outcome.NOTHING_FOUND, findings=(Finding(PNEUMONIA, 0.034, 0.5),), **changes)

    def undecided(self, probability: float = 0.55, **changes: Any) -> Read:
        """It leans to positive, and so has a map."""
        return self.read(Outcome.UNDECIDED, **{"findings": (self.unsure(probability),), **changes})

    def refused(self, **changes: Any) -> Read:
        refusal = Refusal("view", "Found view LL; needed a frontal view.", "Send the frontal picture.")
        return self.read(Outcome.REFUSED, **{"refusal": refusal, "evidence": None, **changes})

    def failed(self, **changes: Any) -> Read:
        return self.read(Outcome.FAILED, failure="The reader stopped (RuntimeError).", **{"evidence": None, **changes})

    def finding(self, probability: float = 0.94, **changes: Any) -> Finding:
        return Finding(
            PNEUMONIA,
            probability,
            0.5,
            **{
                "location": "in the upper half, on the left of the picture",
                "measurements": (Measurement("width", 41.27, "mm", "by hand", 3.0),),
                "details": ((Code(LOCAL, "bacterial", "Bacterial pneumonia"), 0.7),),
                "map": corner_map(),
                "mask": Mask(corner_map().values > 0.5, (0.2, 0.2), PNEUMONIA),
                **changes,
            },
        )

    def unsure(self, probability: float = 0.55, **changes: Any) -> Finding:
        return self.finding(probability, **{"undecided": (0.375, 0.625), **changes})

    def read(self, outcome: Outcome, **changes: Any) -> Read:
        whole: dict[str, Any] = {
            "provenance": {"bundle": self.card.name, "sha256": self.card.sha256["model.onnx"], "engine": "fake"},
            "evidence": Evidence(fakes.series(), Image(fakes.chest(60, 80))),
            **changes,
        }
        return Read(fakes.READER, "Does this chest X-ray show pneumonia?", outcome, **whole)

    def report(self, *reads: Read, **changes: Any) -> Report:
        whole = {
            "study_uid": dicom_factory.uid("study"),
            "patient_key": "p-0123456789abcdef",
            "reads": reads,
            "priority": Priority.ROUTINE if any(read.findings for read in reads) else Priority.UNREAD,
            "created_at": "2026-03-04T10:22:05+09:00",
            "provenance": {"program": "secondread 0.1.0"},
            **changes,
        }
        return Report(**whole)


def corner_map(rows: int = 60, columns: int = 80, peak: float = 6.125) -> Map:
    """Support in the top left corner only: 12 rows and 20 columns of a 60 x 80 picture, full strength."""
    values = np.zeros((rows, columns), dtype=np.float32)
    values[: rows // 5, : columns // 4] = 1.0
    return Map(values, peak, ACTIVATION)


def is_grey(rgb: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """bool [j, i]: where the three channels of uint8 [j, i, 3] are the same."""
    return (rgb[..., 0] == rgb[..., 1]) & (rgb[..., 1] == rgb[..., 2])
