"""Networks of other programs as those programs leave them on disk: small, random, in exactly their formats."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

CARD = """
[model]
not_for = ["Anything but a test."]
intended_use = "Tests."
licence = "Apache-2.0"
training_data = ["None: its weights are random."]
sources = ["This test."]
{model}

[input]
modalities = ["MR"]
{input}
"""


def card_file(folder: Path, model: str = "", more: str = "", *, input: str = "") -> Path:  # noqa: A002 - the table's name
    """A card file with all texts; ``model`` and ``input`` go into these tables, ``more`` behind them."""
    path = folder / "own-card.toml"
    path.write_text(CARD.format(model=model, input=input) + more, encoding="utf-8")
    return path


def scatter(network: torch.nn.Module, seed: int = 5) -> torch.nn.Module:
    """Random weights and running figures, so that no layer is a bystander."""
    torch.manual_seed(seed)
    for name, value in network.state_dict().items():
        if value.is_floating_point():
            value.copy_(torch.rand_like(value) + 0.5 if name.endswith("running_var") else torch.randn_like(value) * 0.3)
    return network.eval()


def metadata(**changes: Any) -> dict[str, Any]:
    """``metadata.json`` of a bundle that outlines the spleen in blocks of 16 x 16 x 8 voxels (column, row, slice)."""
    image = {
        "type": "image",
        "format": "hounsfield",
        "modality": "CT",
        "num_channels": 1,
        "spatial_shape": [16, 16, 8],
        "dtype": "float32",
        "value_range": [0, 1],
        "is_patch_data": True,
        "channel_def": {"0": "image"},
    }
    pred = {
        "type": "image",
        "format": "segmentation",
        "num_channels": 2,
        "spatial_shape": [16, 16, 8],
        "channel_def": {"0": "background", "1": "spleen"},
    }
    whole = {
        "version": "0.2.0",
        "task": "Spleen segmentation",
        "description": "Segments the spleen.",
        "authors": "Somebody",
        "copyright": "Copyright (c) Somebody",
        "data_source": "http://medicaldecathlon.com/",
        "eval_metrics": {"mean_dice": 0.96},
        "intended_use": "An example, not to be used for diagnostic purposes",
        "references": ["A paper."],
        "network_data_format": {"inputs": {"image": image}, "outputs": {"pred": pred}},
    }
    return {**whole, **changes}


def inference(
    network_def: Mapping[str, Any], *steps: Mapping[str, Any], after: Any = (), **more: Any
) -> dict[str, Any]:
    """``inference.json`` with that network and those transforms, in the manner of the model zoo."""
    return {
        "imports": ["$import os"],
        "device": "$torch.device('cuda:0' if torch.cuda.is_available() else 'cpu')",
        "network_def": dict(network_def),
        "network": "$@network_def.to(@device)",
        "preprocessing": {"_target_": "Compose", "transforms": list(steps)},
        "postprocessing": {"_target_": "Compose", "transforms": list(after)},
        **more,
    }


LOAD = {"_target_": "LoadImaged", "keys": "image"}
WINDOW = {
    "_target_": "ScaleIntensityRanged",
    "keys": "image",
    "a_min": -57,
    "a_max": 164,
    "b_min": 0,
    "b_max": 2,
    "clip": True,
}
SPACING = {"_target_": "Spacingd", "keys": "image", "pixdim": [1.5, 1.5, 2.0], "mode": "bilinear"}
SLIDING = {"_target_": "SlidingWindowInferer", "roi_size": [16, 16, 8], "sw_batch_size": 4, "overlap": 0.5}
UNET = {
    "_target_": "UNet",
    "spatial_dims": 3,
    "in_channels": 1,
    "out_channels": 2,
    "channels": [4, 6],
    "strides": [2],
    "norm": "batch",
}


def monai_bundle(folder: Path, meta: Mapping[str, Any], config: Mapping[str, Any] | None) -> Path:
    """``folder/bundle`` with its configs and no weights yet."""
    bundle = folder / "bundle"
    (bundle / "configs").mkdir(parents=True)
    (bundle / "models").mkdir()
    (bundle / "configs" / "metadata.json").write_text(json.dumps(meta), encoding="utf-8")
    if config is not None:
        (bundle / "configs" / "inference.json").write_text(json.dumps(config), encoding="utf-8")
    return bundle
