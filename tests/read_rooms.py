"""Studies in a room that were read: a picture and slices, with findings of every kind, written as a worker does it."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pydicom
from sqlalchemy import select, update

import dicom_factory
import fakes
import rooms
from report_desk import ACTIVATION, PNEUMONIA
from secondread.core.code import LOCAL, SCT, Code
from secondread.core.finding import Finding, Limit, Map
from secondread.core.illustration import Illustration
from secondread.core.mask import Mask
from secondread.core.measurement import Measurement
from secondread.core.report import Evidence, Outcome, Priority, Read, Refusal, Report
from secondread.core.ruling import Ruling
from secondread.core.study import Study
from secondread.core.trust import Check, Distance, SimilarCase
from secondread.dicom.uids import uid_source
from secondread.report.json import to_json
from secondread.report.kept import keep
from secondread.report.overlay import jpeg_bytes
from secondread.report.write import write_outputs
from secondread.serve.database.connect import writing
from secondread.serve.database.tables import studies
from secondread.serve.moments import moment
from secondread.serve.reading.filing import file_objects
from secondread.serve.room import Room
from secondread.sources import load_colour, open_study

HEART = Code(SCT, "8186001", "Cardiomegaly")
BLOOD = Code(SCT, "1386000", "Intracranial haemorrhage")
FORMATS = ("json", "html", "pdf", "fhir", "hl7", "dicom")


def picture(folder: Path) -> Path:
    """A chest X-ray of 40 by 32 pixels."""
    folder.mkdir(parents=True, exist_ok=True)
    return dicom_factory.chest_xray(folder / "chest.dcm")


def read_of_picture(study: Study) -> tuple[Read, ...]:
    """Pneumonia, present, with map and mask; a large heart, not; a description; one refusal, one failure, one idle."""
    series = study.series[0]
    image = load_colour(series)
    values = np.zeros(image.shape, np.float32)
    values[10:20, 5:15] = 1.0
    support = Map(values, 5.0, ACTIVATION)
    ratio = Measurement("Cardiothoracic ratio", 0.44, "1", "widths of masks", 0.02)
    rule = Ruling("A rule", "2020", "doi 10.1000/1", value="2", advice="Look again")
    found = Finding(
        PNEUMONIA, 0.91, 0.5, "right lower zone", (Measurement("width", 41.27, "mm", "by a program"),),
        map=support, mask=Mask(values > 0.5, image.spacing_mm, PNEUMONIA), rulings=(rule,),
    )  # fmt: skip
    large = Finding(HEART, measurements=(ratio,), limit=Limit(0.5, "the usual limit"))
    told = Finding(Code(LOCAL, "quality", "Quality of the picture"), notes=("It is sharp.",))
    card = fakes.card()
    known = {"bundle": card.name, "version": card.version, "sha256": card.weights, "engine": "fake"}
    evidence = Evidence(series, image)
    refusal = Refusal("view", "Found view LL; needed a frontal view.", "Send the frontal picture.")
    idle = Refusal("modality", "Found DX; needed CT.", "Ask a reader of X-rays.")
    return (
        Read("chest-xray-pneumonia", "Is there pneumonia?", Outcome.FOUND, (found, told), provenance=known,
             evidence=evidence, warnings=("View AP.",)),
        Read("chest-xray-heart-size", "Is the heart large?", Outcome.NOTHING_FOUND, (large,), provenance=known,
             evidence=evidence),
        Read("chest-xray-tuberculosis", "Is there tuberculosis?", Outcome.REFUSED, refusal=refusal, evidence=evidence),
        Read("chest-xray-findings", "What is there?", Outcome.FAILED, failure="It stopped.", evidence=evidence),
        Read("head-ct-haemorrhage", "Is there blood?", Outcome.REFUSED, refusal=idle),
    )  # fmt: skip


def slices(folder: Path) -> list[Path]:
    """A head CT of 6 slices of 24 by 20 pixels."""
    tags = {"BodyPartExamined": "HEAD"}
    return list(dicom_factory.ct_series(folder, (6, 24, 20), **tags))


def read_of_slices(study: Study) -> tuple[Read, ...]:
    """Blood, present, outlined over two slices."""
    series = study.series[0]
    volume = load_colour(series)
    inside = np.zeros(volume.geometry.shape, np.bool_)
    inside[2:4, 5:10, 6:12] = True
    card = fakes.card()
    known = {"bundle": card.name, "version": card.version, "sha256": card.weights, "engine": "fake"}
    found = Finding(BLOOD, 0.8, 0.5, "on the right", mask=Mask(inside, volume.geometry, BLOOD))
    return (
        Read("head-ct-haemorrhage", "Is there blood?", Outcome.FOUND, (found,), provenance=known,
             evidence=Evidence(series, volume=volume)),
    )  # fmt: skip


def drafted(room: Room, files: list[Path], make, version: int = 1) -> str:
    """Send the files in and write a read of them; returns the Study Instance UID."""
    if version == 1:
        rooms.send_in(room, *files)
    study = open_study(files[0].parent, pseudonym_key=room.secret)
    made = make(study)
    now = moment(room.now()).replace(microsecond=0)
    priority = Priority.URGENT if any(read.findings for read in made) else Priority.UNREAD
    report = Report(
        study.uid, study.patient_key, made, priority, now.isoformat(), provenance={"program": "secondread 0.1.0"}
    )
    name = f"{hashlib.sha256(study.uid.encode()).hexdigest()[:8]}/{version}"
    out = room.folders.results / name
    out.parent.mkdir(parents=True, exist_ok=True)
    cards = {fakes.card().name: fakes.card()}
    write_outputs(report, cards, out, formats=FORMATS, uid=uid_source(f"{study.uid} {version}"), now=now)
    keep(report, out / "kept")
    file_objects(room, 1, out)
    (row,) = rooms.tables(room, select(studies.c.id).where(studies.c.study_uid == study.uid))
    told = {"folder": name, "instance_count": len(files), "report": to_json(report)}
    rooms.add_read(room, row["id"], version=version, **told)
    with writing(room.database) as connection:
        connection.execute(
            update(studies)
            .where(studies.c.id == row["id"])
            .values(state="draft", read_version=version, drafted_at=room.now(), priority=1)
        )
    return study.uid


def with_picture(room: Room, folder: Path) -> str:
    """A room's study of one picture, drafted."""
    return drafted(room, [picture(folder)], read_of_picture)


def with_slices(room: Room, folder: Path) -> str:
    """A room's study of slices, drafted."""
    return drafted(room, slices(folder), read_of_slices)


def accepted(**findings: dict) -> dict:
    """A content that decides so, by ``f0_1`` for finding 1 of read 0, with a text."""
    return {
        "findings": {key[1:].replace("_", "."): value for key, value in findings.items()},
        "added": [],
        "text": {"findings": "Pneumonia on the right.", "impression": "Pneumonia.", "language": "en", "edited": True},
    }


ACCEPT = {"decision": "accepted"}
REJECT = {"decision": "rejected", "reason": "artefact"}
EDIT = {"decision": "edited", "presence": "present", "text": "Seen on both views.", "location": "left base"}


def saved(client, study: str, content: dict, revision: int = 0, version: int = 1):
    """The answer to a save."""
    body = {"read_version": version, "revision": revision, "content": content, "seconds": 12.5, "ai_shown": True}
    return client.put(f"/review/{study}", json=body)


def sign(client, study: str, revision: int = 1, version: int = 1, name: str = "Radiologist"):
    """The answer to a wish to sign."""
    return client.post(f"/review/{study}/sign", json={"read_version": version, "revision": revision, "name": name})


def signed_folder(room: Room, number: int = 0) -> Path:
    """Where the forms of a signature lie."""
    (found,) = room.folders.results.glob(f"*/*/signed-{number}")
    return found


def fhir_of(folder):
    """The bundle; the witness writes UTC as Z."""
    return json.loads((folder / "report.fhir.json").read_text().replace("+00:00", "Z"))


def content_of_three():
    """A finding edited, one accepted, one rejected, and one added that was missed."""
    content = accepted(f0_0=EDIT, f0_1=ACCEPT, f1_0=REJECT)
    content["added"] = [
        {"id": "a1", "name": "Rib fracture", "location": "left", "measurements": [
            {"name": "gap", "value": 2.5, "unit": "mm"}]},
    ]  # fmt: skip
    return content


def sign_three(room, folder):
    """(a browser, the study, the folder of the signed report, the room)."""
    study = with_picture(room, folder)
    client = rooms.logged_in(room, organisation="City Hospital")
    saved(client, study, content_of_three())
    answer = sign(client, study)
    assert answer.status_code == 201, answer.text
    return client, study, signed_folder(room), room


def signed_objects(folder: Path) -> dict[str, Path]:
    """``sr``, ``seg`` and ``pdf`` of a report about slices, signed with an outline that was drawn anew."""
    room = rooms.make_room(folder)
    study = with_slices(room, folder / "in")
    client = rooms.logged_in(room)
    header = pydicom.dcmread(next((folder / "in").iterdir()))
    line = {
        "seriesUid": header.SeriesInstanceUID, "sopInstanceUid": header.SOPInstanceUID, "frame": 0,
        "points": [[3.5, 4.5], [9.5, 4.5], [9.5, 8.5], [3.5, 8.5]],
    }  # fmt: skip
    saved(client, study, accepted(f0_0={"decision": "edited", "outlines": [line]}))
    assert sign(client, study).status_code == 201
    room.database.dispose()
    place = signed_folder(room)
    names = {"sr": "signed.sr.dcm", "seg": "head-ct-haemorrhage.seg.dcm", "pdf": "signed.pdf.dcm"}
    return {kind: place / name for kind, name in names.items()}


def plain(row: dict) -> dict:
    """A row's JSON texts as objects."""
    return {key: json.loads(value) if key in {"before", "after"} and value else value for key, value in row.items()}


def small_picture(grey: int = 90) -> bytes:
    """A JPEG of 24 by 20 pixels."""
    return jpeg_bytes(np.full((20, 24), grey, np.uint8))


def read_of_doubtful_picture(study: Study) -> tuple[Read, ...]:
    """Pneumonia, undecided, with all that an answer can be trusted on; and a refusal that shows why."""
    found = read_of_picture(study)
    name, warning = fakes.card().name, "The tags name view AP, the picture looks like PA."
    unsure = replace(
        found[0].findings[0], probability=0.55, undecided=(0.375, 0.625), point=(name, "a point without rated maps")
    )
    checks = (Check("examination", "passed"), Check("motion", "not checked"), Check("tags", "warned", warning))
    similar = tuple(
        SimilarCase(name, answer, 0.25, "A data set", (("age", "4"),), small_picture(60 + 40 * n))
        for n, answer in enumerate(("pneumonia", "pneumonia", "normal"))
    )
    others = tuple(SimilarCase("another", "pneumonia", 0.5, "Data of a closed licence") for _ in range(2))
    doubtful = replace(
        found[0],
        outcome=Outcome.UNDECIDED,
        findings=(unsure,),
        warnings=(warning,),
        checks=checks,
        distances=(Distance(name, 0.625, (("embedding", 0.625), ("neighbours", 0.5))),),
        similar=(*similar, *others),
    )
    far = "This picture is unlike the pictures it was trained on."
    refusal = Refusal("out-of-distribution", far, "Look at the picture.")
    drawn = Illustration("What is unlike", np.full((30, 60, 3), 80, np.uint8), "Left: this picture.")
    refused = Read(
        "chest-xray-tuberculosis", "Is there tuberculosis?", Outcome.REFUSED, refusal=refusal,
        evidence=found[0].evidence, illustrations=(drawn,), distances=(Distance("tuberculosis", 2.5),),
        checks=(Check("examination", "refused", far),),
    )  # fmt: skip
    return doubtful, found[1], refused


def with_doubt(room: Room, folder: Path) -> str:
    """A room's study of one picture about which the network cannot tell."""
    return drafted(room, [picture(folder)], read_of_doubtful_picture)
