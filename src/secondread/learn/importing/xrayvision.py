"""A DenseNet of TorchXRayVision: its weights under the names of MONAI's DenseNet, which is the same network.

TorchXRayVision answers with ``op_norm``: the sigmoid of the logit, stretched so that the operating point of each
finding comes to lie at one half. A bundle says the same in another way: the logit as it is, its sigmoid as the
probability, and the operating point as the threshold. Both call the same pictures positive.

Source: github.com/mlmed/torchxrayvision (Apache-2.0), torchxrayvision/models.py at commit 3a10ce3 (class DenseNet,
``op_norm``, ``model_urls``) and datasets.py (``normalize``: values of -1024 to 1024); read again in release 1.5.7.
Cohen et al., TorchXRayVision: A library of chest X-ray datasets and models, MIDL 2022.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from monai.networks.nets import DenseNet

from secondread.core.errors import SourceError, short_path
from secondread.learn.choices import plain_name
from secondread.learn.importing.facts import Facts
from secondread.learn.importing.found import Found, Trust
from secondread.learn.importing.monai_networks import check_weights
from secondread.learn.importing.normalise import SCALE, Normalise
from secondread.learn.importing.saved import Shell, read_saved, state_dict

SIDE_PX = 224
RANGE = (-1024.0, 1024.0)
POINTS = "op_threshs"
LAYER = re.compile(r"^features\.denseblock(\d+)\.denselayer(\d+)\.(.+)$")
MEANING = (
    "Grey 0 and 1 are black and white of the radiograph, bone bright; the network itself makes -1024 to 1024 of them."
)
LIMITS = (
    MEANING,
    "Its makers cut the picture to the square in its middle before they made it 224 pixels wide.",
    "A probability is the plain sigmoid of the logit, not TorchXRayVision's rescaled one; thresholds are its operating "
    "points, so both call the same pictures positive.",
)
SOURCES = ("Cohen JP et al. TorchXRayVision: A library of chest X-ray datasets and models. MIDL 2022.",)


def read_xrayvision(path: Path, trust: Trust) -> Found:
    """The network in a file of weights of TorchXRayVision: a state dict, safetensors, or the whole network.

    Raises:
        SourceError: If it is no DenseNet of that kind.
        UntrustedError: If the file is a program that is not trusted.
    """
    where = short_path(path)
    content = read_saved(path, trust_pickle=trust.pickle)
    saved = state_dict(content, where)
    points = saved.pop(POINTS, None)
    known = attributes(content)
    points = known.get(POINTS) if points is None else points
    labels = next((known[key] for key in ("pathologies", "targets") if key in known), ())
    network = rebuilt(saved, where)
    facts = Facts(
        name=plain_name(path.stem),
        labels=tuple(map(str, labels)),
        activation="sigmoid",
        sources=SOURCES,
        limits=LIMITS,
        height_px=SIDE_PX,
        width_px=SIDE_PX,
        channels=len(saved["features.conv0.weight"][0]),
        resize="squeeze",
        modalities=("CR", "DX"),
        views=("AP", "PA"),
        transposed=False,
        normalise=Normalise(SCALE, RANGE[:1], RANGE[1:], MEANING),
        operating_points=() if points is None else tuple(torch.as_tensor(points).double().flatten().tolist()),
    )
    return Found(facts, network)


def attributes(content: Any) -> dict[str, Any]:
    """What a whole network knows beside its weights."""
    if isinstance(content, Shell):
        return content.state
    return vars(content) if isinstance(content, torch.nn.Module) else {}


def rebuilt(saved: Mapping[str, torch.Tensor], where: str) -> DenseNet:
    """MONAI's network of the sizes that the weights have, with the weights.

    Raises:
        SourceError: If names or shapes are not those of such a network.
    """
    blocks: dict[int, int] = {}
    for name in saved:
        if match := LAYER.match(name):
            blocks[int(match[1])] = max(blocks.get(int(match[1]), 0), int(match[2]))
    try:
        first, layer = saved["features.conv0.weight"], "features.denseblock1.denselayer1."
        growth = len(saved[f"{layer}conv2.weight"])
        sizes: dict[str, Any] = {
            "spatial_dims": 2,
            "in_channels": first.shape[1],
            "out_channels": len(saved["classifier.weight"]),
            "init_features": len(first),
            "growth_rate": growth,
            "block_config": tuple(blocks[n + 1] for n in range(len(blocks))),
            "bn_size": len(saved[f"{layer}conv1.weight"]) // growth,
        }
    except (KeyError, IndexError) as error:
        raise SourceError(
            f"{where}: its weights are not those of a DenseNet of TorchXRayVision ({error} is missing). Save "
            "model.state_dict() of torchxrayvision.models.DenseNet."
        ) from error
    with torch.device("meta"):
        draft = DenseNet(**sizes)
    named = {monai_name(name): value for name, value in saved.items()}
    check_weights(draft.state_dict(), named, where)
    network = DenseNet(**sizes)
    network.load_state_dict(named)
    network.eval().float()
    return network


def monai_name(name: str) -> str:
    """The name of a weight in MONAI.

    >>> monai_name("features.denseblock2.denselayer1.norm1.weight"), monai_name("classifier.bias")
    ('features.denseblock2.denselayer1.layers.norm1.weight', 'class_layers.out.bias')
    """
    if match := LAYER.match(name):
        return f"features.denseblock{match[1]}.denselayer{match[2]}.layers.{match[3]}"
    return name.replace("classifier.", "class_layers.out.", 1)
