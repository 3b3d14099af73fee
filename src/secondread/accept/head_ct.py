"""An unenhanced CT of the head: which series of a study it is, and whether its voxels show what is needed."""

import numpy as np
import scipy

from secondread.accept.age import refused_child
from secondread.accept.checks import Warned
from secondread.accept.ct_content import check_shows, in_hu
from secondread.accept.volume import Wanted, choose
from secondread.core.card import ModelCard
from secondread.core.reader import Case, GateView
from secondread.core.report import Refusal
from secondread.core.study import Series, Study
from secondread.core.volume import Volume
from secondread.measure.head import Head, depth_mm, head_of, noise_hu, tissue_hu

LEAST_CAVITY_ML = 400.0
BRAIN_HU = (18.0, 50.0)
LOUDEST_HU = 12.0  # noise on a grid of 1 mm: no brain is seen through more
VESSEL_HU, BONE_LIKE_HU, VESSEL_ML = 110.0, 450.0, 3.0
VESSEL_DEPTH_MM = 12.0
# Share of the largest section inside the skull that the last slices of a whole head may show, chosen as gate.md says;
# more at the lower end, where an examination may begin within the base of the skull.
LARGEST_END = {"lowest": 0.4, "highest": 0.35}
OPEN_MM = 10.0  # of last slices whose skull looks open, so that its inside is not seen: the next one tells


def wanted(what: str, thickest_mm: float) -> Wanted:
    """A head CT in axial slices; soft kernels first, then the slices nearest to 5 mm."""
    return Wanted(
        "CT", what, frozenset({"head"}), planes=frozenset({"axial"}), thickest_mm=thickest_mm, prefer=_preference
    )


def _preference(series: Series) -> float:
    facts = series.facts
    return 0.0 if facts is None else 2.0 * (facts.kernel == "sharp") + 4.0 * bool(facts.contrast)


def select(
    study: Study,
    card: ModelCard,  # noqa: ARG001 - every reader takes it
    *,
    needs: Wanted,
) -> Series | Refusal:
    """The series to read; not one with contrast medium or a bone kernel, as far as its tags say."""
    chosen = choose(study, needs)
    if isinstance(chosen, Refusal) or chosen.facts is None:
        return chosen
    if chosen.facts.contrast:
        found = "Found contrast medium given; needed an unenhanced CT, because enhanced vessels look like blood."
        return Refusal("contrast", found, "Send the series before contrast medium.")
    if chosen.facts.kernel == "sharp":
        found = "Found only a bone kernel; needed a soft one, because noise and sharpened edges look like blood."
        return Refusal("quality", found, "Send the brain reconstruction of the same examination.", check="acquisition")
    return chosen


def check(
    case: Case,
    gate: GateView | None,  # noqa: ARG001 - every reader takes it
    card: ModelCard,  # noqa: ARG001 - every reader takes it
    *,
    needs: Wanted,
) -> Refusal | tuple[str, ...]:
    """Refusal by the person's age or the voxels, or warnings. It does not look for the head in detail yet."""
    child = refused_child(case, "no child's limits were tried")
    told = child or check_shows(case, "head", needs)
    if isinstance(told, Refusal) or case.clinical.age_years is not None:
        return told
    return (*told, Warned("person", "The age is not known; the reader is meant for adults."))


def head_or_refusal(volume: Volume) -> Head | Refusal:
    """The head on its working grid, or why the voxels do not show a brain that can be measured."""
    head = head_of(in_hu(volume) or volume)
    if head.cavity_ml < LEAST_CAVITY_ML:
        found = f"Found {head.cavity_ml:.0f} mL inside a skull; needed {LEAST_CAVITY_ML:.0f} mL or more."
        next_step = "Send axial slices of the whole head, with the skull inside the picture."
        return Refusal("content", found, next_step, check="field-of-view")
    brain, noise = tissue_hu(head), noise_hu(head)
    if not BRAIN_HU[0] <= brain <= BRAIN_HU[1]:
        found = f"Found {brain:.0f} HU inside the skull; needed brain of {BRAIN_HU[0]:.0f} to {BRAIN_HU[1]:.0f} HU."
        return Refusal("content", found, "Check that the series is a CT in HU.")
    if noise > LOUDEST_HU:
        found = f"Found noise of {noise:.0f} HU in the brain; needed {LOUDEST_HU:.0f} HU or less."
        return Refusal("quality", found, "Send a soft reconstruction, or thicker slices.", check="noise")
    if (volume_ml := enhanced_ml(head)) > VESSEL_ML:
        found = (
            f"Found {volume_ml:.1f} mL of {VESSEL_HU:.0f} HU and more deep inside the skull, as contrast medium in "
            "vessels or a large calcification is; needed an unenhanced CT."
        )
        return Refusal("contrast", found, "Send the series before contrast medium.")
    return head


def cut_warnings(head: Head) -> tuple[str, ...]:
    """Where the scan ends within the head: its last slices still show much of the inside of the skull."""
    areas = head.cavity.sum(axis=(1, 2))
    shown = np.flatnonzero(areas)
    first, last = shown[0], shown[-1]
    told = []
    for end, beyond, k, empty in (
        ("lowest", "below", first, first),
        ("highest", "above", last, len(areas) - 1 - last),
    ):
        share = areas[k] / areas.max()
        if share > LARGEST_END[end] and empty * head.spacing_mm[0] <= OPEN_MM:
            found = (
                f"The scan ends within the head: its {end} slices show {share:.0%} of the largest section inside the "
                f"skull. What lies {beyond} was not read; send the whole head."
            )
            told.append(Warned("missing-part", found))
    return tuple(told)


def enhanced_ml(head: Head) -> float:
    """Volume between 110 and 450 HU deep inside the skull and in no piece with a denser core, in mL."""
    deep = depth_mm(head) >= VESSEL_DEPTH_MM
    inside = np.stack([scipy.ndimage.binary_fill_holes(plane) for plane in head.cavity])
    far = np.stack([scipy.ndimage.distance_transform_edt(plane, sampling=head.spacing_mm[1:]) for plane in inside])
    bright = (head.values > VESSEL_HU) & (deep | (far >= VESSEL_DEPTH_MM))
    parts, count = scipy.ndimage.label(bright)
    if not count:
        return 0.0
    peaks = scipy.ndimage.maximum(head.values, parts, np.arange(count + 1))
    peaks[0] = np.inf
    return float((np.asarray(peaks) <= BONE_LIKE_HU)[parts].sum()) * head.voxel_ml
