"""Which contrast phase a CT of the abdomen shows, from the attenuation of aorta, kidneys, liver and urine.

A rule of our own with wide gaps between the phases: what fits none of them is ``unknown``. It rests on what the phases
are known by: the aorta of 290 to 360 HU with little enhancement of the liver in the late arterial phase
(radiopaedia.org, late arterial phase), a liver that enhances most in the portal venous phase, contrast medium in the
renal pelvis after some minutes. Blood without contrast is about 30 to 60 HU.
"""

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from secondread.measure.coarse_grid import CoarseGrid, Inside
from secondread.measure.vertebrae import Column

PHASES = ("unenhanced", "arterial", "portal venous", "excretory", "unknown")
# Limits in HU; unverified: they lie between published values of the phases.
PLAIN_AORTA, PLAIN_KIDNEY, PLAIN_LIVER, PLAIN_SPLEEN = 75.0, 65.0, 80.0, 75.0
BRIGHT_AORTA, AHEAD_OF_LIVER, ENHANCED_KIDNEY = 180.0, 100.0, 100.0
VENOUS_AORTA, VENOUS_LIVER = (90.0, 220.0), 85.0
URINE_HU, URINE_ML = 300.0, 1.0
# Where the aorta lies before the spine, in mm to the left of and behind the canal, and how wide it is.
AORTA_BESIDE, AORTA_BEHIND, AORTA_RADIUS_MM, AORTA_HU = (-10.0, 32.0), (-80.0, -38.0), 7.5, (0.0, 600.0)
EVEN_HU, LEAST_SLICES_MM = 40.0, 45.0


@dataclass(frozen=True, slots=True)
class Phase:
    """A contrast phase and why.

    Attributes:
        name: Of :data:`PHASES`.
        why: One sentence with the figures.
    """

    name: str
    why: str

    @property
    def contrast(self) -> bool | None:
        """Whether contrast medium is seen; None where that is not known."""
        return None if self.name == "unknown" else self.name != "unenhanced"


def aorta_hu(grid: CoarseGrid, column: Column) -> float | None:
    """Attenuation of the blood in the aorta in HU: the most even disc before the spine, the median over the slices.

    Args:
        grid: A CT in HU on steps of about 3 mm.
        column: The spinal canal.

    Returns:
        None where fewer than 4.5 cm of it can be followed.
    """
    values = scipy.ndimage.median_filter(grid.values, (3, 1, 1))[column.first : column.last + 1]
    _, j_mm, i_mm = grid.step_mm
    disc = _disc(AORTA_RADIUS_MM, (j_mm, i_mm))[None]
    mean = scipy.ndimage.correlate(values, disc, mode="nearest")
    spread = np.sqrt(np.maximum(scipy.ndimage.correlate(values * values, disc, mode="nearest") - mean * mean, 0.0))
    canal = column.canal[column.first : column.last + 1]
    beside = (np.arange(values.shape[2])[None, None, :] - canal[:, 1][:, None, None]) * i_mm
    behind = (np.arange(values.shape[1])[None, :, None] - canal[:, 0][:, None, None]) * j_mm
    zone = (beside > AORTA_BESIDE[0]) & (beside < AORTA_BESIDE[1]) & (mean > AORTA_HU[0]) & (mean < AORTA_HU[1])
    zone = zone & (behind > AORTA_BEHIND[0]) & (behind < AORTA_BEHIND[1])
    flat = np.where(zone, spread, np.inf).reshape(len(values), -1)
    best = flat.argmin(axis=1)
    rows = np.arange(len(values))
    found, evenness = mean.reshape(len(values), -1)[rows, best], flat[rows, best]
    followed = evenness < EVEN_HU
    if followed.sum() * grid.step_mm[0] < LEAST_SLICES_MM:
        return None
    return float(np.median(found[followed]))


def _disc(radius_mm: float, sides: tuple[float, float]) -> NDArray[np.float32]:
    reach = [int(np.ceil(radius_mm / side)) for side in sides]
    j, i = np.mgrid[-reach[0] : reach[0] + 1, -reach[1] : reach[1] + 1]
    filled = (np.hypot(j * sides[0], i * sides[1]) <= radius_mm).astype(np.float32)
    return np.asarray(filled / filled.sum(), np.float32)


def urine_ml(grid: CoarseGrid, kidney: Inside) -> float:
    """Volume in mL of voxels above 300 HU within the hull of a kidney: contrast medium in the collecting system."""
    return float((kidney & (grid.values > URINE_HU)).sum()) * grid.voxel_ml


def phase_of(
    *,
    aorta: float | None,
    liver: float | None = None,
    spleen: float | None = None,
    kidneys: tuple[float, ...] = (),
    urine: float = 0.0,
) -> Phase:
    """The phase by attenuation in HU, and the volume of bright urine in mL.

    >>> phase_of(aorta=42.0, liver=55.0, kidneys=(31.0, 30.0)).name
    'unenhanced'
    >>> phase_of(aorta=310.0, liver=70.0, kidneys=(140.0,)).name
    'arterial'
    """
    known = {"aorta": aorta, "liver": liver, "spleen": spleen, "kidneys": max(kidneys, default=None)}
    told = ", ".join(f"{name} {value:.0f} HU" for name, value in known.items() if value is not None)
    kidney = known["kidneys"]
    if aorta is None or (liver is None and kidney is None):
        return Phase("unknown", f"The aorta and one organ are needed; found {told or 'neither'}.")
    plain = ((aorta, PLAIN_AORTA), (liver, PLAIN_LIVER), (spleen, PLAIN_SPLEEN), (kidney, PLAIN_KIDNEY))
    if all(value is None or value < limit for value, limit in plain):
        return Phase("unenhanced", f"No contrast medium seen: {told}.")
    if kidney is not None and kidney >= ENHANCED_KIDNEY and urine >= URINE_ML and aorta < BRIGHT_AORTA:
        return Phase("excretory", f"{urine:.1f} mL brighter than {URINE_HU:.0f} HU in the kidneys, and {told}.")
    if aorta >= BRIGHT_AORTA and liver is not None and aorta - liver >= AHEAD_OF_LIVER:
        return Phase("arterial", f"The aorta is far brighter than the liver: {told}.")
    venous = VENOUS_AORTA[0] <= aorta <= VENOUS_AORTA[1]
    if venous and liver is not None and liver >= VENOUS_LIVER and (kidney is None or kidney >= ENHANCED_KIDNEY):
        return Phase("portal venous", f"Liver and vessels are enhanced alike: {told}.")
    return Phase("unknown", f"The attenuations fit no phase of the rule: {told}.")
