"""A network of another program written with the outputs of every bundle, and what it must agree with."""

from collections.abc import Callable
from pathlib import Path
from typing import cast

import onnx
import torch
from torch import nn

from secondread.core.errors import SourceError
from secondread.learn.export import STORES, export, strip
from secondread.learn.importing import parity
from secondread.learn.importing.facts import Facts, contract
from secondread.learn.importing.found import Found, Raw
from secondread.learn.importing.normalise import Normalise, module
from secondread.learn.importing.onnx_graph import with_common_outputs
from secondread.learn.importing.outputs import (
    Answers,
    Outlines,
    Reversed,
    WithNormalisation,
    deepest_of,
    parts_of,
    turned,
)
from secondread.learn.importing.torchscript import as_onnx

ANSWERS, OUTLINES = ("logits", "cam", "embedding"), ("embedding", "mask_logits")


def write_network(found: Found, facts: Facts, path: Path, store: str) -> Callable[[torch.Tensor], parity.Answer]:
    """Write the network; returns the original, from grey to the outputs that it gives by itself.

    Raises:
        SourceError: If its answers are not what the facts say, or it cannot be written.
    """
    values = module(facts.normalise or Normalise(), facts.channels, len(facts.grid))
    raw = in_our_axes(found.raw, facts)
    example = values(torch.from_numpy(parity.random_inputs(contract(facts).tensor_shape)[0]))
    background = check_output(raw, example, facts)
    if found.model is not None or isinstance(found.raw, torch.jit.ScriptModule):
        model = found.model or as_onnx(cast("torch.jit.ScriptModule", found.raw), source_shape(facts), facts.name)
        write_graph(with_common_outputs(model, facts, facts.name, background=background), path, store)
        return lambda image: plainly(raw(values(image)), facts, background)
    network = wrapped(cast("nn.Module", raw), example, facts, background)
    write_module(WithNormalisation(network, values), path, facts, store)
    names = ANSWERS if facts.labels else OUTLINES

    def original(image: torch.Tensor) -> parity.Answer:
        inner = dict(zip(names, network(values(image)), strict=True))
        return inner | plainly(raw(values(image)), facts, background)

    return original


def in_our_axes(raw: Raw, facts: Facts) -> Raw:
    """The original for inputs with our order of axes."""
    if not facts.transposed:
        return raw
    return Reversed(raw) if isinstance(raw, nn.Module) else lambda values: turned(raw(turned(values)))


def source_shape(facts: Facts) -> tuple[int, ...]:
    """(channels, *grid) in the source's order of axes."""
    return (facts.channels, *(facts.grid[::-1] if facts.transposed else facts.grid))


def check_output(raw: Raw, example: torch.Tensor, facts: Facts) -> bool:
    """The original's answer must be what the facts name; returns whether its background has no channel of its own.

    Raises:
        SourceError: If not.
    """
    where = facts.name
    try:
        found = raw(example)
    except Exception as error:
        raise SourceError(
            f"{where}: the network does not take an input of {list(example.shape[1:])} ({type(error).__name__}). Say "
            "its size in [input] of --card."
        ) from error
    if not isinstance(found, torch.Tensor):
        raise SourceError(
            f"{where}: the network gives a {type(found).__name__}; needed one tensor. It is not taken over."
        )
    shape, grid = tuple(found.shape[1:]), facts.grid
    if facts.labels and facts.structures:
        raise SourceError(
            f"{where}: labels and structures are both named, and the network has one output. Name one kind."
        )
    if facts.labels and shape == (len(facts.labels),):
        return False
    if facts.structures and shape[1:] == grid and shape[0] == 1 + len(facts.structures):
        return False
    if facts.structures and shape == (1, *grid) and len(facts.structures) == 1:
        return True
    needed = (
        f"[{len(facts.labels)}], one a label"
        if facts.labels
        else f"[{1 + len(facts.structures)}, {', '.join(map(str, grid))}], the background and one a structure"
    )
    raise SourceError(
        f"{where}: the network gives {list(shape)}; needed {needed}. Name labels or structures in --card; structures "
        "that overlap, each with a sigmoid of its own, are not taken over."
    )


def plainly(found: torch.Tensor, facts: Facts, background: bool) -> dict[str, torch.Tensor]:
    """What the original gives, by the name it has in a bundle."""
    if facts.labels:
        return {"logits": found[:, kept(facts)]}
    return {"mask_logits": torch.cat((torch.zeros_like(found), found), 1) if background else found}


def kept(facts: Facts) -> list[int]:
    """Which outputs have a label."""
    return [n for n, label in enumerate(facts.labels) if label]


def wrapped(raw: nn.Module, example: torch.Tensor, facts: Facts, background: bool) -> nn.Module:
    """The network with the common outputs.

    Raises:
        SourceError: If its end is not one whose maps or features can be shown.
    """
    if facts.labels:
        return Answers(raw, parts_of(raw, example, facts.name), kept(facts), bool(facts.transposed)).eval()
    return Outlines(raw, deepest_of(raw, example, facts.name), background=background).eval()


def write_module(network: nn.Module, path: Path, facts: Facts, store: str) -> None:
    """Write a network of torch.

    Raises:
        SourceError: If it cannot be written.
    """
    try:
        export(network, path, contract(facts).tensor_shape, ANSWERS if facts.labels else OUTLINES, store)
    except Exception as error:
        raise SourceError(
            f"{facts.name}: the network cannot be written as ONNX with a batch of any size ({type(error).__name__}). "
            "Give the source as ONNX."
        ) from error


def write_graph(model: onnx.ModelProto, path: Path, store: str) -> None:
    """Write a graph.

    Raises:
        SourceError: If it breaks the rules of ONNX.
    """
    strip(model)
    STORES[store](model)
    try:
        onnx.checker.check_model(model)
    except onnx.checker.ValidationError as error:
        raise SourceError(f"{path.name}: the graph cannot be lengthened. It is not taken over.") from error
    path.write_bytes(model.SerializeToString(deterministic=True))
