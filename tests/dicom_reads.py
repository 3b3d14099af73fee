"""Reads of every outcome, and the programs that judge what is written about them."""

import subprocess
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import highdicom
import numpy as np
from highdicom.sr.utils import find_content_items
from numpy.typing import NDArray
from pydicom import Dataset
from pydicom.sr.codedict import codes

import dicom_factory
import fakes
from secondread.core.code import DCM, LOCAL, SCT, Code
from secondread.core.finding import Finding, Map
from secondread.core.measurement import Measurement
from secondread.core.report import Outcome, Priority, Read, Refusal, Report
from secondread.dicom.identity import discreet
from secondread.dicom.results.sc import build_sc
from secondread.dicom.results.sr import build_sr
from secondread.dicom.uids import uid_source
from secondread.dicom.write import read_header, save
from witness import need

NOW = datetime(2024, 5, 6, 7, 8, 9, 250000, tzinfo=timezone(timedelta(hours=9)))
PNEUMONIA = Code(SCT, "233604007", "Pneumonia")
CAUSE = Code(LOCAL, "cause-viral", "Cause: viral")
SHAPE = (40, 32)  # of dicom_factory.chest_xray


def box(top: int = 10, bottom: int = 20, left: int = 5, right: int = 9, shape: tuple[int, int] = SHAPE) -> Map:
    """A map that is 1 in rows top to bottom - 1 and columns left to right - 1, else 0."""
    values = np.zeros(shape, np.float32)
    values[top:bottom, left:right] = 1.0
    return Map(values, 3.0, Code(DCM, "130402", "Class activation"))


def read(outcome: Outcome = Outcome.FOUND, **changes: Any) -> Read:
    """A read that ended so."""
    found = Finding(
        PNEUMONIA,
        0.875,
        0.5,
        location="right lower zone",
        measurements=(Measurement("Cardiothoracic ratio", 0.48, "1", "widths of masks", 0.02),),
        details=((CAUSE, 0.25),),
        map=box(),
    )
    parts: dict[Outcome, dict[str, Any]] = {
        Outcome.FOUND: {"findings": (found,)},
        Outcome.NOTHING_FOUND: {"findings": (Finding(PNEUMONIA, 0.125, 0.5, map=box()),)},
        Outcome.UNDECIDED: {"findings": (replace(found, probability=0.625, undecided=(0.375, 0.75)),)},
        Outcome.REFUSED: {"refusal": Refusal("out-of-distribution", "This looks like a hand.", "Send a chest.")},
        Outcome.FAILED: {"failure": "MemoryError while reading."},
    }
    whole = Read("chest-xray-pneumonia", "Is there pneumonia?", outcome, **parts[outcome])
    return replace(whole, **({"warnings": ("View AP.",), "provenance": {"engine": "fake"}} | changes))


def report_of(source: Dataset, one: Read) -> Report:
    priority = Priority.ROUTINE if one.findings else Priority.UNREAD
    return Report(source.StudyInstanceUID, "key", (one,), priority, NOW.isoformat())


def source(folder: Path, **tags: Any) -> Dataset:
    """Header of a synthetic chest X-ray."""
    with discreet():  # some tests want values that no writer should write
        return read_header(dicom_factory.chest_xray(folder / "source.dcm", **tags))


def structured(header: Dataset, one: Read, seed: str = "a", now: datetime = NOW) -> Dataset:
    """The structured report of a read; a card stands behind it if it answered."""
    card = fakes.card() if one.findings else None
    return build_sr(report_of(header, one), one, card, [header], uid_source(seed), now)


def capture(header: Dataset, one: Read, rgb: NDArray[np.uint8] | None = None, seed: str = "a") -> Dataset:
    """The secondary capture of a read; of the source's size unless given."""
    picture = np.zeros((*SHAPE, 3), np.uint8) if rgb is None else rgb
    return build_sc(picture, one, fakes.card(), header, uid_source(seed), NOW)


def saved(dataset: Dataset, folder: Path, name: str = "result.dcm") -> Path:
    save(dataset, folder / name)
    return folder / name


def content(path: Path) -> Any:
    """The tree of a report as highdicom reads it."""
    return highdicom.sr.srread(path).content


def planar(path: Path) -> Any:
    """The groups with a region, as highdicom reads them."""
    return content(path).get_planar_roi_measurement_groups()


def texts(tree: Any, name: Any = codes.DCM.Comment) -> list[str]:
    """All sentences of that name in the tree."""
    return [item.TextValue for item in find_content_items(tree[0], name=name, recursive=True)]


def complaints(path: Path) -> list[str]:
    """The errors dciodvfy (dicom3tools) finds in a file."""
    run = _run("dciodvfy", str(path))
    return [line for line in (run.stderr + run.stdout).splitlines() if line.startswith("Error")]


def dumped(path: Path, tool: str = "dsrdump", *options: str) -> str:
    """What a dcmtk program prints of a file it accepts."""
    run = _run(tool, *options, str(path))
    assert run.returncode == 0, run.stderr
    return run.stdout


def patched(path: Path, old: bytes, new: bytes) -> Path:
    """The file with one value replaced by bytes no writer would write; both of one length."""
    content = path.read_bytes()
    assert content.count(old) == 1
    assert len(old) == len(new)
    path.write_bytes(content.replace(old, new))
    return path


def _run(tool: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    need(tool, "dcmtk dicom3tools")
    return subprocess.run([tool, *arguments], capture_output=True, text=True, encoding="utf-8", check=False)
