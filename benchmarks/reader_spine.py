"""How well curve, heights and spongy bone of a spine are measured: phantoms with known truth, and one CT.

    python benchmarks/reader_spine.py [--page docs/readers/spine.md]

No X-ray of a person's spine with a measured angle was at hand. The CT is the example of TotalSegmentator (Apache-2.0),
on which the reader was developed; its labels name L1 and parts of T12 and L2. ``--page`` writes the result into the
first text block of that page.
"""

import argparse
import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from machine import facts, write_block  # noqa: E402
from scipy import ndimage  # noqa: E402

from phantoms import spine as phantom  # noqa: E402
from secondread.core.geometry import Geometry  # noqa: E402
from secondread.core.volume import Volume  # noqa: E402
from secondread.measure.coarse_grid import coarse  # noqa: E402
from secondread.measure.cobb_angle import largest_cobb_angle  # noqa: E402
from secondread.measure.endplates import vertebrae  # noqa: E402
from secondread.measure.spine_xray import band  # noqa: E402
from secondread.measure.straight_spine import BESIDE_MM, StraightSpine, straight_spine  # noqa: E402
from secondread.measure.vertebrae import column, patient  # noqa: E402
from secondread.measure.vertebral_bodies import Body, bodies, losses_percent, whole  # noqa: E402
from secondread.prepare.shown import axial  # noqa: E402
from secondread.sources import load, open_examination  # noqa: E402

TORSO = ROOT.parent / "shared" / "data" / "ct-torso"
L1, LABELLED = 31, 30
ANGLES, SEEDS = tuple(range(0, 65, 5)), range(5)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--page", type=Path, help="a page whose first text block becomes the result")
    args = parser.parse_args()
    print(facts("secondread", "numpy", "scipy"))
    text = "\n".join([*xray_lines(), "", *ct_lines(), "", *torso_lines()])
    print(text)
    if args.page:
        write_block(args.page, text)


def xray_lines() -> list[str]:
    """Cobb angle of projections of nine vertebrae, 0 to 60 degrees."""
    rows = [
        f"projections of 9 vertebrae, {len(ANGLES)} angles of 0 to 60 degrees, {len(SEEDS)} of each: found less true"
    ]
    for noise in (0.01, 0.03, 0.06, 0.10):
        off, missed = [], 0
        for angle in ANGLES:
            for seed in SEEDS:
                picture = phantom.xray(phantom.curved(float(angle)), noise=noise, seed=seed)
                spine = band(picture, (0.7, 0.7))
                found = () if spine is None else vertebrae(picture, (0.7, 0.7), spine.centre, spine.half_width_mm)
                if spine is None or len(found) < 4:
                    missed += 1
                    continue
                lines = [(one.upper, one.lower) for one in found]
                off.append(largest_cobb_angle(lines, (0.7, 0.7))[0].value - angle)
        far = np.abs(off)
        rows.append(
            f"noise {noise:.2f} of the range: mean {np.mean(off):+.1f}, 95 % within {np.percentile(far, 95):.1f}, "
            f"largest {far.max():.1f} degrees; {missed} of {len(off) + missed} refused"
        )
    return rows


def measured(volume: Volume) -> tuple[StraightSpine, tuple[Body, ...], float]:
    """The spine, its bodies and its Cobb angle."""
    grid = coarse(volume, 3.0)
    canal = column(grid, patient(grid))
    if canal is None:
        raise SystemExit("no vertebral column")
    spine = straight_spine(volume, grid, canal)
    view = spine.front_view
    found = whole(spine, vertebrae(view, (1.0, 1.0), np.full(len(view), float(BESIDE_MM)), 14.0))
    lines = [(spine.in_front_mm(one.upper), spine.in_front_mm(one.lower)) for one in found]
    return spine, bodies(spine, found), largest_cobb_angle(lines, (1.0, 1.0))[0].value


def ct_lines() -> list[str]:
    """Heights, losses, attenuation and angle of phantoms of seven vertebrae, of which the middle one is wedged."""
    rows = ["CT phantoms of 7 vertebrae, the middle one wedged; the others 27 mm high, a curve of 20 degrees"]
    for slice_mm in (1.0, 2.0, 3.0):
        step = (slice_mm, 1.0, 1.0)
        words = []
        for front in (27.0, 23.0, 18.0, 14.0):
            chain = tuple(
                phantom.Vertebra(one.tilt_deg, front if n == 3 else 27.0, 27.0, 90.0 if n == 3 else 150.0)
                for n, one in enumerate(phantom.curved(30.0, 7))
            )
            values = phantom.ct(chain, step_mm=step)
            affine = np.array([[0, 0, 1.0, 0], [0, 1.0, 0, 0], [slice_mm, 0, 0, 0], [0, 0, 0, 1.0]])
            _, those, angle = measured(Volume(values, Geometry(values.shape, affine), "HU"))
            loss = losses_percent(those)[len(those) // 2]
            true = 100.0 * (1.0 - (27.0 - 0.86 * (27.0 - front)) / (27.0 - 0.14 * (27.0 - front)))
            middle, other = those[len(those) // 2], those[0]
            words.append(
                f"loss {loss:.0f} for {true:.0f} %, {other.mean_mm:.1f} mm, {middle.hu:.0f} and {other.hu:.0f} HU "
                f"for 90 and 150, {angle:.1f} degrees"
            )
        rows += [f"slices {slice_mm:.0f} mm: {word}" for word in words]
    return rows


def torso_lines() -> list[str]:
    """Spongy bone of the vertebra that the labels call L1."""
    import nibabel

    volume = load(open_examination(TORSO / "example_ct.nii.gz").series[0])
    labels = np.asarray(nibabel.Nifti1Image.from_filename(TORSO / "example_seg.nii.gz").dataobj)[::-1, ::-1].transpose(
        2, 1, 0
    )
    values, _ = axial(volume)
    spine, those, angle = measured(volume)
    rows = ["one CT, 3 mm (developed on it): vertebrae from the head down"]
    step = spine.step_mm[0]
    for body in those:
        at = int(np.interp((body.top_mm + body.bottom_mm) / 2.0, np.arange(len(spine.middle)), spine.middle[:, 0]))
        k = at - (len(values) - LABELLED)
        inside = labels[k] if k >= 0 else None
        shown = inside is not None and (inside == L1).sum() * step * step > 900.0
        named = "labelled L1" if shown else "not labelled whole"
        rows.append(f"{body.front_mm:.0f}, {body.middle_mm:.0f}, {body.back_mm:.0f} mm, {body.hu:.0f} HU ({named})")
    theirs = ndimage.binary_erosion(labels == L1, iterations=2)
    canal = np.arange(values.shape[1])[None, :, None] < 0.5 * values.shape[1] + 20
    hu = values[-LABELLED:][theirs & canal].mean()
    rows.append(f"label L1 without its rim of 6 mm: {hu:.0f} HU; Cobb {angle:.1f} degrees")
    return rows


if __name__ == "__main__":
    main()
