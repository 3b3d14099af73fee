"""Volumes of other sources for a network of volumes: parts of a torso CT, and stacks of slices of the head."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from secondread.audit.shifts.elsewhere import SOURCES, Elsewhere, grey_of, wanted
from secondread.audit.shifts.shift import Shift
from secondread.core.card import InputContract
from secondread.formats.nifti import load_nifti, open_nifti
from secondread.learn.pictures import volume_bytes

TORSO = "ct-torso/example_ct.nii.gz"
PARTS = 40  # of the torso


def torso_parts(contract: InputContract, root: Path, seed: int) -> Shift:
    """Parts of one CT of a torso, at 3 mm, from random places within the body."""
    values = load_nifti(open_nifti(root / TORSO).series[0]).values
    random = np.random.default_rng(seed)
    made: list[NDArray[np.uint8]] = []
    while len(made) < PARTS:
        starts = [
            int(random.integers(0, max(1, have - want + 1)))
            for have, want in zip(values.shape, contract.grid, strict=True)
        ]
        part = values[tuple(slice(start, start + want) for start, want in zip(starts, contract.grid, strict=True))]
        if float((part > -500.0).mean()) > 0.5:
            made.append(volume_bytes(np.ascontiguousarray(part), contract)[None])
    return Shift("torso CT", "far", np.stack(made), np.array(["torso"] * len(made)))


def stacks(name: str, kind: str, contract: InputContract, root: Path, split: str) -> Shift:
    """The slices of each patient of a source as one volume, its centre cut to the grid."""
    source = SOURCES[name]
    patients: dict[str, list[dict[str, str]]] = {}
    for row in wanted(source, root, split):
        patients.setdefault(row["patient"], []).append(row)
    made = [stack_of(rows, source, root, contract) for rows in patients.values()]
    return Shift(name, kind, np.stack(made), np.array(list(patients), dtype=np.str_))


def stack_of(rows: list[dict[str, str]], source: Elsewhere, root: Path, contract: InputContract) -> NDArray[np.uint8]:
    """uint8 [1, *grid] of one patient."""
    ordered = sorted(rows, key=lambda row: int(row["slice"]))
    slices = [grey_of(source, root / source.path / row["file"]) for row in ordered]
    return volume_bytes(np.stack(slices), contract)[None]
