"""Toy sets beyond one label: masks of the spot, findings of which some are unknown, and volumes with a ball."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
from PIL import Image

from secondread.learn.manifest import fingerprint
from toy import write_manifest

SIDE = 32
DEPTH = 16
COUNTS = {"train": 24, "val": 12, "test": 12}
SITES = ("north", "south", "west")


def rows(split: str, count: int) -> list[dict[str, str]]:
    """Two pictures a patient, three sites."""
    return [
        {
            "file": f"images/{split}{n}.png",
            "patient": f"{split}-{n // 2}",
            "split": split,
            "sex": "FM"[n // 2 % 2],
            "site": SITES[n // 6 % 3],
        }
        for n in range(count)
    ]


def disc(random: np.random.Generator, grid: tuple[int, ...], radius: float) -> np.ndarray:
    """bool [*grid]: a ball somewhere inside."""
    centre = [random.integers(8 if side > 20 else 5, side - (8 if side > 20 else 5)) for side in grid]
    away = sum((axis - c) ** 2 for axis, c in zip(np.indices(grid), centre, strict=True))
    return np.asarray(away <= radius**2)


def save(path: Path, values: np.ndarray) -> None:
    """uint8 [j, i] as PNG, or [k, j, i] as NIfTI."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.name.endswith(".nii.gz"):
        nibabel.save(nibabel.Nifti1Image(values.T, np.eye(4)), path)
    else:
        Image.fromarray(values).save(path)


def make_outlines(root: Path, name: str = "outlines", counts: Mapping[str, int] = COUNTS) -> Path:
    """A bright spot with its mask on two patients of three, every second of them large; the third has an empty cell."""
    folder, random, table = root / name, np.random.default_rng(5), []
    for split, count in counts.items():
        for n, row in enumerate(rows(split, count)):
            kind = n // 2 % 3
            spot = disc(random, (SIDE, SIDE), 3.0 if kind == 1 else 6.0) if kind else np.zeros((SIDE, SIDE), bool)
            save(folder / row["file"], (random.normal(70, 12, spot.shape) + 120 * spot).clip(0, 255).astype(np.uint8))
            mask = row["file"].replace("images", "masks") if kind else ""
            if kind:
                save(folder / mask, np.where(spot, np.uint8(255), np.uint8(0)))
            table.append(row | {"mask": mask, "label": ("none", "small", "large")[kind]})
    write_manifest(folder, table)
    return folder


def make_findings(root: Path, name: str = "findings", counts: Mapping[str, int] = COUNTS) -> Path:
    """A bright spot and a dark stripe, each on its own; a few cells say nothing. ``age`` tells of the spot a little."""
    folder, random, table = root / name, np.random.default_rng(6), []
    for split, count in counts.items():
        for n, row in enumerate(rows(split, count)):
            spot, stripe = n % 2, n // 2 % 2
            grey = random.normal(120, 12, (SIDE, SIDE)) + 120 * spot * disc(random, (SIDE, SIDE), 4.0)
            grey[:, 14:18] -= 90 * stripe
            save(folder / row["file"], grey.clip(0, 255).astype(np.uint8))
            cells = {"spot": str(spot), "stripe": "" if n % 11 == 5 else str(stripe)}
            table.append(row | cells | {"age": str(int(50 + 10 * spot + random.normal(0, 10)))})
    write_manifest(folder, table)
    return folder


def make_volumes(root: Path, name: str = "volumes", counts: Mapping[str, int] = COUNTS) -> Path:
    """A bright ball, of which the half with the lower columns is another structure than the rest."""
    folder, random, table = root / name, np.random.default_rng(8), []
    for split, count in counts.items():
        for row in rows(split, count):
            grid = (DEPTH, DEPTH, DEPTH)
            ball = disc(random, grid, 4.0)
            middle = np.argwhere(ball)[:, 2].mean()
            mask = np.where(np.indices(grid)[2] < middle, 1, 2) * ball
            file = row["file"].replace(".png", ".nii.gz")
            save(folder / file, (random.normal(60, 8, grid) + 70 * (mask == 1) + 140 * (mask == 2)).astype(np.int16))
            save(folder / file.replace("images", "masks"), mask.astype(np.uint8))
            table.append(row | {"file": file, "mask": file.replace("images", "masks"), "label": "any"})
    write_manifest(folder, table)
    return folder


BASE: dict[str, Any] = {
    "schema": 1,
    "model": {
        "name": "toy",
        "version": "0.0.1",
        "role": "benchmark",
        "intended_use": "Tests.",
        "not_for": ["Anything else."],
        "licence": "Apache-2.0",
        "training_data": ["Noise made for a test."],
        "sources": ["This test."],
    },
    "input": {"height_px": SIDE, "width_px": SIDE, "resize": "squeeze", "modalities": ["OT"]},
    "network": {"backbone": "resnet18", "widths": [8, 8, 16, 16], "stem": "small"},
    "train": {"epochs": 4, "batch": 8, "learning_rate": 1e-2, "ema": 0.8, "precision": "fp32", "store": "full"},
    "augment": {},
}


def write_recipe(folder: Path, tables: Mapping[str, Any]) -> Path:
    """A recipe for the set in ``folder``, beside it: ``BASE``, with ``tables`` laid over it."""
    import tomli_w

    whole = {key: dict(value) if isinstance(value, dict) else value for key, value in BASE.items()}
    for name, value in tables.items():
        whole[name] = whole.get(name, {}) | value if isinstance(value, Mapping) else value
    whole["data"] = [{"path": folder.name, "sha256": fingerprint(folder), **whole.get("data", {})}]
    path = folder.parent / f"{folder.name}.toml"
    path.write_text(tomli_w.dumps(whole), encoding="utf-8")
    return path


OUTLINES: dict[str, Any] = {
    "model": {"labels": ["small", "large"], "structures": ["spot"]},
    "data": {
        "mask": "mask",
        "mask_values": {"255": "spot"},
        "classes": {"small": "small", "large": "large"},
        "unlabelled": True,
        "groups": ["site"],
    },
    "network": {"decoder": [16, 8, 8]},
    "questions": [{"name": "large", "positive": ["large"]}],
    "marks": [{"structure": "spot"}],
    "accept": [
        {"question": "spot", "measure": "dice", "at_least": 0.5},
        {"question": "large", "measure": "auroc", "at_least": 0.6},
    ],
}
FINDINGS: dict[str, Any] = {
    "model": {"labels": ["spot", "stripe"], "activation": "sigmoid"},
    "data": {"columns": {"spot": "spot", "stripe": "stripe"}, "groups": ["sex", "site"], "numbers": ["age"]},
    "questions": [{"name": "spot", "positive": ["spot"]}, {"name": "stripe", "positive": ["stripe"]}],
}
VOLUMES: dict[str, Any] = {
    "model": {"structures": ["left", "right"]},
    "input": {"height_px": DEPTH, "width_px": DEPTH, "depth_px": DEPTH, "resize": "centre", "modalities": ["MR"]},
    "data": {"picture": "volume", "mask": "mask", "mask_values": {"1": "left", "2": "right"}},
    "network": {"backbone": "unet", "widths": [8, 16, 16], "stem": "large"},
    "train": {"batch": 4},
    "accept": [{"question": "right", "measure": "dice", "at_least": 0.1}],
}
