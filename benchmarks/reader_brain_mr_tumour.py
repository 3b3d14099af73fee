"""Place and outline of brain tumours against the drawn masks and the table of TCGA-LGG.

    python benchmarks/reader_brain_mr_tumour.py [--data DIR] [--split test]

The drawn masks are placed by the reader's rules, and side and lobe compared with what the table states. The table holds
numbers: they are read as the words of TCGA in alphabetical order (laterality: left, midline, right; location:
cerebellum, frontal, not specified, occipital, parietal, temporal). The distance of the slices is not known: 150 mm are
spread over the slices of a patient, so that heads differ in height; patients whose brain would then have no possible
size are left out and counted. The lobes' rule was chosen on train and validation.
"""

import argparse
import csv
from collections import defaultdict
from pathlib import Path

import numpy as np
from machine import facts
from PIL import Image

from secondread.core.errors import GeometryError
from secondread.core.geometry import Geometry
from secondread.core.volume import Volume
from secondread.measure.brain_mr import brain_mr
from secondread.measure.brain_mr_place import place_of
from secondread.stats.proportion import wilson

SET = Path(__file__).parents[2] / "shared" / "data" / "brain-mr-lgg"
HEAD_MM, FIELD_MM = 150.0, 240.0
SIDES = {"1.0": "left", "3.0": "right"}
LOBES = {"2.0": "frontal", "4.0": "occipital", "5.0": "parietal", "6.0": "temporal"}


def main() -> None:
    """Place the masks of a split and print how often table and rule agree."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=SET)
    parser.add_argument("--split", default="test")
    args = parser.parse_args()
    print(facts("secondread", "scipy"))
    with (args.data / "patients.csv").open(newline="", encoding="utf-8") as handle:
        table = {row["Patient"]: row for row in csv.DictReader(handle)}
    counts: dict[str, int] = defaultdict(int)
    for patient, (flair, masks) in patients(args.data, args.split).items():
        volume = as_volume(flair)
        try:
            brain = brain_mr(volume)
        except GeometryError:
            counts["left out"] += 1
            continue
        if not masks.any():
            continue
        place = place_of(brain, masks, np.zeros_like(masks))
        side, lobe = (SIDES.get(table[patient]["laterality"]), LOBES.get(table[patient]["tumor_location"]))
        if side is not None:
            counts["sides"] += 1
            counts["same side"] += place.side == side
            counts["other side"] += place.side not in (side, "both sides")
        if lobe is not None:
            counts["lobes"] += 1
            counts["same lobe"] += place.lobes[0] == lobe
    print(f"brain-mr-lgg, {args.split}; {counts['left out']} patients left out")
    for found, of in (("same side", "sides"), ("other side", "sides"), ("same lobe", "lobes")):
        print(f"{found:12s} {wilson(counts[found], counts[of])} of {counts[of]}")


def patients(folder: Path, split: str) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Patient to FLAIR, float32 [k, j, i], and drawn mask, from the lowest slice to the highest."""
    with (folder / "manifest.csv").open(newline="", encoding="utf-8") as handle:
        rows = [row for row in csv.DictReader(handle) if row["split"] == split]
    rows.sort(key=lambda row: (row["patient"], int(row["slice"])))
    found: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in rows:
        found[row["patient"]].append(row)
    return {
        patient: (
            np.stack([np.asarray(Image.open(folder / row["file"]))[..., 1] for row in mine]).astype(np.float32),
            np.stack([np.asarray(Image.open(folder / row["mask"])) > 0 for row in mine]),
        )
        for patient, mine in found.items()
    }


def as_volume(flair: np.ndarray, head_mm: float = HEAD_MM) -> Volume:
    """The slices in a field of 240 mm, ``head_mm`` spread over all of them."""
    slices, rows, columns = flair.shape
    affine = np.diag([head_mm / slices, FIELD_MM / rows, FIELD_MM / columns, 1.0])[[2, 1, 0, 3]]
    return Volume(flair, Geometry((slices, rows, columns), affine), "grey")


if __name__ == "__main__":
    main()
