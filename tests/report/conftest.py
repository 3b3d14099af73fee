"""What most tests of reports start from."""

from collections.abc import Callable
from pathlib import Path

import pytest

import dicom_factory
import fakes
from report_desk import RESULTS, Desk
from secondread.core.image import Image
from secondread.core.report import Evidence, Report
from secondread.core.study import FileRef, Series


@pytest.fixture
def desk() -> Desk:
    return Desk(fakes.card(results=RESULTS, intended_use="Children's chest X-rays.", limits=("Knows one hospital.",)))


@pytest.fixture
def dicom_evidence(tmp_path: Path) -> Callable[[], Evidence]:
    """Makes the evidence of a read of a DICOM file that is really there."""

    def make() -> Evidence:
        path = dicom_factory.chest_xray(tmp_path / "source.dcm", fakes.dicom_pixels(60, 80))
        file = FileRef(path, "1.2.840.10008.5.1.4.1.1.1.1", dicom_factory.uid("instance", "projection", "source.dcm"))
        series = Series(dicom_factory.uid("series", "projection", "source.dcm"), "DX", "dicom", (file,), view="AP")
        return Evidence(series, Image(fakes.chest(60, 80), (0.2, 0.2), "detector"))

    return make


@pytest.fixture
def everyone(desk: Desk) -> dict[str, Report]:
    """One report of each outcome."""
    reads = (desk.found(), desk.nothing_found(), desk.undecided(), desk.refused(), desk.failed())
    return {str(read.outcome): desk.report(read) for read in reads}
