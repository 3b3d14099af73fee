"""Stand-ins that behave like the real thing, only smaller: cards, bundles, pictures."""

import hashlib
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


def chest_pixels(rows: int = 96, columns: int = 96) -> NDArray[np.uint8]:
    """The same as 8-bit grey."""
    return np.round(chest(rows, columns) * 255).astype(np.uint8)


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


def write_bundle(folder: Path, name: str = READER, *, bias: Sequence[float] | None = None, **changes: Any) -> Path:
    """A real bundle with a very small network, in ``folder/name``.

    Its map is the picture averaged over 8 x 8 blocks, times a weight per class; its logits are the mean of the map
    plus ``bias``.
    """
    from secondread.engine.card import render_card

    place = folder / name
    place.mkdir(parents=True)
    wanted = card(name)
    weights = np.linspace(-1.0, 1.0, len(wanted.labels))
    chosen = bias or ((5.0, 0.0, 0.0, 0.0, 0.0) if name == GATE else (-2.0, 1.0, 0.5))
    network = tiny_network(weights, np.asarray(chosen), wanted.input)
    (place / "model.onnx").write_bytes(network)
    sha256 = {"model.onnx": hashlib.sha256(network).hexdigest()}
    (place / "card.toml").write_text(render_card(replace(wanted, **({"sha256": sha256} | changes))), encoding="utf-8")
    return place


def tiny_network(weights: NDArray[Any], bias: NDArray[Any], contract: InputContract) -> bytes:
    """An ONNX graph ``image`` -> ``logits``, ``cam``, ``embedding`` without training."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    def constant(name: str, values: Any, kind: Any = np.float32) -> Any:
        return numpy_helper.from_array(np.asarray(values, dtype=kind), name)

    labels, height, width = len(weights), contract.height_px, contract.width_px
    graph = helper.make_graph(
        [
            helper.make_node("AveragePool", ["image"], ["blocks"], kernel_shape=[8, 8], strides=[8, 8]),
            helper.make_node("Conv", ["blocks", "weights"], ["cam"]),
            helper.make_node("ReduceMean", ["cam", "plane"], ["mean"], keepdims=0),
            helper.make_node("Add", ["mean", "bias"], ["logits"]),
            helper.make_node("ReduceMean", ["blocks", "plane"], ["embedding"], keepdims=0),
        ],
        "tiny",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["n", 1, height, width])],
        [
            helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["n", labels]),
            helper.make_tensor_value_info("cam", TensorProto.FLOAT, ["n", labels, height // 8, width // 8]),
            helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["n", 1]),
        ],
        [
            constant("weights", weights.reshape(labels, 1, 1, 1)),
            constant("bias", bias),
            constant("plane", [2, 3], np.int64),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())
