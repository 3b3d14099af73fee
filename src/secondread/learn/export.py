"""A network as one ONNX file: weights stored small, arithmetic in fp32."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from torch import nn

Stored = tuple[list[onnx.TensorProto], list[onnx.NodeProto]]
SMALL = 256  # values; a tensor with fewer stays fp32
FEW, FEW_EACH = 16384, 64  # weights of a layer, and of each of its outputs, below which it is not stored as int8
SMALL_TYPES = (np.float16, np.int8)
CLASSIFIER = ("logits", "cam", "embedding")
OUTPUT_AXIS = {
    "ConvTranspose": 1,
    "MatMul": -1,
}  # the axis of a weight that counts its outputs, where it is not the first


def export(
    network: nn.Module,
    path: Path,
    shape: tuple[int, ...],
    outputs: tuple[str, ...] = CLASSIFIER,
    store: str = "half",
) -> None:
    """Write ``network`` as ONNX with the input ``image`` and a batch of any size.

    Args:
        network: Takes float32 [n, *shape]; gives the outputs as a tuple.
        path: File to write.
        shape: (channels, height, width) or (channels, depth, height, width).
        outputs: Names of what the network gives, in order: of ``logits``, ``cam``, ``embedding``, ``mask_logits``.
        store: How large weights lie in the file: ``full`` (fp32), ``half`` (fp16) or ``int8``. Engines make fp32 of
            them once, when they load, so no way is slower than another.
    """
    network = network.eval().to(memory_format=torch.contiguous_format)  # type: ignore[call-overload]
    batch = torch.export.Dim("batch", min=1, max=1024)
    program = torch.onnx.export(
        network,
        (torch.rand(2, *shape),),
        input_names=["image"],
        output_names=list(outputs),
        dynamic_shapes=({0: batch},),
        dynamo=True,
        optimize=True,
        verbose=False,
    )
    assert program is not None
    model = program.model_proto
    strip(model)
    STORES[store](model)
    onnx.checker.check_model(model)
    path.write_bytes(model.SerializeToString(deterministic=True))


def strip(model: onnx.ModelProto) -> None:
    """Take out what describes the exporting machine: notes, paths and stack traces."""
    model.doc_string = ""
    model.graph.doc_string = ""
    del model.metadata_props[:]
    del model.graph.metadata_props[:]
    for node in model.graph.node:
        node.doc_string = ""
        del node.metadata_props[:]
    for value in (*model.graph.value_info, *model.graph.input, *model.graph.output):
        value.doc_string = ""
        del value.metadata_props[:]


def store_half(model: onnx.ModelProto) -> None:
    """Replace each large fp32 initializer by an fp16 one and a cast to fp32."""
    replace_weights(model, lambda weight: halved(weight, numpy_helper.to_array(weight)))


def store_int8(model: onnx.ModelProto) -> None:
    """Replace each large fp32 matrix or kernel by int8 and one scale for each of its outputs.

    Symmetric: a weight is its whole number times the scale, so the largest of an output is 127 or -127. A cast and a
    product make fp32 of them, which every engine folds when it loads; onnxruntime leaves a ``DequantizeLinear`` in
    place and computes it anew for each picture. Layers of few weights, or with few for each output (the depthwise
    ones), become fp16 instead: in an EfficientNet they hold less than a tenth of the weights, and most of the error.
    """
    axes = {name: OUTPUT_AXIS.get(node.op_type, 0) for node in model.graph.node for name in node.input}

    def shrink(weight: onnx.TensorProto) -> Stored | None:
        values = numpy_helper.to_array(weight)
        axis = axes.get(weight.name, 0) % max(1, values.ndim)
        if values.size < FEW or values.size < FEW_EACH * values.shape[axis]:
            return halved(weight, values)
        largest = np.abs(values).max(tuple(n for n in range(values.ndim) if n != axis), keepdims=True)
        scale = np.where(largest > 0, largest / 127, 1).astype(np.float32)
        whole, wide, factor = (f"{weight.name}.{part}" for part in ("int8", "wide", "scale"))
        return [
            numpy_helper.from_array(np.round(values / scale).astype(np.int8), whole),
            numpy_helper.from_array(scale, factor),
        ], [
            helper.make_node("Cast", [whole], [wide], to=TensorProto.FLOAT),
            helper.make_node("Mul", [wide, factor], [weight.name]),
        ]

    replace_weights(model, shrink)


def halved(weight: onnx.TensorProto, values: NDArray[np.float32]) -> Stored | None:
    """A large initializer as fp16, and the cast that makes fp32 of it; None leaves a small one."""
    if values.size < SMALL:
        return None
    name = f"{weight.name}.half"
    cast = helper.make_node("Cast", [name], [weight.name], to=TensorProto.FLOAT)
    return [numpy_helper.from_array(values.astype(np.float16), name)], [cast]


def unpack(model: onnx.ModelProto) -> None:
    """Make fp32 initializers again of weights that are stored smaller, under the names they had in the network."""
    values = {weight.name: numpy_helper.to_array(weight) for weight in model.graph.initializer}
    made: dict[str, NDArray[np.float32]] = {}
    used: set[str] = set()
    left: list[onnx.NodeProto] = []
    for node in model.graph.node:
        small = node.op_type == "Cast" and node.input[0] in values and values[node.input[0]].dtype in SMALL_TYPES
        if small:
            made[node.output[0]] = values[node.input[0]].astype(np.float32)
        elif node.op_type == "Mul" and node.input[0] in made and node.input[1] in values:
            made[node.output[0]] = made.pop(node.input[0]) * values[node.input[1]]
        else:
            left.append(node)
            continue
        used.update(node.input)
    kept = [weight for weight in model.graph.initializer if weight.name not in used]
    replace_graph(model, [*kept, *(numpy_helper.from_array(value, name) for name, value in made.items())], left)


def replace_weights(model: onnx.ModelProto, how: Callable[[onnx.TensorProto], Stored | None]) -> None:
    """Store each fp32 initializer as ``how`` says: tensors and the nodes that make it of them; None leaves it."""
    kept: list[onnx.TensorProto] = []
    made: list[onnx.NodeProto] = []
    for weight in model.graph.initializer:
        stored = how(weight) if weight.data_type == TensorProto.FLOAT else None
        tensors, nodes = stored or ([weight], [])
        kept.extend(tensors)
        made.extend(nodes)
    replace_graph(model, kept, [*made, *model.graph.node])


def replace_graph(model: onnx.ModelProto, weights: list[onnx.TensorProto], nodes: list[onnx.NodeProto]) -> None:
    """Give a model these initializers and nodes and no others."""
    del model.graph.initializer[:]
    model.graph.initializer.extend(weights)
    del model.graph.node[:]
    model.graph.node.extend(nodes)


STORES: dict[str, Callable[[onnx.ModelProto], None]] = {
    "full": lambda _: None,
    "half": store_half,
    "int8": store_int8,
}
