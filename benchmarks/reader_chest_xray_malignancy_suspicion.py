"""What nodule or mass of the bundle chest-xray-findings is worth, and how many adults the input gate turns away.

    python benchmarks/reader_chest_xray_malignancy_suspicion.py

Adults of NIH ChestX-ray14, each split apart: the network learnt from train and its thresholds from val. A picture is
positive where its report named a nodule or a mass, and called where either is at or above its threshold. The gate is
counted there and on TBX11K, which it never saw.
"""

import csv
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from machine import facts

from secondread.core.image import Image
from secondread.engine.bundle import shipped
from secondread.engine.bundles import Bundles
from secondread.engine.probabilities import calibrate
from secondread.formats.raster import load_raster, open_raster
from secondread.prepare.model_space import to_model_space
from secondread.stats.auroc import auroc
from secondread.stats.bootstrap import bootstrap
from secondread.stats.proportion import wilson

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
NETWORK, GATE, LABELS = "chest-xray-findings", "chest-xray-gate", ("mass", "nodule")
RESAMPLES, SEED, ADULT_YEARS = 2000, 1, 18.0
SPLITS = ("train", "val", "test")


class Row(NamedTuple):
    """One picture."""

    split: str
    patient: str
    positive: bool
    score: float
    called: bool
    passes: bool


@cache
def bundles() -> Bundles:
    """The shipped networks."""
    return Bundles([shipped()], engine="onnxruntime", threads=1)


def probabilities(name: str, image: Image) -> dict[str, float]:
    """What a bundle says of a picture, by label."""
    card = bundles().card(name)
    output = bundles().run(name, to_model_space(image, card.input).tensor)
    return dict(zip(card.labels, map(float, calibrate(output.logits, card)[0]), strict=True))


def measured(folder: str, line: dict[str, str]) -> Row:
    """One line of a manifest, read."""
    image = load_raster(open_raster(DATA / folder / line["file"]).series[0])
    passes = probabilities(GATE, image)["frontal"] >= bundles().card(GATE).threshold("frontal")
    found, card = probabilities(NETWORK, image), bundles().card(NETWORK)
    positive = "1" in (line.get("Mass"), line.get("Nodule"))
    score = 1.0 - float(np.prod([1.0 - found[label] for label in LABELS]))
    called = any(found[label] >= card.threshold(label) for label in LABELS)
    return Row(line["split"], line["patient"], positive, score, called, passes)


def told(name: str, rows: list[Row]) -> str:
    """One line about one split."""
    y, scores = np.array([row.positive for row in rows]).astype(int), np.array([row.score for row in rows])
    people = len({row.patient for row in rows if row.positive})
    area = bootstrap(auroc, np.array([row.patient for row in rows]), y, scores, n=RESAMPLES, seed=SEED)
    hits = wilson(sum(row.called for row in rows if row.positive), int(y.sum()))
    clear = wilson(sum(not row.called for row in rows if not row.positive), int(len(y) - y.sum()))
    return (
        f"{name}: {len(rows)} pictures, {int(y.sum())} positive of {people} people; AUROC {area.value:.3f} "
        f"({area.low:.3f} to {area.high:.3f}); sensitivity {hits.value:.3f} ({hits.low:.3f} to {hits.high:.3f}); "
        f"specificity {clear.value:.3f} ({clear.low:.3f} to {clear.high:.3f})"
    )


def main() -> None:
    """Print it."""
    print(facts())
    for folder in ("cxr-nih", "cxr-tbx11k"):
        with (DATA / folder / "manifest.csv").open(encoding="utf-8", newline="") as file:
            lines = [line for line in csv.DictReader(file) if float(line.get("age") or ADULT_YEARS) >= ADULT_YEARS]
        rows = [measured(folder, line) for line in lines]
        for split in SPLITS:
            part = [row for row in rows if row.split == split]
            away = sum(not row.passes for row in part)
            print(f"{folder} {split}: the gate turns away {away} of {len(part)}")
            if folder == "cxr-nih":
                print(f"  {told(split, part)}")


if __name__ == "__main__":
    main()
