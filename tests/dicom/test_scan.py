"""Many headers at once."""

import os

import pydicom
import pytest

from dicom_factory import SHARED, chest_xray, ct_series
from secondread.core.errors import FormatError, InputError
from secondread.dicom.describe import FACTS
from secondread.dicom.header import IDENTITY, calm, read_elements, texts
from secondread.dicom.scan import EVERY, scan

KEYWORDS = (*IDENTITY, *FACTS)


def test_every_file_comes_back_in_order_with_its_elements_or_its_error(tmp_path):
    paths = ct_series(tmp_path / "ct")
    note, gone = tmp_path / "note.dcm", tmp_path / "gone.dcm"
    note.write_text("no image " * 40)
    found = list(scan([*paths, note, gone], KEYWORDS))
    assert [path for path, _ in found] == [*paths, note, gone]
    assert all(isinstance(elements, pydicom.Dataset) for _, elements in found[:-2])
    assert [type(error) for _, error in found[-2:]] == [FormatError, FormatError]


def test_a_pipe_is_not_waited_on(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    ((_, error),) = scan([tmp_path / "pipe"], KEYWORDS)
    assert isinstance(error, InputError)


def test_pixels_and_names_are_not_read(tmp_path):
    ((_, elements),) = scan([chest_xray(tmp_path / "x.dcm")], KEYWORDS)
    assert "PixelData" not in elements
    assert "PatientName" not in elements


def test_progress_is_told_now_and_then_and_at_the_end(tmp_path):
    path = chest_xray(tmp_path / "x.dcm")
    told = []
    list(scan([path] * (2 * EVERY + 1), KEYWORDS, told.append))
    assert [event["done"] for event in told] == [EVERY, 2 * EVERY, 2 * EVERY + 1]
    assert {(event["event"], event["of"]) for event in told} == {("scan", 2 * EVERY + 1)}


REAL = sorted(path for path in SHARED.rglob("*") if path.is_file() and path.suffix not in {".gz", ".md", ".jpeg"})


@pytest.mark.parametrize("path", REAL[::4], ids=lambda path: path.name)
def test_a_real_header_is_scanned_as_pydicom_reads_it(path):
    ((_, elements),) = scan([path], KEYWORDS)
    if isinstance(elements, InputError):
        with pytest.raises(type(elements)):
            read_elements(path, KEYWORDS)
        return
    with calm():
        witness = pydicom.dcmread(path, force=True, stop_before_pixels=True)
        for keyword in KEYWORDS:
            if not keyword.endswith("Sequence"):
                assert texts(elements, keyword) == parsed(witness, keyword), keyword


def parsed(dataset, keyword):
    """All values of an element as pydicom understands them."""
    try:
        value = dataset.get(keyword)
    except (TypeError, ValueError):
        return ()
    several = value if isinstance(value, pydicom.multival.MultiValue) else [value]
    return () if value in (None, "") else tuple(str(item).strip(" \0") for item in several)
