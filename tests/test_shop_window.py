import json
import os
import subprocess
import sys
from pathlib import Path

import dicom_factory
import fakes
import secondread
from secondread.core import errors
from secondread.report.json import to_json

NOW = "2025-01-31T09:30:00+09:00"
HEAVY = ("torch", "monai", "onnxruntime", "openvino", "pydicom", "highdicom", "nibabel", "PIL", "scipy", "fastapi")


def python(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, check=False, env=os.environ | environment
    )


def test_importing_the_package_loads_nothing_heavy():
    asked = f"import secondread, sys; print([name for name in {HEAVY!r} if name in sys.modules])"
    assert python("-c", asked).stdout.strip() == "[]"


def test_listing_the_readers_loads_no_engine_and_no_image_library():
    # The door of scipy opens in a few milliseconds; its rooms are heavy.
    heavy = (
        *(set(HEAVY) - {"scipy"}),
        "scipy.ndimage",
        "scipy.special",
        "scipy.spatial",
        "scipy.optimize",
        "scipy.signal",
    )
    asked = (
        "import sys; from secondread.cli import run; run(['readers', '--json']);"
        f"print([name for name in {heavy!r} if name in sys.modules], file=sys.stderr)"
    )
    assert python("-c", asked).stderr.strip() == "[]"


def test_what_the_window_names_is_there():
    assert len(set(secondread.__all__)) == len(secondread.__all__)
    for name in secondread.__all__:
        assert getattr(secondread, name) is not None


def test_what_is_there_the_window_names():
    rooms = {name for name, thing in vars(secondread).items() if isinstance(thing, type(secondread))} - {"readers"}
    public = {name for name in vars(secondread) if not name.startswith("_")} - rooms
    assert public <= set(secondread.__all__) | {"Any", "Callable", "Iterator", "Sequence", "Path", "contextmanager"}


def test_every_error_stands_in_the_window():
    tree = {name for name, thing in vars(errors).items() if isinstance(thing, type)}
    assert {name for name in tree if name.endswith("Error")} <= set(secondread.__all__)


def test_the_version_is_that_of_the_package():
    from importlib.metadata import version

    assert secondread.__version__ == version("secondread")


def test_the_python_call_and_the_command_give_the_same_report(tmp_path):
    source = dicom_factory.chest_xray(tmp_path / "chest.dcm", fakes.dicom_pixels())
    bundles = fakes.write_bundles(tmp_path / "bundles")
    out = tmp_path / "out"
    done = python(
        *("-m", "secondread", "read", str(source), "--out", str(out), "--created-at", NOW, "--json"),
        *("--bundle-dir", str(bundles)),
    )
    assert done.returncode == 0, done.stderr
    expected = to_json(secondread.read(source, created_at=NOW, bundles=[bundles]))
    assert (out / "report.json").read_text(encoding="utf-8") == expected
    assert json.loads(done.stdout)["report"] == json.loads(expected)


def test_the_time_of_a_report_is_now_unless_it_is_given(tmp_path):
    from datetime import datetime

    source = dicom_factory.chest_xray(tmp_path / "chest.dcm", fakes.dicom_pixels())
    bundles = fakes.write_bundles(tmp_path / "bundles")
    before = datetime.now().astimezone().replace(microsecond=0)
    made = datetime.fromisoformat(secondread.read(source, bundles=[bundles]).created_at)
    assert before <= made <= datetime.now().astimezone()


def test_a_study_opens_without_its_pixels(tmp_path):
    source = dicom_factory.chest_xray(tmp_path / "chest.dcm", fakes.dicom_pixels())
    study = secondread.open_study(source)
    assert study.series[0].modality == "DX"


def test_an_archive_stays_unpacked_while_its_context_lasts(tmp_path):
    import shutil

    folder = tmp_path / "study"
    folder.mkdir()
    dicom_factory.chest_xray(folder / "chest.dcm", fakes.dicom_pixels())
    packed = Path(shutil.make_archive(str(tmp_path / "packed"), "zip", folder))
    with secondread.unpacked(packed) as place:
        assert secondread.open_study(place).series[0].files[0].path.exists()
    assert not place.exists()
