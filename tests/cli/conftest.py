"""What most tests of commands start from."""

from pathlib import Path

import pytest

import dicom_factory
import fakes
import spots


@pytest.fixture(scope="session")
def bundles(tmp_path_factory) -> Path:
    return fakes.write_bundles(tmp_path_factory.mktemp("bundles"))


@pytest.fixture(scope="session")
def spotted(tmp_path_factory) -> tuple[Path, tuple[str, ...]]:
    """An evaluated bundle that outlines spots, and how a command is told where its data and recipe are."""
    pytest.importorskip("torch")
    from secondread.learn.evaluate import evaluate

    folder = tmp_path_factory.mktemp("spotted")
    spots.make_set(folder)
    recipe, bundle = spots.make_recipe(folder, "outlines"), spots.make_bundle(folder / "bundles", "outlines")
    with pytest.MonkeyPatch.context() as fewer:
        for place in ("judge", "judge_outlines", "judge_marks", "evaluate"):
            fewer.setattr(f"secondread.learn.{place}.RESAMPLES", 20)
        fewer.setattr("secondread.learn.looks.CASES", 2)
        evaluate(bundle, recipe, folder)
    return bundle, ("--recipe", str(recipe), "--data", str(folder))


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
