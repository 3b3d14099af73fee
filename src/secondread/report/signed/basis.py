"""What a signed report rests on: the headers of its images, the outlines that stand, the documents it replaces."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import numpy as np
from pydicom import Dataset

from secondread.core.errors import OutputError
from secondread.core.geometry import Geometry
from secondread.core.mask import Mask
from secondread.core.report import Read
from secondread.core.signature import Held, Outline, SignedReport
from secondread.dicom.results import derived
from secondread.dicom.results.segment_references import Segment, segments_of
from secondread.dicom.results.signed_groups import Basis
from secondread.dicom.results.signed_seg import build_signed_seg, filled
from secondread.dicom.results.tracking import finding_name
from secondread.dicom.write import read_header
from secondread.report.kept_series import Grid


@dataclass(frozen=True, slots=True)
class Papers:
    """What lies around when a report is signed.

    Attributes:
        images: SOP Instance UID to the file of every image of the study.
        grids: Number of a read to the grid its masks lie on.
        predecessors: Files of the structured reports that are replaced.
        segmentations: Name of a reader to the file of its segmentation that stands: of the draft, or, for an addendum,
            of the report before.
        fallback: Any image of the study, for a report of reads that had none.
        shown: Number of a read to the JPEG of its picture, small, where one was kept.
    """

    images: Mapping[str, Path]
    grids: Mapping[int, Grid]
    predecessors: tuple[Path, ...]
    segmentations: Mapping[str, Path]
    fallback: Path
    shown: Mapping[int, bytes] = field(default_factory=dict)


def basis_of(
    signed: SignedReport, papers: Papers, uid: Callable[[str], str], now: datetime
) -> tuple[Basis, dict[str, Dataset]]:
    """The basis, and the new segmentations by the name of their reader, where the person drew.

    Raises:
        OutputError: If an image is gone, or an outline cannot be written.
    """
    known: dict[str, Dataset] = {}
    segments: dict[tuple[int, int], Segment] = {}
    documents: list[Dataset] = []
    made: dict[str, Dataset] = {}
    for number, read in enumerate(signed.draft.reads):
        headers = [_header(file, papers, known) for file in _files(signed, read) if file in papers.images]
        mine = {one.source[1]: one for one in signed.held if one.source is not None and one.source[0] == number}
        if not headers or not mine:
            continue
        document, named = _segmentation(signed, number, mine, headers, papers, uid, now)
        if document is None:
            continue
        documents.append(document)
        if signed.number == 0 and named is not read:
            made[read.reader] = document
        source = derived.main_source(read, headers)
        found = segments_of(document, source, over_slices=derived.over_slices(read, headers))
        for place in mine:
            segment = found.get(finding_name(named, place + 1, named.findings[place]))
            if segment is not None and segment.frames:
                segments[number, place] = segment
    for held in signed.held:
        for one in held.outlines:
            if one.sop_instance_uid not in papers.images:
                raise OutputError("signed report: an outline is drawn on an image that the study does not have.")
            _header(one.sop_instance_uid, papers, known)
    images = tuple(known.values()) or (read_header(papers.fallback),)
    predecessors = tuple(read_header(file) for file in papers.predecessors)
    return Basis(images, predecessors, tuple(documents), segments), made


def _files(signed: SignedReport, read: Read) -> tuple[str, ...]:
    """The images of a read that belong to the study of the report."""
    if read.evidence is None:
        return ()
    chosen = (read.evidence.series, *read.evidence.others)
    own = [series for series in chosen if series.study_uid in ("", signed.draft.study_uid)]
    return tuple(file.sop_instance_uid for series in own for file in series.files)


def _header(uid: str, papers: Papers, known: dict[str, Dataset]) -> Dataset:
    if uid not in known:
        known[uid] = read_header(papers.images[uid])
    return known[uid]


def _segmentation(
    signed: SignedReport,
    number: int,
    mine: Mapping[int, Held],
    headers: Sequence[Dataset],
    papers: Papers,
    uid: Callable[[str], str],
    now: datetime,
) -> tuple[Dataset | None, Read]:
    """The segmentation that stands for a read, and the read by whose names its segments are known."""
    read, grid = signed.draft.reads[number], papers.grids.get(number)
    drawn = {place: mask for place, one in mine.items() if (mask := _drawn(one, read, grid)) is not None}
    stands = papers.segmentations.get(read.reader)
    if drawn and signed.number == 0:
        standing = [drawn.get(place, one.mask if place in mine else None) for place, one in enumerate(read.findings)]
        leading = [header for header in headers if header.SeriesInstanceUID == headers[0].SeriesInstanceUID]
        return build_signed_seg(read, standing, frozenset(drawn), signed.signer, leading, uid, now)
    masks = any(read.findings[place].mask is not None for place in mine)
    return (read_header(stands), read) if stands is not None and (masks or drawn) else (None, read)


def _drawn(held: Held, read: Read, grid: Grid | None) -> Mask | None:
    """The person's outlines as a mask on the grid of the read; None where one is drawn elsewhere."""
    if not held.outlines or grid is None or held.source is None:
        return None
    inside = np.zeros(grid.shape, np.bool_)
    for outline in held.outlines:
        k = _slice(outline, grid)
        if k is None:
            return None
        target = inside if grid.affine is None else inside[k]
        target |= filled(outline, (grid.shape[-2], grid.shape[-1]))
    if not inside.any():
        return None
    before = read.findings[held.source[1]].mask
    geometry = None if grid.affine is None else Geometry((grid.shape[0], *grid.shape[-2:]), grid.affine)  # type: ignore[arg-type]
    spacing = before.grid if before is not None and grid.affine is None else None
    return Mask(inside, geometry or spacing, before.code if before is not None else held.code)


def _slice(outline: Outline, grid: Grid) -> int | None:
    wanted = (outline.sop_instance_uid, outline.frame)
    places = list(zip(grid.sop_instance_uids, grid.frames, strict=True))
    if wanted in places:
        return places.index(wanted)
    uids = list(grid.sop_instance_uids)
    single = uids.count(outline.sop_instance_uid) == 1
    return uids.index(outline.sop_instance_uid) if single else None
