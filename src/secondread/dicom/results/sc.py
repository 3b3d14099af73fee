"""The picture with the map drawn on it, as a DICOM Secondary Capture: for viewers that show nothing else."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset

from secondread.core.card import ModelCard
from secondread.core.errors import OutputError
from secondread.core.geometry import Geometry
from secondread.core.report import NOTICE, Read
from secondread.core.version import __version__
from secondread.dicom import codes
from secondread.dicom.identity import discreet, first, values
from secondread.dicom.results import derived
from secondread.dicom.results.frame_groups import series_of
from secondread.dicom.results.inherited import UNPAIRED, copy_loss
from secondread.dicom.results.planes import stacked_planes


@dataclass(frozen=True, slots=True, eq=False)
class Slice:
    """A slice of a volume as it is drawn, turned to be looked at.

    Attributes:
        runs: Where its rows and columns run in the patient: Patient Orientation.
        image: Header of the image that shows it, or None where none does.
        frame: Number of the frame of that image, or None where it has one only.
    """

    runs: tuple[str, str]
    image: Dataset | None
    frame: int | None


def shown_slice(k: int, runs: tuple[str, str], grid: Geometry, sources: Sequence[Dataset]) -> Slice:
    """Slice ``k`` of a grid, with the image of the series that lies there."""
    try:
        found = stacked_planes(grid, sources).sources[k]
    except OutputError:  # of a series without a frame of reference nobody can tell
        found = None
    return Slice(runs, None, None) if found is None else Slice(runs, found.header, found.number)


@discreet()
def build_sc(
    rgb: NDArray[np.uint8],
    read: Read,
    card: ModelCard,
    source: Dataset,
    uid: Callable[[str], str],
    now: datetime,
    *,
    shown: Slice | None = None,
) -> Dataset:
    """The rendered picture of one read as an image object.

    Args:
        rgb: uint8 [j, i, 3], no patient data drawn on it.
        read: The answer shown.
        card: Card of the bundle that answered.
        source: Header of the image underneath.
        uid: Purpose to UID, see :func:`secondread.dicom.uids.uid_source`.
        now: When the picture is made, with its zone.
        shown: The slice that is drawn, where the source is one of many.

    Returns:
        A data set without file meta information; :func:`secondread.dicom.write.save` adds that. It keeps the
        source's pixel spacing only if it has the source's rows and columns.

    Raises:
        OutputError: If the source cannot be referred to, or is not the image that was read.
        ValueError: If ``rgb`` is no colour picture.

    Source: DICOM PS3.3 A.8.1 (the IOD), C.7.6.1 General Image, C.7.6.3 Image Pixel, C.8.6 Secondary Capture.
    """
    if rgb.ndim != 3 or rgb.shape[2] != 3 or rgb.dtype != np.uint8:
        raise ValueError(f"a capture needs uint8 [rows, columns, 3]; found {rgb.dtype} {rgb.shape}")
    picture = derived.derived(derived.SC, read, card, source, uid, now)
    same_grid = shown is None and derived.size(source) == rgb.shape[:2]
    picture.ConversionType = "DI"
    picture.ImageType = ["DERIVED", "SECONDARY"]
    picture.BurnedInAnnotation = "YES"
    picture.ImageComments = f"{NOTICE} {derived.outcome_sentence(read)}"[:10240]
    picture.DerivationDescription = (
        f"Shows what spoke for the answer of {card.name} {card.version}, drawn by secondread {__version__} over "
        "the source image. Colours are not measurements."
    )[:1024]
    under = source if shown is None else shown.image
    if under is not None:
        frame = derived.only_frame(source) if shown is None else shown.frame
        picture.SourceImageSequence = [_source_image(under, frame, same_grid=same_grid)]
    picture.ReferencedSeriesSequence = series_of([under or source])
    _copy_place(picture, source, same_grid=same_grid)
    if shown is not None:
        picture.PatientOrientation = list(shown.runs)
    copy_loss(picture, [source])
    _add_pixels(picture, rgb)
    return picture


def _add_pixels(picture: Dataset, rgb: NDArray[np.uint8]) -> None:
    """Uncompressed colour by pixel. Source: DICOM PS3.3 C.7.6.3; PS3.5 section 8.1.1 (even length)."""
    picture.SamplesPerPixel, picture.PhotometricInterpretation, picture.PlanarConfiguration = 3, "RGB", 0
    picture.Rows, picture.Columns = rgb.shape[:2]
    picture.BitsAllocated, picture.BitsStored, picture.HighBit, picture.PixelRepresentation = 8, 8, 7, 0
    picture.PixelData = rgb.tobytes() + b"\0" * (rgb.size % 2)
    picture["PixelData"].VR = "OB"


def _source_image(source: Dataset, frame: int | None, *, same_grid: bool) -> Dataset:
    item = derived.reference(source, whole=True)
    if frame is not None:
        item.ReferencedFrameNumber = frame
    item.SpatialLocationsPreserved = "YES" if same_grid else "NO"
    item.PurposeOfReferenceCodeSequence = [codes.item(codes.SOURCE_IMAGE)]
    return item


def _copy_place(picture: Dataset, source: Dataset, *, same_grid: bool) -> None:
    """Body part, side, orientation and, on the same grid, spacing."""
    body_part = first(source, "BodyPartExamined").upper()
    if len(body_part) <= 16 and body_part.replace(" ", "").replace("_", "").isalnum() and body_part.isascii():
        picture.BodyPartExamined = body_part
    if (side := first(source, "ImageLaterality")) in {"L", "R", "U", "B"}:
        picture.ImageLaterality = side
    elif body_part not in UNPAIRED:
        # Type 2C: present, if empty, wherever the body part may have two sides. Source: DICOM PS3.3 C.7.3.1.
        side = first(source, "Laterality")
        picture.Laterality = side if side in {"L", "R"} else ""
    orientation = values(source, "PatientOrientation")
    picture.PatientOrientation = orientation if len(orientation) == 2 and all(map(_is_direction, orientation)) else []
    if (features := first(source, "RecognizableVisualFeatures")) in {"YES", "NO"}:
        picture.RecognizableVisualFeatures = features
    spacing = values(source, "PixelSpacing")
    if same_grid and len(spacing) == 2 and all(map(_is_length, spacing)):
        picture.PixelSpacing = spacing
        if (calibration := first(source, "PixelSpacingCalibrationType")) in {"GEOMETRY", "FIDUCIAL"}:
            picture.PixelSpacingCalibrationType = calibration
            how = first(source, "PixelSpacingCalibrationDescription") or "Not described in the source image."
            picture.PixelSpacingCalibrationDescription = how[:64]


def _is_direction(text: str) -> bool:
    return bool(text) and set(text) <= set("LRAPHF")


def _is_length(text: str) -> bool:
    try:
        return len(text) <= 16 and float(text) > 0
    except ValueError:
        return False
