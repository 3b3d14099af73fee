"""A network with its weights shuffled: what it learnt is gone, how it is built stays."""

from collections.abc import Iterator

import numpy as np
import onnx
from onnx import numpy_helper

WEIGHTED = frozenset({"Conv", "ConvTranspose", "MatMul", "Gemm"})


def shuffled(model: bytes, *, seed: int, only_last: bool = False) -> bytes:
    """An ONNX network whose weights lie in another order, layer by layer.

    The values of each layer stay, so that its scale does; biases and normalisations stay as they are.

    Args:
        model: Bytes of the file.
        seed: Of the order.
        only_last: Shuffle the last layers alone: those with no other between them and an output.

    Returns:
        Bytes of the new file.

    Source: Adebayo and others, Sanity checks for saliency maps, NeurIPS 2018, section 3 (the weights drawn anew or
        permuted, from the top or all).
    """
    network = onnx.load_from_string(model)
    names = set(last_weights(network) if only_last else all_weights(network))
    rng = np.random.default_rng(seed)
    for part in network.graph.initializer:
        if part.name in names:
            values = numpy_helper.to_array(part)
            mixed = rng.permutation(values.ravel()).reshape(values.shape)
            part.CopyFrom(numpy_helper.from_array(mixed, part.name))
    changed: bytes = network.SerializeToString()
    return changed


def all_weights(network: onnx.ModelProto) -> Iterator[str]:
    """Names of the initializers that layers get their weights from."""
    made = {name: node for node in network.graph.node for name in node.output}
    stored = {part.name for part in network.graph.initializer}
    for node in network.graph.node:
        if node.op_type in WEIGHTED:
            yield from sources(node.input[1], made, stored)


def last_weights(network: onnx.ModelProto) -> Iterator[str]:
    """The same, of the layers after which no other comes before an output that explains."""
    made = {name: node for node in network.graph.node for name in node.output}
    stored = {part.name for part in network.graph.initializer}
    waiting = [part.name for part in network.graph.output if part.name != "embedding"]
    seen: set[str] = set()
    while waiting:
        name = waiting.pop()
        node = made.get(name)
        if node is None or name in seen:
            continue
        seen.add(name)
        if node.op_type in WEIGHTED:
            yield from sources(node.input[1], made, stored)
        else:
            waiting.extend(node.input)


def sources(name: str, made: dict[str, onnx.NodeProto], stored: set[str]) -> Iterator[str]:
    """The initializer that a weight is: itself, or what it was stored as, without the factors of its scale."""
    if name in stored:
        yield name
    elif name in made and made[name].op_type in {"Cast", "Mul", "DequantizeLinear"}:
        yield from sources(made[name].input[0], made, stored)
