"""Probabilities and other numbers a voxel as a DICOM Parametric Map."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset
from pydicom.uid import ParametricMapStorage

from secondread.core.arrays import frozen
from secondread.core.card import ModelCard
from secondread.core.code import DCM, LOCAL, SCT, Code
from secondread.core.errors import OutputError, short_uid
from secondread.core.geometry import Geometry
from secondread.core.report import NOTICE, Read
from secondread.dicom import codes
from secondread.dicom.identity import discreet, first
from secondread.dicom.results import derived
from secondread.dicom.results.frame_groups import add_frames, describe, item_of
from secondread.dicom.results.own_codes import declare_own_codes
from secondread.dicom.results.planes import flat_plane, stacked_planes

MAP = derived.Kind("parametric map", ParametricMapStorage, "OT", 909)
IMAGE_TYPE = ["DERIVED", "PRIMARY", "VOLUME", "QUANTITY"]
QUANTITY = Code(SCT, "246205007", "Quantity")
UNSPECIFIED = Code(DCM, "112187", "Unspecified method of calculation")
NO_UNITS = Code("UCUM", "1", "no units")
ANATOMY_NOT_STATED = Code(LOCAL, "anatomic-region-not-stated", "Anatomic region not stated")


@dataclass(frozen=True, slots=True, eq=False)
class ValueMap:
    """A number for every pixel or voxel.

    Attributes:
        values: float32, [j, i] on the source picture or [k, j, i] over slices.
        grid: Where the slices lie, or None for a picture.
        quantity: What the values are, e.g. DCM 130402 Class activation.
        about: What they were computed for, in a few words; no two maps of one read share it.
        unit: UCUM unit of the values.

    Raises:
        ValueError: If the values are not finite or do not fit the grid, or ``about`` is empty.
    """

    values: NDArray[np.float32]
    grid: Geometry | None
    quantity: Code
    about: str
    unit: Code = NO_UNITS

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", frozen(self.values, np.float32, (2, 3)))
        if self.values.shape != (self.grid.shape if self.grid else self.values.shape[-2:]):
            raise ValueError(f"a map over slices needs its grid; found values {self.values.shape}, grid {self.grid}")
        if not np.isfinite(self.values).all() or not self.values.size:
            raise ValueError("a map needs finite values")
        if not self.about.strip():
            raise ValueError("a map needs to say what it is about")


@discreet()
def build_parametric_map(
    what: ValueMap,
    read: Read,
    card: ModelCard | None,
    sources: Sequence[Dataset],
    uid: Callable[[str], str],
    now: datetime,
) -> Dataset:
    """A map of one read as floating-point frames, every slice of it.

    Args:
        what: The values, on the grid of the source.
        read: The answer they speak for.
        card: Card of the bundle that answered, or None.
        sources: Headers of the images of the series that was read, in any order; pixels are not needed.
        uid: Purpose to UID, see :func:`secondread.dicom.uids.uid_source`.
        now: When the object is made, with its zone.

    Returns:
        A data set without file meta information; :func:`secondread.dicom.write.save` adds that.

    Raises:
        OutputError: If the source has no place in the patient (as a chest X-ray has none): the standard demands a
            frame of reference, and none is invented. Also if the sources cannot be referred to or do not fit.

    Source: DICOM PS3.3 A.75 (the IOD; Frame of Reference is mandatory), C.8.32, C.7.6.16.2.11 (real world values).
    """
    source = derived.main_source(read, sources)
    size = (what.values.shape[-2], what.values.shape[-1])
    planes = flat_plane(size, sources) if what.grid is None else stacked_planes(what.grid, sources)
    if planes.positions is None:
        raise OutputError(
            f"parametric map of image {short_uid(source.SOPInstanceUID)}: the image has no frame of reference, and "
            "a parametric map needs one. Write a secondary capture of the picture instead."
        )
    result = derived.derived(MAP, read, card, source, uid, now)
    named = f"{MAP.label} {what.quantity.display} {what.about} of {read.reader} on {source.SOPInstanceUID}"
    result.SOPInstanceUID = uid(f"instance: {named}")
    result.ImageType, result.PixelPresentation, result.PresentationLUTShape = IMAGE_TYPE, "MONOCHROME", "IDENTITY"
    result.ContentLabel, result.ContentDescription = "MAP", f"{what.quantity.display}: {what.about}"[:64]
    result.ContentCreatorName, result.ImageComments = "", NOTICE
    result.BurnedInAnnotation, result.RecognizableVisualFeatures = "NO", "NO"
    result.AcquisitionContextSequence = []
    describe(result, planes, [], uid(f"dimensions: {named}"))
    shared = result.SharedFunctionalGroupsSequence[0]
    _share(shared, what, source)
    add_frames(result, planes, UNSPECIFIED, [(k, {}, ()) for k in range(len(planes.sources))])
    result.BitsAllocated = 32
    result.FloatPixelData = np.ascontiguousarray(what.values, "<f4").tobytes()
    declare_own_codes(result, [shared])
    return result


def _share(shared: Dataset, what: ValueMap, source: Dataset) -> None:
    """What the values mean, how to show them, and the part of the body, the same for all frames."""
    shared.ParametricMapFrameTypeSequence = [item_of(FrameType=IMAGE_TYPE)]
    shared.PixelValueTransformationSequence = [item_of(RescaleIntercept="0", RescaleSlope="1", RescaleType="US")]
    low, high = float(what.values.min()), float(what.values.max())
    width = max(high - low, 1e-6)
    shared.FrameVOILUTSequence = [
        item_of(WindowCenter=f"{(low + high) / 2:.6g}", WindowWidth=f"{width:.6g}", VOILUTFunction="LINEAR_EXACT")
    ]
    shared.RealWorldValueMappingSequence = [_real_world(what, low, high)]
    region = codes.SITE_OF_BODY_PART.get(first(source, "BodyPartExamined").upper(), ANATOMY_NOT_STATED)
    side = first(source, "ImageLaterality") or first(source, "Laterality")
    anatomy = item_of(FrameLaterality=side if side in {"L", "R", "B"} else "U")
    anatomy.AnatomicRegionSequence = [codes.concept(region)]
    shared.FrameAnatomySequence = [anatomy]


def _real_world(what: ValueMap, low: float, high: float) -> Dataset:
    """Stored values are the values. Source: DICOM PS3.3 C.7.6.16.2.11.1."""
    item = item_of(
        LUTExplanation=what.quantity.display[:64],
        LUTLabel=what.about[:16],
        RealWorldValueIntercept=0.0,
        RealWorldValueSlope=1.0,
        DoubleFloatRealWorldValueFirstValueMapped=low,
        DoubleFloatRealWorldValueLastValueMapped=high,
        MeasurementUnitsCodeSequence=[codes.concept(what.unit)],
    )
    item.QuantityDefinitionSequence = [
        item_of(
            ValueType="CODE",
            ConceptNameCodeSequence=[codes.concept(QUANTITY)],
            ConceptCodeSequence=[codes.concept(what.quantity)],
        )
    ]
    return item
