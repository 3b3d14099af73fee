"""A new segmentation where a person drew an outline: what they drew in place of what the program drew."""

from collections.abc import Callable, Sequence, Set
from dataclasses import replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset

from secondread.core.mask import Mask
from secondread.core.report import Read
from secondread.core.signature import Outline, Signer
from secondread.dicom.identity import discreet
from secondread.dicom.results.seg import build_seg
from secondread.dicom.results.signed_sr import person_name


def filled(outline: Outline, shape: tuple[int, int]) -> NDArray[np.bool_]:
    """The pixels of an image whose centres lie inside an outline, bool [j, i]; on its edge counts as inside.

    >>> square = Outline("1", "2", 0, ((0.5, 0.5), (3.5, 0.5), (3.5, 2.5), (0.5, 2.5)))
    >>> filled(square, (4, 5)).astype(int).tolist()
    [[0, 0, 0, 0, 0], [0, 1, 1, 1, 0], [0, 1, 1, 1, 0], [0, 0, 0, 0, 0]]
    """
    rows, columns = shape
    inside = np.zeros(shape, np.bool_)
    points = np.array(outline.points, dtype=np.float64)
    x0, y0 = points[:, 0], points[:, 1]
    x1, y1 = np.roll(x0, -1), np.roll(y0, -1)
    first, last = max(0, int(np.ceil(y0.min()))), min(rows - 1, int(np.floor(y0.max())))
    columns_at = np.arange(columns, dtype=np.float64)
    for row in range(first, last + 1):
        crosses = (y0 <= row) != (y1 <= row)  # a point on the line counts for one of its two edges only
        at = np.sort(x0[crosses] + (row - y0[crosses]) * (x1 - x0)[crosses] / (y1 - y0)[crosses])
        for left, right in zip(at[::2], at[1::2], strict=True):
            inside[row] |= (columns_at >= left) & (columns_at <= right)
    return inside


@discreet()
def build_signed_seg(
    read: Read,
    standing: Sequence[Mask | None],
    drawn: Set[int],
    signer: Signer,
    sources: Sequence[Dataset],
    uid: Callable[[str], str],
    now: datetime,
) -> tuple[Dataset, Read]:
    """The masks of one read that stand, as a new object; and the read with these masks, for its tracking names.

    Args:
        read: The read of the draft.
        standing: The mask of each of its findings that stands, or None.
        drawn: Numbers of the findings whose mask a person drew.
        signer: Who signs.
        sources: Headers of the images of its series.
        uid: Purpose to UID.
        now: When, with its zone.

    Raises:
        OutputError: As :func:`secondread.dicom.results.seg.build_seg`.

    Source: DICOM PS3.3 table C.8.20-4 (MANUAL: "Segmentation is done entirely by an operator").
    """
    findings = tuple(replace(one, mask=mask) for one, mask in zip(read.findings, standing, strict=True))
    now_standing = replace(read, findings=findings)
    numbers = [number for number, one in enumerate(findings) if one.mask is not None]
    masks = [one.mask for one in findings if one.mask is not None]
    document = build_seg(masks, now_standing, None, sources, uid, now)
    document.SeriesDescription = "Outlines of a signed report"
    document.ContentCreatorName = person_name(signer.name)
    document.ContentDescription = "Outlines that a person drew or accepted"
    for number, item in zip(numbers, document.SegmentSequence, strict=True):
        if number in drawn:
            item.SegmentAlgorithmType = "MANUAL"
            del item.SegmentAlgorithmName
            del item.SegmentationAlgorithmIdentificationSequence
            item.SegmentDescription = "Drawn by the person who signed."
        else:
            item.SegmentDescription = "Outlined by a program, accepted by the person who signed."
    return document, now_standing
