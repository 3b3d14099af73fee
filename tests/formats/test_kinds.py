"""Kinds of files by their first bytes."""

import nibabel
import numpy as np
import pytest
import SimpleITK as sitk  # noqa: N813 - as its documentation writes it
import tifffile
from PIL import Image

from secondread.formats.kinds import OPEN, kind_by_start

VOXELS = np.zeros((3, 4, 5), np.float32)
GREY = np.zeros((4, 5), np.uint8)
WRITE = {
    "x.png": ("raster", lambda path: Image.fromarray(GREY).save(path)),
    "x.jpg": ("raster", lambda path: Image.fromarray(GREY).save(path)),
    "x.tif": ("raster", lambda path: tifffile.imwrite(path, GREY, photometric="minisblack")),
    "x.npy": ("raster", lambda path: np.save(path, GREY)),
    "x.nii.gz": ("nifti", lambda path: nibabel.save(nibabel.Nifti1Image(VOXELS, np.eye(4)), path)),
    "x.mha": ("metaimage", lambda path: sitk.WriteImage(sitk.GetImageFromArray(VOXELS), str(path))),
    "x.mhd": ("metaimage", lambda path: sitk.WriteImage(sitk.GetImageFromArray(VOXELS), str(path))),
    "x.nrrd": ("nrrd", lambda path: sitk.WriteImage(sitk.GetImageFromArray(VOXELS), str(path))),
}


@pytest.mark.parametrize("name", WRITE)
def test_a_file_is_opened_as_what_another_program_wrote(tmp_path, name):
    kind, write = WRITE[name]
    path = tmp_path / name
    write(path)
    assert kind_by_start(path.read_bytes()[:132], name) == kind
    assert OPEN[kind](path).series[0].kind == kind


@pytest.mark.parametrize("name", ["x.mha", "x.nrrd", "x.tif", "x.npy", "x"])
def test_a_name_alone_makes_nothing_of_a_text(name):
    assert kind_by_start(b"Findings: none.", name) == ""
