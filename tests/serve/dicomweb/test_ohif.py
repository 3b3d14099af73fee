"""OHIF opens what the room holds: a CT study, the SEG of a read, and the SR of a chest X-ray."""

import io
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pydicom
import pytest
from PIL import Image

import dicom_factory
import ohif
import web_servers
from browsers import browser
from phantoms import every
from secondread.dicom.web import client

pytestmark = pytest.mark.slow
FLAGS = ["--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]


@pytest.fixture(scope="module")
def build(tmp_path_factory):
    return ohif.unpacked(tmp_path_factory.mktemp("ohif"))


def read(source: Path, out: Path) -> list[Path]:
    """The images of a study and the objects that our own readers make of it."""
    command = [sys.executable, "-m", "secondread", "read", str(source), "--out", str(out)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-500:]
    return [*sorted(source.rglob("*.dcm")), *sorted(out.glob("*.dcm"))]


@pytest.fixture
def page(build):
    with browser(FLAGS) as chromium:
        yield chromium.new_page(viewport={"width": 1600, "height": 1000})


def opened(page, url: str, files: list[Path]) -> None:
    """The study of some files, with OHIF's own tour passed over."""
    study = pydicom.dcmread(files[0], specific_tags=["StudyInstanceUID"]).StudyInstanceUID
    page.goto(f"{url}/viewer?StudyInstanceUIDs={study}")
    page.get_by_text("Skip all").click(timeout=180_000)


def shown(page, name: str) -> np.ndarray:
    """The picture in the viewport; the page is kept as an artefact where the environment says where."""
    page_picture = page.screenshot()
    if folder := os.environ.get("SCREENSHOTS"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        (Path(folder) / f"{name}.png").write_bytes(page_picture)
    pixels = np.asarray(Image.open(io.BytesIO(page_picture)).convert("RGB")).astype(int)
    return pixels[120:900, 320:1500]  # between the list of series, the tool bars and the texts at the edges


def until(page, found, seconds: int = 120) -> None:
    """Wait until something is so."""
    for _ in range(seconds):
        if found():
            return
        page.wait_for_timeout(1000)
    pytest.fail("OHIF did not get there")


def coloured(picture: np.ndarray) -> int:
    """How many pixels are reddish: the first segment's colour."""
    red, green, blue = picture[..., 0], picture[..., 1], picture[..., 2]
    return int(((red - green > 40) & (red > blue)).sum())


def marked(picture: np.ndarray) -> int:
    """How many pixels have the colours in which measurements are drawn, green and yellow."""
    return int(((picture[..., 1] > 150) & (picture[..., 2] < 80)).sum())


def has_picture(picture: np.ndarray) -> bool:
    """Whether there is something to see between black and white."""
    grey = picture[200:600, 300:900].mean(axis=-1)
    return float(grey.std()) > 20 and float((grey > 250).mean()) < 0.5


def test_ohif_shows_the_images_and_the_segments_of_a_read(room, build, page, tmp_path):
    source = dicom_factory.shared("lung-ct", "A0002")
    files = read(source, tmp_path / "out")
    with web_servers.listening(room) as place:
        assert all(one.ok for one in client.store(place.dicomweb, files, place.token))
        with ohif.running(build, place) as (url, asked):
            opened(page, url, files)
            until(page, lambda: has_picture(shown(page, "ohif-ct")))
            assert coloured(shown(page, "ohif-ct")) == 0
            page.get_by_text("AI chest-ct-nodules").and_(page.locator(":visible")).nth(1).dblclick()
            page.get_by_text("Yes", exact=True).click(timeout=120_000)
            until(page, lambda: coloured(shown(page, "ohif-seg")) > 200)
            assert {status for status, _ in asked} == {200}


def test_ohif_shows_what_a_structured_report_says_of_an_image(room, build, page, tmp_path):
    source = tmp_path / "chest"
    source.mkdir()
    every.adult_chest(source)
    for file in source.iterdir():
        image = pydicom.dcmread(file)
        del image.VOILUTFunction  # OHIF 3.13.2 takes the first letter of it for its name, and shows white
        image.save_as(file)
    files = read(source, tmp_path / "out")
    with web_servers.listening(room) as place:
        assert all(one.ok for one in client.store(place.dicomweb, files, place.token))
        with ohif.running(build, place) as (url, asked):
            opened(page, url, files)
            until(page, lambda: has_picture(shown(page, "ohif-xray")))
            assert marked(shown(page, "ohif-xray")) == 0
            page.get_by_text("AI chest-xray-findings").and_(page.locator(":visible")).last.dblclick()
            until(page, lambda: marked(shown(page, "ohif-sr")) > 200)
            assert has_picture(shown(page, "ohif-sr"))
            assert {status for status, _ in asked} <= {200, 204}
