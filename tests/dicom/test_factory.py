"""The synthetic files are what they claim to be."""

import shutil
import subprocess

import pytest
from pydicom import dcmread

from dicom_factory import chest_xray, ct_series, gradient, mammogram


@pytest.mark.skipif(shutil.which("dciodvfy") is None, reason="needs dciodvfy (Debian package dicom3tools)")
@pytest.mark.parametrize("kind", ["DX", "CR", "CT", "MR", "MG"])
def test_a_synthetic_file_is_valid_dicom(tmp_path, kind):
    if kind in {"DX", "CR"}:
        path = chest_xray(tmp_path / "x.dcm", Modality=kind)
    elif kind == "MG":
        path = mammogram(tmp_path / "x.dcm", side="R", view="MLO")
    else:
        path = ct_series(tmp_path / "series", Modality=kind)[0]
    found = subprocess.run(["dciodvfy", str(path)], capture_output=True, text=True, check=False)
    assert "Error" not in found.stderr + found.stdout


def test_the_same_call_writes_the_same_bytes_and_another_picture_other_ones(tmp_path):
    (tmp_path / "again").mkdir()
    first, again = chest_xray(tmp_path / "x.dcm"), chest_xray(tmp_path / "again" / "x.dcm")
    other = chest_xray(tmp_path / "y.dcm", gradient() // 2)
    assert first.read_bytes() == again.read_bytes()
    assert dcmread(first).SOPInstanceUID != dcmread(other).SOPInstanceUID


def test_one_file_does_not_change_the_next(tmp_path):
    chest_xray(tmp_path / "a.dcm", WindowCenter="1", ImageType=["DERIVED"], AnatomicRegionSequence=None)
    plain = dcmread(chest_xray(tmp_path / "b.dcm"))
    assert plain.WindowCenter == 2048
    assert plain.ImageType[0] == "ORIGINAL"
    assert len(plain.AnatomicRegionSequence) == 1
