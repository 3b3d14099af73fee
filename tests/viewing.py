"""Marked phantoms in a room, read by a fake reader, and a browser that looks at them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
from numpy.typing import NDArray

import dicom_factory
import dicom_reads
import fakes
import rooms
from browsers import page_for
from secondread.core.finding import Finding, Map
from secondread.core.mask import Mask
from secondread.core.report import Evidence, Priority, Report
from secondread.core.study import Series
from secondread.dicom.load import load_image, load_volume
from secondread.dicom.open import open_dicom
from secondread.dicom.results.seg import build_seg
from secondread.dicom.uids import uid_source
from secondread.dicom.write import read_header
from secondread.report.json import to_json
from secondread.report.kept import keep
from secondread.serve.database.connect import writing
from secondread.serve.database.tables import studies
from secondread.serve.room import Room
from secondread.serve.storage.arrive import arrival_of, incoming_file
from secondread.serve.storage.take_in import take_in
from web_servers import listening

SHAPE = (10, 26, 34)  # slices, rows, columns
SPACING_MM, STEP_MM = 0.8, 1.6
GROUND, MARK = 60, 300  # HU; the ground is dark grey on the screen, so that the edge of the picture is seen


def marked(shape: tuple[int, int, int] = SHAPE) -> NDArray[np.int16]:
    """An F that is the same under no turn or mirror, on a ground of one value [k, j, i]."""
    stored = np.full(shape, GROUND, np.int16)
    stored[2:8, 5:20, 6:9] = MARK  # its stem
    stored[2:8, 5:8, 9:22] = MARK  # its upper arm
    stored[2:5, 12:14, 9:15] = MARK  # its lower arm, in the first slices only
    stored[2, 5:20, 22:25] = MARK  # a stroke that says which slice is the first
    return stored


@dataclass(frozen=True)
class Marked:
    """A study in a room.

    Attributes:
        study_uid: Of the study.
        seg: The file of its segmentation, as it was sent to the room.
        sources: Its images.
    """

    study_uid: str
    seg: Path
    sources: tuple[Path, ...]


def add_stack(room: Room, folder: Path, name: str, *, with_map: bool = False, **where: Any) -> Marked:
    """A marked CT in ``room``, read: its SEG is in the room, its mask is kept."""
    uid = dicom_factory.uid("viewed", name)
    paths = dicom_factory.ct_series(
        folder / name, SHAPE, spacing=(SPACING_MM, SPACING_MM), stored=marked(), RescaleIntercept="0",
        StudyInstanceUID=uid, WindowCenter="200", WindowWidth="400", **({"step": STEP_MM} | where),
    )  # fmt: skip
    series = open_dicom(paths).series[0]
    volume = load_volume(series)
    mask = Mask(np.isclose(volume.values, MARK), volume.geometry, dicom_reads.PNEUMONIA)
    return _file(room, folder, name, series, paths, mask, volume=volume)


def add_xray(room: Room, folder: Path, name: str, *, with_map: bool = True, **tags: Any) -> Marked:
    """A marked chest X-ray in ``room``, read, with a map besides."""
    pixels = np.full((30, 44), 900, np.uint16)
    pixels[4:24, 6:10] = 3000
    pixels[4:8, 10:30] = 3000
    pixels[12:15, 10:20] = 3000
    path = dicom_factory.chest_xray(
        folder / f"{name}.dcm", pixels, StudyInstanceUID=dicom_factory.uid("viewed", name), **tags
    )
    series = open_dicom([path]).series[0]
    image = load_image(series)
    marks = pydicom.dcmread(path).pixel_array == 3000
    mask = Mask(marks, image.spacing_mm, dicom_reads.PNEUMONIA)
    values = np.zeros(image.shape, np.float32)
    values[2:10, 30:40] = np.linspace(0.25, 1.0, 10, dtype=np.float32)
    support = Map(values, 3.0, dicom_reads.box().quantity) if with_map else None
    return _file(room, folder, name, series, [path], mask, image=image, map=support)


def _file(
    room: Room, folder: Path, name: str, series: Series, paths: Sequence[Path], mask: Mask, **more: Any
) -> Marked:
    found = Finding(dicom_reads.PNEUMONIA, 0.875, 0.5, location="where the F is", mask=mask, map=more.get("map"))
    evidence = Evidence(series, more.get("image"), more.get("volume"))
    one = replace(dicom_reads.read(), findings=(found,), evidence=evidence)
    study_uid = str(pydicom.dcmread(paths[0], stop_before_pixels=True).StudyInstanceUID)
    rooms.send_in(room, *paths)
    headers = [read_header(path) for path in paths]
    made = build_seg([mask], one, fakes.card(), headers, uid_source(name), dicom_reads.NOW)
    seg = dicom_reads.saved(made, folder, f"{name}-seg.dcm")
    part = incoming_file(room)
    part.write_bytes(seg.read_bytes())
    take_in(room, arrival_of(part, "secondread", own=True))
    add_read(room, study_uid, Report(study_uid, "p", (one,), Priority.URGENT, "2024-05-06T07:08:09+09:00"))
    return Marked(study_uid, seg, tuple(paths))


def add_read(room: Room, study_uid: str, report: Report, version: int = 1) -> None:
    """A read of a study, as a worker leaves it."""
    name = f"{dicom_factory.uid(study_uid)[-12:]}-{version}"
    (room.folders.results / name).mkdir()
    keep(report, room.folders.results / name / "kept")
    (study,) = rooms.tables(room, studies.select().where(studies.c.study_uid == study_uid))
    rooms.add_read(room, study["id"], version=version, folder=name, report=to_json(report))
    with writing(room.database) as connection:
        connection.execute(
            studies.update()
            .where(studies.c.id == study["id"])
            .values(state="draft", read_version=version, drafted_at=room.now())
        )


@dataclass
class Look:
    """A page of a browser that is logged in to a room; nothing on it may fail."""

    page: Any
    url: str
    faults: list[str]

    def study(self, study_uid: str, query: str = "") -> "Look":
        """Open a study and wait for its first picture."""
        self.page.goto(f"{self.url}/studies/{study_uid}{query}")
        self.page.wait_for_selector("#viewer[data-open=yes]")
        self.ready()
        return self

    def ready(self) -> None:
        """Wait until every pane shows what it should."""
        self.page.wait_for_function(_READY)
        self.page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def desk(self, script: str) -> Any:
        """Run a script with ``desk`` and ``pane``, the pane in hand, then wait for what it changed."""
        found = self.page.evaluate(f"() => {{ const desk = viewer.desk, pane = desk.active; return ({script}); }}")
        self.ready()
        return found

    def seen(self, number: int = 0) -> NDArray[np.int_]:
        """int [j, i, 3]: a screenshot of a pane."""
        from PIL import Image

        shot = self.page.locator(".pane").nth(number).screenshot()
        return np.asarray(Image.open(BytesIO(shot)).convert("RGB")).astype(int)


_READY = """() => {
  const desk = document.getElementById("viewer").desk;
  return desk.panes.every((pane) => !pane.waiting && (!pane.series || (pane.element.dataset.ready === "yes"
    && (!desk.aiVisible || pane.overlays().every((one) => one.pixels || one.fault)))));
}"""


@contextmanager
def looking(
    chromium: Any, room: Room, role: str = "radiologist", size: tuple[int, int] = (1800, 1000)
) -> Iterator[Look]:
    """A page in a browser, logged in to a room that listens."""
    client = rooms.logged_in(room, role, f"{role}-{room.draw()[-6:]}")
    with listening(room) as place:
        page = page_for(chromium, client, place.url, size)
        look = Look(page, place.url, [])
        page.on("pageerror", lambda error: look.faults.append(str(error)))
        page.on("console", lambda said: look.faults.append(said.text) if said.type == "error" else None)
        try:
            yield look
        finally:
            page.context.close()


def on_screen(shot: NDArray[np.int_]) -> tuple[slice, slice]:
    """Rows and columns of a screenshot that the picture fills: its ground is nowhere black, and black is around it."""
    is_grey = (
        (shot[..., 0] == shot[..., 1]) & (shot[..., 1] == shot[..., 2]) & (shot[..., 0] > 25) & (shot[..., 0] < 90)
    )
    ground = np.bincount(shot[..., 0][is_grey]).argmax()
    found = is_grey & (shot[..., 0] == ground)
    rows, columns = np.flatnonzero(found.sum(axis=1) > 20), np.flatnonzero(found.sum(axis=0) > 20)
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)
