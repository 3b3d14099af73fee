"""One of every DICOM object that this program writes, on disk."""

from pathlib import Path

import dicom_reads as reads


def every_object(folder: Path) -> dict[str, Path]:
    """Kind to file."""
    header = reads.source(folder)
    made = {
        "sr": reads.structured(header, reads.read()),
        "sc": reads.capture(header, reads.read()),
    }
    return {kind: reads.saved(dataset, folder, f"{kind}.dcm") for kind, dataset in made.items()}
