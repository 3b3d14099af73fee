"""The stacks that lie in one series: slices of one plane, and of one phase, echo or weighting.

Source: DICOM PS3.3 C.7.6.1 General Image, C.8.2.1 CT Image, C.8.3.1 MR Image; PS3.6 for the other keywords.
"""

from collections.abc import Sequence
from itertools import combinations, pairwise

import numpy as np
import pydicom

from secondread.core.errors import short_uid
from secondread.dicom.gaps import SAME_PLACE_MM
from secondread.dicom.header import codes, numbers, whole
from secondread.dicom.stack import MIN_SLICES, PARALLEL, SAME_SPACING, Slice, slice_of

# What tells slices at one place apart, the most deliberate first.
TELLING = (
    "AcquisitionNumber", "TemporalPositionIdentifier", "TemporalPositionIndex", "EchoTime", "DiffusionBValue",
    "ContentTime", "TriggerTime", "ImageType",
)  # fmt: skip
KEYWORDS = (*TELLING, "ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing", "FrameOfReferenceUID")
PLANES = ("sagittal", "coronal", "axial")  # by the patient axis nearest to the normal: x, y, z
Part = tuple[str, tuple[int, ...]]
Value = tuple[float, ...] | tuple[str, ...]


def parts(headers: Sequence[pydicom.Dataset]) -> list[Part]:
    """Split the images of one series into stacks.

    Localizers, captures of a screen, and what was worked out from slices come apart from the slices; then images of
    other planes, sizes, spacings or frames of reference; then phases, echoes and weightings, where slices share a
    place and one tag, or two together, tell them apart. A file of several frames stays alone.

    Args:
        headers: One per image, with :data:`KEYWORDS` and the image's type, size and frames.

    Returns:
        For each stack what sets it apart, "" if there is only one, and the places of its images in ``headers``. Slices
        come first, larger stacks before smaller ones.
    """
    if len(headers) == 1:
        return [("", (0,))]
    slices = [slice_of(str(n), header) for n, header in enumerate(headers)]
    kinds: dict[str, list[int]] = {}
    for n, header in enumerate(headers):
        kinds.setdefault(_kind(header, slices[n], n), []).append(n)
    found: list[Part] = []
    for kind, members in sorted(kinds.items()):
        for plane, layout in _layouts(slices, members):
            for weighting, group in _told_apart(headers, slices, layout):
                found.append((", ".join(filter(None, (kind, plane, weighting))), tuple(group)))
    return found if len(found) > 1 else [("", found[0][1])]


def _kind(header: pydicom.Dataset, item: Slice, number: int) -> str:
    """What an image is, "" for a slice."""
    if whole(header, "NumberOfFrames", 1) > 1:
        return f"file {number + 1} of several frames"
    if not item.is_anatomy:
        return "localizer" if "LOCALIZER" in codes(header, "ImageType") else "capture"
    return item.derived


def _layouts(slices: Sequence[Slice], members: Sequence[int]) -> list[tuple[str, list[int]]]:
    """Images that could lie in one stack, with the name of what differs; the largest stack first."""
    groups: list[list[int]] = []
    for n in members:
        for group in groups:
            if _is_alike(slices[group[0]], slices[n]):
                group.append(n)
                break
        else:
            groups.append([n])
    groups.sort(key=len, reverse=True)
    facets = [_facets(slices[group[0]]) for group in groups]
    differing = [axis for axis in range(4) if len({facet[axis] for facet in facets}) > 1]
    names = [", ".join(facet[axis] for axis in differing) for facet in facets]
    if len(set(names)) < len(names):  # such as two axial stacks at an angle
        names = [
            f"{name or facet[0]} {n}".strip() for n, (name, facet) in enumerate(zip(names, facets, strict=True), 1)
        ]
    return list(zip(names, groups, strict=True))


def _is_alike(one: Slice, other: Slice) -> bool:
    """Whether two images have one size, plane direction, pixel spacing and frame of reference."""
    if (one.size, one.frame) != (other.size, other.frame):
        return False
    for ours, theirs, room in (
        (one.orientation, other.orientation, PARALLEL),
        (one.spacing_mm, other.spacing_mm, SAME_SPACING * max(one.spacing_mm, default=0.0)),
    ):
        if len(ours) != len(theirs) or any(abs(a - b) > room for a, b in zip(ours, theirs, strict=True)):
            return False
    return True


def _facets(item: Slice) -> tuple[str, str, str, str]:
    """Plane, size, spacing and frame of reference in words."""
    normal = _normal(item)
    plane = "" if normal is None else PLANES[int(np.abs(normal).argmax())]
    spacing = " x ".join(f"{mm:.4g}" for mm in item.spacing_mm)
    return plane, f"{item.size[0]} x {item.size[1]}", f"{spacing} mm", f"frame of reference {short_uid(item.frame)}"


def _normal(item: Slice) -> np.ndarray[tuple[int], np.dtype[np.float64]] | None:
    return np.cross(item.orientation[:3], item.orientation[3:]) if len(item.orientation) == 6 else None


def _told_apart(
    headers: Sequence[pydicom.Dataset], slices: Sequence[Slice], members: Sequence[int]
) -> list[tuple[str, list[int]]]:
    """Stacks of slices that do not share a place: all together, or by the first tags that do it."""
    normal = _normal(slices[members[0]])
    if normal is None or any(len(slices[n].position) != 3 for n in members):
        return [("", list(members))]
    along = {n: float(np.dot(slices[n].position, normal)) for n in members}
    crowd = _most_at_one_place([along[n] for n in members])
    if crowd == 1:
        return [("", list(members))]
    values = {keyword: {n: _value(headers[n], keyword) for n in members} for keyword in TELLING}
    for keywords in (*combinations(TELLING, 1), *combinations(TELLING, 2)):
        groups: dict[tuple[Value, ...], list[int]] = {}
        for n in members:
            groups.setdefault(tuple(values[keyword][n] for keyword in keywords), []).append(n)
        sizes = [len(group) for group in groups.values()]
        # A tag that differs from slice to slice tells nothing apart: it makes no stacks.
        stacks = len(groups) > 1 and (min(sizes) >= MIN_SLICES or (len(groups) == crowd and max(sizes) >= MIN_SLICES))
        if stacks and all(_most_at_one_place([along[n] for n in group]) == 1 for group in groups.values()):
            return [(_name(keywords, key, list(groups)), groups[key]) for key in sorted(groups)]
    return [("", list(members))]


def _most_at_one_place(along: Sequence[float]) -> int:
    """The largest number of slices that share a place."""
    together = most = 1
    ordered = sorted(along)
    for before, after in pairwise(ordered):
        together = together + 1 if after - before < SAME_PLACE_MM else 1
        most = max(most, together)
    return most


def _value(header: pydicom.Dataset, keyword: str) -> Value:
    """A tag's values in a form that can be compared; () where it is missing."""
    return codes(header, keyword) if keyword == "ImageType" else numbers(header, keyword)


def _name(keywords: Sequence[str], key: tuple[Value, ...], keys: Sequence[tuple[Value, ...]]) -> str:
    """What tells one stack from the others, such as ``EchoTime 4.6``. Times of day are counted, not told."""
    words = []
    for at, (keyword, value) in enumerate(zip(keywords, key, strict=True)):
        others = sorted({other[at] for other in keys})
        if keyword == "ContentTime":
            words.append(f"{keyword} {others.index(value) + 1} of {len(others)}")
            continue
        shared = set.intersection(*(set(other) for other in others))
        own = [item if isinstance(item, str) else f"{item:g}" for item in value if item not in shared]
        words.append(" ".join([keyword, *own]) if own else f"{keyword} not given")
    return ", ".join(words)
