"""The whole path of the reader of breast ultrasound on another hospital's pictures (BUSI), none of them in training.

    python benchmarks/reader_breast_ultrasound_busi.py [--data ../shared/data]

Every picture is read from its file, without tags, as a person would hand it over; refusals are counted apart. Intervals
are Wilson's over pictures, of which some show one lesion twice.
"""

import argparse
import csv
from collections import Counter
from pathlib import Path

from secondread import pipeline
from secondread.core.report import Outcome
from secondread.engine.bundle import shipped
from secondread.engine.bundles import Bundles
from secondread.readers import choose
from secondread.sources import open_study
from secondread.stats.proportion import wilson


def main() -> None:
    """Read all pictures and print the counts."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    folder = parser.parse_args().data / "breast-us-busi"
    (reader,) = choose(["breast-ultrasound"])
    bundles = Bundles([shipped()], engine="onnxruntime", threads=2)
    counts: Counter[tuple[str, str]] = Counter()
    with (folder / "manifest.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            read = pipeline.ask(reader, open_study(folder / row["file"]), bundles)
            called = "refused" if read.outcome is Outcome.REFUSED else str(read.findings[0].positive)
            counts[row["label"], called] += 1
    for label, wanted, name in (("malignant", "True", "sensitivity"), ("benign", "False", "specificity")):
        answered = counts[label, "True"] + counts[label, "False"]
        found = wilson(counts[label, wanted], answered)
        told = f"{name} {found.value:.3f} ({found.low:.3f} to {found.high:.3f})"
        print(f"{label}: {answered} answered, {counts[label, 'refused']} refused; {told}")
    normal = {key: counts["normal", key] for key in ("True", "False", "refused")}
    print(f"normal: {normal['True']} called malignant, {normal['False']} not, {normal['refused']} refused")


if __name__ == "__main__":
    main()
