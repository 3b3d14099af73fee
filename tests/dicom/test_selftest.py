from dataclasses import replace

import numpy as np
import pytest

from secondread.core.errors import GeometryError
from secondread.dicom import selftest


def test_geometry_survives_being_written_and_read_back(tmp_path):
    selftest.check_geometry(tmp_path)


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_a_mirrored_volume_is_found_out(tmp_path, monkeypatch, axis):
    honest = selftest.load_volume

    def mirrored(series):
        volume = honest(series)
        return replace(volume, values=np.flip(volume.values, axis))

    monkeypatch.setattr(selftest, "load_volume", mirrored)
    with pytest.raises(GeometryError, match="came back at"):
        selftest.check_geometry(tmp_path)


def test_a_lost_voxel_is_found_out(tmp_path, monkeypatch):
    honest = selftest.load_volume

    def blank(series):
        volume = honest(series)
        return replace(volume, values=np.zeros_like(volume.values))

    monkeypatch.setattr(selftest, "load_volume", blank)
    with pytest.raises(GeometryError, match="read 0 back"):
        selftest.check_geometry(tmp_path)
