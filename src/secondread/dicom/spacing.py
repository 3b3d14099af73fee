"""How large a pixel is, and what that size may be trusted for."""

import math

import pydicom

from secondread.dicom.header import code, numbers, value, whole

CROSS_SECTIONAL = frozenset({"CT", "MR", "PT", "NM"})
CALIBRATED = frozenset({"GEOMETRY", "FIDUCIAL"})
REGIONS = "SequenceOfUltrasoundRegions"  # what spacing_of needs beside the header of every picture
_TWO_DIMENSIONAL, _CENTIMETRES, _MM_PER_CM = 1, 3, 10.0
Spacing = tuple[float, float]


def spacing_of(elements: pydicom.Dataset) -> tuple[Spacing | None, str]:
    """((between rows, between columns) in mm or None, its source) of a single picture.

    A projection is magnified: a length on its detector is longer than the one in the patient. So ``calibrated`` needs
    a stated calibration or magnification; everything else that a projection says is ``detector``, even a lone
    PixelSpacing, which does not tell where it was measured. An ultrasound picture says its scale in its regions only.

    Source: DICOM PS3.3 10.7.1.3 (PixelSpacing and ImagerPixelSpacing), C.8.3.1 (NominalScannedPixelSpacing), C.8.11.4
    (EstimatedRadiographicMagnificationFactor), C.8.5.5 (ultrasound regions).
    """
    pixel, modality = _pair(elements, "PixelSpacing"), code(elements, "Modality")
    if modality in {"US", "IVUS"}:
        found = _of_regions(elements)
        return (found, "patient") if found else (None, "none")
    found, source = (pixel, "patient") if modality in CROSS_SECTIONAL else _of_projection(elements, pixel)
    return (found, source) if found else (None, "none")


def _of_regions(elements: pydicom.Dataset) -> Spacing | None:
    """The scale of an ultrasound picture in mm, if all its two-dimensional regions agree on one.

    Regions that reach beyond the picture belong to another, from before it was cut or shrunk.

    Source: DICOM PS3.3 C.8.5.5.1 (spatial format 1 is two-dimensional, unit 3 is cm, deltas may be negative).
    """
    items = value(elements, REGIONS)
    regions = list(items) if isinstance(items, pydicom.Sequence) else []
    flat = [item for item in regions if whole(item, "RegionSpatialFormat", 0) == _TWO_DIMENSIONAL]
    scales = [_scale(item) for item in flat]
    beyond = any(
        whole(item, "RegionLocationMaxX1", 0) > whole(elements, "Columns", 0)
        or whole(item, "RegionLocationMaxY1", 0) > whole(elements, "Rows", 0)
        for item in flat
    )
    first = scales[0] if scales else None
    if first is None or beyond:
        return None
    alike = all(scale and all(map(math.isclose, scale, first)) for scale in scales)
    return first if alike else None


def _scale(region: pydicom.Dataset) -> Spacing | None:
    """(between rows, between columns) in mm of one region, or None if it is not given in cm."""
    units = whole(region, "PhysicalUnitsXDirection", 0), whole(region, "PhysicalUnitsYDirection", 0)
    deltas = numbers(region, "PhysicalDeltaY"), numbers(region, "PhysicalDeltaX")
    if units != (_CENTIMETRES, _CENTIMETRES) or not all(len(delta) == 1 and delta[0] != 0 for delta in deltas):
        return None
    return _MM_PER_CM * abs(deltas[0][0]), _MM_PER_CM * abs(deltas[1][0])


def _of_projection(elements: pydicom.Dataset, pixel: Spacing | None) -> tuple[Spacing | None, str]:
    """The same for an X-ray projection or a scanned film."""
    imager = _pair(elements, "ImagerPixelSpacing")
    film = _pair(elements, "NominalScannedPixelSpacing")
    if pixel and code(elements, "PixelSpacingCalibrationType") in CALIBRATED:
        return pixel, "calibrated"
    if imager:
        factor = numbers(elements, "EstimatedRadiographicMagnificationFactor")
        if factor and factor[0] >= 1.0:
            return (imager[0] / factor[0], imager[1] / factor[0]), "calibrated"
        return imager, "detector"
    if film:
        return film, "scanned-film"
    return pixel, "detector"


def _pair(elements: pydicom.Dataset, keyword: str) -> Spacing | None:
    """Two positive numbers, or None."""
    found = numbers(elements, keyword)
    if len(found) != 2 or min(found) <= 0:
        return None
    return found[0], found[1]
