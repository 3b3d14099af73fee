"""Body regions by numbers alone."""

import nibabel
import numpy as np
import pydicom
import pytest

from dicom_factory import SHARED, shared
from secondread.prepare.region import regions_of


def ct(*parts):
    """HU [k, j, i] and pixel spacing of a folder, read by pydicom."""
    headers = [pydicom.dcmread(path) for path in shared(*parts).iterdir() if path.suffix == ".dcm"]
    headers.sort(key=lambda header: float(header.ImagePositionPatient[2]))
    hu = [h.pixel_array * float(h.RescaleSlope) + float(h.RescaleIntercept) for h in headers]
    return np.array(hu, np.float32), tuple(map(float, headers[0].PixelSpacing))


def test_a_real_chest_a_head_and_an_abdomen_are_told_apart():
    assert regions_of(*ct("lung-ct", "A0002", "soft-kernel")) == ("chest",)
    assert regions_of(*ct("tilt")) == ("head",)
    torso = nibabel.load(SHARED.parent / "ct-torso" / "example_ct.nii.gz")
    assert regions_of(np.asarray(torso.dataobj, np.float32).T, (3.0, 3.0)) == ("abdomen",)


def test_a_scan_of_chest_and_abdomen_shows_both():
    chest, spacing = ct("lung-ct", "A0002", "soft-kernel")
    rows, columns = np.ogrid[:512, :512]
    below = np.where(((rows - 256) / 180) ** 2 + ((columns - 256) / 230) ** 2 < 1, 40.0, -1000.0).astype(np.float32)
    assert regions_of(np.concatenate([chest, np.tile(below, (20, 1, 1))]), spacing) == ("abdomen", "chest")


@pytest.mark.parametrize("value", [-1000.0, 0.0, 3000.0])
def test_a_phantom_of_one_value_is_no_chest_and_no_head(value):
    assert not {"chest", "head"} & set(regions_of(np.full((5, 64, 64), value, np.float32), (3.0, 3.0)))


def test_noise_in_air_is_nothing():
    noise = np.random.default_rng(0).normal(-1000, 300, (5, 64, 64)).astype(np.float32)
    assert regions_of(noise, (1.0, 1.0)) == ()


def test_the_answer_does_not_change_when_slices_are_turned_or_mirrored():
    hu, spacing = ct("lung-ct", "A0002", "soft-kernel")
    assert regions_of(hu[::-1, ::-1, ::-1], spacing) == regions_of(hu, spacing)
