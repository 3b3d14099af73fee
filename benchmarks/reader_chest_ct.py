"""How the readers of chest CT do on phantoms of known truth: lungs, nodules, opacities.

    python benchmarks/reader_chest_ct.py

The phantoms of ``tests/phantoms/chest_ct.py`` are seen through a scanner at places that differ by less than a voxel and
with noise of several seeds. No chest CT with nodules or pneumonia outlined by people was at hand: this says how well
the methods measure what they were made for, not how they do on patients.
"""

import sys
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from machine import facts

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from phantoms import chest_ct
from secondread.core.code import LOCAL, Code
from secondread.core.mask import Mask
from secondread.measure.diameters import largest_diameters, without_noise
from secondread.measure.lung_envelope import whole_lungs
from secondread.measure.lungs import SIDES, find_lungs
from secondread.measure.nodule_candidates import Candidate, find_nodules
from secondread.measure.nodule_shape import shape_of
from secondread.measure.opacities import measure_opacities

SEEDS = 5
GRIDS = ((1.0, 0.7, 0.7), (2.5, 0.8, 0.8), (5.0, 0.8, 0.8))
KINDS = {"glass": "non-solid", "with a core": "part-solid"}
NODULE = Code(LOCAL, "nodule", "Nodule")


def main() -> None:
    """Measure and print."""
    print(facts("secondread", "numpy", "scipy"))
    lungs()
    for grid in GRIDS:
        nodules(grid)
    print("the same with other noise and other shifts, looked at once:")
    nodules(GRIDS[0], first=500)
    scattered()
    opacities()


def lungs() -> None:
    """Error of the volume of a lung, on three grids."""
    errors = []
    for n, grid in enumerate(((1.25, 0.9, 0.9), (3.0, 1.2, 1.2), (5.0, 0.9, 0.9), (8.0, 0.7, 0.7))):
        truth = chest_ct.seen(chest_ct.Chest(grid, joined=n % 2 == 1), seed=n)
        found = find_lungs(truth.volume)
        errors += [100.0 * (found.volume_ml(side) / truth.lung_ml[side] - 1.0) for side in SIDES]
    print(f"volume of a lung: error {spread(errors)} %, n = {len(errors)}")


@dataclass
class Tally:
    """What happened to the nodules of several chests on one grid."""

    hit: int = 0
    false: int = 0
    volume: list[float] = field(default_factory=list)
    diameter: list[float] = field(default_factory=list)
    kinds: list[bool] = field(default_factory=list)
    margins: list[bool] = field(default_factory=list)


def nodules(grid: tuple[float, float, float], first: int = 0) -> None:
    """Found, not found, false; errors of volume and mean diameter of those of 8 mm and more."""
    smallest, tally = max(4.0, 2.0 * grid[0]), Tally()
    for seed in range(first, first + SEEDS):
        moved = moved_nodules(seed, grid)
        chest = chest_ct.Chest(grid, nodules=tuple(moved.values()), noise_hu=25.0, height_mm=(-20.0, 80.0))
        truth = chest_ct.seen(chest, seed)
        whole = whole_lungs(truth.volume, find_lungs(truth.volume))
        found = find_nodules(truth.volume, whole, smallest_mm=smallest)
        taken = set()
        for (name, nodule), mm3 in zip(moved.items(), truth.nodule_mm3, strict=True):
            near = [n for n, one in enumerate(found) if apart(one, nodule) < nodule.diameter_mm / 2]
            taken.update(near)
            if nodule.diameter_mm >= smallest and near:
                tally.hit += 1
                judge(tally, name, nodule, mm3, found[near[0]], truth.volume, whole.both)
        tally.false += len(found) - len(taken)
    asked = sum(n.diameter_mm >= smallest for n in chest_ct.NODULES.values()) * SEEDS
    kinds, margins = (f"{sum(one)} of {len(one)}" for one in (tally.kinds, tally.margins))
    right = f"kind right {kinds}, margin right {margins}"
    where = f"nodules, slices of {grid[0]:g} mm, pixels of {grid[1]:g} mm"
    print(f"{where}: found {tally.hit} of {asked}, false {tally.false} in {SEEDS} chests; {right}")
    sizes = f"volume {spread(tally.volume)} %, mean diameter {spread(tally.diameter)} mm"
    print(f"  round ones of 8 mm and more: {sizes}, n = {len(tally.volume)}")


def judge(tally, name, nodule, mm3, one, volume, lung) -> None:
    """Kind, margin and size of one that was found and is 8 mm or more."""
    if nodule.diameter_mm < 8 or name == "calcified":
        return
    shape = shape_of(volume, one, lung)
    tally.kinds.append(shape.kind == KINDS.get(name, "solid"))
    if shape.spiculated is not None:
        tally.margins.append((bool(shape.spiculated), bool(shape.lobulated)) == (name == "spiky", name == "bulging"))
    if name not in {"spiky", "bulging"}:
        kept, edge = without_noise(one.mask(volume.geometry.shape), volume.values, one.edge_hu)
        axes = largest_diameters(Mask(kept, volume.geometry, NODULE), edge)
        tally.volume.append(100.0 * (one.volume_mm3 / mm3 - 1.0))
        tally.diameter.append(axes.mean_mm - nodule.diameter_mm)


def moved_nodules(seed: int, grid: tuple[float, float, float]) -> dict[str, chest_ct.Nodule]:
    """The nodules of the tests, moved by less than a voxel."""
    rng = np.random.default_rng(seed)
    moved = {}
    for name, nodule in chest_ct.NODULES.items():
        shift = rng.uniform(-0.5, 0.5, 3) * np.array(grid[::-1])
        x, y, z = (float(c + s) for c, s in zip(nodule.centre_mm, shift, strict=True))
        moved[name] = replace(nodule, centre_mm=(x, y, z))
    return moved


def scattered() -> None:
    """Balls anywhere in the lungs, also at vessels, with more vessels than the rules were tried on."""
    hit, asked, false = {}, {}, 0
    for seed in range(100, 100 + SEEDS):
        balls = scattered_balls(seed)
        chest = chest_ct.Chest((1.0, 0.7, 0.7), nodules=balls, vessels=8, noise_hu=25.0, height_mm=(-20.0, 80.0))
        volume = chest_ct.seen(chest, seed).volume
        found = find_nodules(volume, whole_lungs(volume, find_lungs(volume)))
        taken = set()
        for ball in balls:
            near = [n for n, one in enumerate(found) if apart(one, ball) < ball.diameter_mm / 2]
            taken.update(near)
            size = f"{ball.diameter_mm:g} mm {'solid' if ball.hu > 0 else 'ground glass'}"
            asked[size] = asked.get(size, 0) + 1
            hit[size] = hit.get(size, 0) + bool(near)
        false += len(found) - len(taken)
    told = ", ".join(f"{size} {hit[size]} of {asked[size]}" for size in asked)
    print(f"balls anywhere, slices of 1 mm: found {told}; false {false} in {SEEDS} chests")


def scattered_balls(seed: int) -> tuple[chest_ct.Nodule, ...]:
    """Eight balls, none touching another, each with its centre in a lung."""
    rng = np.random.default_rng(seed)
    sizes = (
        (5.0, 40.0),
        (5.0, 40.0),
        (8.0, 40.0),
        (8.0, 40.0),
        (8.0, -600.0),
        (12.0, -600.0),
        (12.0, 40.0),
        (20.0, 40.0),
    )
    placed: list[chest_ct.Nodule] = []
    while len(placed) < len(sizes):
        diameter, hu = sizes[len(placed)]
        side = chest_ct.LUNGS[("right", "left")[int(rng.integers(2))]]
        way = rng.normal(size=3)
        reach = way / np.linalg.norm(way) * rng.uniform() ** (1 / 3) * np.array((48.0, 70.0, 40.0))
        x, y, z = (float(c + r) for c, r in zip(side, reach, strict=True))
        in_heart = sum(
            ((a - c) / r) ** 2 for a, c, r in zip((x, y, z + 30), chest_ct.HEART, chest_ct.HEART_RADII, strict=True)
        )
        free = all(
            np.linalg.norm(np.subtract(p.centre_mm, (x, y, z + 30))) > 12 + (p.diameter_mm + diameter) / 2
            for p in placed
        )
        if free and in_heart > 1.4:
            placed.append(chest_ct.Nodule((x, y, z + 30.0), diameter, hu=hu))
    return tuple(placed)


def apart(one: Candidate, nodule: chest_ct.Nodule) -> float:
    """Distance of the centres in mm."""
    return float(np.linalg.norm(np.array(nodule.centre_mm) - one.centre_mm))


def opacities() -> None:
    """Share of the lungs that is opaque, against the truth."""
    rows = []
    for seed in range(SEEDS):
        rng = np.random.default_rng(seed)
        ill = tuple(
            replace(
                one, centre_mm=tuple(float(c + s) for c, s in zip(one.centre_mm, rng.uniform(-6, 6, 3), strict=True))
            )
            for one in chest_ct.OPACITIES
        )
        truth = chest_ct.seen(chest_ct.Chest(opacities=ill), seed)
        seen = measure_opacities(truth.volume, whole_lungs(truth.volume, find_lungs(truth.volume)))
        both = truth.right | truth.left
        overlap = 2.0 * (seen.inside & truth.ill).sum() / (seen.inside.sum() + truth.ill.sum())
        rows.append((100.0 * truth.ill.sum() / both.sum(), seen.percent, overlap))
    true, found, overlap = np.array(rows).T
    print(f"opacities: truth {spread(list(true))} % of the lungs, measured {spread(list(found))} %, n = {len(rows)}")
    print(f"  Dice {spread(list(overlap))}")


def spread(values: list[float]) -> str:
    """Mean, and smallest to largest."""
    if not values:
        return "none"
    return f"{np.mean(values):+.2f} ({min(values):+.2f} to {max(values):+.2f})"


if __name__ == "__main__":
    main()
