import re
from concurrent.futures import ThreadPoolExecutor

import argon2
import pytest
from sqlalchemy import select, update

import rooms
from secondread.serve.config.room import AccessSettings, RoomSettings, ServerSettings
from secondread.serve.database.connect import writing
from secondread.serve.database.tables import audit_events, sessions, users
from secondread.serve.people import passwords
from secondread.serve.people.accounts import first_administrator
from secondread.serve.people.browser import own_path
from secondread.serve.people.passwords import hashed

PASSWORD = "four grey owls at noon"


@pytest.fixture
def stored():
    return hashed(PASSWORD)


@pytest.fixture
def people(room, stored):
    rooms.add_person(room, "radiologist", "dr1", password_hash=stored)
    return room


def try_to_log_in(client, name="dr1", password=PASSWORD, **fields):
    return client.post("/login", data={"name": name, "password": password, **fields})


def csrf_of(client):
    return re.search(r'name="csrf" content="([^"]+)"', client.get("/account").text)[1]


def test_the_first_start_makes_one_administrator_whose_password_must_be_changed(room):
    password = first_administrator(room)
    assert first_administrator(room) is None
    client = rooms.visitor(room)
    answer = try_to_log_in(client, "admin", password)
    assert (answer.status_code, answer.headers["location"]) == (303, "/account")
    refused = client.post("/account/preferences", data={"csrf": csrf_of(client)})
    assert (refused.status_code, refused.json()["detail"]) == (403, "Change your password first: at /account.")
    before = client.cookies["secondread_session"]
    new = {"csrf": csrf_of(client), "old": password, "new": PASSWORD, "again": PASSWORD}
    assert client.post("/account/password", data=new).headers["location"] == "/"
    assert client.cookies["secondread_session"] != before
    assert client.post("/account/preferences", data={"csrf": csrf_of(client)}).status_code == 303
    assert try_to_log_in(rooms.visitor(room), "admin", password).status_code == 401


def test_two_first_starts_at_once_make_one_administrator(any_room):
    made = [first_administrator(any_room) for _ in range(2)]
    assert made[0]
    assert made[1] is None
    assert [row["name"] for row in rooms.tables(any_room, select(users))] == ["admin"]


def test_who_logs_in_goes_where_they_wanted_but_only_here(people):
    assert try_to_log_in(rooms.visitor(people), next="/studies/1.2.3").headers["location"] == "/studies/1.2.3"
    for elsewhere in ("//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", "/\tx", ""):
        assert try_to_log_in(rooms.visitor(people), next=elsewhere).headers["location"] == "/"
    assert own_path("/a?b=c") == "/a?b=c"


def test_a_session_is_a_cookie_that_no_script_and_no_other_site_uses(people):
    cookie = try_to_log_in(rooms.visitor(people)).headers["set-cookie"]
    assert cookie.startswith("secondread_session=")
    assert {"HttpOnly", "SameSite=lax", "Path=/"} <= set(cookie.split("; "))
    assert "Secure" not in cookie


def test_behind_https_the_cookie_is_for_https_and_this_host_alone(tmp_path, stored):
    settings = RoomSettings(server=ServerSettings(public_url="https://reading.example"))
    room = rooms.make_room(tmp_path, settings)
    rooms.add_person(room, "radiologist", "dr1", password_hash=stored)
    client = rooms.visitor(room)
    cookie = try_to_log_in(client).headers["set-cookie"]
    assert cookie.startswith("__Host-secondread_session=")
    assert "Secure" in cookie.split("; ")
    assert "Domain" not in cookie
    value = cookie.partition("=")[2].partition(";")[0]
    assert client.get("/account", headers={"cookie": f"secondread_session={value}"}).status_code == 401
    assert client.get("/account", headers={"cookie": f"__Host-secondread_session={value}"}).status_code == 200
    room.database.dispose()


def test_the_database_holds_nothing_that_a_session_could_be_taken_over_with(people):
    client = rooms.visitor(people)
    try_to_log_in(client)
    (row,) = rooms.tables(people, select(sessions))
    assert client.cookies["secondread_session"] not in map(str, row.values())


def test_a_new_log_in_ends_the_browsers_old_session(people):
    client = rooms.visitor(people)
    try_to_log_in(client)
    old = client.cookies["secondread_session"]
    try_to_log_in(client)
    assert client.cookies["secondread_session"] != old
    assert len(rooms.tables(people, select(sessions))) == 1


@pytest.mark.parametrize(("pause", "times", "still"), [(29 * 60, 2, True), (31 * 60, 1, False), (29 * 60, 25, False)])
def test_a_session_ends_when_it_is_idle_and_in_any_case_after_hours(people, pause, times, still):
    client = rooms.visitor(people)
    try_to_log_in(client)
    for _ in range(times):
        people.clock.go_on(pause)
        answer = client.get("/account")
    assert (answer.status_code == 200) is still


def test_logging_out_ends_the_session_and_needs_our_own_form(people):
    client = rooms.visitor(people)
    try_to_log_in(client)
    cookie = client.cookies["secondread_session"]
    assert client.post("/logout").status_code == 403
    assert client.post("/logout", data={"csrf": "guessed"}).status_code == 403
    assert client.post("/logout?csrf=" + csrf_of(client)).status_code == 403
    assert client.post("/logout", data={"csrf": csrf_of(client)}).headers["location"] == "/login"
    assert rooms.visitor(people).get("/account", headers={"cookie": f"secondread_session={cookie}"}).status_code == 401


def test_the_form_of_another_site_logs_nobody_in(people):
    client = rooms.visitor(people)
    form = {"name": "dr1", "password": PASSWORD}
    for headers in (
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.example"},
    ):
        assert client.post("/login", data=form, headers=headers).status_code == 403
    own = {"sec-fetch-site": "same-origin", "origin": "http://testserver"}
    assert client.post("/login", data=form, headers=own).status_code == 303


def test_a_form_that_does_not_say_its_length_or_is_large_is_not_read(people):
    client = rooms.logged_in(people, "viewer")
    form = {"content-type": "application/x-www-form-urlencoded"}
    assert client.post("/login", content=iter([b"name=a"]), headers=form).status_code == 411
    assert client.post("/login", content=b"a" * (1 << 20) + b"b", headers=form).status_code == 413


def test_wrong_passwords_lock_the_account_for_a_while_even_for_the_right_one(people):
    for _ in range(5):
        wrong = try_to_log_in(rooms.visitor(people), password="wrong")
        assert wrong.status_code == 401
    locked = try_to_log_in(rooms.visitor(people))
    assert locked.text == wrong.text
    people.clock.go_on(15 * 60 + 1)
    assert try_to_log_in(rooms.visitor(people)).status_code == 303
    reasons = [row["entry"] for row in rooms.tables(people, select(audit_events)) if '"failure"' in row["entry"]]
    assert ['"locked"' in reason for reason in reasons] == [False] * 5 + [True]


def test_the_right_password_makes_earlier_wrong_ones_forgotten(people):
    for _ in range(3):
        for _ in range(4):
            try_to_log_in(rooms.visitor(people), password="wrong")
        assert try_to_log_in(rooms.visitor(people)).status_code == 303


def test_an_address_that_tries_many_names_has_to_wait(people):
    for number in range(20):
        assert try_to_log_in(rooms.visitor(people), f"dr{number + 2}", "wrong").status_code == 401
    assert try_to_log_in(rooms.visitor(people)).status_code == 429
    people.clock.go_on(3601)
    assert try_to_log_in(rooms.visitor(people)).status_code == 303


def test_who_is_not_let_in_cannot_fill_the_trail(people):
    for _ in range(30):
        try_to_log_in(rooms.visitor(people), "dr2", "wrong")
    entries = [row["entry"] for row in rooms.tables(people, select(audit_events))]
    assert len(entries) == 21
    assert '"why":"address"' in entries[-1]


def test_an_unknown_name_takes_the_same_work_as_a_known_one(people, monkeypatch):
    checked = []

    class Watched:
        def __getattr__(self, name):
            return getattr(real, name)

        def verify(self, stored, password):
            checked.append(stored)
            return real.verify(stored, password)

    real = passwords._HASHER
    monkeypatch.setattr(passwords, "_HASHER", Watched())
    known = try_to_log_in(rooms.visitor(people), password="wrong")
    unknown = try_to_log_in(rooms.visitor(people), "nobody", "wrong")
    assert known.text == unknown.text
    assert [argon2.extract_parameters(stored) for stored in checked] == [argon2.extract_parameters(real.hash(""))] * 2


def test_nobody_gets_in_by_a_disabled_account_or_one_without_password(people):
    rooms.add_person(people, "viewer", "demo")
    assert try_to_log_in(rooms.visitor(people), "demo", "").status_code == 401
    client = rooms.visitor(people)
    try_to_log_in(client)
    with writing(people.database) as connection:
        connection.execute(update(users).where(users.c.name == "dr1").values(disabled=True))
    assert client.get("/account").status_code == 401
    assert try_to_log_in(rooms.visitor(people)).status_code == 401


def test_an_unknown_name_is_not_kept_because_it_may_be_a_password(people):
    try_to_log_in(rooms.visitor(people), "my secret password", "wrong")
    (row,) = rooms.tables(people, select(audit_events))
    assert "secret" not in row["entry"]
    assert '"actor":"unknown"' in row["entry"]


def test_a_hash_of_earlier_parameters_is_renewed_at_log_in(people, real_hashes):
    weak = argon2.PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(PASSWORD)
    with writing(people.database) as connection:
        connection.execute(update(users).values(password_hash=weak))
    assert try_to_log_in(rooms.visitor(people)).status_code == 303
    (row,) = rooms.tables(people, select(users))
    assert "m=65536,t=3,p=4" in row["password_hash"]
    assert try_to_log_in(rooms.visitor(people)).status_code == 303


def test_a_browser_that_must_log_in_is_shown_the_way_and_comes_back(people):
    answer = rooms.visitor(people).get("/account", headers={"accept": "text/html"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/login?next=/account")


def test_lock_after_is_a_setting(tmp_path, stored):
    room = rooms.make_room(tmp_path, RoomSettings(access=AccessSettings(lock_after=1)))
    rooms.add_person(room, "radiologist", "dr1", password_hash=stored)
    try_to_log_in(rooms.visitor(room), password="wrong")
    assert try_to_log_in(rooms.visitor(room)).status_code == 401
    room.database.dispose()


def test_many_guesses_at_once_are_no_more_guesses_than_one_after_the_other(any_room, stored, monkeypatch):
    rooms.add_person(any_room, "radiologist", "dr1", password_hash=stored)
    checked = []

    class Watched:
        def __getattr__(self, name):
            return getattr(real, name)

        def verify(self, target, password):
            checked.append(target)
            return real.verify(target, password)

    real = passwords._HASHER
    monkeypatch.setattr(passwords, "_HASHER", Watched())
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda _: try_to_log_in(rooms.visitor(any_room), password="wrong"), range(12)))
    assert {answer.status_code for answer in answers} == {401}
    assert checked.count(stored) == 5
