"""One of every DICOM object that this program writes, on disk."""

from pathlib import Path

import numpy as np

import dicom_reads as reads
import fakes
import mask_witnesses as masks
import result_reads as results
from secondread.core.code import DCM, Code
from secondread.dicom.results.parametric_map import ValueMap, build_parametric_map
from secondread.dicom.results.seg import build_seg
from secondread.dicom.uids import uid_source

ACTIVATION = Code(DCM, "130402", "Class activation")


def every_object(folder: Path) -> dict[str, Path]:
    """Kind to file."""
    header, breast = reads.source(folder), results.mammogram(folder)
    _, headers, _, volume = masks.phantom(folder / "slices")
    drawn, answer = masks.masks_of(volume), (reads.read(), fakes.card(), headers, uid_source("a"), reads.NOW)
    values = np.clip(volume.values / 1200.0, 0.0, 1.0).astype(np.float32)
    made = {
        "sr": reads.structured(header, reads.read()),
        "sc": reads.capture(header, reads.read()),
        "seg": build_seg(drawn, *answer),
        "labelmap": build_seg(drawn, *answer, labelmap=True),
        "pm": build_parametric_map(ValueMap(values, volume.geometry, ACTIVATION, "Pneumonia"), *answer),
        "pr": results.presentation(header, reads.read()),
        "ko": results.key_objects([header], reads.read()),
        "pdf": results.encapsulated(header, reads.read()),
        "cad": results.cad([breast], results.breast()),
    }
    return {kind: reads.saved(dataset, folder, f"{kind}.dcm") for kind, dataset in made.items()}
