"""What the reader of mammograms finds on phantoms it was not developed on.

    python benchmarks/reader_mammogram.py [--page docs/readers/mammogram.md] [--full-size]

Phantoms are those of ``tests/phantoms/mammogram.py``: power-law texture, ligaments, detector blur, quantum noise. The
rules were set on other seeds. Intervals are at 95 %: Wilson's for shares, exact Poisson for counts a view. ``--page``
writes the result into the first text block of that page; ``--full-size`` also reads four views of 4000 x 3300 pixels.
"""

import argparse
import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from machine import facts, write_block
from numpy.typing import NDArray
from scipy.special import gammaincinv

from secondread import pipeline
from secondread.core.image import Image
from secondread.engine.bundles import Bundles
from secondread.measure.breast_asymmetry import POSITIVE_POINTS, regions
from secondread.measure.breast_masses import POSITIVE
from secondread.measure.breast_outline import Turn, breast
from secondread.measure.breast_view import View, enlarged, measured
from secondread.readers.mammogram import READER
from secondread.sources import open_examination
from secondread.stats.proportion import wilson

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from phantoms.mammogram import Cluster, Mass, Phantom, mammogram, write

SEED = 300_000  # development used seeds below 10,000
COUNTS, CONTRASTS, EACH = (3, 5, 10), (0.15, 0.2, 0.3, 0.5), 24
DIAMETERS_MM, MASSES_EACH = (10, 14, 18, 24, 30), 24
MASS_CONTRAST = {10: 0.45, 14: 0.55, 18: 0.65, 24: 0.8, 30: 0.9}
PERCENTS = (2, 5, 10, 15, 20, 30, 40, 50, 60, 70, 80, 90)
PAIRS = 40
SAME_MM = 0.5  # between a spot and the calcification it is


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--page", type=Path, help="a page whose first text block becomes the result")
    parser.add_argument("--full-size", action="store_true", help="also read four views of full size")
    args = parser.parse_args()
    print(facts("secondread", "numpy", "scipy"))
    text = "\n".join([*calcifications(), "", *masses(), "", *densities(), "", *asymmetries()])
    print(text)
    if args.page:
        write_block(args.page, text)
    if args.full_size:
        print("\n".join(full_size()))


def seen(phantom: Phantom, view: str) -> View:
    """All measures of a phantom."""
    spacing = (phantom.spacing_mm, phantom.spacing_mm)
    image = Image((phantom.pixels / 4095.0).astype(np.float32), spacing, "detector")
    found = breast(image, Turn(rows=False, columns=False), muscle=view == "MLO")
    assert found is not None, "a phantom without a breast"
    return measured(image, found)


def view_of(n: int) -> str:
    """CC and MLO in turn."""
    return ("CC", "MLO")[n % 2]


def share(successes: int, n: int) -> str:
    """A share with its interval, in percent."""
    found = wilson(successes, n)
    return f"{100 * found.value:3.0f} % ({100 * found.low:.0f} to {100 * found.high:.0f})"


def rate(count: int, views: int) -> str:
    """A count a view with its exact Poisson interval."""
    low = gammaincinv(count, 0.025) / views if count else 0.0
    return f"{count / views:.2f} a view ({low:.2f} to {gammaincinv(count + 1, 0.975) / views:.2f})"


def calcifications() -> list[str]:
    """Sensitivity by number and contrast of the calcifications, and false clusters."""
    settings = [(count, contrast) for contrast in CONTRASTS for count in COUNTS]
    hits = dict.fromkeys(settings, 0)
    views, false = len(settings) * EACH // 3, 0
    errors: list[int] = []
    for n in range(views):
        wanted = [settings[(3 * n + k) % len(settings)] for k in range(3)]
        percent, view = (5, 15, 30, 50)[(n // 4) % 4], view_of(n // 4 + n // 16)  # each setting in every density
        clusters = tuple(Cluster(count, contrast) for count, contrast in wanted)
        phantom = mammogram(SEED + n, view=view, percent=percent, clusters=clusters)
        found = seen(phantom, view).clusters
        for setting, true in zip(wanted, phantom.calcifications, strict=True):
            matched = [matches(one.places_mm, true) for one in found]
            if max(matched, default=0) >= 2:
                hits[setting] += 1
                errors.append(found[int(np.argmax(matched))].count - setting[0])
        every = np.concatenate(phantom.calcifications)
        false += sum(matches(one.places_mm, every) < 2 for one in found)
    lines = [f"clusters of calcifications of 0.3 mm within 8 mm, {EACH} each, on {views} views of 18 x 13.5 cm, 0.1 mm"]
    lines.append("  contrast    " + "".join(f"{count:2d} calcifications     " for count in COUNTS).rstrip())
    for contrast in CONTRASTS:
        cells = "".join(f"{share(hits[count, contrast], EACH):20s}  " for count in COUNTS)
        lines.append(f"  {contrast:8.2f}    {cells}".rstrip())
    lines.append(f"  false clusters: {rate(false, views)}, {views} views")
    low, middle, high = np.percentile(errors, (5, 50, 95))
    lines.append(f"  spots counted less calcifications: median {middle:+.0f} ({low:+.0f} to {high:+.0f} in 90 %)")
    return lines


def matches(places: NDArray[np.float64], true: NDArray[np.float64]) -> int:
    """How many places are one of the true calcifications."""
    return int((np.linalg.norm(places[:, None] - true[None], axis=2).min(axis=1) <= SAME_MM).sum())


def masses() -> list[str]:
    """Sensitivity by diameter, at the limit and at all, and false candidates."""
    at_limit, told = dict.fromkeys(DIAMETERS_MM, 0), dict.fromkeys(DIAMETERS_MM, 0)
    false, false_told, views = 0, 0, 0
    for diameter in DIAMETERS_MM:
        for n in range(MASSES_EACH):
            views += 1
            percent = (5, 15, 30, 50)[(n // 2) % 4]
            mass = Mass(diameter, MASS_CONTRAST[diameter], spiculated=n % 3 == 0)
            seed = SEED + 1000 + views
            phantom = mammogram(seed, view=view_of(n), percent=percent, spacing_mm=0.2, masses=(mass,))
            found = seen(phantom, view_of(n))
            step = np.array(found.breast.step_mm)
            true = np.array(phantom.masses[0][:2])
            near = [np.linalg.norm((np.array(one.centre) + 0.5) * step - true) < diameter / 2 for one in found.masses]
            scores = [one.conspicuity for one in found.masses]
            hit = max((score for score, is_near in zip(scores, near, strict=True) if is_near), default=0.0)
            told[diameter] += hit > 0
            at_limit[diameter] += hit >= POSITIVE
            others = [score for score, is_near in zip(scores, near, strict=True) if not is_near]
            false += sum(score >= POSITIVE for score in others)
            false_told += len(others)
    lines = [
        f"masses, one on each of {views} views of 18 x 13.5 cm, 0.2 mm, {MASSES_EACH} each; log contrast 0.45 to 0.9"
    ]
    lines.append("  diameter   at the limit             among the candidates of the view")
    for diameter in DIAMETERS_MM:
        cells = f"{share(at_limit[diameter], MASSES_EACH):22s}   {share(told[diameter], MASSES_EACH)}"
        lines.append(f"  {diameter:5d} mm   {cells}")
    lines.append(f"  false at the limit: {rate(false, views)}; false candidates: {rate(false_told, views)}")
    return lines


def densities() -> list[str]:
    """Error of the percent density, and of the outlines."""
    errors, groups, dice, muscle = [], 0, [], []
    views = 4 * len(PERCENTS)
    for n in range(views):
        view = view_of(n // len(PERCENTS))
        phantom = mammogram(SEED + 2000 + n, view=view, percent=PERCENTS[n % len(PERCENTS)], spacing_mm=0.2)
        found = seen(phantom, view)
        errors.append(found.density.percent - phantom.percent)
        groups += quartile(found.density.percent) == quartile(phantom.percent)
        dice.append(overlap(found.breast.inside, phantom.inside))
        if view == "MLO":
            muscle.append(overlap(found.breast.muscle, phantom.muscle))
    sizes = np.abs(errors)
    low, high = np.percentile(errors, (2.5, 97.5))
    return [
        f"percent density of {views} views (true 2 to 90 %)",
        f"  error, percentage points: mean {np.mean(errors):+.1f}, 95 % of views {low:+.1f} to {high:+.1f}; "
        f"mean size {sizes.mean():.1f} ({mean_interval(sizes)}), largest {sizes.max():.1f}",
        f"  same quartile: {share(groups, views)}",
        f"  Dice of the breast: median {np.median(dice):.3f}, lowest {min(dice):.3f}; "
        f"of the muscle ({len(muscle)} MLO): median {np.median(muscle):.3f}, lowest {min(muscle):.3f}",
    ]


def quartile(percent: float) -> int:
    """0 to 3."""
    return min(3, int(percent // 25))


def mean_interval(values: NDArray[np.float64]) -> str:
    """95 % interval of a mean, by its standard error."""
    half = 1.96 * float(np.std(values, ddof=1)) / np.sqrt(len(values))
    return f"{values.mean() - half:.1f} to {values.mean() + half:.1f}"


def overlap(found: NDArray[np.bool_], true: NDArray[np.bool_]) -> float:
    """Dice on the pixels of the picture."""
    here = enlarged(found, true.shape)
    return 2.0 * float((here & true).sum()) / max(1.0, float(here.sum() + true.sum()))


def asymmetries() -> list[str]:
    """Pairs that differ as sides do, and the same with a dense area on one side."""
    symmetric, differing = 0, 0
    for n in range(PAIRS):
        view, percent, seed = view_of(n), (6, 15, 25, 40, 60)[(n // 2) % 5], SEED + 3000 + 2 * n
        random = np.random.default_rng(seed)
        at = (random.uniform(60, 125), random.uniform(25, 60), random.uniform(14, 22))
        settings = {"view": view, "spacing_mm": 0.25, "shared": seed}
        right = seen(mammogram(seed, percent=percent, **settings), view)
        left = seen(mammogram(seed + 1, percent=percent, **settings), view)
        denser = seen(mammogram(seed + 1, percent=percent + 6, extra_dense=at, **settings), view)
        symmetric += largest(right, left) >= POSITIVE_POINTS
        differing += largest(right, denser) >= POSITIVE_POINTS
    return [
        f"asymmetry at {POSITIVE_POINTS:.0f} points, {PAIRS} pairs",
        f"  pairs without: {share(symmetric, PAIRS)}; "
        f"with a dense area of 28 to 44 mm on one side: {share(differing, PAIRS)}",
    ]


def largest(right: View, left: View) -> float:
    """The largest difference of a region, in points."""
    compared = regions((right.breast, right.density), (left.breast, left.density))
    return abs(compared[0].difference)


def full_size() -> list[str]:
    """Seconds and peak memory of four views as large as they are made."""
    with tempfile.TemporaryDirectory(prefix="secondread-bench-") as folder:
        for n, (side, view) in enumerate((side, view) for side in "RL" for view in ("CC", "MLO")):
            phantom = mammogram(SEED + 4000 + n, view=view, size_mm=(280.0, 231.0), spacing_mm=0.07)
            write(Path(folder), phantom, side=side, view=view)
            del phantom
        start = time.perf_counter()
        answer = pipeline.ask(READER, open_examination(Path(folder)), Bundles([]))
        seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    return [
        f"four views of 4000 x 3300: {seconds:.1f} s, {answer.outcome}; peak memory with their making {peak:.1f} GB"
    ]


if __name__ == "__main__":
    main()
