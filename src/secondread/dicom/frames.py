"""The frames of a multi-frame object: what the header says of each, and the stored values of all."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pydicom
from numpy.typing import NDArray

from secondread.core.errors import FormatError, short_path
from secondread.dicom.header import value, whole
from secondread.dicom.limits import MAX_VOXELS
from secondread.dicom.pixels import PIXELS, Decoder, check_layout, is_compressed

SHARED, EACH = "SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"
# Functional group to the elements that classic objects hold at their top, under the same name or under another.
# Source: DICOM PS3.3 C.7.6.16.2 (common), C.8.13.5 (MR), C.8.15.3 (CT), C.8.19.6 (XA), C.8.22.5 (PET).
GROUPS: dict[str, dict[str, str]] = {
    "PixelMeasuresSequence": {"PixelSpacing": "", "SliceThickness": "", "SpacingBetweenSlices": ""},
    "PlanePositionSequence": {"ImagePositionPatient": ""},
    "PlaneOrientationSequence": {"ImageOrientationPatient": ""},
    "PixelValueTransformationSequence": {"RescaleIntercept": "", "RescaleSlope": "", "RescaleType": ""},
    "FrameVOILUTSequence": {
        "WindowCenter": "", "WindowWidth": "", "WindowCenterWidthExplanation": "", "VOILUTFunction": "",
    },
    "FrameContentSequence": {
        "FrameAcquisitionNumber": "AcquisitionNumber", "TemporalPositionIndex": "", "StackID": "",
        "InStackPositionNumber": "", "DimensionIndexValues": "", "FrameAcquisitionDateTime": "",
    },
    "FrameAnatomySequence": {"FrameLaterality": "", "AnatomicRegionSequence": ""},
    "CardiacSynchronizationSequence": {"NominalCardiacTriggerDelayTime": ""},
    "RespiratorySynchronizationSequence": {"NominalRespiratoryTriggerDelayTime": ""},
    "TemporalPositionSequence": {"TemporalPositionTimeOffset": ""},
    "MRTimingAndRelatedParametersSequence": {"RepetitionTime": "", "FlipAngle": "", "EchoTrainLength": ""},
    "MREchoSequence": {"EffectiveEchoTime": "EchoTime"},
    "MRDiffusionSequence": {"DiffusionBValue": "", "DiffusionDirectionality": ""},
    "MRImageFrameTypeSequence": {"FrameType": "ImageType", "ComplexImageComponent": ""},
    "CTImageFrameTypeSequence": {"FrameType": "ImageType"},
    "PETFrameTypeSequence": {"FrameType": "ImageType"},
    "XRay3DFrameTypeSequence": {"FrameType": "ImageType"},
    "CTReconstructionSequence": {"ConvolutionKernel": "", "ReconstructionDiameter": ""},
    "FramePixelDataPropertiesSequence": {"ImagerPixelSpacing": ""},
}  # fmt: skip
_NOT_OF_ONE_FRAME = (*PIXELS, SHARED, EACH, "NumberOfFrames")


def frame_elements(dataset: pydicom.Dataset, n: int) -> pydicom.Dataset:
    """What the header says of frame ``n``, as the elements that a classic object of one frame would have.

    Frame groups win over shared groups, and both over the top of the object. Of a group with several items, the first
    counts. An object without functional groups says the same of all its frames.

    Args:
        dataset: Elements of a multi-frame object, as :func:`~secondread.dicom.pixels.read_picture` gives them.
        n: Number of the frame, from 0, in the order of the pixels.

    Returns:
        A new data set, without pixels, functional groups and number of frames.

    Raises:
        FormatError: If there is no such frame, or the header describes fewer frames than it announces.

    Source: DICOM PS3.3 C.7.6.16 (functional groups; in the order of the frames).
    """
    announced = whole(dataset, "NumberOfFrames", 1)
    if not 0 <= n < announced:
        raise FormatError(f"{_where(dataset)}: found {announced} frames, asked for number {n}, counted from 0.")
    frame = _top(dataset)
    for item in (_item(dataset, SHARED, 0), _item(dataset, EACH, n, of=announced)):
        for group, elements in GROUPS.items() if item is not None else ():
            _take(frame, _item(item, group, 0), elements)
    return frame


def _where(dataset: pydicom.Dataset) -> str:
    return short_path(getattr(dataset, "filename", None) or "a multi-frame object")


def _top(dataset: pydicom.Dataset) -> pydicom.Dataset:
    """The elements outside the functional groups, shared with ``dataset`` rather than copied."""
    left_out = {pydicom.tag.Tag(keyword) for keyword in _NOT_OF_ONE_FRAME}
    frame = pydicom.Dataset()
    frame.update({tag: dataset.get_item(tag) for tag in dataset.keys() - left_out})
    frame.file_meta = getattr(dataset, "file_meta", pydicom.dataset.FileMetaDataset())
    implicit, little = dataset.original_encoding
    frame.set_original_encoding(implicit, little, dataset.original_character_set)
    return frame


def _item(dataset: pydicom.Dataset, keyword: str, n: int, of: int = 0) -> pydicom.Dataset | None:
    """Item ``n`` of a sequence, or None where there is no sequence; ``of`` is how many items it must have."""
    items = value(dataset, keyword)
    if not isinstance(items, pydicom.Sequence):
        return None
    if of > len(items):
        raise FormatError(
            f"{_where(dataset)}: the header describes {len(items)} frames and announces {of}. Send the original file."
        )
    return items[n] if n < len(items) else None


def _take(frame: pydicom.Dataset, item: pydicom.Dataset | None, elements: dict[str, str]) -> None:
    """Copy the named elements of a group's item into ``frame``, under their classic names."""
    for keyword, classic in elements.items() if item is not None else ():
        found = value(item, keyword)
        if found is not None:
            setattr(frame, classic or keyword, found)
