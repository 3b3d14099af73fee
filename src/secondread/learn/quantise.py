"""A network in 8-bit arithmetic, its ranges found on training pictures (post-training quantisation, through NNCF)."""

import importlib
import io
import logging
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import redirect_stdout
from pathlib import Path
from types import ModuleType

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import numpy_helper

from secondread.engine.runtimes import import_onnxruntime, untold
from secondread.learn.export import strip

PICTURES = 128  # more change nothing that validation can see, and take time
WEIGHTED = frozenset({"Conv", "ConvTranspose", "Gemm", "MatMul"})
STEADY = WEIGHTED | {
    "Add", "AveragePool", "BatchNormalization", "Clip", "Concat", "LeakyRelu", "MaxPool", "PRelu", "Relu", "Resize",
}  # fmt: skip


def quantise(model: bytes, pictures: NDArray[np.uint8]) -> bytes:
    """The same network with 8-bit weights and 8-bit arithmetic where that does little harm.

    Calculated in fp32 as before are the last weighted layer on the way to each output, what comes before the first
    and after the last one (e.g. the standardising of the picture), and whatever is no plain layer.

    Args:
        model: ONNX, its weights stored in any way.
        pictures: uint8 [n, channel, *grid] of the training split; ``PICTURES`` of them are used.
    """
    nncf = import_nncf()
    folded = fold(model)
    chosen = np.random.default_rng(0).permutation(len(pictures))[:PICTURES]
    samples = [{"image": pictures[n : n + 1].astype(np.float32) / np.float32(255.0)} for n in chosen]
    with redirect_stdout(io.StringIO()):  # it draws bars there
        found = nncf.quantize(
            folded,
            nncf.Dataset(samples),
            subset_size=len(samples),
            ignored_scope=nncf.IgnoredScope(names=kept_exact(folded.graph.node), validate=False),
        )
    strip(found)
    share(found.graph)
    onnx.checker.check_model(found)
    return bytes(found.SerializeToString(deterministic=True))


def share(graph: onnx.GraphProto) -> None:
    """Hold equal weights once: a network that runs twice, as on a picture and its mirror image, gets them twice."""
    first: dict[tuple[int, tuple[int, ...], bytes], str] = {}
    names: dict[str, str] = {}
    kept = []
    for weight in graph.initializer:
        values = numpy_helper.to_array(weight)
        key = (weight.data_type, values.shape, values.tobytes())
        names[weight.name] = first.setdefault(key, weight.name)
        if names[weight.name] == weight.name:
            kept.append(weight)
    del graph.initializer[:]
    graph.initializer.extend(kept)
    for node in graph.node:
        node.input[:] = [names.get(name, name) for name in node.input]


def import_nncf() -> ModuleType:
    """NNCF with its telemetry off, quiet but for errors."""
    with untold():
        nncf = importlib.import_module("nncf")
    nncf.set_log_level(logging.ERROR)
    return nncf


def fold(model: bytes) -> onnx.ModelProto:
    """The network as an engine sees it: weights unpacked, constants computed, normalisation part of convolutions."""
    ort = import_onnxruntime()
    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.log_severity_level = 3
    with tempfile.TemporaryDirectory(prefix="secondread-") as folder:
        path = Path(folder) / "folded.onnx"
        options.optimized_model_filepath = str(path)
        ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        found = onnx.load(path)
    standard = [item for item in found.opset_import if not item.domain]
    del found.opset_import[:]
    found.opset_import.extend(standard)
    for n, node in enumerate(found.graph.node):
        node.name = f"{n}.{node.op_type}"
    return found


def kept_exact(nodes: Sequence[onnx.NodeProto]) -> list[str]:
    """Names of the nodes, of a graph in its order, that go on calculating in fp32."""
    below = set(reached(nodes, [(node.input, node.output) for node in nodes]))
    above = set(reached(nodes[::-1], [(node.output, node.input) for node in nodes[::-1]]))
    names = []
    for node in nodes:
        last = node.name not in above
        between = node.name in below and not last
        if node.op_type not in STEADY or last or not (between or node.op_type in WEIGHTED):
            names.append(node.name)
    return names


def reached(nodes: Sequence[onnx.NodeProto], ends: Sequence[tuple[Sequence[str], Sequence[str]]]) -> Iterator[str]:
    """Names of the nodes that a weighted node leads to, along the direction in which ``ends`` (from, to) point."""
    lit: set[str] = set()
    for node, (here, there) in zip(nodes, ends, strict=True):
        met = not lit.isdisjoint(here)
        if met:
            yield node.name
        if met or node.op_type in WEIGHTED:
            lit.update(there)
