import io
import json
import zipfile

import pytest
from sqlalchemy import select

import rooms
from secondread.serve.config.room import RoomSettings, ServerSettings
from secondread.serve.database.tables import audit_events, instances, studies
from secondread.serve.pages.words.upload import AREA

BACTERIAL, VIRAL = rooms.EXAMPLES / "child-bacterial.dcm", rooms.EXAMPLES / "child-viral.dcm"
PICTURE = rooms.EXAMPLES / "child-bacterial-2.jpg"


def send(client, *files, **headers):
    parts = [("files", (name, content)) for name, content in files]
    answer = client.post("/upload", files=parts, headers=headers)
    return answer.json() if answer.status_code == 200 else answer


def zipped(**files):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/"), content)
    return packed.getvalue()


def why(answer, number=0):
    said = answer["files"][number]["why"]
    return next(key for key, both in AREA.items() if both[0] == said)


def nothing_is_left(room):
    return not list(room.folders.incoming.iterdir())


def test_files_of_one_form_are_stored_each_under_its_study(room):
    answer = send(rooms.logged_in(room), ("a.dcm", BACTERIAL.read_bytes()), ("b/c.dcm", VIRAL.read_bytes()))
    assert answer["counts"] == {"stored": 2}
    assert set(answer["studies"]) == {row["study_uid"] for row in rooms.tables(room, select(studies))}
    assert {row["source"] for row in rooms.tables(room, select(instances))} == {"radiologist"}
    assert nothing_is_left(room)


def test_what_is_sent_again_is_here_already_so_an_upload_that_broke_off_can_be_repeated(room):
    client = rooms.logged_in(room)
    send(client, ("a", BACTERIAL.read_bytes()))
    assert send(client, ("a", BACTERIAL.read_bytes()), ("b", VIRAL.read_bytes()))["counts"] == {
        "already-here": 1,
        "stored": 1,
    }


def test_an_archive_is_unpacked_and_what_is_no_image_in_it_is_told(room):
    packed = zipped(
        CD__IM1=BACTERIAL.read_bytes(), CD__DICOMDIR=b"x" * 200, CD__notes=b"hello", CD__more=zipped(a=b"1")
    )
    answer = send(rooms.logged_in(room), ("cd.zip", packed))
    assert answer["counts"] == {"stored": 1, "skipped": 1, "refused": 2}
    told = {one["name"]: one["outcome"] for one in answer["files"]}
    assert told == {
        "cd.zip/CD/IM1": "stored", "cd.zip/CD/DICOMDIR": "skipped", "cd.zip/CD/notes": "refused",
        "cd.zip/CD/more": "refused",
    }  # fmt: skip
    assert nothing_is_left(room)


def test_each_refusal_has_its_own_reason(room):
    client = rooms.logged_in(room)
    damaged = bytearray(BACTERIAL.read_bytes()[:400])
    changed = bytearray(BACTERIAL.read_bytes())
    changed[-1] ^= 1
    send(client, ("a", BACTERIAL.read_bytes()))
    for content, reason in (
        (PICTURE.read_bytes(), "picture"),
        (b"hello" * 100, "not-dicom"),
        (b"", "empty"),
        (bytes(damaged), "damaged"),
        (bytes(changed), "conflict"),
        (zipped(**{"..__..__outside": b"x"}), "archive"),
        (zipped(), "empty"),
        (zipped(a=b"x" * 50)[:-10], "archive"),
    ):
        answer = send(client, ("a.bin", content))
        assert (answer["counts"], why(answer)) == ({"refused": 1}, f"upload.why.{reason}")
    assert len(rooms.tables(room, select(instances))) == 1
    assert nothing_is_left(room)


def test_more_than_the_limit_is_stopped_whether_it_is_announced_or_not(tmp_path):
    room = rooms.make_room(tmp_path, RoomSettings(server=ServerSettings(upload_limit_mb=1)))
    client = rooms.logged_in(room)
    assert send(client, ("a", bytes(2**21))).status_code == 413

    def stream():
        yield b'--b\r\nContent-Disposition: form-data; name="files"; filename="a"\r\n\r\n'
        for _ in range(40):
            yield bytes(2**16)

    answer = client.post("/upload", content=stream(), headers={"content-type": "multipart/form-data; boundary=b"})
    assert answer.status_code == 413
    assert nothing_is_left(room)
    room.database.dispose()


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("application/json", b"{}", 415),
        ("multipart/form-data", b"--b", 415),
        ("multipart/form-data; boundary=b", b"nonsense", 400),
        ("multipart/form-data; boundary=b", b"--b\r\n" + b"A" * 9000 + b": x\r\n", 400),
    ],
)
def test_a_body_that_is_no_form_of_files_is_refused(room, kind, body, status):
    answer = rooms.logged_in(room).post("/upload", content=body, headers={"content-type": kind})
    assert answer.status_code == status


def test_a_body_that_ends_too_soon_leaves_nothing_behind(room):
    body = b'--b\r\nContent-Disposition: form-data; name="files"; filename="a"\r\n\r\n' + BACTERIAL.read_bytes()[:9000]
    answer = rooms.logged_in(room).post(
        "/upload", content=body, headers={"content-type": "multipart/form-data; boundary=b"}
    )
    assert answer.json()["counts"] == {}
    assert nothing_is_left(room)


def test_a_name_of_a_file_never_reaches_the_trail_or_the_disk(room):
    send(rooms.logged_in(room), ("../../Hong^Gildong.dcm", BACTERIAL.read_bytes()), ("Hong.txt", b"x" * 300))
    entries = [json.loads(row["entry"]) for row in rooms.tables(room, select(audit_events))]
    assert [(one["action"], one["outcome"], one["detail"]) for one in entries if one["action"] == "upload"] == [
        ("upload", "success", {"stored": 1}),
        ("upload", "failure", {"refused": 1}),
    ]
    assert "Hong" not in json.dumps(entries)
    assert not [path for path in room.folders.top.rglob("*") if "Hong" in path.name]


def test_a_viewer_may_not_upload_and_a_form_of_another_site_neither(room):
    assert send(rooms.logged_in(room, "viewer"), ("a", b"x")).status_code == 403
    assert send(rooms.logged_in(room), ("a", b"x"), **{"X-CSRF-Token": "other"}).status_code == 403
    assert rooms.tables(room, select(instances)) == []
