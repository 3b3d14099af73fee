"""How large a pixel is, and what that size may be trusted for."""

import pydicom

from secondread.dicom.header import code, numbers

CROSS_SECTIONAL = frozenset({"CT", "MR", "PT", "NM"})
CALIBRATED = frozenset({"GEOMETRY", "FIDUCIAL"})
Spacing = tuple[float, float]


def spacing_of(elements: pydicom.Dataset) -> tuple[Spacing | None, str]:
    """((between rows, between columns) in mm or None, its source) of a single picture.

    A projection is magnified: a length on its detector is longer than the one in the patient. So ``calibrated`` needs
    a stated calibration or magnification; everything else that a projection says is ``detector``, even a lone
    PixelSpacing, which does not tell where it was measured.

    Source: DICOM PS3.3 10.7.1.3 (PixelSpacing and ImagerPixelSpacing), C.8.3.1 (NominalScannedPixelSpacing), C.8.11.4
    (EstimatedRadiographicMagnificationFactor).
    """
    pixel, modality = _pair(elements, "PixelSpacing"), code(elements, "Modality")
    if modality == "US":  # its scale lies in the ultrasound regions
        return None, "none"
    found, source = (pixel, "patient") if modality in CROSS_SECTIONAL else _of_projection(elements, pixel)
    return (found, source) if found else (None, "none")


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
