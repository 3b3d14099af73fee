"""How the example files were made: public JPEG pictures, wrapped as DICOM without touching a pixel.

    python examples/make_examples.py DATA [OUT]

DATA is the folder that holds the data sets ``cxr-kermany`` and ``gate-mednist``. The same pictures give the same
bytes, UIDs included. Sources and licences: README.md beside this file.
"""

import struct
import sys
import uuid
from dataclasses import dataclass
from pathlib import Path

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import ComputedRadiographyImageStorage, JPEGBaseline8Bit

KERMANY = (
    "Public picture wrapped as DICOM; patient, age and date are fictitious. Kermany D, Zhang K, Goldbaum M. Labeled "
    "Optical Coherence Tomography (OCT) and Chest X-Ray Images for Classification. Mendeley Data, rscbjbr9sj. CC BY 4.0"
)
MEDNIST = (
    "Public picture wrapped as DICOM; patient, age and date are fictitious. MedNIST, B. J. Erickson, Mayo Clinic. "
    "CC BY-SA 4.0"
)
SQUEEZED = "Squeezed to 224 x 224 pixels and compressed as JPEG before publication here; JPEG bytes unchanged."
SMALL = "Reduced to 64 x 64 pixels and compressed as JPEG by the data set; JPEG bytes unchanged."


@dataclass(frozen=True, slots=True)
class Example:
    """One picture to wrap.

    Attributes:
        name: Name of the file that is written, without its suffix.
        source: The JPEG below the data folder.
        comment: What it is and whom to cite.
        derivation: What happened to the pixels.
        body_part: DICOM Body Part Examined; empty when the file does not say.
        view: DICOM View Position.
        orientation: DICOM Patient Orientation.
    """

    name: str
    source: str
    comment: str
    derivation: str
    body_part: str = "CHEST"
    view: str = "AP"
    orientation: tuple[str, ...] = ("L", "F")


EXAMPLES = (
    Example("child-normal", "cxr-kermany/images/01117.jpg", KERMANY, SQUEEZED),
    Example("child-bacterial", "cxr-kermany/images/03164.jpg", KERMANY, SQUEEZED),
    Example("child-viral", "cxr-kermany/images/01447.jpg", KERMANY, SQUEEZED),
    Example("hand", "gate-mednist/images/02597.jpg", MEDNIST, SMALL, body_part="", view="", orientation=()),
)
PLAIN = ("child-bacterial-2.jpg", "cxr-kermany/images/05051.jpg")


def main(data: Path, out: Path) -> None:
    """Write every example into ``out``."""
    for example in EXAMPLES:
        wrap(example, (data / example.source).read_bytes()).save_as(
            out / f"{example.name}.dcm", enforce_file_format=True
        )
    name, source = PLAIN
    (out / name).write_bytes((data / source).read_bytes())


def wrap(example: Example, jpeg: bytes) -> Dataset:
    """A CR image that carries these JPEG bytes.

    CR and not DX: a DX image must state the detector's pixel spacing, and nobody knows it for these pictures.

    Source: DICOM PS3.3 A.2 (CR Image IOD); PS3.5 A.4.1 (JPEG baseline).
    """
    rows, columns = size_of(jpeg)
    image = Dataset()
    image.SpecificCharacterSet = "ISO_IR 192"
    _describe_patient(image, example)
    image.SOPClassUID = ComputedRadiographyImageStorage
    image.SOPInstanceUID = uid_of(example.name, "image")
    image.ImageType = ["DERIVED", "PRIMARY"]
    image.InstanceNumber = 1
    image.PatientOrientation = list(example.orientation)
    image.DerivationDescription = example.derivation
    image.ImageComments = example.comment
    image.BurnedInAnnotation = "NO"
    image.LossyImageCompression = "01"
    image.LossyImageCompressionRatio = round(rows * columns / len(jpeg), 2)
    image.LossyImageCompressionMethod = "ISO_10918_1"
    image.SamplesPerPixel = 1
    image.PhotometricInterpretation = "MONOCHROME2"
    image.Rows, image.Columns = rows, columns
    image.BitsAllocated, image.BitsStored, image.HighBit = 8, 8, 7
    image.PixelRepresentation = 0
    image.PixelData = encapsulate([jpeg], has_bot=False)
    image["PixelData"].is_undefined_length = True
    image.file_meta = FileMetaDataset()
    image.file_meta.TransferSyntaxUID = JPEGBaseline8Bit
    image.file_meta.ImplementationClassUID = uid_of("program", "examples")
    image.file_meta.ImplementationVersionName = "EXAMPLES_1"
    return image


def _describe_patient(image: Dataset, example: Example) -> None:
    """A fictitious patient, study and series."""
    image.PatientName = f"Example^{example.name.title()}"
    image.PatientID = f"EXAMPLE-{example.name.upper()}"
    image.PatientBirthDate = ""
    image.PatientSex = ""
    image.PatientAge = "003Y" if example.body_part else ""
    image.StudyInstanceUID = uid_of(example.name, "study")
    image.StudyDate, image.StudyTime = "20240102", "120000"
    image.ReferringPhysicianName = ""
    image.StudyID = "1"
    image.AccessionNumber = ""
    image.Modality = "CR"
    image.SeriesInstanceUID = uid_of(example.name, "series")
    image.SeriesNumber = 1
    image.BodyPartExamined = example.body_part
    image.ViewPosition = example.view
    if not example.body_part:
        image.Laterality = ""  # DICOM asks for it unless the body part is known to be unpaired
    image.Manufacturer = ""


def uid_of(name: str, part: str) -> str:
    """A UID that is the same every time. Source: DICOM PS3.5 B.2 (UUID-derived UIDs)."""
    return f"2.25.{uuid.uuid5(uuid.NAMESPACE_URL, f'secondread/examples/{name}/{part}').int}"


def size_of(jpeg: bytes) -> tuple[int, int]:
    """(rows, columns) of a baseline JPEG with one component.

    Source: ITU-T T.81 B.2.2 (frame header): length, precision, rows, columns, number of components.

    Raises:
        ValueError: If it is another kind of JPEG.
    """
    place = 2
    while jpeg[place] == 0xFF and jpeg[place + 1] != 0xC0:
        (length,) = struct.unpack(">H", jpeg[place + 2 : place + 4])
        place += 2 + length
    if jpeg[place : place + 2] != b"\xff\xc0":
        raise ValueError("found no baseline frame header; needed a baseline JPEG")
    precision, rows, columns, components = struct.unpack(">BHHB", jpeg[place + 4 : place + 10])
    if (precision, components) != (8, 1):
        raise ValueError(f"found {components} components of {precision} bits; needed one of 8")
    return rows, columns


if __name__ == "__main__":
    if len(sys.argv) not in {2, 3}:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) == 3 else Path(__file__).parent)
