"""The whole way in a browser: a scanner sends, a reader reads, a radiologist reviews and signs, an archive receives."""

import io
import json
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pydicom
import pytest
from playwright.sync_api import Locator, Page, expect

import orthanc
import rooms
from browsers import browser
from phantoms.every import adult_chest
from secondread.serve.config.load import load_settings
from secondread.serve.database import migrate
from secondread.serve.people.passwords import hashed
from secondread.serve.room import open_room
from witness import NO_DELAY, need

ROOT = Path(__file__).parents[2]
PASSWORD = "seven quiet lamps burn"
PATIENCE_MS = 120_000
SETTINGS = """
[server]
port = 0
[storage]
folder = "room"
durability = "process"
[dicom]
port = 0
[[dicom.peer]]
ae_title = "WITNESS"
host = "127.0.0.1"
port = {archive}
[reading]
quiet_seconds = 1
[[route]]
name = "chest"
send_to = ["archive"]
[[destination]]
name = "archive"
kind = "dicom"
peer = "WITNESS"
objects = ["sr"]
when = "signed"
"""
expect.set_options(timeout=PATIENCE_MS)
FLAGS = ("--disable-gpu", "--disable-background-networking", "--no-first-run")


@pytest.fixture(scope="module")
def screens():
    """Where the pictures are kept, for whoever looks at what CI made."""
    folder = ROOT / "reports" / "screens"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    with orthanc.running(tmp_path_factory.mktemp("archive")) as place:
        yield place


@contextmanager
def serving(settings: Path) -> Iterator[dict[str, object]]:
    """``secondread serve`` as a person starts it; the line it prints when it is open."""
    command = [sys.executable, "-m", "secondread", "serve", "--settings", str(settings), "--json"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        yield json.loads(server.stdout.readline())
    finally:
        server.terminate()
        assert server.wait(120) == 0
        server.stdout.close()


@pytest.fixture(scope="module")
def scanner_room(tmp_path_factory, archive):
    """A room that serves, with a radiologist, and an archive that signed reports go to."""
    folder = tmp_path_factory.mktemp("scanner")
    settings = folder / "room.toml"
    settings.write_text(SETTINGS.format(archive=archive.dicom), encoding="utf-8")
    room = open_room(load_settings(settings))
    migrate.upgrade(room.database)
    rooms.add_person(room, "radiologist", "kim", display_name="Dr Kim", password_hash=hashed(PASSWORD))
    room.database.dispose()
    with serving(settings) as running:
        yield running


@pytest.fixture
def page():
    with browser(FLAGS) as chromium:
        tab = chromium.new_page(viewport={"width": 1600, "height": 1000}, locale="en-GB")
        tab.set_default_timeout(PATIENCE_MS)
        errors: list[str] = []
        tab.on("pageerror", lambda error: errors.append(str(error)))
        yield tab
    assert errors == []


def send(port: object, image: Path, *options: str) -> None:
    """As a scanner does, with dcmtk."""
    titles = ("-aet", "SCANNER", "-aec", "SECONDREAD")
    done = subprocess.run(
        [need("storescu", "dcmtk"), *titles, *options, "127.0.0.1", str(port), str(image)],
        capture_output=True,
        text=True,
        check=False,
        env=NO_DELAY,
    )
    assert done.returncode == 0, done.stderr


def log_in(page: Page, url: str) -> None:
    page.goto(url)
    page.fill("input[name=name]", "kim")
    page.fill("input[name=password]", PASSWORD)
    page.click("main button")


COLOURS = """() => {
  let count = 0;
  for (const canvas of document.querySelectorAll("#viewer canvas")) {
    if (!canvas.width || !canvas.height) continue;
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    for (let at = 0; at < data.length; at += 4) {
      const pixel = [data[at], data[at + 1], data[at + 2]];
      if (data[at + 3] && Math.max(...pixel) - Math.min(...pixel) > 60) count += 1;
    }
  }
  return count;
}"""


def colours(page: Page) -> int:
    """How many pixels of the viewer's pictures are coloured: a map is, an X-ray is not."""
    return int(page.evaluate(COLOURS))


def until(true: Callable[[], object], what: str) -> None:
    end = time.monotonic() + PATIENCE_MS / 1000
    while not true():
        assert time.monotonic() < end, f"never happened: {what}"
        time.sleep(0.2)


def signed_reports(archive: orthanc.Orthanc) -> list[pydicom.Dataset]:
    found = [archive.ask(f"/instances/{name}/file") for name in json.loads(archive.ask("/instances"))]
    return [one for one in (pydicom.dcmread(io.BytesIO(file)) for file in found) if one.Modality == "SR"]


def read_by_itself(page: Page, name: str) -> Locator:
    """The row of a study, once it has become a draft without anybody loading the page again."""
    row = page.locator("tr[id^=study-]", has_text=name)
    expect(row).to_contain_text("Draft")
    return row


def opened(page: Page, row: Locator) -> None:
    """Open the study of a row, and wait for its pictures and for what listens to the buttons."""
    row.locator("a").first.click()
    page.wait_for_selector("#viewer[data-open=yes]")
    page.wait_for_load_state()


def test_a_study_is_sent_and_appears_and_its_map_goes_and_comes(scanner_room, page, screens):
    log_in(page, str(scanner_room["url"]))
    expect(page.locator("h1")).to_contain_text("Worklist")
    send(scanner_room["dicom_port"], rooms.EXAMPLES / "child-bacterial.dcm", "-xy")
    row = read_by_itself(page, "Child-Bacterial")
    expect(row).to_contain_text("Urgent")
    page.screenshot(path=screens / "1-worklist.png")

    opened(page, row)
    until(lambda: colours(page) > 2000, "the map is drawn")
    page.screenshot(path=screens / "2-map-shown.png")
    page.click("#review-overlay")
    until(lambda: colours(page) < 200, "the map is hidden")
    page.screenshot(path=screens / "3-map-hidden.png")
    page.click("#review-overlay")
    until(lambda: colours(page) > 2000, "the map is drawn again")


def test_from_scanner_to_signature(scanner_room, archive, page, screens, tmp_path):
    adult_chest(tmp_path)
    (image,) = tmp_path.glob("*.dcm")
    log_in(page, str(scanner_room["url"]))
    send(scanner_room["dicom_port"], image)
    opened(page, read_by_itself(page, "INVENTED-1"))
    findings = page.locator(".findings:not(.added) > .finding")
    until(lambda: colours(page) > 200, "the outlines are drawn")
    assert findings.count() >= 2
    first, second = findings.nth(0), findings.nth(1)
    edited, rejected = (one.locator("h4 > span").first.inner_text() for one in (first, second))
    first.locator("[data-do=edit]").click()
    first.get_by_label("Place").fill("left lower zone")
    first.get_by_role("button", name="Done").click()
    expect(first.locator(".decision")).to_have_attribute("data-decision", "edited")
    second.locator("[data-do=reject]").click()
    second.locator("select").select_option(index=1)
    second.get_by_role("button", name="Done").click()
    expect(second.locator(".decision")).to_have_attribute("data-decision", "rejected")
    page.click("#review-accept-rest")
    for number in range(2, findings.count()):
        if findings.nth(number).locator(".decision").get_attribute("data-decision") == "none":
            findings.nth(number).locator("[data-do=accept]").click()
    page.click("#review-make")
    expect(page.locator("#review-text-findings")).to_have_value(re.compile("left lower zone"))
    page.locator("#review-text-impression").fill("Changes of the left lower zone.")
    page.screenshot(path=screens / "4-reviewed.png", full_page=True)

    page.click("#review-sign")
    expect(page.locator("#review-dialog")).to_contain_text("Dr Kim")
    page.click("#review-confirm")
    expect(page.locator(".badge.state-signed")).to_be_visible()
    expect(page.locator(".signed")).to_contain_text("Dr Kim")
    until(lambda: colours(page) > 200, "the picture is there again")
    page.screenshot(path=screens / "5-signed.png", full_page=True)

    until(lambda: signed_reports(archive), "the signed report arrives at the archive")
    (report,) = signed_reports(archive)
    sent = pydicom.dcmread(image, stop_before_pixels=True)
    assert report.StudyInstanceUID == sent.StudyInstanceUID
    assert (report.VerificationFlag, report.CompletionFlag, report.PreliminaryFlag) == ("VERIFIED", "COMPLETE", "FINAL")
    assert report.VerifyingObserverSequence[0].VerifyingObserverName
    assert report.PredecessorDocumentsSequence
    told = report.to_json()
    assert "left lower zone" in told
    assert edited in told
    assert f"{rejected}: present" not in told
    assert "Changes of the left lower zone." in told
