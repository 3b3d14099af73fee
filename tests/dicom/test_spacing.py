"""Pixel spacing and what it may be trusted for."""

import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from secondread.dicom.spacing import spacing_of

PIXEL, IMAGER = {"PixelSpacing": ["0.10", "0.12"]}, {"ImagerPixelSpacing": ["0.14", "0.15"]}


def header(modality, **elements):
    dataset = Dataset()
    dataset.Modality = modality
    for keyword, value in elements.items():
        setattr(dataset, keyword, value)
    return dataset


def region(delta=0.025, **elements):
    """A two-dimensional region of tissue whose pixels measure ``delta`` cm."""
    item = Dataset()
    item.RegionSpatialFormat, item.RegionDataType = 1, 1
    item.RegionLocationMinX0 = item.RegionLocationMinY0 = 0
    item.RegionLocationMaxX1, item.RegionLocationMaxY1 = 79, 59
    item.PhysicalUnitsXDirection = item.PhysicalUnitsYDirection = 3
    item.PhysicalDeltaX, item.PhysicalDeltaY = delta, delta
    for keyword, value in elements.items():
        setattr(item, keyword, value)
    return item


@pytest.mark.parametrize(
    ("regions", "spacing"),
    [
        ([region()], (0.25, 0.25)),
        ([region(PhysicalDeltaY=-0.05)], (0.5, 0.25)),
        ([region(), region()], (0.25, 0.25)),
        ([region(), region(RegionSpatialFormat=4, PhysicalUnitsXDirection=4, PhysicalDeltaX=0.01)], (0.25, 0.25)),
        ([region(), region(0.05)], None),
        ([region(), region(PhysicalUnitsYDirection=4)], None),
        ([region(PhysicalUnitsXDirection=0)], None),
        ([region(0.0)], None),
        ([region(RegionSpatialFormat=2)], None),
        ([region(RegionLocationMaxX1=639)], None),
        ([], None),
    ],
)
def test_an_ultrasound_scale_is_in_centimetres_and_needs_one_region_or_agreeing_ones(regions, spacing):
    elements = {"Rows": 60, "Columns": 80, "SequenceOfUltrasoundRegions": Sequence(regions), **PIXEL}
    found, source = spacing_of(header("US", **elements))
    assert found == (pytest.approx(spacing) if spacing else None)
    assert source == ("patient" if spacing else "none")


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
