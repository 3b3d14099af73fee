"""The frames of a multi-frame object: what the header says of each, and the stored values of all."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pydicom
from numpy.typing import NDArray
from pydicom.datadict import keyword_for_tag
from pydicom.dataelem import DataElement
from pydicom.dataset import FileMetaDataset
from pydicom.tag import Tag

from secondread.core.errors import FormatError, short_path
from secondread.dicom.header import PIXELS, value, whole
from secondread.dicom.layout import check_layout
from secondread.dicom.pixels import each_frame, native
from secondread.dicom.syntaxes import NATIVE, transfer_syntax

SHARED, EACH = "SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"
# Functional group to the elements that classic objects hold at their top, under the same name ("") or another.
# Source: DICOM PS3.3 C.7.6.16.2 (common groups), C.8.13 (MR), C.8.15 (CT), C.8.19 (X-ray).
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

    Frame groups win over shared groups, and both over the top of the object. Of a group with several items the first
    counts. An object without functional groups says the same of all its frames.

    Args:
        dataset: Elements of a multi-frame object, as :func:`~secondread.dicom.pixels.read_picture` gives them.
        n: Number of the frame, from 0, in the order of the pixels.

    Returns:
        A new data set, without pixels, functional groups and number of frames. EchoTime, AcquisitionNumber and
        ImageType stand under their classic names; everything else under its own.

    Raises:
        FormatError: If there is no such frame, or the header describes fewer frames than it announces.

    Source: DICOM PS3.3 C.7.6.16.1 (the items of the per-frame groups come in the order of the frames).
    """
    announced = whole(dataset, "NumberOfFrames", 1)
    if not 0 <= n < announced:
        raise FormatError(f"{_where(dataset)}: found {announced} frames, asked for number {n}, counted from 0.")
    frame = _top(dataset)
    for item in (_item(dataset, SHARED, 0), _item(dataset, EACH, n, of=announced)):
        if item is not None:
            for group in sorted(set(map(keyword_for_tag, item.keys())) & GROUPS.keys()):
                _take(frame, _item(item, group, 0), GROUPS[group])
    return frame


def decode_frames(elements: pydicom.Dataset, where: str, wanted: Sequence[int] | None = None) -> NDArray[Any]:
    """The stored values of frames, decoded one by one.

    Unused bits are not yet removed from native data.

    Args:
        elements: As :func:`~secondread.dicom.pixels.read_picture` gives them, of any number of frames.
        where: File name for messages.
        wanted: Numbers of the frames, from 0, in the order of the result; None for all.

    Returns:
        Whole numbers [t, j, i], or [t, j, i, 3] red, green, blue. All frames of uncompressed data look into the file's
        bytes and cannot be written to.

    Raises:
        FormatError: If the layout, the transfer syntax or a frame cannot be read, data are missing, or there is no
            such frame.
        TooLargeError: If the header announces too many pixels; nothing is decoded then.
    """
    check_layout(elements, where)
    announced = whole(elements, "NumberOfFrames", 1)
    chosen = range(announced) if wanted is None else wanted
    if len(chosen) == 0 or not all(0 <= number < announced for number in chosen):
        raise FormatError(f"{where}: found {announced} frames, asked for {list(chosen)}, counted from 0.")
    if wanted is None and transfer_syntax(elements) in NATIVE:
        return native(elements, where)
    frames = each_frame(elements, where, chosen)
    first = next(frames)
    values = np.empty((len(chosen), *first.shape), first.dtype)
    values[0] = first
    for t, frame in enumerate(frames, start=1):
        if frame.dtype != first.dtype:
            raise FormatError(f"{where}: the frames have numbers of different sizes. Send the original file.")
        values[t] = frame
    return values


def _where(dataset: pydicom.Dataset) -> str:
    return short_path(getattr(dataset, "filename", None) or "a multi-frame object")


def _top(dataset: pydicom.Dataset) -> pydicom.Dataset:
    """The elements outside the functional groups, shared with ``dataset`` rather than copied."""
    left_out = {Tag(keyword) for keyword in _NOT_OF_ONE_FRAME}
    frame = pydicom.Dataset()
    frame.update({tag: dataset.get_item(tag) for tag in dataset.keys() - left_out})
    frame.file_meta = getattr(dataset, "file_meta", FileMetaDataset())
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
    """Put the named elements of a group's item into ``frame``, under their classic names."""
    if item is None:
        return
    for keyword, classic in elements.items():
        if value(item, keyword) is not None:
            found = item[keyword]
            frame.add(DataElement(classic, found.VR, found.value, already_converted=True) if classic else found)
