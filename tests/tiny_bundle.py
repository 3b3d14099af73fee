"""Bundles with a network of a few hundred weights: real files, real hashes, real engines, in milliseconds."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from secondread.core.card import Calibration, InputContract, ModelCard, Threshold
from secondread.engine.card import render_card

THRESHOLDS = {"reader": {"pneumonia": 0.5, "viral": 0.5}, "gate": {"frontal": 0.5}, "benchmark": {}}
CHANNELS = 8


def make_bundle(
    folder: Path,
    name: str = "tiny",
    labels: Sequence[str] = ("normal", "bacterial", "viral"),
    size: int = 16,
    role: str = "reader",
    *,
    resize: str = "squeeze",
    bias: Sequence[float] | None = None,
    thresholds: Mapping[str, float] | None = None,
    age_years: tuple[float, float] | None = None,
    temperature: float = 1.5,
) -> Path:
    """Write ``folder/name`` with model.onnx, evaluation.json and card.toml, and return it.

    ``bias`` is added to the logits: (20, 0, 0) makes the first label win on any picture.
    """
    bundle = folder / name
    bundle.mkdir(parents=True)
    (bundle / "model.onnx").write_bytes(network(len(labels), size, bias).SerializeToString(deterministic=True))
    (bundle / "evaluation.json").write_text(json.dumps({"name": name, "note": "synthetic"}), encoding="utf-8")
    points = THRESHOLDS[role] if thresholds is None else thresholds
    card = make_card(
        name=name,
        role=role,
        labels=tuple(labels),
        sha256={file: digest(bundle / file) for file in ("model.onnx", "evaluation.json")},
        input=InputContract(size, size, resize, ("CR", "DX"), ("AP", "PA"), age_years),
        thresholds=tuple(Threshold(key, value, "chosen for a test") for key, value in points.items()),
        calibration=Calibration("temperature", temperature, "nothing: a test"),
    )
    (bundle / "card.toml").write_text(render_card(card), encoding="utf-8")
    return bundle


def make_card(**fields: object) -> ModelCard:
    """A complete card; ``fields`` replace single ones."""
    whole: dict[str, object] = {
        "name": "tiny",
        "version": "0.0.1",
        "role": "reader",
        "sha256": {"model.onnx": "0" * 64},
        "intended_use": "Tests of the program.",
        "not_for": ("Any picture of a patient.",),
        "labels": ("normal", "bacterial", "viral"),
        "thresholds": (Threshold("pneumonia", 0.5, "chosen for a test"),),
        "calibration": Calibration("temperature", 1.5, "nothing: a test"),
        "input": InputContract(16, 16, "squeeze", ("CR", "DX")),
        "training_data": ("None: the weights are random.",),
        "licence": "Apache-2.0",
        "sources": ("Random numbers.",),
        "results": {},
    }
    return ModelCard(**(whole | fields))


def digest(file: Path) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def network(labels: int, size: int, bias: Sequence[float] | None = None) -> onnx.ModelProto:
    """Convolution, ReLU and one head, large weights stored as fp16 behind a cast, as the exporter writes them."""
    random = np.random.default_rng(7)
    weights = {
        "kernel.half": random.normal(0, 1, (CHANNELS, 1, 3, 3)).astype(np.float16),
        "head.half": random.normal(0, 1, (labels, CHANNELS)).astype(np.float16),
        "bias": np.zeros(labels, np.float32) if bias is None else np.asarray(bias, np.float32),
        "as_kernel": np.array([labels, CHANNELS, 1, 1], np.int64),
    }
    nodes = [
        helper.make_node("Cast", ["kernel.half"], ["kernel"], to=TensorProto.FLOAT),
        helper.make_node("Cast", ["head.half"], ["head"], to=TensorProto.FLOAT),
        helper.make_node("Reshape", ["head", "as_kernel"], ["head_kernel"]),
        helper.make_node("Conv", ["image", "kernel"], ["edges"], pads=[1, 1, 1, 1], strides=[2, 2]),
        helper.make_node("Relu", ["edges"], ["places"]),
        helper.make_node("Conv", ["places", "head_kernel"], ["cam"]),
        helper.make_node("GlobalAveragePool", ["places"], ["mean"]),
        helper.make_node("Flatten", ["mean"], ["embedding"]),
        helper.make_node("Gemm", ["embedding", "head", "bias"], ["logits"], transB=1),
    ]
    side = (size + 1) // 2
    shapes = {"logits": ["n", labels], "cam": ["n", labels, side, side], "embedding": ["n", CHANNELS]}
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["n", 1, size, size])],
        [helper.make_tensor_value_info(key, TensorProto.FLOAT, shape) for key, shape in shapes.items()],
        [numpy_helper.from_array(values, key) for key, values in weights.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    return model
