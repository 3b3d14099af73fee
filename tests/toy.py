"""A toy data set and recipe: grey noise, with or without a bright spot. Small enough to train in a test."""

import csv
from pathlib import Path

import numpy as np
from PIL import Image

from secondread.learn.manifest import fingerprint

COUNTS = {"train": 64, "val": 24, "test": 24}
SIDE = 32


def make_set(root: Path, name: str = "toy") -> Path:
    """Write ``root/name/manifest.csv`` and its pictures; two pictures a patient."""
    folder = root / name
    (folder / "images").mkdir(parents=True)
    random = np.random.default_rng(7)
    rows = []
    for split, count in COUNTS.items():
        for n in range(count):
            label = "spot" if (n // 2) % 2 else "plain"
            file = f"images/{split}{n}.png"
            Image.fromarray(picture(random, label)).save(folder / file)
            rows.append(
                {"file": file, "label": label, "patient": f"{split}-{n // 2}", "split": split, "sex": "FM"[n % 2]}
            )
    write_manifest(folder, rows)
    return folder


def picture(random: np.random.Generator, label: str) -> np.ndarray:
    """uint8 [32, 32]."""
    grey = random.normal(90, 15, (SIDE, SIDE))
    if label == "spot":
        row, column = random.integers(6, SIDE - 6, 2)
        y, x = np.indices(grey.shape)
        grey += 130 * np.exp(-((y - row) ** 2 + (x - column) ** 2) / 14.0)
    return grey.clip(0, 255).astype(np.uint8)


def write_manifest(folder: Path, rows: list[dict[str, str]]) -> None:
    """Replace the manifest."""
    with (folder / "manifest.csv").open("w", newline="", encoding="utf-8") as handle:
        writer = csv.DictWriter(handle, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def read_manifest(folder: Path) -> list[dict[str, str]]:
    """The rows."""
    with (folder / "manifest.csv").open(newline="", encoding="utf-8") as handle:
        return list(csv.DictReader(handle))


RECIPE = """
schema = 1

[model]
name = "toy"
version = "0.0.1"
role = "benchmark"
intended_use = "Tests."
not_for = ["Anything else."]
labels = ["plain", "spot"]
licence = "Apache-2.0"
training_data = ["Noise made for a test."]
sources = ["This test."]

[input]
height_px = 32
width_px = 32
resize = "squeeze"
modalities = ["CR"]

[[data]]
path = "toy"
sha256 = "{sha256}"
classes = {{ plain = "plain", spot = "spot" }}
groups = ["sex"]

[network]
backbone = "resnet18"
widths = [4, 8, 8, 8]
stem = "small"

[train]
seeds = {seeds}
ensemble = {ensemble}
epochs = {epochs}
batch = 8
learning_rate = 5e-3
ema = 0.9
precision = "fp32"

[augment]
flip = 0.5
flip_is_harmless = true
brightness = 0.05

[[questions]]
name = "spot"
positive = ["spot"]

[[accept]]
question = "spot"
measure = "auroc"
at_least = 0.6

[[regions]]
name = "left half"
polygons = [[[0.0, 0.0], [0.5, 0.0], [0.5, 1.0], [0.0, 1.0]]]
"""


def make_recipe(
    root: Path, *, epochs: int = 4, seeds: str = "[1]", ensemble: str = "false", change: tuple[str, str] = ("", "")
) -> Path:
    """Write ``root/toy.toml`` for the set in ``root/toy``; ``change`` replaces one text by another."""
    text = RECIPE.format(sha256=fingerprint(root / "toy"), epochs=epochs, seeds=seeds, ensemble=ensemble)
    path = root / "toy.toml"
    path.write_text(text.replace(*change) if change[0] else text, encoding="utf-8")
    return path
