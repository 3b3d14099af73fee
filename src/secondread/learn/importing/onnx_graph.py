"""The graph of a network that came as ONNX, with grey at its beginning and the common outputs at its end."""

from dataclasses import dataclass

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper, shape_inference

from secondread.core.errors import SourceError
from secondread.engine.runtimes import OUTPUTS
from secondread.learn.importing.facts import Facts
from secondread.learn.importing.normalise import FLAT, INSIDE, SCALE, Normalise
from secondread.learn.importing.onnx_source import cut_end, ports

THROUGH = {"Flatten", "Reshape", "Squeeze", "Identity", "Dropout"}
INPUT = "image"


@dataclass(frozen=True, slots=True, eq=False)
class Head:
    """The end of a classifier: features [n, c, *places], and the linear layer behind their mean."""

    places: str
    weight: NDArray[np.float32]  # [label, c]


def with_common_outputs(model: onnx.ModelProto, facts: Facts, where: str, *, background: bool) -> onnx.ModelProto:
    """The graph from grey to logits, cam and embedding, or to embedding and mask_logits.

    Args:
        model: As it came.
        facts: What its input and outputs mean.
        where: What messages call it.
        background: Whether a channel of zeros is to stand before its one output.

    Raises:
        SourceError: If its end is not one whose maps or features can be shown.
    """
    made = onnx.ModelProto()
    made.CopyFrom(model)
    cut_end(made)
    for name in (INPUT, *OUTPUTS):
        rename(made, name, f"{name}.of.source")
    shape = (facts.channels, *facts.grid)
    turn = bool(facts.transposed)
    values = freed(made, shape[:1] + (shape[:0:-1] if turn else shape[1:]), where)
    raw = made.graph.output[0].name
    before = grey(values, facts, len(facts.grid), turn)
    if facts.labels:
        if "" in facts.labels:
            raise SourceError(f"{where}: an output has no label, and outputs of ONNX files are not left out. Name it.")
        after, outputs = answers(head_of(made, raw, where), raw, len(facts.labels), len(facts.grid), turn, made)
    else:
        after, outputs = outlines(deepest_of(made, len(facts.grid), where), raw, len(facts.grid), turn, background)
    nodes = [*before, *made.graph.node, *after]
    del made.graph.node[:]
    made.graph.node.extend(nodes)
    del made.graph.input[:], made.graph.output[:], made.graph.value_info[:]
    made.graph.input.append(helper.make_tensor_value_info(INPUT, TensorProto.FLOAT, ["n", *shape]))
    made.graph.output.extend(helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs)
    typed = shape_inference.infer_shapes(made)
    del made.graph.output[:]
    made.graph.output.extend(typed.graph.output)
    return made


def freed(model: onnx.ModelProto, shape: tuple[int, ...], where: str) -> str:
    """Give the input a batch of any size and the sides of the card; returns its name.

    Raises:
        SourceError: If the file is fixed to another number of channels or sides.
    """
    value = ports(model)[0]
    old = [side.dim_value for side in value.type.tensor_type.shape.dim]
    if len(old) != 1 + len(shape) or any(side not in {0, want} for side, want in zip(old[1:], shape, strict=True)):
        raise SourceError(
            f"{where}: its input is {old} (0 is any), and the card says [n, {', '.join(map(str, shape))}]. Correct "
            "[input] of --card."
        )
    name = str(value.name)
    model.graph.input.remove(value)
    model.graph.input.insert(0, helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", *shape]))
    return name


def rename(model: onnx.ModelProto, old: str, new: str) -> None:
    """Call a value of the graph otherwise, wherever it stands."""
    for node in model.graph.node:
        for names in (node.input, node.output):
            for n, name in enumerate(names):
                if name == old:
                    names[n] = new
    for value in (*model.graph.input, *model.graph.output, *model.graph.initializer):
        value.name = new if value.name == old else value.name


def constant(name: str, values: NDArray[np.float32]) -> onnx.NodeProto:
    """A node that holds numbers."""
    return helper.make_node("Constant", [], [name], value=numpy_helper.from_array(values, name))


def grey(values: str, facts: Facts, dimensions: int, turn: bool) -> list[onnx.NodeProto]:
    """Nodes from ``image`` to the network's own input.

    Raises:
        SourceError: If the values are to be standardised over what is not 0.
    """
    how = facts.normalise or Normalise()
    turned = "image.turned" if turn else INPUT
    nodes = [helper.make_node("Transpose", [INPUT], [turned], perm=reverse(dimensions))] if turn else []
    if how.how == INSIDE:
        raise SourceError("normalise.how nonzero is not made for ONNX files. Take the state dict, or another way.")
    if how.how == SCALE:
        scale, offset = (
            np.array(part, np.float32).reshape(1, -1, *(1,) * dimensions)
            for part in how.scale_and_offset(facts.channels)
        )
        return [
            *nodes,
            constant("grey.scale", scale),
            constant("grey.offset", offset),
            helper.make_node("Mul", [turned, "grey.scale"], ["grey.scaled"]),
            helper.make_node("Add", ["grey.scaled", "grey.offset"], [values]),
        ]
    return [
        *nodes,
        constant("grey.flat", np.array(FLAT, np.float32)),
        helper.make_node("GlobalAveragePool", [turned], ["grey.mean"]),
        helper.make_node("Sub", [turned, "grey.mean"], ["grey.centred"]),
        helper.make_node("Mul", ["grey.centred", "grey.centred"], ["grey.squared"]),
        helper.make_node("GlobalAveragePool", ["grey.squared"], ["grey.variance"]),
        helper.make_node("Sqrt", ["grey.variance"], ["grey.deviation"]),
        helper.make_node("Max", ["grey.deviation", "grey.flat"], ["grey.spread"]),
        helper.make_node("Div", ["grey.centred", "grey.spread"], [values]),
    ]


def reverse(dimensions: int) -> list[int]:
    """The order of axes that turns the grid round."""
    return [0, 1, *range(1 + dimensions, 1, -1)]


def head_of(model: onnx.ModelProto, logits: str, where: str) -> Head:
    """Walk back from the logits over a linear layer to a mean over places.

    Raises:
        SourceError: If the graph does not end so.
    """
    by_output = {name: node for node in model.graph.node for name in node.output}
    weights = {weight.name: weight for weight in model.graph.initializer}
    node = by_output.get(logits)
    while node is not None and node.op_type in THROUGH:
        node = by_output.get(node.input[0])
    if node is not None and node.op_type == "Add":  # a product and its bias
        node = next((by_output[name] for name in node.input if name in by_output), None)
    if node is not None and node.op_type in {"Gemm", "MatMul"} and node.input[1] in weights:
        weight = numpy_helper.to_array(weights[node.input[1]]).astype(np.float32)
        options = {option.name: helper.get_attribute_value(option) for option in node.attribute}
        kernel = weight if options.get("transB", 0) else weight.T
        part = by_output.get(node.input[0])
        while part is not None and part.op_type in THROUGH:
            part = by_output.get(part.input[0])
        if (
            part is not None
            and part.op_type in {"GlobalAveragePool", "ReduceMean"}
            and options.get("alpha", 1.0) == 1.0
        ):
            return Head(part.input[0], kernel)
    raise SourceError(
        f"{where}: the graph does not end in a mean over places and one linear layer, so its answer cannot be shown as "
        "a map. Only networks that do are taken over."
    )


def answers(
    head: Head, raw: str, labels: int, dimensions: int, turn: bool, model: onnx.ModelProto
) -> tuple[list[onnx.NodeProto], tuple[str, ...]]:
    """Nodes for logits, cam and embedding.

    Raises:
        SourceError: If the network has another number of classes.
    """
    if len(head.weight) != labels:
        raise SourceError(
            f"the network gives {len(head.weight)} logits, and {labels} labels are named. Name one a logit."
        )
    kernel = numpy_helper.from_array(head.weight.reshape(*head.weight.shape, *(1,) * dimensions), "cam.kernel")
    model.graph.initializer.append(kernel)
    cam = "cam.turned" if turn else "cam"
    nodes = [
        helper.make_node("Identity", [raw], ["logits"]),
        helper.make_node("Conv", [head.places, "cam.kernel"], [cam]),
        *([helper.make_node("Transpose", [cam], ["cam"], perm=reverse(dimensions))] if turn else []),
        *mean_of(head.places),
    ]
    return nodes, ("logits", "cam", "embedding")


def mean_of(places: str) -> list[onnx.NodeProto]:
    """Nodes for the embedding: the mean of features over places."""
    return [
        helper.make_node("GlobalAveragePool", [places], ["embedding.mean"]),
        helper.make_node("Flatten", ["embedding.mean"], ["embedding"]),
    ]


def outlines(
    deepest: str, raw: str, dimensions: int, turn: bool, background: bool
) -> tuple[list[onnx.NodeProto], tuple[str, ...]]:
    """Nodes for embedding and mask_logits."""
    made, name = [], raw
    if background:
        made = [helper.make_node("Sub", [raw, raw], ["mask.zero"])]
        made.append(helper.make_node("Concat", ["mask.zero", raw], ["mask.both"], axis=1))
        name = "mask.both"
    last = (
        helper.make_node("Transpose", [name], ["mask_logits"], perm=reverse(dimensions))
        if turn
        else helper.make_node("Identity", [name], ["mask_logits"])
    )
    return [*mean_of(deepest), *made, last], ("embedding", "mask_logits")


def deepest_of(model: onnx.ModelProto, dimensions: int, where: str) -> str:
    """The value of the coarsest grid, of these the one with most channels, of these the last.

    Raises:
        SourceError: If no grid's size is known.
    """
    typed = shape_inference.infer_shapes(model)
    order = {name: n for n, node in enumerate(model.graph.node) for name in node.output}
    ranked = []
    for value in typed.graph.value_info:
        kind = value.type.tensor_type
        sides = [side.dim_value for side in kind.shape.dim]
        if kind.elem_type == TensorProto.FLOAT and len(sides) == 2 + dimensions and min(sides[1:]) > 0:
            ranked.append((-int(np.prod(sides[2:])), sides[1], order.get(value.name, -1), value.name))
    known = [rank for rank in ranked if rank[2] >= 0]
    if not known:
        raise SourceError(f"{where}: the sizes of its features cannot be worked out. It is not taken over.")
    return str(max(known)[-1])
