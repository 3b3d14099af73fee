"""From the pixels to the archive: what a finding points at stays where it lay in the picture."""

from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom import Dataset, dcmread
from scipy import ndimage

import dicom_factory
import fakes
from secondread import pipeline
from secondread.core.card import InputContract
from secondread.core.output import Output
from secondread.dicom.uids import uid_source
from secondread.readers.chest_xray_pneumonia import READER
from secondread.report.write import write_outputs

NOW = "2025-01-31T09:30:00+09:00"


class BrightPlaces(fakes.FakeBundles):
    """Says pneumonia, because of what is bright in the tensor."""

    def run(self, name: str, batch: NDArray[np.float32]) -> Output:
        said = super().run(name, batch)
        if name != fakes.READER:
            return said
        cam = np.zeros((1, 3, 16, 16), np.float32)
        cam[0, 1] = np.maximum(batch[0, 0].reshape(16, 4, 16, 4).mean(axis=(1, 3)) - 0.7, 0.0)
        return Output(said.logits, cam, said.embedding)


def pictured(rows: int, columns: int, down: float, across: float) -> NDArray[np.uint16]:
    """A grey slope with one bright round spot at these shares of height and width."""
    y, x = np.mgrid[0:rows, 0:columns]
    spot = np.exp(-(((y / rows - down) / 0.1) ** 2) - ((x / columns - across) / 0.1) ** 2)
    return np.round(np.clip(0.2 + 0.3 * y / rows + 0.8 * spot, 0.0, 1.0) * 4095).astype(np.uint16)


def written(folder: Path, pixels: NDArray[np.uint16], resize: str) -> tuple[Dataset, NDArray[np.uint8], str]:
    """The structured report, the pixels of the capture, and the place in words."""
    size = InputContract(64, 64, resize, ("CR", "DX"), ("PA", "AP"), (1.0, 5.0))
    card = fakes.card(input=size)
    source = dicom_factory.chest_xray(folder / "a.dcm", pixels)
    report = pipeline.read(source, [READER], BrightPlaces(cards={fakes.READER: card}), created_at=NOW)
    now = datetime.fromisoformat(NOW)
    files = write_outputs(report, {card.name: card}, folder / "out", uid=uid_source("a"), now=now)
    place = report.reads[0].findings[0].location
    return dcmread(files[2]), dcmread(files[3]).pixel_array, place.removeprefix("map strongest on ")


def region(item: Dataset) -> NDArray[np.float64]:
    """[n, 2] (column, row) of the first region below ``item``."""
    for child in item.ContentSequence:
        if child.ValueType == "SCOORD":
            return np.reshape(child.GraphicData, (-1, 2)).astype(np.float64)
        if "ContentSequence" in child and len(found := region(child)):
            return found
    return np.zeros((0, 2))


@pytest.mark.parametrize("resize", ["squeeze", "pad"])
@pytest.mark.parametrize(("rows", "columns"), [(240, 180), (150, 300)])
@pytest.mark.parametrize(
    ("down", "across", "words"),
    [
        (0.25, 0.3, "right side of the patient (left of the picture), upper third"),
        (0.75, 0.8, "left side of the patient (right of the picture), lower third"),
    ],
)
def test_report_and_capture_point_at_the_spot(tmp_path, resize, rows, columns, down, across, words):
    report, capture, place = written(tmp_path, pictured(rows, columns, down, across), resize)
    assert place == words
    outline = region(report) / (columns, rows)
    spot = (across, down)
    assert np.allclose((outline.min(axis=0) + outline.max(axis=0)) / 2, spot, atol=0.06)
    shown = capture[:rows, :columns].astype(int)
    coloured = shown[..., 0] - shown[..., 2] > 60  # the yellow of the strongest support
    centre = ndimage.center_of_mass(coloured)[::-1]
    assert np.allclose(np.divide(centre, (columns, rows)), spot, atol=0.06)


def test_a_mirrored_picture_gives_a_mirrored_region(tmp_path):
    outlines = []
    for name, step in (("one", 1), ("two", -1)):
        (tmp_path / name).mkdir()
        report, _, _ = written(tmp_path / name, pictured(256, 192, 0.4, 0.3)[:, ::step], "squeeze")
        outlines.append(region(report))
    first, second = outlines
    mirrored = np.unique((192, 0) + first * (-1, 1), axis=0)
    np.testing.assert_allclose(mirrored, np.unique(second, axis=0), atol=1.0)
