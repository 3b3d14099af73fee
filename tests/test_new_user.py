"""What a new user tries: pictures that no reader should answer about, on the command line and in the reading room."""

import re
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image as Raster
from pydicom import dcmread

import dicom_factory
import rooms
from reading_desk import QUIET, read_all
from secondread.cli import run
from secondread.engine.bundle import shipped
from secondread.engine.bundles import Bundles
from secondread.prepare.resize import resize
from secondread.prepare.shown import axial
from secondread.readers import choose
from secondread.serve.config.room import RoomSettings, Route
from secondread.serve.reading.desk import Desk
from secondread.sources import load_colour, open_study

CHILDREN, ADULTS = "chest-xray-pneumonia", "chest-xray-findings"
NOW = "2026-03-04T10:22:05+09:00"
CHEST = rooms.EXAMPLES / "child-normal.dcm"
# What each picture must be told, by the reader that is asked.
TOLD = {
    "hand": (CHILDREN, "it does not look like a frontal chest X-ray", "takes it for a hand X-ray"),
    "inverted": (CHILDREN, "its greys look inverted (bones dark, air bright)", "Its tags say MONOCHROME2"),
    "photograph": (CHILDREN, "chest X-ray with a probability of less than 1 %", "no chest X-ray at all"),
    "coloured": (
        CHILDREN,
        "Found a coloured picture; needed a grey one.",
        "Send the original picture without colours.",
    ),
    "slice": (CHILDREN, "it does not look like a frontal chest X-ray", "takes it for"),
    "child": (ADULTS, "Found a child (3 years); needed an adult", "Go by readers made for children"),
    "adult": (CHILDREN, "Found an adult (54 years); needed a child", "Go by readers made for adults"),
    "lateral": (CHILDREN, "Found view LL; needed a frontal view (PA or AP).", "Send the frontal picture."),
    "side": (
        CHILDREN,
        "it shows only a part of the chest, or the chest from the side",
        "Send the whole frontal picture.",
    ),
}
each = pytest.mark.parametrize("name", TOLD)


def grey(path: Path) -> NDArray[np.uint8]:
    """The picture of a file as a person sees it, uint8 [j, i]."""
    return np.round(load_colour(open_study(path).series[0]).values * 255.0).astype(np.uint8)


def photograph() -> NDArray[np.uint8]:
    """A palace in a garden, uint8 [j, i, 3]."""
    from sklearn.datasets import load_sample_image

    return load_sample_image("china.jpg")


def lung_ct() -> Any:
    """A real chest CT."""
    return load_colour(open_study(dicom_factory.shared("lung-ct", "A0002")).series[0])


def projected(volume: Any, axis: int) -> NDArray[np.uint8]:
    """A chest X-ray made of a CT: rays along an axis of its axial grid, 1 to the back, 2 to the side. No real one."""
    values, order = axial(volume)
    steps = [volume.geometry.spacing_mm[one] for one, _ in order]
    thick = np.clip((values + 1000.0) / 1000.0, 0.0, None).sum(axis=axis)[::-1] * 0.02 * steps[axis]
    rows, columns = (round(n * mm) for n, mm in zip(thick.shape, np.delete(steps, axis), strict=True))
    dark = 1.0 - np.exp(-0.6 * resize(thick.astype(np.float32), (rows, columns)))
    low, high = np.percentile(dark, (1.0, 99.5))
    return np.round(255.0 * np.clip((dark - low) / (high - low), 0.0, 1.0)).astype(np.uint8)


def slice_of_ct() -> NDArray[np.uint8]:
    """A slice in the window of soft tissue, uint8 [j, i]."""
    values = lung_ct().values
    return np.round(255.0 * np.clip((values[len(values) // 2] + 160.0) / 400.0, 0.0, 1.0)).astype(np.uint8)


def in_colour(path: Path) -> Path:
    """A colour photograph as DICOM."""
    pixels = photograph()
    file = dcmread(as_chest(path, pixels[..., 0]))
    file.SamplesPerPixel, file.PlanarConfiguration, file.PhotometricInterpretation = 3, 0, "RGB"
    file.BitsAllocated, file.BitsStored, file.HighBit = 8, 8, 7
    file.PixelData = pixels.tobytes()
    file.save_as(path)
    return path


def as_chest(path: Path, pixels: NDArray[np.uint8], **tags: Any) -> Path:
    """Pixels saved as the chest X-ray of a child of three."""
    stored = np.asarray(pixels, np.uint16) * 16
    own = {f"{level}InstanceUID": dicom_factory.uid(level, path.stem) for level in ("Study", "Series", "SOP")}
    plain = {"Modality": "CR", "PatientAge": "003Y", "PatientID": f"INVENTED-{path.stem}"}
    return dicom_factory.chest_xray(path, stored, **(own | plain | tags))


def make(name: str, path: Path) -> Path:
    """The DICOM file that a case is about."""
    if name == "hand":
        return rooms.EXAMPLES / "hand.dcm"
    if name == "child":
        return CHEST
    if name == "coloured":
        return in_colour(path)
    pixels = {
        "inverted": lambda: 255 - grey(CHEST),
        "photograph": lambda: photograph().mean(axis=-1).astype(np.uint8),
        "slice": slice_of_ct,
        "side": lambda: projected(lung_ct(), 2),
    }.get(name, lambda: grey(CHEST))()
    tags = {"adult": {"PatientAge": "054Y"}, "lateral": {"ViewPosition": "LL", "PatientOrientation": None}}
    silent = {"ViewPosition": None, "PatientOrientation": None} if name == "side" else {}
    return as_chest(path, pixels, **tags.get(name, {}), **silent)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Name of a case to its file, made once."""
    folder = tmp_path_factory.mktemp("tried")
    made: dict[str, Path] = {}

    def file(name: str) -> Path:
        if name not in made:
            made[name] = make(name, folder / f"{name}.dcm")
        return made[name]

    return file


def said(capsys: Any, *arguments: str) -> str:
    """What ``secondread read`` prints, in one line."""
    run(["read", "--created-at", NOW, *arguments])
    out = capsys.readouterr()
    return " ".join((out.out + out.err).split())


@each
def test_the_command_line_refuses_it_with_the_words_that_say_why(name, files, tmp_path, capsys):
    reader, *words = TOLD[name]
    told = said(capsys, str(files(name)), "--reader", reader, "--out", str(tmp_path / "out"))
    assert "Refused: not read" in told
    for part in words:
        assert part in told
    assert "nothing found" not in told.lower()


def test_readers_that_refuse_for_one_reason_say_it_once_and_are_all_named(files, tmp_path, capsys):
    told = said(capsys, str(files("hand")), "--out", str(tmp_path / "out"))
    assert told.count("it does not look like a frontal chest X-ray") == 1
    assert "chest-xray-findings, chest-xray-heart-size, chest-xray-malignancy-suspicion" in told


@pytest.mark.parametrize(("name", "words"), [
    ("photograph", "no chest X-ray at all"),
    ("coloured", "Found a coloured picture"),
    ("slice", "it does not look like a frontal chest X-ray"),
])  # fmt: skip
def test_a_picture_without_tags_is_refused_by_its_pixels(name, words, tmp_path, capsys):
    pixels = {"photograph": lambda: photograph().mean(axis=-1).astype(np.uint8), "coloured": photograph}
    Raster.fromarray(pixels.get(name, slice_of_ct)()).save(tmp_path / "picture.png")
    told = said(capsys, str(tmp_path / "picture.png"), "--reader", CHILDREN, "--out", str(tmp_path / "out"))
    assert "Refused: not read" in told
    assert words in told


def test_the_same_ct_seen_from_the_front_is_not_refused(tmp_path, capsys):
    """The witness of the side view: what is refused is the side, not that a program made the picture."""
    file = as_chest(tmp_path / "front.dcm", projected(lung_ct(), 1), ViewPosition=None, PatientOrientation=None)
    told = said(capsys, str(file), "--reader", CHILDREN, "--out", str(tmp_path / "out"))
    assert "or the chest from the side" not in told


@pytest.fixture(scope="module")
def room(tmp_path_factory, files):
    """A reading room that was sent every picture, and read them with the readers of children and of adults."""
    place = rooms.make_room(
        tmp_path_factory.mktemp("room"), RoomSettings(routes=(Route("all", readers=(CHILDREN, ADULTS)),))
    )
    rooms.send_in(place, *map(files, TOLD))
    place.clock.go_on(QUIET)
    read_all(Desk(place, Bundles([shipped()], engine="onnxruntime", threads=1), choose, time.monotonic))
    yield place, rooms.logged_in(place)
    place.database.dispose()


def page_text(client: Any, address: str) -> str:
    """The words of a page in one line."""
    answer = client.get(address)
    assert answer.status_code == 200, address
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


@each
def test_the_study_page_of_the_room_says_the_same_words(name, files, room):
    _, client = room
    _, *words = TOLD[name]
    told = page_text(client, f"/studies/{dcmread(files(name)).StudyInstanceUID}")
    for part in words:
        assert part in told


def test_the_worklist_says_which_were_refused_and_calls_none_of_them_normal(files, room):
    _, client = room
    rows = re.findall(r"<tr[ >].*?</tr>", client.get("/").text, re.DOTALL)
    told = {name: [row for row in rows if dcmread(files(name)).StudyInstanceUID in row] for name in TOLD}
    for name in set(TOLD) - {"child", "adult"}:  # those two are refused by one reader and read by the other
        (row,) = told[name]
        assert "Reading refused" in row
        assert "Nothing found" not in row


def test_a_photograph_that_is_no_dicom_file_is_not_taken_in_and_the_upload_says_so(room, tmp_path):
    _, client = room
    Raster.fromarray(photograph()).save(tmp_path / "photograph.jpg")
    answer = client.post("/upload", files=[("files", ("photograph.jpg", (tmp_path / "photograph.jpg").read_bytes()))])
    (told,) = answer.json()["files"]
    assert "DICOM" in told["why"]
