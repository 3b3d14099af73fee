"""What each measured feature of a breast lesion in ultrasound is worth against pathology and BI-RADS.

    python benchmarks/reader_breast_ultrasound.py [--splits train val] [--page docs/readers/...]

Pictures of BUS-BRA, biopsy-proven, once with the outlines that people drew, once with those of the bundle. The area
under the ROC curve of each number, and sensitivity and specificity of each word, with 95 % intervals drawn by case.
The limits of the words were fixed on train and val; test was looked at once. ``--page`` writes the result into the
first text block of that page.
"""

import argparse
import csv
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from machine import facts, write_block
from numpy.typing import NDArray

from secondread.engine.bundle import shipped
from secondread.engine.bundles import Bundles
from secondread.formats.raster import load_raster, open_raster
from secondread.measure.lesion_shape import LEAST_PX, largest_part, shape_of
from secondread.measure.ultrasound_features import Margin, behind, echo, edge_steepness, patch_of
from secondread.readers.breast_ultrasound import BUNDLE, STRUCTURE, probable
from secondread.stats.auroc import auroc
from secondread.stats.bootstrap import bootstrap

FOLDER = Path(__file__).resolve().parents[2] / "shared" / "data" / "breast-us-busbra"
RESAMPLES, SEED = 1000, 1
# Name to the sign that makes larger mean malignant.
NUMBERS = {
    "solidity": -1, "difference from an ellipse": 1, "elongation": -1, "depth over width": 1,
    "sharpness of the edge": -1, "grey inside over beside": -1, "variation inside": 1, "behind against beside": -1,
}  # fmt: skip
WORDS = ("irregular", "not parallel", "not circumscribed", "shadowing", "heterogeneous", "any of the first three")


class Row(NamedTuple):
    """One picture: its line of the manifest, its numbers (NaN where not measured) and whether each word holds."""

    patient: str
    malignant: bool
    category: int
    numbers: tuple[float, ...]
    words: tuple[float, ...]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--splits", nargs="+", default=["val"])
    parser.add_argument("--outlines", nargs="+", default=["drawn", "network"], choices=["drawn", "network"])
    parser.add_argument("--page", type=Path, help="a page whose first text block becomes the result")
    args = parser.parse_args()
    print(facts("secondread", "numpy", "scipy"))
    text = "\n".join(line for which in args.outlines for line in lines(args.splits, which))
    print(text)
    if args.page:
        write_block(args.page, text)


def lines(splits: list[str], which: str) -> list[str]:
    """A table for one kind of outline."""
    with (FOLDER / "manifest.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["split"] in splits]
    with ProcessPoolExecutor(2) as pool:
        found = [row for row in pool.map(measured, rows, [which] * len(rows), chunksize=16) if row is not None]
    ill = sum(row.malignant for row in found)
    whose = {"drawn": "drawn by people", "network": "of the network"}[which]
    told = [
        f"{' and '.join(splits)}, outlines {whose}: {len(found)} pictures of {len({r.patient for r in found})} cases, "
        f"{ill} malignant; {len(rows) - len(found)} without an outline",
        f"{'number':28}{'n':>5}  {'AUROC, malignant':26}AUROC, BI-RADS 4 or 5",
    ]
    patients = np.array([row.patient for row in found])
    malignant, category = np.array([r.malignant for r in found]), np.array([r.category for r in found])
    for k, (name, sign) in enumerate(NUMBERS.items()):
        values = sign * np.array([row.numbers[k] for row in found])
        ok = np.isfinite(values)
        areas = [area(truth[ok], values[ok], patients[ok]) for truth in (malignant, category >= 4)]
        told.append(f"{name:28}{ok.sum():5d}  {areas[0]:26}{areas[1]}")
    told.append(f"{'word':28}{'n':>5}  {'sensitivity':26}specificity, malignant")
    for k, name in enumerate(WORDS):
        holds = np.array([row.words[k] for row in found])
        ok = np.isfinite(holds)
        seen, spared = (
            share(holds[ok & (malignant == is_ill)] == is_ill, patients[ok & (malignant == is_ill)])
            for is_ill in (True, False)
        )
        told.append(f"{name:28}{ok.sum():5d}  {seen:26}{spared}")
    return [*told, ""]


def measured(row: dict[str, str], which: str) -> Row | None:
    """Everything of one picture, or None where nothing was outlined."""
    grey = load_raster(open_raster(FOLDER / row["file"]).series[0]).values
    inside, _ = largest_part(drawn(row) if which == "drawn" else by_network(grey))
    if inside.sum() < LEAST_PX:
        return None
    shape, patch = shape_of(inside), patch_of(grey, inside)
    bright, edge, after = echo(patch), edge_steepness(patch), behind(patch)
    nothing = float("nan")
    numbers = (
        shape.solidity, shape.ellipse_gap, shape.elongation, shape.depth_to_width, nothing if edge is None else edge,
        bright.ratio if bright else nothing, bright.relative_variation if bright else nothing,
        after.whole if after else nothing,
    )  # fmt: skip
    ragged = Margin(shape.solidity, edge).word == "not circumscribed"
    words = (
        float(shape.irregular), float(shape.depth_to_width >= 1.0), float(ragged),
        float(after.word == "shadowing") if after else nothing,
        float(bright.word == "heterogeneous") if bright else nothing,
        float(shape.irregular or shape.depth_to_width >= 1.0 or ragged),
    )  # fmt: skip
    return Row(row["patient"], row["label"] == "malignant", int(row["birads"]), numbers, words)


def drawn(row: dict[str, str]) -> NDArray[np.bool_]:
    """The outline that people drew."""
    return np.asarray(load_raster(open_raster(FOLDER / row["mask"]).series[0]).values > 0)


@cache
def bundles() -> Bundles:
    """The network, opened once a process."""
    return Bundles([shipped()], threads=1)


def by_network(grey: NDArray[np.float32]) -> NDArray[np.bool_]:
    """The outline of the network, as the reader draws it."""
    card = bundles().card(BUNDLE)
    return probable(grey, card, bundles())[1] >= card.threshold(STRUCTURE)


def area(truth: NDArray[np.bool_], values: NDArray[np.float64], patients: NDArray[np.str_]) -> str:
    """Area under the ROC curve with its interval."""
    found = bootstrap(auroc, patients, truth.astype(int), values, n=RESAMPLES, seed=SEED)
    return f"{found.value:.3f} ({found.low:.3f} to {found.high:.3f})"


def share(right: NDArray[np.bool_], patients: NDArray[np.str_]) -> str:
    """Share of cases called rightly, with its interval."""
    found = bootstrap(lambda part: float(np.mean(part)), patients, right.astype(float), n=RESAMPLES, seed=SEED)
    return f"{found.value:.3f} ({found.low:.3f} to {found.high:.3f})"


if __name__ == "__main__":
    main()
