"""Fluid in the axial plane of OASIS-1 against nWBV and the diagnosis; and which pictures pass for a mosaic.

    python benchmarks/reader_brain_mr_dementia.py [--data DIR] [--split test]

nWBV is the share of the brain in the skull that comes with the set; values that lost their decimal point in it count as
thousandths, others are unknown. How good the network itself is stands on its card.
"""

import argparse
import csv
from collections import defaultdict
from pathlib import Path

import numpy as np
from machine import facts

from secondread.core.card import InputContract
from secondread.formats.raster import load_raster, open_raster
from secondread.measure.brain_mosaic import SIDE_PX, TILES, plane_shares, why_no_mosaic
from secondread.prepare.model_space import to_model_space
from secondread.stats.bootstrap import bootstrap

SET = Path(__file__).parents[2] / "shared" / "data" / "brain-mr-oasis1"
PLAUSIBLE = (100.0, 1000.0)


def main() -> None:
    """Print both, with intervals by person."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=SET)
    parser.add_argument("--split", default="test")
    args = parser.parse_args()
    print(facts("secondread", "scipy"))
    with (args.data / "manifest.csv").open(newline="", encoding="utf-8") as handle:
        people: dict[str, dict[str, dict[str, str]]] = defaultdict(dict)
        for row in csv.DictReader(handle):
            if row["split"] == args.split:
                people[row["patient"]][row["plane"]] = row
    contract = InputContract(SIDE_PX, SIDE_PX, "pad", ("MR",))
    passed, fluid, share = 0, [], []
    for planes in people.values():
        if set(planes) != set(TILES):
            continue
        pictures = {name: load_raster(open_raster(args.data / planes[name]["file"]).series[0]) for name in TILES}
        tiles = {name: to_model_space(picture, contract).tensor[0, 0] for name, picture in pictures.items()}
        passed += not why_no_mosaic(tiles)
        nwbv = float(planes["axial"]["nwbv"] or 0.0)
        if PLAUSIBLE[0] <= nwbv <= PLAUSIBLE[1]:
            fluid.append(plane_shares(tiles["axial"]).fluid)
            share.append(nwbv)
    found = bootstrap(correlation, np.arange(len(fluid)).astype(str), np.array(share), np.array(fluid), seed=1)
    print(f"brain-mr-oasis1, {args.split}: {passed} of {len(people)} people pass for a mosaic")
    print(f"correlation of fluid in the axial plane with nWBV {found}, {len(fluid)} people")


def correlation(share: np.ndarray, fluid: np.ndarray) -> float | None:
    """Pearson's; None where one does not vary."""
    if min(np.std(share), np.std(fluid)) == 0.0:
        return None
    return float(np.corrcoef(share, fluid)[0, 1])


if __name__ == "__main__":
    main()
