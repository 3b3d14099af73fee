"""Pixel spacing and what it may be trusted for."""

import pytest
from pydicom.dataset import Dataset

from secondread.dicom.spacing import spacing_of


def header(modality, **elements):
    dataset = Dataset()
    dataset.Modality = modality
    for keyword, value in elements.items():
        setattr(dataset, keyword, value)
    return dataset


PIXEL, IMAGER = {"PixelSpacing": ["0.10", "0.12"]}, {"ImagerPixelSpacing": ["0.14", "0.15"]}


@pytest.mark.parametrize(
    ("modality", "elements", "spacing", "source"),
    [
        ("CT", PIXEL, (0.10, 0.12), "patient"),
        ("MR", PIXEL, (0.10, 0.12), "patient"),
        ("CT", IMAGER, None, "none"),
        ("DX", IMAGER, (0.14, 0.15), "detector"),
        ("DX", {**PIXEL, **IMAGER}, (0.14, 0.15), "detector"),
        ("DX", {**PIXEL, **IMAGER, "PixelSpacingCalibrationType": "GEOMETRY"}, (0.10, 0.12), "calibrated"),
        ("CR", {**PIXEL, "PixelSpacingCalibrationType": "FIDUCIAL"}, (0.10, 0.12), "calibrated"),
        ("DX", {**IMAGER, "EstimatedRadiographicMagnificationFactor": "2"}, (0.07, 0.075), "calibrated"),
        ("DX", {**IMAGER, "EstimatedRadiographicMagnificationFactor": "0"}, (0.14, 0.15), "detector"),
        ("CR", PIXEL, (0.10, 0.12), "detector"),
        ("OT", {"NominalScannedPixelSpacing": ["0.2", "0.2"]}, (0.2, 0.2), "scanned-film"),
        ("US", PIXEL, None, "none"),
        ("DX", {}, None, "none"),
        ("DX", {"ImagerPixelSpacing": ["0", "0.1"]}, None, "none"),
        ("DX", {"ImagerPixelSpacing": "0.1"}, None, "none"),
    ],
)
def test_a_spacing_comes_with_its_source(modality, elements, spacing, source):
    found, found_source = spacing_of(header(modality, **elements))
    assert found == (pytest.approx(spacing) if spacing else None)
    assert found_source == source
