"""One of every DICOM object that this program writes, on disk."""

from pathlib import Path

import dicom_reads as reads
import result_reads as results


def every_object(folder: Path) -> dict[str, Path]:
    """Kind to file."""
    header, breast = reads.source(folder), results.mammogram(folder)
    made = {
        "sr": reads.structured(header, reads.read()),
        "sc": reads.capture(header, reads.read()),
        "pr": results.presentation(header, reads.read()),
        "ko": results.key_objects([header], reads.read()),
        "pdf": results.encapsulated(header, reads.read()),
        "cad": results.cad([breast], results.breast()),
    }
    return {kind: reads.saved(dataset, folder, f"{kind}.dcm") for kind, dataset in made.items()}
