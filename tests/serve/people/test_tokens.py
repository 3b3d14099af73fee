import re

import pytest
from sqlalchemy import select, update

import rooms
from secondread.serve.database.connect import writing
from secondread.serve.database.tables import audit_events, tokens, users


@pytest.fixture
def owner(room):
    return rooms.logged_in(room, "radiologist", "dr1")


def made(client, *scopes, days="30", name="nightly script"):
    answer = client.post("/account/tokens", data={"name": name, "days": days, "scope": list(scopes)})
    found = re.search(r"secondread_[\w-]+", answer.text)
    return answer, found and found[0]


def with_token(room, token):
    client = rooms.visitor(room)
    client.headers["authorization"] = f"Bearer {token}"
    return client


def test_a_token_opens_what_its_scopes_say_and_no_more(room, owner):
    _, token = made(owner, "see")
    client = with_token(room, token)
    assert client.get("/").status_code == 200
    refused = client.get("/admin/people")
    assert refused.status_code == 403
    assert "your token has not got it" in refused.json()["detail"]


def test_a_token_is_shown_once_and_stored_as_a_hash(room, owner):
    answer, token = made(owner, "see")
    assert token in answer.text
    assert token not in owner.get("/account").text
    (row,) = rooms.tables(room, select(tokens))
    assert token not in map(str, row.values())
    assert all(token not in event["entry"] for event in rooms.tables(room, select(audit_events)))


def test_nobody_makes_a_token_for_more_than_they_may(room, owner):
    for scopes in (("administer",), ("see", "administer"), ("everything",), ()):
        answer, token = made(owner, *scopes)
        assert (answer.status_code, token) == (422, None)
    assert not rooms.tables(room, select(tokens))


def test_a_token_loses_what_its_owner_loses(room, owner):
    _, token = made(owner, "see", "review")
    assert with_token(room, token).get("/").status_code == 200
    with writing(room.database) as connection:
        connection.execute(update(users).values(role="viewer"))
    from secondread.serve.people.person import _by_token

    assert {str(right) for right in _by_token(room, token).rights} == {"see"}


@pytest.mark.parametrize("days", ["0", "367", "-1", "x", "", "1e3"])
def test_a_token_always_ends_within_a_year(room, owner, days):
    assert made(owner, "see", days=days)[0].status_code == 422


def test_a_token_ends_when_its_time_is_over(room, owner):
    _, token = made(owner, "see", days="30")
    room.clock.go_on(30 * 86400 - 1)
    assert with_token(room, token).get("/").status_code == 200
    room.clock.go_on(2)
    assert with_token(room, token).get("/").status_code == 401


def test_a_person_revokes_their_own_token_and_nobody_elses(room, owner):
    _, token = made(owner, "see")
    other = rooms.logged_in(room, "radiologist", "dr2")
    assert other.post("/account/tokens/1/revoked").status_code == 404
    assert with_token(room, token).get("/").status_code == 200
    assert owner.post("/account/tokens/1/revoked").status_code == 303
    assert with_token(room, token).get("/").status_code == 401


def test_an_administrator_sees_and_revokes_all_tokens(room, owner):
    _, token = made(owner, "see")
    administrator = rooms.logged_in(room, "administrator")
    assert "nightly script" in administrator.get("/admin/people").text
    assert administrator.post("/admin/people/tokens/1/revoked").status_code == 303
    assert with_token(room, token).get("/").status_code == 401


def test_a_token_changes_no_account_and_makes_no_tokens(room):
    administrator = rooms.logged_in(room, "administrator")
    _, token = made(administrator, "see", "administer")
    client = with_token(room, token)
    assert client.get("/admin/people").status_code == 403
    assert client.post("/admin/people", data={"name": "x", "role": "administrator"}).status_code == 403
    assert client.get("/account").status_code == 403
    assert client.post("/account/tokens", data={"name": "x", "scope": "see", "days": "30"}).status_code == 403
