"""The rule for bright FLAIR against the drawn masks of gliomas: a check that it finds what is bright, nothing more.

    python benchmarks/reader_brain_mr_lesion_load.py [--data DIR] [--split val]

Slices are taken as in ``reader_brain_mr_tumour.py``, with 130 mm spread over those of a patient.
"""

import argparse
from pathlib import Path

from machine import facts
from reader_brain_mr_tumour import SET, as_volume, patients

from secondread.core.errors import GeometryError
from secondread.measure.brain_mr import brain_mr, ventricles
from secondread.measure.brain_mr_lesions import bright_lesions
from secondread.stats.overlap import dice, summarise

HEAD_MM = 130.0


def main() -> None:
    """Print the overlap by patient."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=SET)
    parser.add_argument("--split", default="val")
    args = parser.parse_args()
    print(facts("secondread", "scipy"))
    names, overlaps = [], []
    for patient, (flair, masks) in patients(args.data, args.split).items():
        try:
            brain = brain_mr(as_volume(flair, HEAD_MM))
        except GeometryError:
            print(f"{patient} left out: no brain of a possible size")
            continue
        found = bright_lesions(brain, ventricles(brain)).inside
        names.append(patient)
        overlaps.append(dice(found, masks))
        print(f"{patient} Dice {overlaps[-1]:.3f}, {found.sum() / max(masks.sum(), 1):.2f} times as large")
    print(f"brain-mr-lgg, {args.split}: {summarise(overlaps, names, seed=1)}")


if __name__ == "__main__":
    main()
