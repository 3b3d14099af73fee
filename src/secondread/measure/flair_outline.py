"""The FLAIR abnormality of a glioma as the bundle ``brain-tumour`` outlines it, slice by slice, on a brain MR."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from secondread.core.reader import Networks
from secondread.core.study import Series
from secondread.core.volume import Volume
from secondread.measure.brain_mr import Bools, BrainMr, brain_mr
from secondread.prepare.brain_slices import APART_MM, field_of, five_channels, grey, on_slice
from secondread.prepare.register import Rigid, resampled_like
from secondread.prepare.shown import axial

Floats = NDArray[np.float32]
BUNDLE = "brain-tumour"
BATCH = 4
PART_ML = 0.1  # smaller parts of the outline are left out
ALIKE, SIGNAL = 0.6, 0.02  # share of the brain in which a T1-weighted series must show signal, and what that is
REPEATED = "No T1-weighted series {name} contrast could be used; the FLAIR was repeated in its place."
SAME_PLACE = Rigid(np.eye(4), 1.0, 1.0, (0.0, 0.0, 0.0))


@dataclass(frozen=True, slots=True, eq=False)
class Outlined:
    """What was outlined.

    Attributes:
        brain: The brain on turned slices.
        inside: bool [k, j, i] of the turned slices.
        warnings: What a reviewer must know.
    """

    brain: BrainMr
    inside: Bools
    warnings: tuple[str, ...]


def flair_outline(networks: Networks, flair: Volume, others: Sequence[tuple[Series, Volume]]) -> Outlined:
    """Find the brain and let the network outline what is abnormal on its FLAIR.

    Args:
        networks: Holding the bundle ``brain-tumour``.
        flair: Of the whole head.
        others: T1-weighted series of the same examination; the FLAIR stands for a missing one.

    Raises:
        GeometryError: If no brain is found.
    """
    brain = brain_mr(flair)
    before, after, told = sequences(brain, flair, others)
    missing = (("before", before), ("after", after))
    told += tuple(REPEATED.format(name=name) for name, values in missing if np.array_equal(values, grey(brain.values)))
    return Outlined(brain, tidied(outlined_by(networks, brain, before, after), brain), told)


def sequences(
    brain: BrainMr, flair: Volume, others: Sequence[tuple[Series, Volume]]
) -> tuple[Floats, Floats, tuple[str, ...]]:
    """T1 before and after contrast on the slices of the FLAIR, [k, j, i] in [0, 1]; the FLAIR where one is missing."""
    own = grey(brain.values)
    found, told = {False: own, True: own}, []
    for series, volume in others:
        contrast = bool(series.facts is not None and series.facts.contrast)
        moved = resampled_like(volume, flair.geometry, SAME_PLACE)
        values = grey(axial(Volume(moved, flair.geometry, "grey"))[0])
        if covers(values, brain):
            found[contrast] = values
        else:
            name = "after" if contrast else "before"
            told.append(f"The T1-weighted series {name} contrast does not lie where the FLAIR lies and was not used.")
    if found[True] is not own or found[False] is not own:
        told.append(
            "The series were laid on each other by their positions alone; it was not checked that nobody moved."
        )
    return found[False], found[True], tuple(told)


def covers(values: Floats, brain: BrainMr) -> bool:
    """Whether a series shows signal in most of the brain that was found on the FLAIR."""
    return float((values[brain.inside] > SIGNAL).mean()) >= ALIKE


def outlined_by(networks: Networks, brain: BrainMr, before: Floats, after: Floats) -> Bools:
    """Where the network draws, bool [k, j, i] of the turned slices."""
    return np.asarray(probability_by(networks, brain, before, after) >= networks.card(BUNDLE).threshold("tumour"))


def probability_by(networks: Networks, brain: BrainMr, before: Floats, after: Floats) -> Floats:
    """The network's probability at every place, float32 [k, j, i] of the turned slices."""
    card = networks.card(BUNDLE)
    flair, steps = grey(brain.values), brain.steps
    middle = scipy.ndimage.center_of_mass(brain.inside)
    field = field_of((flair.shape[1], flair.shape[2]), (steps[1], steps[2]), (float(middle[1]), float(middle[2])))
    step = max(1, round(APART_MM / steps[0]))
    probability = np.zeros(flair.shape, np.float32)
    for first in range(0, len(flair), BATCH):
        chosen = range(first, min(first + BATCH, len(flair)))
        batch = np.stack([five_channels(before, flair, after, k, step, field, card.input) for k in chosen])
        logits = networks.run(BUNDLE, batch).mask_logits
        if logits is None:
            continue
        for k, found in zip(chosen, scipy.special.expit(logits[:, 1] - logits[:, 0]), strict=True):
            probability[k] = on_slice(found.astype(np.float32), field, (flair.shape[1], flair.shape[2]), card.input)
    return probability


def tidied(outline: Bools, brain: BrainMr) -> Bools:
    """Without parts below 0.1 mL and parts that lie wholly outside of the brain."""
    parts, count = scipy.ndimage.label(outline)
    if not count:
        return outline
    sizes = np.bincount(parts.ravel(), minlength=count + 1) * brain.voxel_ml
    touching = np.bincount(parts[brain.inside], minlength=count + 1)
    kept = [n for n in range(1, count + 1) if sizes[n] >= PART_ML and touching[n]]
    return np.asarray(np.isin(parts, kept))
