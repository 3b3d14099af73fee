"""Stand-ins that behave like the real thing, only smaller: cards, bundles, pictures."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from secondread.core.card import Calibration, InputContract, ModelCard, Threshold
from secondread.core.errors import BundleError
from secondread.core.image import Image
from secondread.core.output import Output
from secondread.core.reader import Case
from secondread.core.study import FileRef, Series, Study

READER, GATE = "chest-xray-pneumonia", "chest-xray-gate"
LABELS = ("normal", "bacterial", "viral")
GATE_LABELS = ("frontal", "inverted", "rotated", "cropped", "other")
NO_HASH = "0" * 64


def card(name: str = READER, **changes: Any) -> ModelCard:
    """A complete card: of the pneumonia bundle, or of the gate by its name."""
    gate = name == GATE
    whole = ModelCard(
        name=name,
        version="1.2.3",
        role="gate" if gate else "reader",
        sha256={"model.onnx": NO_HASH},
        intended_use="Tests.",
        not_for=("Anything but tests.",),
        labels=GATE_LABELS if gate else LABELS,
        thresholds=(
            (Threshold("frontal", 0.5, "half"),)
            if gate
            else (Threshold("pneumonia", 0.5, "half"), Threshold("viral", 0.5, "half"))
        ),
        calibration=Calibration("temperature", 1.0, "nothing"),
        input=InputContract(
            height_px=64 if gate else 32,
            width_px=64 if gate else 32,
            resize="squeeze",
            modalities=("CR", "DX"),
            views=("PA", "AP"),
            age_years=(1.0, 5.0),
        ),
        training_data=("None.",),
        licence="Apache-2.0",
        sources=("None.",),
    )
    return replace(whole, **changes)


class FakeBundles:
    """Bundles whose networks say what the test wants.

    Args:
        logits: Bundle name to the logits of one picture.
        cam: Bundle name to float [label, h, w]; zeros by default.
        cards: Bundle name to its card; :func:`card` of that name by default.
        fault: Raised by ``run`` of the bundle it names.
    """

    def __init__(
        self,
        logits: Mapping[str, Sequence[float]] | None = None,
        *,
        cam: Mapping[str, NDArray[Any]] | None = None,
        cards: Mapping[str, ModelCard] | None = None,
        fault: Mapping[str, Exception] | None = None,
    ) -> None:
        self.logits = {READER: (0.0, 4.0, 2.0), GATE: (9.0, 0.0, 0.0, 0.0, 0.0)} | dict(logits or {})
        self.cards = {name: card(name) for name in self.logits} | dict(cards or {})
        self.cam, self.fault = dict(cam or {}), dict(fault or {})
        self.ran: list[tuple[str, tuple[int, ...]]] = []

    def names(self) -> tuple[str, ...]:
        return tuple(sorted(self.cards))

    def card(self, name: str) -> ModelCard:
        if name not in self.cards:
            raise BundleError(f"no bundle is named {name!r}")
        return self.cards[name]

    def engine(self, name: str) -> str:
        return f"fake {self.card(name).version}"

    def run(self, name: str, batch: NDArray[np.float32]) -> Output:
        self.ran.append((name, batch.shape))
        if name in self.fault:
            raise self.fault[name]
        logits = np.tile(np.asarray(self.logits[name], np.float32), (len(batch), 1))
        cam = self.cam.get(name, np.zeros((logits.shape[1], 4, 4), np.float32))
        return Output(logits, np.tile(cam, (len(batch), 1, 1, 1)), np.zeros((len(batch), 2), np.float32))


def chest(rows: int = 96, columns: int = 96) -> NDArray[np.float32]:
    """Something like a frontal chest in [0, 1]: a bright body, two dark lungs, a bright spine; smooth as bodies are."""
    y, x = np.mgrid[0 : 1 : rows * 1j, 0 : 1 : columns * 1j]
    body = 0.75 * np.exp(-(((x - 0.5) / 0.45) ** 4))
    lungs = sum(np.exp(-(((x - centre) / 0.14) ** 2) - ((y - 0.45) / 0.3) ** 2) for centre in (0.28, 0.72))
    spine = 0.2 * np.exp(-(((x - 0.5) / 0.05) ** 2))
    return np.clip(body - 0.55 * lungs + spine + 0.1 * y, 0.0, 1.0).astype(np.float32)


def png_pixels(rows: int = 96, columns: int = 96) -> NDArray[np.uint8]:
    """The same as 8-bit grey."""
    return np.round(chest(rows, columns) * 255).astype(np.uint8)


def dicom_pixels(rows: int = 96, columns: int = 96) -> NDArray[np.uint16]:
    """The same as stored values of 12 bits, which the default window of ``dicom_factory.chest_xray`` shows in full."""
    return np.round(chest(rows, columns) * 4095).astype(np.uint16)


def image(values: NDArray[Any] | None = None) -> Image:
    """A picture without spacing."""
    return Image(np.asarray(chest() if values is None else values, dtype=np.float32))


def series(sop: str = "1.2.3.4", **changes: Any) -> Series:
    """A frontal chest X-ray by its tags; no file behind it."""
    whole = Series(
        uid=f"{sop}.1",
        modality="DX",
        kind="dicom",
        files=(FileRef(Path("a.dcm"), "1.2.840.10008.5.1.4.1.1.1.1", sop),),
        body_part="CHEST",
        view="PA",
        intent="FOR PRESENTATION",
        orientation=("L", "F"),
        size=(96, 96),
    )
    return replace(whole, **changes)


def study(*parts: Series, **changes: Any) -> Study:
    """A child's study of these series; of one frontal chest X-ray by default."""
    whole = Study(uid="1.2.3", patient_key="pseudonym", series=parts or (series(),), age_years=3.0, sex="F")
    return replace(whole, **changes)


def case(whole: Study | None = None, chosen: Series | None = None, *, image: Image | None = None) -> Case:
    """What a reader of one picture is asked about."""
    whole = whole or study()
    return Case(whole, (chosen or whole.series[0],), (image or Image(chest()),))


def write_bundles(folder: Path, **pneumonia: Any) -> Path:
    """Real bundles with very small networks: the pneumonia bundle says pneumonia, the gate lets everything pass."""
    from tiny_bundle import make_bundle  # loads onnx, which most tests do not need

    answer = {"bias": (-20.0, 10.0, 0.0), "age_years": (1.0, 5.0)} | pneumonia
    make_bundle(folder, READER, LABELS, 32, "reader", **answer)
    make_bundle(folder, GATE, GATE_LABELS, 64, "gate", bias=(20.0, 0.0, 0.0, 0.0, 0.0))
    return folder
