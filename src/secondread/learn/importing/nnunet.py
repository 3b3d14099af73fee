"""A trained folder of nnU-Net v2: ``dataset.json``, ``plans.json`` and ``fold_X/checkpoint_final``.

Source: github.com/MIC-DKFZ/nnUNet (Apache-2.0): utilities/plans_handling/plans_handler.py at commit 017de4a (plans, old
and new; inheritance), utilities/label_handling/label_handling.py at 02153c6 (regions, the label ``ignore``),
preprocessing/normalization/default_normalization_schemes.py at 0de6a68, training/nnUNetTrainer/nnUNetTrainer.py at
017de4a (what a checkpoint holds) and utilities/checkpoint_io.py at 3f7cba1 (checkpoints as safetensors).
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import nn

from secondread.core.errors import SourceError, short_path
from secondread.learn.choices import plain_name
from secondread.learn.importing.facts import Facts
from secondread.learn.importing.found import Found, Trust
from secondread.learn.importing.monai_config import read_config
from secondread.learn.importing.monai_facts import texts
from secondread.learn.importing.monai_networks import check_weights
from secondread.learn.importing.nnunet_plans import normalise_of, plan_of, resolved, structures_of
from secondread.learn.importing.saved import read_saved, state_dict
from secondread.learn.importing.unet import Plan, UNet, own_names

CHECKPOINTS = ("checkpoint_final.safetensors", "checkpoint_final.pth")
AXES = ("slice", "row", "column")
MODALITIES = {
    "ct": "CT",
    "mri": "MR",
    "mr": "MR",
    "t1": "MR",
    "t2": "MR",
    "flair": "MR",
    "t1ce": "MR",
    "us": "US",
    "pet": "PT",
}


class Permuted(nn.Module):
    """A network of volumes whose axes nnU-Net has put into another order.

    Args:
        network: Takes [n, c, *grid] in nnU-Net's order.
        order: For each of its axes, which of (slice, row, column) it is.
    """

    def __init__(self, network: nn.Module, order: tuple[int, ...]) -> None:
        super().__init__()
        self.network = network
        self.there = (0, 1, *(2 + axis for axis in order))
        self.back = (0, 1, *(2 + order.index(axis) for axis in range(len(order))))

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """float32 [n, c, slice, row, column] to logits in the same order."""
        logits: torch.Tensor = self.network(image.permute(self.there))
        return logits.permute(self.back)


def read_nnunet(folder: Path, trust: Trust, *, fold: str = "", configuration: str = "") -> Found:
    """One fold of a trained nnU-Net.

    Args:
        folder: Such as ``nnUNetTrainer__nnUNetPlans__3d_fullres``.
        trust: What may be executed.
        fold: Its number; needed where there are several.
        configuration: Such as ``2d`` or ``3d_fullres``; by default the one that the checkpoint or the folder names.

    Raises:
        SourceError: If a part is missing, damaged, or of a kind that is not taken over.
        UntrustedError: If the checkpoint is a program that is not trusted.
    """
    folder = root_of(folder)
    where = short_path(folder)
    dataset, plans = read_config(folder / "dataset.json"), read_config(folder / "plans.json")
    place = fold_of(folder, fold)
    weights = next((place / name for name in CHECKPOINTS if (place / name).is_file()), place / CHECKPOINTS[-1])
    content = read_saved(weights, trust_pickle=trust.pickle)
    chosen = configuration or configuration_of(folder, weights, content)
    try:
        settings = resolved(plans, chosen)
        structures, classes = structures_of(dataset)
        channels = len(dataset.get("channel_names") or dataset.get("modality") or ())
        plan = plan_of(settings, channels, classes)
        facts = facts_of(folder, dataset, plans, settings)
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
        raise SourceError(
            f"{where}: plans.json or dataset.json lacks what nnU-Net v2 writes ({error!s:.80})."
        ) from error
    if min(len(plan.features), channels) < 1 or len(plan.features) < 2:
        raise SourceError(f"{where}: plans.json describes no network with two stages and an input channel.")
    draft = drafted(plan, where)
    state = own_names(state_dict(content, f"{place.name}/{weights.name}"))
    check_weights(draft.state_dict(), state, f"{place.name}/{weights.name}")
    network = UNet(plan)
    network.load_state_dict(state)
    order = tuple(plans.get("transpose_forward", (0, 1, 2)))
    moved = network if plan.dimensions == 2 or order == (0, 1, 2) else Permuted(network, order)
    limits = (
        f"{place.name.replace('_', ' ').capitalize()} of its training alone; nnU-Net's own figures are usually of "
        "several folds together.",
    )
    return Found(
        replace(facts, structures=structures, channels=channels, limits=(*facts.limits, *limits)), moved.eval()
    )


def drafted(plan: Plan, where: str) -> UNet:
    """The network without numbers: sizes that do not fit are found before they cost memory.

    Raises:
        SourceError: If there is no such network.
    """
    try:
        with torch.device("meta"):
            return UNet(plan)
    except (LookupError, TypeError, ValueError, ArithmeticError, RuntimeError) as error:
        raise SourceError(
            f"{where}: plans.json describes no network that can be built ({error!s:.80}). Fetch the folder again."
        ) from error


def root_of(folder: Path) -> Path:
    """The folder that holds the plans: this one, or the only one below it, as archives have it.

    Raises:
        SourceError: If there is none, or several, or ``dataset.json`` is not beside them.
    """
    found = (
        [folder] if (folder / "plans.json").is_file() else sorted({path.parent for path in folder.rglob("plans.json")})
    )
    if len(found) != 1 or not (found[0] / "dataset.json").is_file():
        raise SourceError(
            f"{short_path(folder)}: found {len(found)} folders with plans.json; needed one, with dataset.json beside "
            "it. Give the folder of a trained nnU-Net v2."
        )
    return found[0]


def fold_of(folder: Path, fold: str) -> Path:
    """The folder of one fold.

    Raises:
        SourceError: If it is not there, or none is named and there are several.
    """
    there = sorted(path for path in folder.glob("fold_*") if path.is_dir())
    if fold:
        there = [path for path in there if path.name == f"fold_{fold}"]
    if len(there) != 1:
        names = ", ".join(sorted(path.name for path in folder.glob("fold_*"))) or "none"
        raise SourceError(f"{short_path(folder)}: found the folds {names}. Name one of them with --fold.")
    return there[0]


def configuration_of(folder: Path, weights: Path, content: Any) -> str:
    """The configuration that was trained: as the checkpoint says, or the end of the folder's name.

    Raises:
        SourceError: If neither tells.
    """
    beside = weights.with_suffix(".json")
    known = read_config(beside) if weights.suffix == ".safetensors" and beside.is_file() else content
    arguments = known.get("init_args") if isinstance(known, dict) else None
    if isinstance(arguments, dict) and isinstance(arguments.get("configuration"), str):
        return str(arguments["configuration"])
    if "__" in folder.resolve().name:
        return folder.resolve().name.rpartition("__")[2]
    raise SourceError(
        f"{short_path(folder)}: it does not say which configuration was trained. Name it with --configuration."
    )


def facts_of(folder: Path, dataset: Mapping[str, Any], plans: Mapping[str, Any], settings: Mapping[str, Any]) -> Facts:
    """What the folder says beside the weights."""
    order = tuple(plans.get("transpose_forward", (0, 1, 2)))
    patch, spacing = list(settings["patch_size"]), list(settings["spacing"])
    names = list((dataset.get("channel_names") or dataset.get("modality") or {}).values())
    how, meanings = normalise_of(plans, settings, names)
    axes: tuple[str, ...] = AXES
    if len(patch) == 3:
        patch, spacing = [[values[order.index(axis)] for axis in range(3)] for values in (patch, spacing)]
        sees = f"blocks of {' x '.join(map(str, patch))} voxels"
    else:
        axes = tuple(AXES[axis] for axis in order[1:])
        sees = f"pictures of {' x '.join(map(str, patch))} pixels across the {AXES[order[0]]} axis"
    grid = " x ".join(f"{side:g}" for side in spacing[-len(axes) :])
    depth, height, width = (0, *patch)[-3:]
    modalities = {MODALITIES.get(str(name).lower().strip()) for name in names}
    return Facts(
        name=plain_name(str(plans.get("dataset_name") or folder.resolve().name)),
        training_data=texts(dataset.get("description")),
        sources=(
            *texts(dataset.get("reference")),
            "Isensee F et al. nnU-Net: a self-configuring method for deep learning-based biomedical image "
            "segmentation. Nat Methods 2021; 18:203-211.",
        ),
        limits=(
            *meanings,
            f"It sees {sees} with a spacing of {grid} mm ({', '.join(axes)}): resample, slide it over the whole with "
            "overlap, and join the logits, the middle of each counting most.",
        ),
        height_px=height,
        width_px=width,
        depth_px=depth,
        resize="centre",
        modalities=tuple(modalities) if len(modalities) == 1 and None not in modalities else (),  # type: ignore[arg-type]
        transposed=False,
        normalise=how,
    )
