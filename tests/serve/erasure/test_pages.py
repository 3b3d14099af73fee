import io
import json
import re
import zipfile

import pytest
from pydicom import dcmread
from sqlalchemy import select

import rooms
from patients import NAME, NUMBER, grown, image
from secondread.serve.database.tables import audit_events, instances, studies
from secondread.serve.erasure.erase import erase
from secondread.serve.erasure.find import Wanted

STUDY = "1.2.276.1"


@pytest.fixture
def administrator(room, tmp_path):
    rooms.add_person(room, "radiologist", "dr1")
    rooms.send_in(room, *(image(tmp_path, NUMBER, STUDY, one) for one in (1, 2)))
    grown(room, STUDY)
    return rooms.logged_in(room, "administrator", "chief")


def test_a_patient_is_looked_up_without_their_number_in_an_address(administrator):
    page = administrator.post("/admin/patients", data={"patient_id": NUMBER})
    assert f'<a href="/studies/{STUDY}"' in page.text
    assert not re.findall(rf'(?:href|action)="[^"]*{re.escape(NUMBER)}', page.text)
    assert "Check the number" in administrator.post("/admin/patients", data={"patient_id": "KH"}).text


def test_erasing_needs_the_number_again_and_a_reason(room, administrator):
    form = {"patient_id": NUMBER, "reason": "request of 4 March", "again": NUMBER}
    for wrong in ({"again": NUMBER.lower()}, {"again": ""}, {"reason": ""}, {"patient_id": "", "again": ""}):
        assert administrator.post("/admin/patients/erased", data={**form, **wrong}).status_code == 422
        assert rooms.tables(room, select(studies))
    done = administrator.post("/admin/patients/erased", data=form)
    assert (done.status_code, rooms.tables(room, select(studies))) == (200, [])
    assert "request of 4 March" in done.text
    assert NUMBER not in done.text
    assert NUMBER not in administrator.get("/admin/patients").text


def test_dicomweb_says_that_an_erased_study_is_gone(room, administrator):
    search = f"/dicom-web/studies/{STUDY}"
    assert (
        administrator.get(search, headers={"accept": 'multipart/related; type="application/dicom"'}).status_code == 200
    )
    erase(room, Wanted(NUMBER), by="chief", user_id=None, reason="request of 4 March")
    assert administrator.get(search).status_code == 410
    assert administrator.get("/dicom-web/studies/1.2.3").status_code == 404


def test_a_hold_is_set_with_a_reason_keeps_from_erasing_and_is_ended(room, administrator):
    wanted = {"patient_id": NUMBER}
    assert administrator.post("/admin/patients/hold", data={**wanted, "held": "1"}).status_code == 422
    held = administrator.post("/admin/patients/hold", data={**wanted, "held": "1", "reason": "court order"})
    assert held.status_code == 200
    refused = administrator.post("/admin/patients/erased", data={**wanted, "reason": "request", "again": NUMBER})
    assert (refused.status_code, "court order" in refused.text) == (422, True)
    administrator.post("/admin/patients/hold", data={**wanted, "held": "0"})
    assert (
        administrator.post("/admin/patients/erased", data={**wanted, "reason": "request", "again": NUMBER}).status_code
        == 200
    )


def test_everything_kept_of_a_patient_is_given_out_as_one_zip(room, administrator):
    answer = administrator.post("/admin/patients/copy", data={"patient_id": NUMBER})
    assert answer.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        images = [name for name in names if name.endswith(".dcm")]
        assert {dcmread(io.BytesIO(archive.read(name))).SOPInstanceUID for name in images} == {
            row["sop_instance_uid"] for row in rooms.tables(room, select(instances))
        }
        assert json.loads(archive.read("study-001/study.json"))["patient_name"] == NAME
        assert [one["action"] for one in json.loads(archive.read("study-001/accesses.json"))] == ["view"]
        assert json.loads(archive.read("study-001/reviews.json"))[0]["after"] == NAME
    assert "study-001/reports/signed-1/file" in names
    assert not any("kept" in name or "read-1/signed-0" in name for name in names)
    assert len(names) == len(set(names))
    assert not list(room.folders.incoming.iterdir())
    (told,) = [row for row in rooms.tables(room, select(audit_events)) if row["action"] == "export"]
    assert told["actor"] == "chief"


def test_of_nobody_nothing_is_given_out(room, administrator):
    answer = administrator.post("/admin/patients/copy", data={"patient_id": "KH"})
    assert (answer.status_code, answer.headers["content-type"][:9]) == (422, "text/html")
    assert not list(room.folders.incoming.iterdir())
