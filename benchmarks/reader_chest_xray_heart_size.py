"""What the cardiothoracic ratio is worth against the word cardiomegaly in reports, beside the network's answer.

    python benchmarks/reader_chest_xray_heart_size.py [--splits train val] [--page docs/readers/...]

Adults of NIH ChestX-ray14. For each view: how many pictures are refused, the area under the ROC curve of the ratio with
a 95 % interval drawn by patient, sensitivity and specificity at the limit of the projection, and on the test split the
same area for the label cardiomegaly of the bundle chest-xray-findings, which learnt from train. The search of the
outlines was tuned on train and val; test was looked at once. ``--page`` writes the result into the first text block
of that page.
"""

import argparse
import csv
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from machine import facts, write_block
from numpy.typing import NDArray

from secondread.core.image import Image
from secondread.core.mask import Mask
from secondread.engine.bundle import shipped
from secondread.engine.bundles import Bundles
from secondread.engine.probabilities import calibrate
from secondread.formats.raster import load_raster, open_raster
from secondread.guidelines.cardiothoracic import LIMITS
from secondread.measure.cardiothoracic_ratio import from_masks
from secondread.measure.chest_outline import outline
from secondread.prepare.model_space import to_model_space
from secondread.readers.chest_xray_heart_size import HEART, LUNG, refused
from secondread.stats.auroc import auroc
from secondread.stats.bootstrap import bootstrap, bootstrap_difference
from secondread.stats.proportion import wilson

FOLDER = Path(__file__).resolve().parents[2] / "shared" / "data" / "cxr-nih"
RESAMPLES, SEED, ADULT_YEARS = 2000, 1, 18.0
NETWORK, LABEL = "chest-xray-findings", "cardiomegaly"


class Row(NamedTuple):
    """One picture: ratio (NaN where refused), why it is refused, and the network's probability."""

    split: str
    patient: str
    view: str
    positive: bool
    ratio: float
    refusal: str
    network: float


@cache
def bundles() -> Bundles:
    """The shipped networks, opened once in each process."""
    return Bundles([shipped()], engine="onnxruntime", threads=1)


def measured(line: dict[str, str]) -> Row:
    """One line of the manifest, read."""
    image = load_raster(open_raster(FOLDER / line["file"]).series[0])
    card = bundles().card(NETWORK)
    output = bundles().run(NETWORK, to_model_space(image, card.input).tensor)
    network = float(calibrate(output.logits, card)[0][card.labels.index(LABEL)])
    ratio, why = ratio_of(image)
    return Row(line["split"], line["patient"], line["view"], line["Cardiomegaly"] == "1", ratio, why, network)


def ratio_of(image: Image) -> tuple[float, str]:
    """The ratio, or NaN and the reason of the refusal, as the reader has them."""
    found = outline(image)
    refusal = refused(found)
    if refusal is not None:
        return float("nan"), refusal.reason
    masks = Mask(found.heart, None, HEART), Mask(found.lungs, None, LUNG)
    try:
        return from_masks(*masks, projection="PA", upright=True).ratio.value, ""
    except ValueError:
        return float("nan"), "content"


def told(rows: list[Row], view: str) -> list[str]:
    """Lines about one view."""
    kept = [row for row in rows if np.isfinite(row.ratio)]
    patients, y = np.array([row.patient for row in kept]), np.array([row.positive for row in kept]).astype(int)
    ratio, network = (np.array([getattr(row, name) for row in kept]) for name in ("ratio", "network"))
    reasons = Counter(row.refusal for row in rows if row.refusal)
    why = ", ".join(f"{reason} {count}" for reason, count in sorted(reasons.items()))
    people = len({row.patient for row in kept if row.positive})
    lines = [
        f"{view}: {len(rows)} pictures; refused: {why or 'none'}; {int(y.sum())} of {people} people named large",
        f"  ratio, median: {np.median(ratio[y == 0]):.3f} others, {np.median(ratio[y == 1]):.3f} named large",
        f"  AUROC of the ratio: {_area(patients, y, ratio)}",
    ]
    called = ratio > LIMITS[view]
    for name, right in (("sensitivity", called[y == 1]), ("specificity", ~called[y == 0])):
        part = wilson(int(right.sum()), len(right))
        lines.append(
            f"  {name} above {LIMITS[view]:.2f}: {part.value:.3f} ({part.low:.3f} to {part.high:.3f}), {len(right)}"
        )
    if {row.split for row in rows} == {"test"}:
        less = bootstrap_difference(auroc, patients, y, ratio, network, n=RESAMPLES, seed=SEED)
        lines.append(f"  AUROC of the network on the same pictures: {_area(patients, y, network)}")
        lines.append(f"  the ratio's less this: {less.value:+.3f} ({less.low:.3f} to {less.high:.3f})")
    return lines


def _area(patients: NDArray[np.str_], y: NDArray[np.int_], scores: NDArray[np.float64]) -> str:
    found = bootstrap(auroc, patients, y, scores, n=RESAMPLES, seed=SEED)
    return f"{found.value:.3f} ({found.low:.3f} to {found.high:.3f})"


def main() -> None:
    """Print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--splits", nargs="+", default=["train", "val"])
    parser.add_argument("--page", type=Path)
    parser.add_argument("--jobs", type=int, default=2)
    asked = parser.parse_args()
    with (FOLDER / "manifest.csv").open(encoding="utf-8", newline="") as file:
        lines = [
            line for line in csv.DictReader(file) if line["split"] in asked.splits and float(line["age"]) >= ADULT_YEARS
        ]
    with ProcessPoolExecutor(asked.jobs) as pool:
        rows = list(pool.map(measured, lines, chunksize=20))
    report = [f"splits {', '.join(asked.splits)}; {facts()}"]
    for view in ("PA", "AP"):
        report += told([row for row in rows if row.view == view], view)
    print("\n".join(report))
    if asked.page:
        write_block(asked.page, "\n".join(report))


if __name__ == "__main__":
    main()
