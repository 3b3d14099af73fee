"""The pictures that ship, and the demo that reads them."""

import importlib.util
import re
import shutil
import subprocess
from pathlib import Path
from types import ModuleType

import pydicom
import pytest
from pydicom.encaps import generate_frames

import fakes

FOLDER = Path(__file__).parents[1] / "examples"
DICOM = sorted(FOLDER.glob("*.dcm"))
each_file = pytest.mark.parametrize("file", DICOM, ids=lambda file: file.stem)


def script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, FOLDER / f"{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@each_file
def test_an_example_is_a_picture_of_nobody_with_its_source_and_licence(file):
    image = pydicom.dcmread(file)
    assert str(image.PatientName).startswith("Example^")
    assert "fictitious" in image.ImageComments
    assert "CC BY" in image.ImageComments
    assert f"`{file.name}`" in (FOLDER / "README.md").read_text(encoding="utf-8")


@each_file
def test_the_script_makes_the_same_bytes_again_from_the_picture_inside(file, tmp_path):
    make = script("make_examples")
    (example,) = [example for example in make.EXAMPLES if example.name == file.stem]
    (jpeg,) = generate_frames(pydicom.dcmread(file).PixelData, number_of_frames=1)
    make.wrap(example, jpeg.removesuffix(b"\0")).save_as(tmp_path / "again.dcm", enforce_file_format=True)
    assert (tmp_path / "again.dcm").read_bytes() == file.read_bytes()


@pytest.mark.skipif(not shutil.which("dciodvfy"), reason="needs dicom3tools")
@each_file
def test_another_program_accepts_an_example(file):
    done = subprocess.run(["dciodvfy", str(file)], capture_output=True, text=True, check=False)
    assert "CRImage" in done.stderr + done.stdout
    assert not re.search(r"^Error", done.stderr + done.stdout, re.MULTILINE)


def test_the_demo_reads_the_chests_refuses_the_hand_and_links_every_report(tmp_path, capsys):
    demo, out = script("demo"), tmp_path / "demo"
    assert demo.main(out) == 0
    links = re.findall(r'href="([^"]+)"', (out / "index.html").read_text(encoding="utf-8"))
    assert len(links) == len(demo.FILES)
    assert all((out / link).stat().st_size for link in links)
    assert re.search(r"^hand\.dcm +refused ", capsys.readouterr().out, re.MULTILINE)


def test_the_demo_fails_when_the_hand_is_not_refused(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("SECONDREAD_BUNDLES", str(fakes.write_bundles(tmp_path / "bundles")))
    assert script("demo").main(tmp_path / "demo") == 1
    assert "hand.dcm" in capsys.readouterr().err


def test_the_demo_replaces_what_an_earlier_one_left(tmp_path, monkeypatch):
    monkeypatch.setenv("SECONDREAD_BUNDLES", str(fakes.write_bundles(tmp_path / "bundles")))
    demo, out = script("demo"), tmp_path / "demo"
    (out / "old").mkdir(parents=True)
    demo.main(out)
    assert not (out / "old").exists()
