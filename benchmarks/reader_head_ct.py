"""How exact head CT is measured on phantoms, and how many patients with blood the network path finds.

    python benchmarks/reader_head_ct.py [--patients FOLDER]

Phantoms (tests/phantoms/head_ct.py) are scanned with noise and blur: the error of the midline shift by tilt and slice
thickness, and of the volume of a bleeding by its size and slice thickness. With ``--patients`` (the folder of the data
set head-ct-ich) the pictures of each validation and test patient are stacked to a volume, 5 mm apart with pixels of 0.9
mm, neither of which they state, and the network path of the reader answers for the whole patient.
"""

import argparse
import csv
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from machine import facts
from numpy.typing import NDArray
from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from phantoms.head_ct import Blob, HeadCt, scanned, septum_shift  # noqa: E402
from secondread.core.geometry import Geometry  # noqa: E402
from secondread.core.volume import Volume  # noqa: E402
from secondread.engine.bundle import shipped  # noqa: E402
from secondread.engine.bundles import Bundles  # noqa: E402
from secondread.engine.neighbours import together  # noqa: E402
from secondread.engine.probabilities import calibrate  # noqa: E402
from secondread.measure.head import head_of, tissue_hu  # noqa: E402
from secondread.measure.head_blood import dense_regions  # noqa: E402
from secondread.measure.head_midline import septum_of  # noqa: E402
from secondread.measure.head_symmetry import frame_of, straight_of  # noqa: E402
from secondread.prepare.head_slabs import slabs_of  # noqa: E402
from secondread.readers.head_ct_haemorrhage import BUNDLE, NEAR_SLABS  # noqa: E402
from secondread.stats.proportion import wilson  # noqa: E402

TILTS = {
    "straight": {},
    "turned 15": {"yaw_deg": 15.0},
    "leaning 10": {"roll_deg": 10.0},
    "turned -12, leaning 8, nodding 15": {"yaw_deg": -12.0, "roll_deg": 8.0, "pitch_deg": 15.0},
}
SHIFTS_MM, THICKNESSES_MM = (0.0, 4.0, -9.0), (2.5, 5.0, 7.0)
RADII_MM = (7.0, 10.0, 15.0, 20.0)
WINDOW_LOW_HU, WINDOW_WIDE_HU, STEP_MM, PIXEL_MM = -20.0, 120.0, 5.0, 0.9
WHITE_HU, BLACK_HU = 96.5, -19.5  # beyond which a picture says bone, and air


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--patients", type=Path, help="folder of the data set head-ct-ich")
    args = parser.parse_args()
    print(facts("secondread", "numpy", "scipy"))
    for line in midlines():
        print(line, flush=True)
    for line in volumes():
        print(line, flush=True)
    if args.patients:
        for line in (*patients(args.patients), shifts_without_blood(args.patients)):
            print(line, flush=True)


def midlines() -> Iterator[str]:
    """Largest error of the midline shift of several shifts, by tilt and thickness."""
    yield f"midline shift: largest error in mm of shifts of {', '.join(f'{mm:g}' for mm in SHIFTS_MM)} mm"
    yield "head".ljust(36) + "".join(f"{mm:g} mm".rjust(10) for mm in THICKNESSES_MM)
    for name, tilt in TILTS.items():
        cells = [_midline_cell(thickness, tilt) for thickness in THICKNESSES_MM]
        yield name.ljust(36) + "".join(cell.rjust(10) for cell in cells)


def _midline_cell(thickness: float, tilt: dict[str, float]) -> str:
    errors = []
    for shift in SHIFTS_MM:
        phantom = HeadCt(shift_mm=shift, step_mm=thickness, pixel_mm=1.0, **tilt)
        head = head_of(scanned(phantom))
        frame = frame_of(head)
        found = None if frame is None else septum_of(straight_of(head, frame), tissue_hu(head))
        errors.append(None if found is None else abs(found.shift.value - septum_shift(phantom)))
    missed = sum(error is None for error in errors)
    worst = max((error for error in errors if error is not None), default=float("nan"))
    return f"{worst:.2f}" + (f" ({missed} -)" if missed else "")


def volumes() -> Iterator[str]:
    """Error of the volume of a round bleeding in percent, by radius and thickness."""
    yield "volume of a round bleeding of 66 HU: error in percent, - where nothing was outlined"
    yield "radius".ljust(36) + "".join(f"{mm:g} mm".rjust(10) for mm in THICKNESSES_MM)
    for radius in RADII_MM:
        cells = []
        for thickness in THICKNESSES_MM:
            blob = Blob((-31.0, 9.0, 15.0), (radius, radius, radius))
            head = head_of(scanned(HeadCt(blobs=(blob,), step_mm=thickness, pixel_mm=1.0, yaw_deg=5.0)))
            frame = frame_of(head)
            found = () if frame is None else dense_regions(head, frame)
            error = f"{100.0 * (found[0].volume_ml / blob.volume_ml - 1.0):+.1f}" if found else "-"
            cells.append(error)
        yield f"{radius:g} mm, {4.19 * radius**3 / 1000.0:.1f} mL".ljust(36) + "".join(c.rjust(10) for c in cells)


def patients(folder: Path) -> Iterator[str]:
    """Sensitivity and specificity by patient of the network path, at the threshold of the bundle."""
    bundles = Bundles([shipped()])
    card = bundles.card(BUNDLE)
    with (folder / "manifest.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for split in ("val", "test"):
        answers = []
        for name in dict.fromkeys(row["patient"] for row in rows if row["split"] == split):
            mine = sorted((row for row in rows if row["patient"] == name), key=lambda row: int(row["slice"]))
            batch = slabs_of(pseudo_volume(folder, mine), STEP_MM, card.input.height_px).batch
            answer = together(calibrate(bundles.run(BUNDLE, batch).logits, card), NEAR_SLABS)
            blood = any(row["any"] == "1" for row in mine)
            answers.append((blood, float(answer[:, card.labels.index("any")].max()) >= card.threshold("any")))
        for word, truth in (("with blood, flagged", True), ("without, not flagged", False)):
            of = [called == truth for blood, called in answers if blood == truth]
            share = wilson(sum(of), len(of))
            yield f"{split}: patients {word}: {sum(of)} of {len(of)} ({share.low:.2f} to {share.high:.2f})"


def shifts_without_blood(folder: Path) -> str:
    """Midline shift of the training and validation patients without blood: no rule was fitted on it."""
    with (folder / "manifest.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["split"] != "test"]
    bloody = {row["patient"] for row in rows if row["any"] == "1"}
    names = [name for name in dict.fromkeys(row["patient"] for row in rows) if name not in bloody]
    found = []
    for name in names:
        mine = sorted((row for row in rows if row["patient"] == name), key=lambda row: int(row["slice"]))
        hu = pseudo_volume(folder, mine)
        hu[hu >= WHITE_HU], hu[hu <= BLACK_HU] = 1000.0, -1000.0
        grid = Geometry(hu.shape, np.diag((STEP_MM, PIXEL_MM, PIXEL_MM, 1.0))[[2, 1, 0, 3]])
        head = head_of(Volume(hu, grid, "HU"))
        frame = frame_of(head)
        septum = None if frame is None else septum_of(straight_of(head, frame), tissue_hu(head))
        found += [] if septum is None else [abs(septum.shift.value)]
    return (
        f"train and val, without blood: midline measured in {len(found)} of {len(names)}, shift in mm: median "
        f"{np.median(found):.1f}, largest {max(found):.1f}, above 5: {sum(mm > 5.0 for mm in found)}"
    )


def pseudo_volume(folder: Path, rows: list[dict[str, str]]) -> NDArray[np.float32]:
    """Pictures in the brain window of one patient as HU: float32 [k, j, i]; white is bone, black is air."""
    grey = np.stack([np.asarray(Image.open(folder / row["file"]).convert("L"), np.float32) for row in rows])
    hu = WINDOW_LOW_HU + WINDOW_WIDE_HU * grey / 255.0
    return np.asarray(hu, np.float32)


if __name__ == "__main__":
    main()
