"""How often the input gate accepts pictures of data sets that it never saw, and halves of whole ones.

Usage: python benchmarks/gate_unseen.py [--data DIR]

Frontal chest X-rays of an unseen source should be accepted, everything else refused. Prints one row a set with
Wilson intervals by picture; slices of one patient resemble each other, so those of the MR and CT sets are too narrow.
"""

import argparse
import csv
from pathlib import Path

import numpy as np
from PIL import Image as Picture

from secondread.core.errors import FormatError
from secondread.core.image import Image
from secondread.engine.bundle import shipped
from secondread.engine.bundles import Bundles
from secondread.engine.probabilities import calibrate
from secondread.formats.raster import load_raster, open_raster
from secondread.prepare.model_space import to_model_space
from secondread.stats.proportion import wilson

GATE = "chest-xray-gate"
SETS = (
    ("cxr-tbx11k", "frontal chest X-rays of adults, tuberculosis", True),
    ("breast-us-busi", "breast ultrasound", False),
    ("brain-mr-oasis1", "brain MR, skull-stripped", False),
    ("brain-mr-lgg", "brain MR, tumour", False),
    ("chest-ct-lidc", "chest CT, cut out around a nodule", False),
)
# First row and column, last row and column, as shares of the sides.
PARTS = {
    "upper half": (0, 0, 0.5, 1),
    "lower half": (0.5, 0, 1, 1),
    "left half": (0, 0, 1, 0.5),
    "right half": (0, 0.5, 1, 1),
    "middle half of each side": (0.25, 0.25, 0.75, 0.75),
}
MOST = 400


def pictures(folder: Path) -> list[Path]:
    """At most ``MOST`` files of a set, spread evenly over its manifest."""
    with (folder / "manifest.csv").open(newline="", encoding="utf-8") as handle:
        files = [row["file"] for row in csv.DictReader(handle)]
    return [folder / files[n] for n in np.unique(np.linspace(0, len(files) - 1, MOST).astype(int))]


def grey(path: Path) -> np.ndarray:
    """A picture in the gate's model space; colour sets are taken by their first channel."""
    try:
        return load_raster(open_raster(path).series[0]).values
    except FormatError:
        return Image(np.asarray(Picture.open(path).convert("RGB"), dtype=np.float32)[..., 0] / 255).values


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path(__file__).parents[2] / "shared" / "data")
    root = parser.parse_args().data
    bundles = Bundles([shipped()], engine="onnxruntime", threads=2)
    card = bundles.card(GATE)
    print(f"{GATE} {card.version}: accepted when p(frontal) >= {card.threshold('frontal'):.4f}")
    for name, what, wanted in SETS:
        whole = [grey(path) for path in pictures(root / name)]
        report(bundles, name, what, whole, wanted=wanted)
        for part, shares in PARTS.items() if wanted else ():
            report(bundles, name, part, [cut(picture, *shares) for picture in whole], wanted=False)


def cut(picture: np.ndarray, top: float, left: float, bottom: float, right: float) -> np.ndarray:
    """The part of a picture between shares of its sides."""
    rows, columns = picture.shape
    return picture[round(top * rows) : round(bottom * rows), round(left * columns) : round(right * columns)]


def report(bundles: Bundles, name: str, what: str, found: list[np.ndarray], *, wanted: bool) -> None:
    """Print one row: how many pictures were judged as wanted, and what the refused ones were taken for."""
    card = bundles.card(GATE)
    tensors = np.concatenate([to_model_space(Image(picture), card.input).tensor for picture in found])
    p = calibrate(bundles.run(GATE, tensors).logits, card)
    accepted = p[:, card.labels.index("frontal")] >= card.threshold("frontal")
    right = int((accepted == wanted).sum())
    verb = "accepted" if wanted else "refused"
    reasons = {label: int((p[~accepted].argmax(1) == n).sum()) for n, label in enumerate(card.labels)}
    print(f"{name:18s} {what:48s} {verb} {right:4d} of {len(found):4d}  {wilson(right, len(found))}  reasons {reasons}")


if __name__ == "__main__":
    main()
