import re

import pytest
from sqlalchemy import select

import rooms
from secondread.serve.database.tables import audit_events, users
from secondread.serve.people.passwords import hashed


@pytest.fixture
def administrator(room):
    return rooms.logged_in(room, "administrator", "chief")


def person(room, name):
    (row,) = rooms.tables(room, select(users).where(users.c.name == name))
    return row


def once(answer):
    return re.search(r'people-once">([^<]+)<', answer.text)[1]


def log_in(room, name, password):
    client = rooms.visitor(room)
    return client, client.post("/login", data={"name": name, "password": password})


def test_an_administrator_adds_a_person_who_changes_the_one_time_password(room, administrator):
    answer = administrator.post(
        "/admin/people", data={"name": " Dr.Kim ", "display_name": "김 의사", "role": "radiologist"}
    )
    assert person(room, "dr.kim")["display_name"] == "김 의사"
    client, entered = log_in(room, "dr.kim", once(answer))
    assert entered.headers["location"] == "/account"
    assert client.get("/", headers={"accept": "text/html"}).headers["location"] == "/account"
    assert once(answer) not in administrator.get("/admin/people").text


@pytest.mark.parametrize(
    ("name", "role"), [("", "viewer"), ("dr kim", "viewer"), ("<b>", "viewer"), ("chief", "viewer"), ("x", "owner")]
)
def test_an_account_without_a_plain_free_name_and_a_known_role_is_not_made(room, administrator, name, role):
    assert administrator.post("/admin/people", data={"name": name, "role": role}).status_code == 422
    assert len(rooms.tables(room, select(users))) == 1


def test_a_role_counts_from_the_next_request_on(room, administrator):
    other = rooms.logged_in(room, "administrator", "deputy")
    number = person(room, "deputy")["id"]
    assert other.get("/admin/people").status_code == 200
    administrator.post(f"/admin/people/{number}", data={"display_name": "D", "role": "viewer"})
    assert other.get("/admin/people").status_code == 403


def test_the_last_administrator_cannot_be_lost(room, administrator):
    number = person(room, "chief")["id"]
    assert administrator.post(f"/admin/people/{number}", data={"role": "viewer"}).status_code == 422
    assert administrator.post(f"/admin/people/{number}/disabled", data={"disabled": "1"}).status_code == 422
    rooms.add_person(room, "administrator", "deputy")
    assert administrator.post(f"/admin/people/{number}/disabled", data={"disabled": "1"}).status_code == 303


def test_who_is_disabled_is_out_at_once_and_their_tokens_too(room, administrator):
    other = rooms.logged_in(room, "viewer", "dr2")
    token = re.search(r"secondread_[\w-]+", other.post(
        "/account/tokens", data={"name": "t", "scope": "see", "days": "30"}).text)[0]  # fmt: skip
    number = person(room, "dr2")["id"]
    administrator.post(f"/admin/people/{number}/disabled", data={"disabled": "1"})
    assert other.get("/account").status_code == 401
    administrator.post(f"/admin/people/{number}/disabled", data={"disabled": "0"})
    assert other.get("/account").status_code == 401
    bearer = {"authorization": f"Bearer {token}"}
    assert rooms.visitor(room).get("/", headers=bearer).status_code == 401


def test_a_reset_password_ends_sessions_tokens_and_the_lock(room, administrator):
    other = rooms.logged_in(room, "viewer", "dr2", password_hash=hashed("four grey owls at noon"))
    page = other.post("/account/tokens", data={"name": "t", "scope": "see", "days": "30"}).text
    bearer = {"authorization": "Bearer " + re.search(r"secondread_[\w-]+", page)[0]}
    assert rooms.visitor(room).get("/", headers=bearer).status_code == 200
    for _ in range(5):
        log_in(room, "dr2", "wrong")
    answer = administrator.post(f"/admin/people/{person(room, 'dr2')['id']}/password")
    assert other.get("/account").status_code == 401
    assert rooms.visitor(room).get("/", headers=bearer).status_code == 401
    assert log_in(room, "dr2", "four grey owls at noon")[1].status_code == 401
    assert log_in(room, "dr2", once(answer))[1].status_code == 303


def test_changing_the_own_password_ends_the_other_sessions(room):
    stored = hashed("four grey owls at noon")
    rooms.add_person(room, "viewer", "dr1", password_hash=stored)
    here, there = (log_in(room, "dr1", "four grey owls at noon")[0] for _ in range(2))
    csrf = re.search(r'name="csrf" content="([^"]+)"', here.get("/account").text)[1]
    form = {
        "csrf": csrf,
        "old": "four grey owls at noon",
        "new": "five grey owls at noon",
        "again": "five grey owls at noon",
    }
    assert here.post("/account/password", data={**form, "again": "something else here"}).status_code == 422
    assert here.post("/account/password", data={**form, "old": "wrong"}).status_code == 422
    assert (
        here.post("/account/password", data={**form, "new": "password1234", "again": "password1234"}).status_code == 422
    )
    assert here.post("/account/password", data=form).status_code == 303
    assert here.get("/account").status_code == 200
    assert there.get("/account").status_code == 401


def test_every_change_stands_in_the_trail_without_a_password(room, administrator):
    password = once(administrator.post("/admin/people", data={"name": "dr2", "role": "viewer"}))
    number = person(room, "dr2")["id"]
    administrator.post(f"/admin/people/{number}", data={"role": "researcher"})
    password += once(administrator.post(f"/admin/people/{number}/password"))
    administrator.post(f"/admin/people/{number}/disabled", data={"disabled": "1"})
    entries = rooms.tables(room, select(audit_events).order_by(audit_events.c.seq))
    assert [entry["action"] for entry in entries] == [
        "account-made", "account-changed", "password-reset", "account-disabled",
    ]  # fmt: skip
    assert {entry["actor"] for entry in entries} == {"chief"}
    assert not any(part in entry["entry"] for entry in entries for part in password.split())


def test_names_are_shown_as_text_never_as_markup(room, administrator):
    administrator.post("/admin/people", data={"name": "dr2", "display_name": "<script>x</script>", "role": "viewer"})
    assert "<script>x" not in administrator.get("/admin/people").text
