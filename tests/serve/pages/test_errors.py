import pytest

import rooms
from secondread.serve.database.tables import metadata

PAGE = {"accept": "text/html"}


def test_an_error_page_keeps_the_frame_and_the_language_of_who_asks(room):
    answer = rooms.logged_in(room, "viewer", language="ko").get("/admin", headers=PAGE)
    assert answer.status_code == 403
    assert 'lang="ko"' in answer.text
    assert "이 작업을 할 권한이 없습니다." in answer.text
    assert "your role is viewer" in answer.text  # the exact reason, as a program gets it
    assert 'action="/logout"' in answer.text


def test_a_program_gets_the_reason_as_json(room):
    answer = rooms.logged_in(room, "viewer").get("/admin")
    assert answer.json() == {"detail": "This needs the right to administer; your role is viewer."}
    assert rooms.visitor(room).get("/nowhere").json() == {"detail": "Not Found"}


def test_a_browser_that_is_not_logged_in_comes_back_to_what_it_wanted_filters_included(room):
    answer = rooms.visitor(room).get("/?state=draft&modality=CT", headers=PAGE)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/login?next=/%3Fstate%3Ddraft%26modality%3DCT"


def test_an_error_page_comes_even_when_the_database_is_gone(room):
    client = rooms.logged_in(room)
    client._transport.raise_server_exceptions = False
    metadata.drop_all(room.database)
    answer = client.get("/", headers=PAGE)
    assert answer.status_code == 500
    assert "a fault of its own" in answer.text
    assert "no such table" not in answer.text


@pytest.mark.parametrize("path", ["/admin/jobs/99999999999999999999", "/admin/jobs?before=99999999999999999999"])
def test_a_number_that_no_database_holds_is_no_fault_of_the_program(any_room, path):
    answer = rooms.logged_in(any_room, "administrator").get(path)
    assert (answer.status_code, "Traceback" in answer.text) == (400, False)


def test_a_text_that_a_database_does_not_take_is_no_fault_of_the_program(any_room):
    client = rooms.logged_in(any_room)
    assert client.get("/dicom-web/studies?PatientID=%00").status_code in {204, 400}
    assert client.post("/", data={"q": "\0", "part": "rows"}).status_code in {200, 400}
    form = {"name": "a\0b", "password": "four grey owls"}
    assert rooms.visitor(any_room).post("/login", data=form).status_code in {400, 401}
