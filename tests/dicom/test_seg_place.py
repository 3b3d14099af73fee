"""A mask comes back at its place in the patient, whoever reads it."""

import numpy as np
import pydicom
import pytest

import dicom_factory
import fakes
from dicom_reads import NOW, read, saved
from grids import turn
from mask_witnesses import (
    LUNG,
    ORDERS,
    by_dcmtk,
    by_highdicom,
    by_pydicom,
    centres_in_source,
    masks_of,
    phantom,
    unpacked,
)
from secondread.core.mask import Mask
from secondread.dicom.load import load_volume
from secondread.dicom.open import open_dicom
from secondread.dicom.results.seg import build_seg
from secondread.dicom.uids import uid_source
from secondread.dicom.write import read_header

CLOSE_MM = 0.1
WITNESSES = (by_highdicom, by_pydicom, by_dcmtk)
OBLIQUE = [(0.3, 0.2, -0.4), (1.2, -0.7, 2.5), (-2.9, 0.1, 1.0), (0.05, -1.5, 0.6)]


def check_place(tmp_path, **where):
    paths, headers, _, volume = phantom(tmp_path / "series", **where)
    made = build_seg(masks_of(volume), read(), fakes.card(), headers, uid_source("a"), NOW)
    path = saved(made, tmp_path)
    expected = centres_in_source(paths)
    assert len({tuple(np.round(centre, 3)) for centre in expected}) == 3
    for witness in WITNESSES:
        assert np.linalg.norm(np.subtract(witness(path), expected), axis=1).max() < CLOSE_MM
    frames = pydicom.dcmread(path).PerFrameFunctionalGroupsSequence
    assert len(frames) == 2 + 2 + 1  # only slices that hold something of a box
    assert all(frame.DerivationImageSequence for frame in frames)


def test_there_are_48_orders_of_the_axes():
    assert len({tuple(map(float, (*orientation, along))) for orientation, along in ORDERS}) == 48


@pytest.mark.parametrize(("orientation", "along"), ORDERS)
def test_masks_keep_their_place_in_every_order_of_the_axes(tmp_path, orientation, along):
    check_place(tmp_path, orientation=orientation, step=along)


@pytest.mark.parametrize("angles", OBLIQUE)
def test_masks_keep_their_place_in_oblique_slices(tmp_path, angles):
    check_place(tmp_path, orientation=tuple(turn(angles)[:, :2].T.ravel()), step=1.75)


def test_the_body_of_a_real_chest_comes_back_voxel_by_voxel(tmp_path):
    paths = sorted(dicom_factory.shared("lung-ct", "A0002", "soft-kernel").glob("*.dcm"))
    series = open_dicom(paths).series[0]
    volume = load_volume(series)
    inside = volume.values > -500
    assert 0.05 < inside.mean() < 0.95
    headers = [read_header(path) for path in paths]
    made = build_seg([Mask(inside, volume.geometry, LUNG)], read(), fakes.card(), headers, uid_source("a"), NOW)
    written = pydicom.dcmread(saved(made, tmp_path))
    back = np.zeros_like(inside)
    for bits, item in zip(unpacked(written), written.PerFrameFunctionalGroupsSequence, strict=True):
        k, j, i = volume.geometry.index([float(mm) for mm in item.PlanePositionSequence[0].ImagePositionPatient])
        assert max(abs(k - round(k)), abs(j), abs(i)) < 0.05
        back[round(k)] = bits
    assert np.array_equal(back, inside)
    places = {header.SOPInstanceUID: list(header.ImagePositionPatient) for header in headers}
    for item in written.PerFrameFunctionalGroupsSequence:
        [source] = item.DerivationImageSequence[0].SourceImageSequence
        assert places[source.ReferencedSOPInstanceUID] == list(item.PlanePositionSequence[0].ImagePositionPatient)
