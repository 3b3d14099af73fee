"""Small data sets as the inspection is given them: a manifest, noise with a bright disc, masks and boxes."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

SIDE = 48


def noise(seed: int, side: int = SIDE, grey: float = 90.0) -> np.ndarray:
    """uint8 [side, side]: blurred noise, another for each seed."""
    from scipy.ndimage import gaussian_filter

    values = gaussian_filter(np.random.default_rng(seed).normal(0, 1, (side, side)), 1.5)
    return (grey + 45 * values / values.std()).clip(0, 255).astype(np.uint8)


def write_set(
    folder: Path, rows: Sequence[Mapping[str, str]], pictures: Mapping[str, np.ndarray] | None = None
) -> Path:
    """Write ``folder/manifest.csv`` and its pictures; without any, noise of its own for each file."""
    for n, row in enumerate(rows):
        values = (pictures or {}).get(row["file"])
        save(folder / row["file"], noise(n) if values is None else values)
    for file, values in (pictures or {}).items():
        save(folder / file, values)
    with (folder / "manifest.csv").open("w", newline="", encoding="utf-8") as handle:
        writer = csv.DictWriter(handle, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return folder


def save(path: Path, values: np.ndarray) -> None:
    """Write a picture as PNG, or an array [k, j, i] as NIfTI."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.name.endswith(".nii.gz"):
        import nibabel

        nibabel.save(nibabel.Nifti1Image(values.T.astype(np.float32), np.diag([1.0, 1.0, 2.0, 1.0])), path)
    else:
        Image.fromarray(values).save(path)


def rows_of(count: int = 12, **columns: Sequence[str]) -> list[dict[str, str]]:
    """Rows of so many patients, one picture each, a half in train and a quarter in val and test, with more columns."""
    splits = ["train"] * (count // 2) + ["val"] * (count // 4) + ["test"] * (count - count // 2 - count // 4)
    return [
        {
            "file": f"images/{n}.png",
            "patient": f"p{n}",
            "split": splits[n],
            **{name: values[n % len(values)] for name, values in columns.items()},
        }
        for n in range(count)
    ]
