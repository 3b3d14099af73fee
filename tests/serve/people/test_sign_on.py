import re

import pytest
from joserfc.jwk import OctKey, RSAKey
from sqlalchemy import select, update

import rooms
import sign_on_provider
from secondread.serve.config.room import AccessSettings, RoomSettings
from secondread.serve.database.connect import writing
from secondread.serve.database.tables import audit_events, sessions, users
from secondread.serve.people.sign_on_accounts import role_of

ROLES = {"chiefs": "administrator", "radiology": "radiologist", "students": "viewer"}


@pytest.fixture
def provider():
    clock = rooms.Clock()
    with sign_on_provider.provider(lambda: clock().timestamp()) as running:
        yield running


@pytest.fixture
def room(tmp_path, provider):
    secret = tmp_path / "secret"
    secret.write_text(f"{sign_on_provider.SECRET}\n")
    access = AccessSettings(
        oidc_issuer=provider.issuer,
        oidc_client_id=sign_on_provider.CLIENT,
        oidc_client_secret_file=secret,
        oidc_roles=ROLES,
    )
    room = rooms.make_room(tmp_path, RoomSettings(access=access))
    yield room
    room.database.dispose()


def sign_on(room, provider, client=None, **changed):
    """To the provider and back; returns the browser and the last answer."""
    client = client or rooms.visitor(room)
    sent = client.get("/login/sso?next=/studies/1.2")
    assert sent.status_code == 303, sent.text
    query = {**provider.authorise(sent.headers["location"]), **changed}
    return client, client.get("/login/sso/back", params=query)


def person(room, name):
    found = rooms.tables(room, select(users).where(users.c.name == name))
    return found[0] if found else None


def failures(room):
    return [row["entry"] for row in rooms.tables(room, select(audit_events)) if '"outcome":"failure"' in row["entry"]]


def test_who_the_provider_knows_comes_in_with_the_role_of_their_group(room, provider):
    client, answer = sign_on(room, provider)
    assert (answer.status_code, answer.headers["location"]) == (303, "/studies/1.2")
    made = person(room, "kim")
    assert (made["role"], made["display_name"], made["password_hash"]) == ("radiologist", "Dr. Kim", "")
    assert client.get("/account").status_code == 200
    assert "secondread_sign_on" not in client.cookies


def test_the_role_is_that_of_today_and_the_account_stays_one(room, provider):
    sign_on(room, provider)
    provider.person |= {"groups": ["students", "other"], "name": "Prof. Kim", "preferred_username": "renamed"}
    sign_on(room, provider)
    (only,) = rooms.tables(room, select(users))
    assert (only["name"], only["role"], only["display_name"]) == ("kim", "viewer", "Prof. Kim")


@pytest.mark.parametrize("groups", [[], ["cooks"], "cooks", None, 7, {"a": 1}])
def test_without_a_matching_group_nobody_comes_in(room, provider, groups):
    provider.person["groups"] = groups
    client, answer = sign_on(room, provider)
    assert answer.status_code == 403
    assert client.get("/account").status_code == 401
    assert not rooms.tables(room, select(users))
    assert len(failures(room)) == 1


def test_who_has_left_every_group_keeps_no_session_and_no_token(room, provider):
    client, _ = sign_on(room, provider)
    csrf = re.search(r'name="csrf" content="([^"]+)"', client.get("/account").text)[1]
    page = client.post("/account/tokens", data={"csrf": csrf, "name": "script", "days": "300", "scope": ["see"]}).text
    token = {"Authorization": f"Bearer {re.search('secondread_[A-Za-z0-9-]+', page)[0]}"}
    assert rooms.visitor(room).get("/", headers=token).status_code == 200
    provider.person["groups"] = []
    assert sign_on(room, provider)[1].status_code == 403
    assert client.get("/").status_code == 401
    assert rooms.visitor(room).get("/", headers=token).status_code == 401
    assert any('"action":"token-revoked"' in row["entry"] for row in rooms.tables(room, select(audit_events)))


def test_who_is_disabled_here_does_not_come_in_by_the_provider(room, provider):
    sign_on(room, provider)
    with writing(room.database) as connection:
        connection.execute(update(users).values(disabled=True))
    _, answer = sign_on(room, provider)
    assert answer.status_code == 403


def test_a_person_of_the_provider_never_becomes_the_local_account_of_that_name(room, provider):
    rooms.add_person(room, "administrator", "admin")
    provider.person |= {"preferred_username": "Admin"}
    client, _ = sign_on(room, provider)
    assert person(room, "admin")["oidc_subject"] == ""
    assert person(room, "admin@127.0.0.1")["role"] == "radiologist"
    assert client.get("/admin/people").status_code == 403


def test_two_people_of_one_name_get_two_accounts(room, provider):
    for subject in ("s-1", "s-2", "s-3"):
        provider.person["sub"] = subject
        sign_on(room, provider)
    assert len({row["name"] for row in rooms.tables(room, select(users))}) == 3


OTHER = RSAKey.generate_key(2048, {"kid": "one"})
WRONG = {
    "another issuer": {"twist": {"iss": "https://evil.example"}},
    "another audience": {"twist": {"aud": "another"}},
    "an audience beside us without azp": {"twist": {"aud": ["reading-room", "another"], "azp": "another"}},
    "expired": {"twist": {"exp": 1}},
    "issued in the future": {"twist": {"iat": 4102444800}},
    "another nonce": {"twist": {"nonce": "guessed"}},
    "no nonce": {"twist": {"nonce": None}},
    "no subject": {"twist": {"sub": None}},
    "no expiry": {"twist": {"exp": None}},
    "an access token that is not the one": {"twist": {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}},
    "another key": {"sign_with": OTHER},
    "signed with the public key as a secret": {
        "sign_with": OctKey.import_key("a secret of the client, long enough for HS256"),
        "header": {"alg": "HS256"},
    },
    "not signed": {"header": {"alg": "none"}, "sign_with": OctKey.import_key("x" * 32)},
    "user info of another": {"userinfo": {"sub": "s-2"}},
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_an_answer_that_is_not_as_it_must_be_lets_nobody_in(room, provider, wrong):
    for name, value in wrong.items():
        setattr(provider, name, value)
    client, answer = sign_on(room, provider)
    assert answer.status_code == 502
    assert client.get("/account").status_code == 401
    assert not rooms.tables(room, select(sessions))
    assert len(failures(room)) == 1


@pytest.mark.parametrize(
    "changed", [{"state": "guessed"}, {"state": ""}, {"code": "guessed"}, {"iss": "https://evil.example"}]
)
def test_an_answer_to_another_question_lets_nobody_in(room, provider, changed):
    _, answer = sign_on(room, provider, **changed)
    assert answer.status_code == 502
    assert not rooms.tables(room, select(sessions))


def test_an_answer_is_taken_once_and_only_from_the_browser_that_was_sent(room, provider):
    first = rooms.visitor(room)
    query = provider.authorise(first.get("/login/sso").headers["location"])
    assert rooms.visitor(room).get("/login/sso/back", params=query).status_code == 502
    assert first.get("/login/sso/back", params=query).status_code == 303
    assert first.get("/login/sso/back", params=query).status_code == 502


def test_who_stays_away_for_long_has_to_start_again(room, provider):
    client = rooms.visitor(room)
    query = provider.authorise(client.get("/login/sso").headers["location"])
    room.clock.go_on(601)
    assert client.get("/login/sso/back", params=query).status_code == 502


def test_a_changed_cookie_is_nobodys(room, provider):
    client = rooms.visitor(room)
    query = provider.authorise(client.get("/login/sso").headers["location"])
    cookie = client.cookies["secondread_sign_on"]
    for changed in ("", ".", "x.y", cookie[:-1], cookie[2:], "00" + cookie):
        other = rooms.visitor(room)
        answer = other.get("/login/sso/back", params=query, headers={"cookie": f"secondread_sign_on={changed}"})
        assert answer.status_code == 502


@pytest.mark.parametrize(
    "document",
    [
        {"issuer": "https://evil.example"},
        {"token_endpoint": "http://evil.example/token"},
        {"jwks_uri": "http://evil.example/jwks"},
        {"authorization_endpoint": ""},
        {"id_token_signing_alg_values_supported": ["HS256", "none"]},
    ],
)
def test_a_provider_that_is_another_or_speaks_in_the_clear_is_not_used(room, provider, document):
    provider.document = document
    client = rooms.visitor(room)
    sent = client.get("/login/sso")
    if sent.status_code == 303:
        query = provider.authorise(sent.headers["location"])
        sent = client.get("/login/sso/back", params=query)
    assert sent.status_code == 502
    assert ("POST", "/token") not in provider.asked or "id_token_signing_alg_values_supported" in document


def test_a_provider_that_is_away_is_told_in_one_sentence(tmp_path):
    access = AccessSettings(oidc_issuer="http://127.0.0.1:9", oidc_client_id="x", oidc_roles=ROLES)
    room = rooms.make_room(tmp_path, RoomSettings(access=access))
    answer = rooms.visitor(room).get("/login/sso")
    assert answer.status_code == 502
    assert "Single sign-on did not work" in answer.text
    room.database.dispose()


def test_who_was_sent_by_nobody_cannot_fill_the_trail_nor_add_lines_to_the_log(room, provider, caplog):
    caplog.set_level("WARNING")
    client = rooms.visitor(room)
    state = provider.authorise(client.get("/login/sso").headers["location"])["state"]
    client.get("/login/sso/back", params={"state": state, "error": "denied\nERROR made up"})
    assert "denied\\nERROR made up" in caplog.text
    assert "\nERROR made up" not in caplog.text
    for _ in range(30):
        assert rooms.visitor(room).get("/login/sso/back").status_code == 502
    assert len(failures(room)) == 21


def test_another_sites_page_starts_no_log_in(room, provider):
    assert rooms.visitor(room).get("/login/sso", headers={"sec-fetch-site": "cross-site"}).status_code == 403


def test_logging_out_here_offers_to_log_out_there(room, provider):
    client, _ = sign_on(room, provider)
    csrf = rooms.tables(room, select(sessions))[0]["csrf"]
    left = client.post("/logout", data={"csrf": csrf})
    assert left.headers["location"] == "/login?left=sso"
    assert "/login/sso/out" in client.get(left.headers["location"]).text
    out = client.get("/login/sso/out").headers["location"]
    assert out.startswith(
        f"{provider.issuer}/end?client_id=reading-room&post_logout_redirect_uri=http%3A%2F%2Ftestserver"
    )


def test_without_a_provider_there_is_no_such_way(tmp_path):
    room = rooms.make_room(tmp_path)
    for path in ("/login/sso", "/login/sso/back", "/login/sso/out"):
        assert rooms.visitor(room).get(path).status_code == 404
    assert "/login/sso" not in rooms.visitor(room).get("/login").text
    room.database.dispose()


@pytest.mark.parametrize(
    ("claim", "claims", "role"),
    [
        ("groups", {"groups": ["students", "chiefs"]}, "administrator"),  # the first row of the table, not of the claim
        ("groups", {"groups": "students"}, "viewer"),
        ("realm_access.roles", {"realm_access": {"roles": ["radiology"]}}, "radiologist"),
        ("https://x.example/roles", {"https://x.example/roles": ["radiology"]}, "radiologist"),
        ("a.b", {"a": "radiology"}, None),
        ("groups", {}, None),
    ],
)
def test_the_claim_may_be_a_text_a_list_or_lie_deeper(claim, claims, role):
    assert role_of(AccessSettings(oidc_role_claim=claim, oidc_roles=ROLES), claims) == role
