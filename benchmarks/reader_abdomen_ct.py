"""How well liver, spleen and kidneys are outlined and measured: one CT with a network's labels, and phantoms.

    python benchmarks/reader_abdomen_ct.py [--page docs/readers/abdomen-ct.md]

The CT is the example of TotalSegmentator (Apache-2.0), 3 mm; its labels belong to the upper 30 of 112 slices. The
reader was developed on it, so its figures say that the method works there, not how well it works on others. Phantoms
vary in noise, slice thickness and phase. ``--page`` writes the result into the first text block of that page.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
from scipy import ndimage
from scipy.spatial.transform import Rotation

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from machine import facts, write_block  # noqa: E402

from phantoms import torso_ct  # noqa: E402
from secondread.core.geometry import Geometry  # noqa: E402
from secondread.core.volume import Volume  # noqa: E402
from secondread.measure.abdomen_organs import NAMES, Organs, organs  # noqa: E402
from secondread.measure.coarse_grid import CoarseGrid, coarse, on_source  # noqa: E402
from secondread.measure.contrast_phase import aorta_hu, phase_of  # noqa: E402
from secondread.measure.kidney_stones import hull, stones  # noqa: E402
from secondread.measure.organ_attenuation import attenuation, inner, noise_hu  # noqa: E402
from secondread.measure.vertebrae import Column, column, patient  # noqa: E402
from secondread.prepare.shown import axial  # noqa: E402
from secondread.sources import load, open_examination  # noqa: E402

TORSO = ROOT.parent / "shared" / "data" / "ct-torso"
LABELS = {"spleen": 1, "right kidney": 2, "left kidney": 3, "liver": 5}
LABELLED = 30  # the upper slices
AORTA, WARPS = 52, 10
RIM_MM = {"liver": 6.0, "spleen": 6.0, "right kidney": 4.0, "left kidney": 4.0}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--page", type=Path, help="a page whose first text block becomes the result")
    args = parser.parse_args()
    print(facts("secondread", "numpy", "scipy"))
    text = "\n\n".join("\n".join(lines()) for lines in (torso_lines, warped_lines, phantom_lines, stone_lines))
    print(text)
    if args.page:
        write_block(args.page, text)


def looked_at(volume: Volume) -> tuple[CoarseGrid, Column, Organs]:
    """Grid, canal and organs of a volume."""
    grid = coarse(volume, 3.0)
    body = patient(grid)
    spine = column(grid, body)
    if spine is None:
        raise SystemExit("no vertebral column")
    return grid, spine, organs(grid, body, spine)


def torso_lines() -> list[str]:
    """Dice with the labels in the labelled slices, and attenuations beside theirs."""
    import nibabel

    volume = load(open_examination(TORSO / "example_ct.nii.gz").series[0])
    labels = np.asarray(nibabel.Nifti1Image.from_filename(TORSO / "example_seg.nii.gz").dataobj)[::-1, ::-1].transpose(
        2, 1, 0
    )
    values, _ = axial(volume)
    grid, spine, found = looked_at(volume)
    rows = ["one CT, 3 mm, upper 9 cm: outline against the labels of a network (developed on this CT)"]
    for name, number in LABELS.items():
        truth = labels == number
        inside = found.found[name].inside[-LABELLED:]
        measured = attenuation(name, found.found[name].inside, grid, RIM_MM[name])
        hu, theirs = measured.value if measured else np.nan, np.median(values[-LABELLED:][truth])
        rows.append(
            f"{name:13} Dice {dice(inside, truth):.2f}   volume {inside.sum() / truth.sum():.2f} of theirs   "
            f"{hu:.0f} HU, theirs {theirs:.0f} HU"
        )
    theirs = np.median(values[-LABELLED:][labels == AORTA])
    rows.append(f"aorta         {aorta_hu(grid, spine):.0f} HU, theirs {theirs:.0f} HU")
    return rows


def warped_lines() -> list[str]:
    """Dice on the same CT turned, stretched, bent and made noisier: a test of the method against itself."""
    import nibabel

    volume = load(open_examination(TORSO / "example_ct.nii.gz").series[0])
    values, _ = axial(volume)
    labels = np.zeros(values.shape, np.int16)
    seg = np.asarray(nibabel.Nifti1Image.from_filename(TORSO / "example_seg.nii.gz").dataobj)[::-1, ::-1].transpose(
        2, 1, 0
    )
    labels[-LABELLED:] = seg.astype(np.int16) + 1000  # 1000 and more: labelled
    told: dict[str, list[float]] = {name: [] for name in LABELS}
    for seed in range(WARPS):
        points = warp(values.shape, np.random.default_rng(seed))
        noise = np.random.default_rng(seed + 100).normal(0.0, 10.0, values.shape)
        bent = ndimage.map_coordinates(values, points, order=1, mode="nearest") + noise
        truth = ndimage.map_coordinates(labels, points, order=0, mode="constant", cval=0)
        grid = np.diag([3.0, 3.0, 3.0, 1.0])[[2, 1, 0, 3]]
        _, _, found = looked_at(Volume(bent.astype(np.float32), Geometry(values.shape, grid), "HU"))
        for name, number in LABELS.items():
            organ = found.found.get(name)
            inside = organ.inside & (truth >= 1000) if organ else np.zeros(values.shape, bool)
            told[name].append(dice(inside, truth == number + 1000))
    rows = [
        f"the same CT turned, stretched, bent and with 10 HU more noise, {WARPS} times: lowest, median, highest Dice"
    ]
    return rows + [f"{name:13} {min(d):.2f} {np.median(d):.2f} {max(d):.2f}" for name, d in told.items()]


def warp(shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """Where each voxel comes from, [axis, k, j, i]: up to 5 degrees, 10 % of size, and bends of about 4 mm."""
    middle = (np.asarray(shape) - 1.0) / 2.0
    turn = Rotation.from_euler("xyz", rng.uniform(-5.0, 5.0, 3), degrees=True).as_matrix()
    matrix = turn @ np.diag(rng.uniform(0.9, 1.1, 3))
    at = np.stack(np.meshgrid(*(np.arange(n, dtype=float) for n in shape), indexing="ij"))
    moved = np.einsum("ab,bkji->akji", matrix, at - middle[:, None, None, None]) + middle[:, None, None, None]
    bends = [ndimage.gaussian_filter(rng.normal(0.0, 1.0, shape), 12.0) for _ in range(3)]
    return moved + np.stack([bend / bend.std() * (4.0 / 3.0) for bend in bends])


def dice(one: np.ndarray, other: np.ndarray) -> float:
    """Overlap of two regions."""
    return float(2.0 * (one & other).sum() / (one.sum() + other.sum()))


def volume_of(phantom: torso_ct.Torso) -> Volume:
    """A phantom on its grid."""
    k, j, i = phantom.step_mm
    affine = np.array([[0, 0, i, 0], [0, j, 0, 0], [k, 0, 0, 0], [0, 0, 0, 1.0]])
    return Volume(phantom.values, Geometry(phantom.values.shape, affine), "HU")


def phantom_lines() -> list[str]:
    """Outlines, volumes, attenuations and phases of phantoms."""
    rows = ["phantoms: Dice, and volume and attenuation less the truth"]
    for phase, hu in (("unenhanced", torso_ct.PLAIN), ("arterial", torso_ct.ARTERIAL), ("portal", torso_ct.PORTAL)):
        for slice_mm, noise in ((1.5, 12.0), (5.0, 12.0), (3.0, 30.0)):
            phantom = torso_ct.torso(hu, step_mm=(slice_mm, 2.0, 2.0), noise_hu=noise)
            grid, spine, found = looked_at(volume_of(phantom))
            row = phantom_row(phantom, grid, spine, found)
            rows.append(f"{phase}, slices {slice_mm:g} mm, noise {noise:.0f} HU: {row}")
    return rows


def phantom_row(phantom: torso_ct.Torso, grid: CoarseGrid, spine: Column, found: Organs) -> str:
    """One phantom in a line."""
    words, hu = [], {}
    for name in NAMES:
        organ = found.found.get(name)
        if organ is None:
            words.append(f"{name} not measured")
            continue
        inside = on_source(organ.inside, grid)
        size = inside.sum() * np.prod(phantom.step_mm) / 1000.0 / phantom.ml[name] - 1.0
        measured = attenuation(name, organ.inside, grid, RIM_MM[name])
        hu[name] = measured.value if measured else float("nan")
        off = hu[name] - phantom.hu["kidney" if "kidney" in name else name]
        words.append(f"{name} {dice(inside, phantom.inside[name]):.2f} {size:+4.0%} {off:+3.0f} HU")
    kidneys = tuple(value for name, value in hu.items() if "kidney" in name)
    phase = phase_of(aorta=aorta_hu(grid, spine), liver=hu.get("liver"), spleen=hu.get("spleen"), kidneys=kidneys)
    return ", ".join([*words, phase.name])


def stone_lines() -> list[str]:
    """Diameters of single stones of 900 HU in the right kidney, by slice thickness."""
    rows = ["stones of 900 HU in a phantom: longest diameter found, by true diameter (none: not found)"]
    for slice_mm in (1.5, 3.0, 5.0):
        words = []
        for diameter in (3.0, 5.0, 8.0):
            phantom = torso_ct.torso(
                stones=(("right kidney", (0.0, -3.0, 10.0), diameter),), step_mm=(slice_mm, 1.5, 1.5), height_mm=210.0
            )
            volume = volume_of(phantom)
            grid, _, found = looked_at(volume)
            kidney = found.found["right kidney"].inside
            noise = noise_hu(on_source(inner(kidney, grid, 4.0), grid), volume.values)
            within = on_source(hull(kidney, grid), grid)
            seen = stones(volume.values, volume.geometry, within, kidney_hu=32.0, noise_hu=noise)
            words.append(f"{diameter:.0f} mm {' and '.join(f'{one.longest_mm:.1f}' for one in seen) or 'none'}")
        rows.append(f"slices {slice_mm:g} mm: {', '.join(words)}")
    return rows


if __name__ == "__main__":
    main()
