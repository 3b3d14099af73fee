"""How well two examinations are laid on each other, and what is called a change where there is none, or a known one.

    python benchmarks/reader_change_since_prior.py [--page docs/readers/change-since-prior.md]

Nobody's real follow-up is at hand. So one examination is moved by a known rigid motion, resampled, given noise, and
called the earlier one. Intervals are Wilson's at 95 %. ``--page`` writes the result into the first text block of that
page. Needs ``../shared/data``.
"""

import argparse
import csv
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
from machine import facts, write_block
from PIL import Image
from scipy import ndimage

from secondread import pipeline
from secondread.core.geometry import Geometry
from secondread.core.volume import Volume
from secondread.engine.bundle import shipped
from secondread.engine.bundles import Bundles
from secondread.formats.nifti import load_nifti, open_nifti
from secondread.prepare.register import Rigid, nearby, register, resampled_like, rotated
from secondread.prepare.shrink import shrunk
from secondread.readers.change_since_prior import READER
from secondread.sources import open_examination
from secondread.stats.proportion import wilson

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))
import dicom_factory  # noqa: E402 - found only now
from phantoms import two_times  # noqa: E402
from phantoms.chest_ct import Chest, Nodule, seen  # noqa: E402

DATA = ROOT.parent / "shared" / "data"
MOTIONS, SEED = 12, 1
NODULES = ((-70, -20, 40), (72, 10, 20), (-85, 15, -20), (60, 30, -50), (-60, 20, -60), (80, -10, -30), (-75, -30, 0))
STEP_MM, PIXEL_MM = 5.0, 1.25  # of the brain slices; the set does not tell them, so they are assumed
SEQUENCES = (
    ("before", {"SeriesDescription": "AX T1"}),
    ("flair", {"SeriesDescription": "AX FLAIR"}),
    ("after", {"SeriesDescription": "AX T1 POST", "ContrastBolusAgent": "GADOLINIUM"}),
)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--page", type=Path, help="a page whose first text block becomes the result")
    parser.add_argument("--split", default="test", help="of the brain tumours")
    args = parser.parse_args()
    print(facts("secondread", "numpy", "scipy"))
    text = "\n".join([*motions(), "", *breathing(), "", *nodules(), "", *brains(args.split)])
    print(text)
    if args.page:
        write_block(args.page, text)


def motions() -> list[str]:
    """A torso moved at random, up to 12 degrees about each axis and 60 mm along it."""
    random = np.random.default_rng(SEED)
    torso = load_nifti(open_nifti(DATA / "ct-torso" / "example_ct.nii.gz").series[0])
    torso = Volume(torso.values, torso.geometry, "HU")
    middle = torso.geometry.world((np.array(torso.geometry.shape) - 1) / 2)
    points = torso.geometry.world(np.argwhere(torso.values > -500)[::997])
    errors, angles = [], []
    for _ in range(MOTIONS):
        true = np.eye(4)
        true[:3, :3] = rotated(np.radians(random.uniform(-12.0, 12.0, 3)))
        true[:3, 3] = middle - true[:3, :3] @ middle + random.uniform(-60.0, 60.0, 3)
        moved = two_times.moved(padded(torso), true)
        noisy = moved.values + random.normal(0.0, 20.0, moved.values.shape).astype(np.float32)
        found = register(torso, Volume(noisy, moved.geometry, "HU"))
        errors.append(np.linalg.norm(found.to_moving(points) - (points @ true[:3, :3].T + true[:3, 3]), axis=1))
        rest = Rigid(np.linalg.inv(true) @ found.matrix, 1.0, 1.0, (0.0, 0.0, 0.0))
        angles.append(rest.turn_deg)
    each = np.array(errors)
    return [
        f"Registration: a torso CT of 3 mm moved {MOTIONS} times, up to 12 degrees and 60 mm an axis, noise 20 HU",
        f"  error of a place in the body   mean {each.mean():.2f} mm, worst {each.max():.2f} mm",
        f"  error of the turn              mean {np.mean(angles):.2f} degrees, worst {np.max(angles):.2f}",
    ]


def padded(volume: Volume) -> Volume:
    """With 60 mm of air around it, so that nothing leaves the field when it moves."""
    wide = [round(60.0 / mm) for mm in volume.geometry.spacing_mm]
    values = np.pad(volume.values, [(n, n) for n in wide], constant_values=-1000.0)
    affine = np.array(volume.geometry.affine)
    affine[:3, 3] = volume.geometry.world([-n for n in wide])
    return Volume(values, Geometry(values.shape, affine), volume.unit)


def nodules() -> list[str]:
    """Chest phantoms with lesions that grow, stay, shrink, come and go."""
    told, errors, wanted = [], [], ("grown", "unchanged", "new", "gone", "shrunk")
    more = 0
    for number in range(4):  # none of these was looked at when the rules were set
        chest = replace(two_times.CHEST, spacing_mm=(2.0, 1.4, 1.4), vessels=2 + number, noise_hu=20.0)
        turn = (-3.0 + 2.0 * number, 2.0 - number, 1.0 + 1.5 * number)
        two = two_times.times(chest, turn_deg=turn, shift_mm=(-8.0, 5.0 * number, -10.0))
        with tempfile.TemporaryDirectory() as folder:
            before, after = two_times.write(Path(folder), two)
            read = ask(after, before)
        for (place, *_), sizes, word in zip(two_times.LESIONS, two.volumes_mm3, wanted, strict=True):
            here = [f for f in read.findings if f.code.value == f"lesion-{word}" and near(f, place, word)]
            told.append(bool(here))
            if here and all(sizes):
                change = next(m.value for m in here[0].measurements if m.name == "change of volume")
                errors.append(abs(change - 100.0 * (sizes[1] / sizes[0] - 1.0)))
        more += sum(f.positive for f in read.findings) - 2
    low, high = _ends(sum(told), len(told))
    return [
        f"Nodules: 4 chest phantoms, slices of 2 mm, {len(told)} lesions of 8 to 12 mm, moved",
        f"  told as what they became       {sum(told)} of {len(told)} ({low:.2f} to {high:.2f})",
        f"  positive though nothing changed {more}",
        f"  error of the change of volume  median {np.median(errors):.0f} percentage points, worst {max(errors):.0f}",
    ]


def breathing() -> list[str]:
    """A chest phantom with seven nodules whose lungs moved by up to 10, 20 and 30 mm, most at the diaphragm."""
    places = np.array(NODULES)
    nodules = tuple(Nodule((float(x), float(y), float(z)), 8.0) for x, y, z in places)
    rest = seen(Chest(spacing_mm=(2.5, 1.8, 1.8), vessels=5, nodules=nodules)).volume
    lines = ["Breathing: 7 nodules of a chest phantom, distance from where they truly are, median and worst (mm)"]
    for reach in (10.0, 20.0, 30.0):
        breathed, truth = breathe(rest, reach, places)
        motion = register(rest, breathed)
        fine = shrunk(rest, 3.0), shrunk(breathed, 3.0)
        rigid = [np.linalg.norm(motion.to_fixed(q) - p) for p, q in zip(places, truth, strict=True)]
        local = [np.linalg.norm(nearby(*fine, motion, q, 35.0) - p) for p, q in zip(places, truth, strict=True)]
        peer = demons(rest, breathed, motion, places, truth)
        told = "   ".join(
            f"{name} {np.median(e):4.1f}, {max(e):4.1f}"
            for name, e in (("rigid", rigid), ("this reader", local), ("SimpleITK demons", peer))
        )
        lines.append(f"  moved by up to {reach:.0f} mm   {told}")
    return lines


def breathe(volume: Volume, reach_mm: float, places: np.ndarray) -> tuple[Volume, np.ndarray]:
    """The lungs moved down and back by a smooth field, and where these places went."""

    def moved(p: np.ndarray) -> np.ndarray:
        x, y, z = p[..., 0], p[..., 1], p[..., 2]
        share = np.clip((100 - z) / 200, 0, 1) * np.exp(-(((np.abs(x) - 70) / 60) ** 4) - ((y + 5) / 85) ** 4)
        return reach_mm * np.stack([0.05 * np.sign(x) * share, -0.25 * share, -share], -1)

    grid = volume.geometry
    here = grid.world(np.indices(grid.shape).transpose(1, 2, 3, 0))
    index = np.moveaxis(grid.index(here - moved(here)), -1, 0)
    values = ndimage.map_coordinates(volume.values, index, order=1, mode="nearest")
    there = places.astype(np.float64)
    for _ in range(30):  # where the value of a place went: q with q - moved(q) = p
        there = places + moved(there)
    return Volume(values.astype(np.float32), grid, volume.unit), there


def demons(fixed: Volume, moving: Volume, motion: Rigid, places: np.ndarray, truth: np.ndarray) -> list[float]:
    """The same by a deformable registration of SimpleITK (symmetric forces demons, three levels, 4 mm)."""
    import SimpleITK as sitk  # noqa: N813 - as its documentation writes it

    brought = Volume(resampled_like(moving, fixed.geometry, motion), fixed.geometry, fixed.unit)
    images = []
    for coarse in (shrunk(fixed, 4.0), shrunk(brought, 4.0)):
        image = sitk.GetImageFromArray(coarse.values)
        steps = np.linalg.norm(coarse.affine[:3, :3], axis=0)
        image.SetSpacing([float(mm) for mm in steps[::-1]])
        image.SetOrigin([float(mm) for mm in coarse.affine[:3, 3]])
        image.SetDirection([float(n) for n in (coarse.affine[:3, :3] / steps)[:, ::-1].ravel()])
        images.append(image)
    field = None
    for level in (4, 2, 1):
        still, other = (sitk.Shrink(image, [level] * 3) for image in images)
        way = sitk.FastSymmetricForcesDemonsRegistrationFilter()
        way.SetNumberOfIterations(60)
        way.SetStandardDeviations(1.5)
        field = way.Execute(still, other) if field is None else way.Execute(still, other, sitk.Resample(field, still))
    found = sitk.DisplacementFieldTransform(sitk.Cast(field, sitk.sitkVectorFloat64))
    there = [motion.to_moving(found.TransformPoint([float(mm) for mm in p])) for p in places]
    return [float(np.linalg.norm(a - b)) for a, b in zip(there, truth, strict=True)]


def near(finding, place, word) -> bool:
    """Whether a finding lies at the place, as far as it has one on the present grid."""
    if finding.mask is None:
        return word == "gone"
    centre = finding.mask.grid.world(np.argwhere(finding.mask.inside).mean(0))
    return float(np.linalg.norm(centre - np.array(place))) < 6.0


def brains(split: str) -> list[str]:
    """Brains with a tumour that only moved: every change is noise of the outline."""
    rows = [row for row in csv.DictReader((DATA / "brain-mr-lgg" / "manifest.csv").open()) if row["split"] == split]
    changes, positive, unread = [], 0, 0
    patients = sorted({row["patient"] for row in rows})
    for patient in patients:
        slices = sorted((r for r in rows if r["patient"] == patient), key=lambda row: int(row["slice"]))
        values = np.stack([np.asarray(Image.open(DATA / "brain-mr-lgg" / r["file"]), np.float32) for r in slices])
        now = values.transpose(3, 0, 1, 2)
        old = turned(now) + np.random.default_rng(SEED).normal(0.0, 3.0, now.shape)
        with tempfile.TemporaryDirectory() as folder:
            write(Path(folder) / "now", now, "20240701", "2.25.9001")
            write(Path(folder) / "old", old, "20240102", "2.25.9002")
            read = ask(Path(folder) / "now", Path(folder) / "old")
        found = [m.value for f in read.findings for m in f.measurements if m.name == "change of volume"]
        if not any(f.code.value == "comparison" and f.rulings for f in read.findings):
            unread += 1
            continue
        positive += any(f.positive for f in read.findings)
        changes += found
    n = len(patients) - unread
    low, high = _ends(positive, n)
    size = np.abs(changes)
    return [
        f"Brain tumours: {len(patients)} patients of the {split} split (LGG), turned by 5 degrees, moved by 9 mm",
        f"  no brain found or not laid on each other {unread}",
        f"  change of volume of a part     median {np.median(size):.1f} %, 95 % below {np.percentile(size, 95):.1f} %, "
        f"largest {size.max():.1f} %, {len(size)} parts",
        f"  called grown or new            {positive} of {n} patients ({low:.2f} to {high:.2f})",
    ]


def _ends(count: int, n: int) -> tuple[float, float]:
    found = wilson(count, n)
    return found.low, found.high


def turned(values: np.ndarray) -> np.ndarray:
    """Every channel turned and shifted."""
    steps = np.array([STEP_MM, PIXEL_MM, PIXEL_MM])
    rotation = rotated(np.radians((1.0, 2.0, 5.0)))[::-1, ::-1]
    matrix = np.diag(1 / steps) @ rotation @ np.diag(steps)
    middle = (np.array(values.shape[1:]) - 1) / 2 * steps
    offset = (middle + np.array((5.0, -4.0, 6.0)) - rotation @ middle) / steps
    return np.stack([ndimage.affine_transform(one, matrix, offset, order=1) for one in values])


def write(folder: Path, values: np.ndarray, date: str, uid: str) -> None:
    """The three sequences as DICOM series."""
    for number, (name, tags) in enumerate(SEQUENCES):
        stored = np.clip(values[number] * 10.0, 0, 4000).astype(np.uint16)
        dicom_factory.ct_series(
            folder / name,
            stored.shape,
            spacing=(PIXEL_MM, PIXEL_MM),
            step=STEP_MM,
            thickness=STEP_MM,
            stored=stored,
            Modality="MR",
            BodyPartExamined="BRAIN",
            StudyDate=date,
            StudyInstanceUID=uid,
            SeriesInstanceUID=f"{uid}.{number + 1}",
            PatientAge="040Y",
            **tags,
        )


def ask(now: Path, earlier: Path):
    """The read of two folders."""
    bundles = Bundles([shipped()], engine="onnxruntime", threads=1)
    return pipeline.ask(READER, open_examination(now), bundles, None, open_examination(earlier))


if __name__ == "__main__":
    main()
