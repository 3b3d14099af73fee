"""The network of a bundle as a function that gives gradients: its ONNX file, node by node."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import helper, numpy_helper
from torch import Tensor

from secondread.core.errors import EngineError
from secondread.engine.bundle import NETWORK_FILE, Bundle, read_verified
from secondread.learn.operators import OPERATORS

Answers = Mapping[str, Tensor]
Objective = Callable[[Answers], Tensor]
Values = dict[str, Tensor]
ADVICE = "Explain this network by occlusion, which needs no gradients."


@dataclass(frozen=True, slots=True)
class Step:
    """One node of the graph.

    Attributes:
        operator: Its name in ONNX.
        given: Names of what it takes; "" where an input is left out.
        gives: Name of what it gives.
        attributes: Its settings.
    """

    operator: str
    given: tuple[str, ...]
    gives: str
    attributes: Mapping[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class Differentiable:
    """A network that gives gradients; float32, weights fixed. Call it with a batch [n, channel, *grid].

    Attributes:
        where: What messages call it.
        image: Name of its input.
        outputs: Names of what it gives: of ``logits``, ``cam``, ``embedding``, ``mask_logits``.
        constants: Weights and sizes by name.
        steps: What is done to the picture, in order.
    """

    where: str
    image: str
    outputs: tuple[str, ...]
    constants: Mapping[str, Tensor]
    steps: Sequence[Step]

    def __call__(self, batch: Tensor) -> dict[str, Tensor]:
        """Run it; the outputs by name."""
        values = {**self.constants, self.image: batch}
        for step in self.steps:
            values[step.gives] = done(step, values, self.where)
        return {name: values[name] for name in self.outputs}


def differentiable(bundle: Bundle) -> Differentiable:
    """The network of a bundle; its bytes are verified first.

    Raises:
        IntegrityError: If the network is not the one that the card names.
        EngineError: If it has an operator that is not known here.
    """
    return from_onnx(read_verified(bundle, NETWORK_FILE), f"bundle {bundle.card.name!r}, {NETWORK_FILE}")


def from_onnx(model: bytes, where: str) -> Differentiable:
    """A network from the bytes of an ONNX file. What does not depend on the picture is worked out once.

    Raises:
        EngineError: If it has an operator that is not known here.
    """
    graph = onnx.load_from_string(model).graph
    values = {part.name: torch.tensor(numpy_helper.to_array(part)) for part in graph.initializer}
    steps = []
    for node in graph.node:
        attributes = {part.name: helper.get_attribute_value(part) for part in node.attribute}
        step = Step(node.op_type, tuple(node.input), node.output[0], attributes)
        if node.op_type == "Constant":
            values[step.gives] = torch.tensor(numpy_helper.to_array(attributes["value"]))
        elif all(name in values for name in step.given if name):
            values[step.gives] = done(step, values, where)
        else:
            known(step, where)
            steps.append(step)
    taken = {name for step in steps for name in step.given}
    constants = {name: value for name, value in values.items() if name in taken}
    outputs = tuple(part.name for part in graph.output)
    return Differentiable(where, graph.input[0].name, outputs, constants, tuple(steps))


def done(step: Step, values: Values, where: str) -> Tensor:
    """What a node gives.

    Raises:
        EngineError: If its operator is not known here, or not in this form.
    """
    known(step, where)
    try:
        return OPERATORS[step.operator]([values[name] if name else None for name in step.given], step.attributes)
    except NotImplementedError as error:
        raise EngineError(f"{where}: found {error}, needed a form of it that gives gradients. {ADVICE}") from error


def known(step: Step, where: str) -> None:
    """Refuse an operator that is not known here.

    Raises:
        EngineError: If it is not.
    """
    if step.operator not in OPERATORS:
        raise EngineError(f"{where}: found the operator {step.operator}, needed one that gives gradients. {ADVICE}")


def answers(network: Differentiable, batch: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
    """What the network says of float32 [n, channel, *grid], grey in [0, 1]."""
    with torch.no_grad():
        found = network(torch.from_numpy(batch))
    return {name: value.numpy() for name, value in found.items()}


def gradient(network: Differentiable, batch: NDArray[np.float32], objective: Objective) -> NDArray[np.float32]:
    """How each pixel moves an objective.

    Args:
        network: Of a bundle.
        batch: float32 [n, channel, *grid], grey in [0, 1].
        objective: From the outputs by name to one number for each picture, [n]; pictures do not mix.

    Returns:
        float32 of the shape of ``batch``: derivative of each picture's objective by its own pixels.

    Raises:
        ValueError: If the objective does not give one number for each picture.
    """
    image = torch.from_numpy(batch).clone().requires_grad_()
    value = objective(network(image))
    if value.shape != (len(batch),):
        raise ValueError(f"objective: found shape {tuple(value.shape)}; needed one number for each of {len(batch)}")
    (slope,) = torch.autograd.grad(value.sum(), image)
    return slope.numpy()


def log_odds(positive: Sequence[int], *, apart: bool = False) -> Objective:
    """The objective "yes": log of the odds of the labels that mean yes, from the plain logits.

    Args:
        positive: Indices of the labels.
        apart: True where each label is a question of its own: the sum of their logits.
    """
    yes = list(positive)

    def objective(found: Answers) -> Tensor:
        logits = found["logits"]
        if apart:
            return logits[:, yes].sum(1)
        no = [n for n in range(logits.shape[1]) if n not in yes]
        return torch.logsumexp(logits[:, yes], 1) - torch.logsumexp(logits[:, no], 1)

    return objective
