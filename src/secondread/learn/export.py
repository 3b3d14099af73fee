"""A network as one ONNX file: weights stored as fp16, arithmetic in fp32."""

from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

SMALL = 256


def export(network: nn.Module, path: Path, height_px: int, width_px: int, *, half: bool = True) -> None:
    """Write ``network`` as ONNX with the input ``image`` and the outputs ``logits``, ``cam``, ``embedding``.

    Args:
        network: Takes float32 [n, 1, height, width]; gives the three outputs.
        path: File to write.
        height_px: Rows.
        width_px: Columns.
        half: Store large weights as fp16 behind a cast, which engines fold when they load.
    """
    network = network.eval().to(memory_format=torch.contiguous_format)  # type: ignore[call-overload]
    batch = torch.export.Dim("batch", min=1, max=1024)
    program = torch.onnx.export(
        network,
        (torch.rand(2, 1, height_px, width_px),),
        input_names=["image"],
        output_names=["logits", "cam", "embedding"],
        dynamic_shapes=({0: batch},),
        dynamo=True,
        optimize=True,
        verbose=False,
    )
    assert program is not None
    model = program.model_proto
    strip(model)
    if half:
        store_half(model)
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
    kept, casts = [], []
    for weight in model.graph.initializer:
        values = numpy_helper.to_array(weight)
        if weight.data_type != TensorProto.FLOAT or values.size < SMALL:
            kept.append(weight)
            continue
        name = f"{weight.name}.half"
        kept.append(numpy_helper.from_array(values.astype(np.float16), name))
        casts.append(helper.make_node("Cast", [name], [weight.name], to=TensorProto.FLOAT))
    del model.graph.initializer[:]
    model.graph.initializer.extend(kept)
    nodes = [*casts, *model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
