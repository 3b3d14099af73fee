"""What most tests of commands start from."""

from pathlib import Path

import pytest

import dicom_factory
import fakes


@pytest.fixture(scope="session")
def bundles(tmp_path_factory) -> Path:
    return fakes.write_bundles(tmp_path_factory.mktemp("bundles"))


@pytest.fixture
def chest_xray(tmp_path) -> Path:
    return dicom_factory.chest_xray(tmp_path / "chest.dcm", fakes.dicom_pixels())


@pytest.fixture
def here(tmp_path, monkeypatch) -> Path:
    """An empty folder that commands run in; what they leave there is all that they wrote."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder
