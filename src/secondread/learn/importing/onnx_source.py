"""A network that comes as ONNX, as it came.

ONNX is data; an engine runs its operators and no others. Refused are files that keep weights elsewhere (a path could
lead out of the bundle) and operators of other domains (an engine would look for a library).
"""

from collections.abc import Callable
from pathlib import Path

import onnx
import torch
from onnx import TensorProto, helper

from secondread.core.errors import SourceError
from secondread.engine.runtimes import import_onnxruntime
from secondread.learn.importing.facts import Facts
from secondread.learn.importing.found import Found

DOMAINS = {"", "ai.onnx"}
ENDS = {"Softmax", "Sigmoid", "LogSoftmax"}


def from_onnx(path: Path, facts: Facts) -> Found:
    """The network of an ONNX file.

    Raises:
        SourceError: If it is damaged, keeps weights elsewhere, or has operators or ports that are not taken over.
    """
    where = path.name
    try:
        model = onnx.load_model_from_string(path.read_bytes())
        onnx.checker.check_model(model)
    except Exception as error:
        raise SourceError(f"{where}: no ONNX file that opens ({type(error).__name__}). Fetch it again.") from error
    check_plain(model, where)
    return Found(facts, runner(model), model)


def check_plain(model: onnx.ModelProto, where: str) -> None:
    """Weights inside, known operators, one input and one output of numbers.

    Raises:
        SourceError: If not.
    """
    if any(weight.data_location == TensorProto.EXTERNAL for weight in model.graph.initializer):
        raise SourceError(f"{where}: keeps its weights in another file. Save it as one file.")
    foreign = sorted({node.domain for node in model.graph.node} - DOMAINS)
    if foreign or model.functions:
        raise SourceError(f"{where}: has operators of {(foreign or ['functions of its own'])[0]!r}, not of ONNX alone.")
    inputs, outputs = ports(model), list(model.graph.output)
    floats = [value.type.tensor_type.elem_type == TensorProto.FLOAT for value in (*inputs, *outputs)]
    if len(inputs) != 1 or len(outputs) != 1 or not all(floats):
        raise SourceError(
            f"{where}: found {len(inputs)} inputs and {len(outputs)} outputs; needed one of float32 each."
        )


def ports(model: onnx.ModelProto) -> list[onnx.ValueInfoProto]:
    """Its inputs; old files list weights among them."""
    weights = {weight.name for weight in model.graph.initializer}
    return [value for value in model.graph.input if value.name not in weights]


def runner(model: onnx.ModelProto) -> Callable[[torch.Tensor], torch.Tensor]:
    """The file as it is: from float32 [n, c, *grid] to its output, before any softmax or sigmoid at its end."""
    bare = onnx.ModelProto()
    bare.CopyFrom(model)
    cut_end(bare)
    ort = import_onnxruntime()
    session = ort.InferenceSession(bare.SerializeToString(), providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name

    def run(values: torch.Tensor) -> torch.Tensor:
        return torch.from_numpy(session.run(None, {name: values.numpy()})[0])

    return run


def cut_end(model: onnx.ModelProto) -> None:
    """Let the output be what goes into a softmax or sigmoid at the end: logits."""
    output = model.graph.output[0]
    last = next((node for node in model.graph.node if output.name in node.output), None)
    if last is not None and last.op_type in ENDS:
        logits = helper.make_tensor_value_info(last.input[0], TensorProto.FLOAT, None)
        model.graph.node.remove(last)
        del model.graph.output[:]
        model.graph.output.append(logits)
