"""Which images a read was made on, in words: to find them again, and to say which slice of a volume is which image."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from secondread.core.errors import InputError, OutputError, short_uid
from secondread.core.facts import SeriesFacts
from secondread.core.geometry import Geometry
from secondread.core.report import Evidence
from secondread.core.study import FileRef, Series, Study

_WORDS = ("uid", "modality", "kind", "body_part", "laterality", "view", "intent", "part", "study_uid")
# What says where a slice lies. Source: DICOM PS3.3 C.7.6.2, C.7.4.1, C.7.6.16.
_PLACE = (
    "SOPInstanceUID", "FrameOfReferenceUID", "Rows", "Columns", "NumberOfFrames", "ImagePositionPatient",
    "ImageOrientationPatient", "PixelSpacing", "SliceThickness", "SharedFunctionalGroupsSequence",
    "PerFrameFunctionalGroupsSequence",
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """The pixels that a read was made on, and that its masks and maps lie on.

    Attributes:
        series_uid: Series Instance UID.
        part: Which files of that series, as :class:`secondread.core.study.Series` has it.
        shape: [j, i] of a picture or [k, j, i] of a volume.
        sop_instance_uids: Which image each slice is; of a picture one. ``""`` where a slice is no image as it is: made
            between two, resampled, or of a series without places.
        frames: Frame number, from 1, of each slice in its image; 0 where the image is a single frame, or there is none.
        affine: float64 [4, 4]: index (k, j, i, 1) to LPS mm; None for a picture.
    """

    series_uid: str
    part: str
    shape: tuple[int, ...]
    sop_instance_uids: tuple[str, ...]
    frames: tuple[int, ...]
    affine: NDArray[np.float64] | None = None


def series_entry(series: Series) -> dict[str, Any]:
    """A series as plain values: no paths, since files move."""
    facts = series.facts
    return {
        **{word: getattr(series, word) for word in _WORDS},
        "orientation": list(series.orientation),
        "image_type": list(series.image_type),
        "size": series.size and list(series.size),
        "facts": facts and {name: getattr(facts, name) for name in SeriesFacts.__slots__},
        "files": [[file.sop_class_uid, file.sop_instance_uid, file.frames] for file in series.files],
    }


def series_of(entry: Mapping[str, Any], study: Study) -> Series:
    """The series again, with the files as they lie now.

    Raises:
        InputError: If one of its images is no longer in the study.
    """
    paths = {file.sop_instance_uid: file.path for series in study.series for file in series.files}
    facts = entry["facts"]
    return Series(
        **{word: entry[word] for word in _WORDS},
        files=tuple(_file(sop_class, uid, frames, paths) for sop_class, uid, frames in entry["files"]),
        orientation=tuple(entry["orientation"]),
        image_type=tuple(entry["image_type"]),
        size=entry["size"] and (entry["size"][0], entry["size"][1]),
        facts=facts and SeriesFacts(**{**facts, "body_parts": tuple(facts["body_parts"])}),
    )


def _file(sop_class: str, uid: str, frames: int, paths: Mapping[str, Path]) -> FileRef:
    if uid not in paths:
        raise InputError(
            f"image {short_uid(uid)}: it was read, and is no longer in the study. The images of a read are needed to "
            "write about it; bring the study back, or read it again."
        )
    return FileRef(paths[uid], sop_class, uid, frames)


def grid_entry(evidence: Evidence) -> dict[str, Any] | None:
    """The grid of the pixels a read was made on, as plain values; None where there were none."""
    series = evidence.series
    if evidence.volume is not None:
        geometry = evidence.volume.geometry
        shown = _slices(series, geometry)
        shape, affine = list(geometry.shape), geometry.affine.tolist()
    elif evidence.image is not None:
        shown, shape, affine = [(series.files[0].sop_instance_uid, 0)], list(evidence.image.shape), None
    else:
        return None
    return {
        "series_uid": series.uid,
        "part": series.part,
        "shape": shape,
        "sop_instance_uids": [uid for uid, _ in shown],
        "frames": [frame for _, frame in shown],
        "affine": affine,
    }


def grid_of(entry: Mapping[str, Any]) -> Grid:
    """The grid of such plain values."""
    affine = entry["affine"]
    return Grid(
        entry["series_uid"],
        entry["part"],
        tuple(entry["shape"]),
        tuple(entry["sop_instance_uids"]),
        tuple(entry["frames"]),
        None if affine is None else np.array(affine, dtype=np.float64),
    )


def _slices(series: Series, geometry: Geometry) -> list[tuple[str, int]]:
    """(SOP Instance UID, frame) of the image at each k."""
    from pydicom import dcmread

    from secondread.dicom.header import identifier
    from secondread.dicom.identity import discreet
    from secondread.dicom.results.planes import stacked_planes

    nowhere = [("", 0)] * geometry.shape[0]
    if series.kind != "dicom":
        return nowhere
    with discreet():
        headers = [
            dcmread(file.path, stop_before_pixels=True, force=True, specific_tags=list(_PLACE)) for file in series.files
        ]
        try:
            sources = stacked_planes(geometry, headers).sources
        except OutputError:  # no frame of reference, or second copies of slices: nothing says which image is meant
            return nowhere
    return [("", 0) if one is None else (identifier(one.header, "SOPInstanceUID"), one.number or 0) for one in sources]
