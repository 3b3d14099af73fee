"""Every route of the application, asked by everybody: a route that is added without a right fails here."""

import re

import pytest
from fastapi import Depends, FastAPI, Response, WebSocket
from fastapi.routing import APIRoute, APIWebSocketRoute, iter_route_contexts
from sqlalchemy import func, select
from starlette.routing import Mount
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

import rooms
from secondread.serve.app import create_app
from secondread.serve.database.connect import writing
from secondread.serve.database.tables import audit_events, tokens
from secondread.serve.moments import after
from secondread.serve.people.person import CSRF_HEADER, permit, token_hash
from secondread.serve.people.rights import RIGHTS, Right

# Who has not logged in yet must be able to ask these; nothing of a patient is behind them.
OPEN = {
    ("GET", "/login"),
    ("POST", "/login"),
    ("GET", "/login/sso"),
    ("GET", "/login/sso/back"),
    ("GET", "/login/sso/out"),
    ("GET", "/demo/{key}"),  # only where the program was started as a demo, and only with the key it printed
    ("GET", "/healthz"),  # says only ok, or which part is not
}
SAFE = {"GET", "HEAD", "OPTIONS"}
LET_IN = {204, 400, 404, 405, 406, 411, 413, 415, 422}  # the route was reached, or its own check of the request


def needed(dependant):
    """The ``permit`` among the dependencies of a route, or None."""
    if hasattr(dependant.call, "right"):
        return dependant.call
    return next((found for one in dependant.dependencies if (found := needed(one)) is not None), None)


def path_of(route):
    values = {"int": "1", "path": "a/b", "float": "1.0", "uuid": "0" * 32}

    def value(match):
        name, _, kind = match[1].partition(":")
        return "1.2.3" if name.endswith("uid") else values.get(kind, "1")

    return re.sub(r"\{([^}]+)\}", value, route.path)


def reached(**_):
    return Response(status_code=204)


async def reached_later(**_):
    return Response(status_code=204)


@pytest.fixture
def app(room):
    """The application with every endpoint replaced: what is tested is the door, not the room behind it."""
    import inspect

    app = create_app(room)
    for route in iter_route_contexts(app.routes):
        if isinstance(route.original_route, APIRoute) and needed(route.dependant):
            later = inspect.iscoroutinefunction(route.dependant.call)
            route.dependant.call = reached_later if later else reached
    return app


@pytest.fixture
def people(room, app):
    """A browser of each role, and one of nobody."""
    clients = {role: rooms.logged_in(room, role) for role in RIGHTS}
    for client in clients.values():
        client.app = app
        client._transport.app = app
    return clients


@pytest.fixture
def nobody(app):
    return TestClient(app, base_url="http://testserver", follow_redirects=False)


@pytest.fixture
def doors(app):
    """(method, path, permit) of every HTTP route that is not open."""
    found = []
    for route in iter_route_contexts(app.routes):
        if isinstance(route.original_route, APIRoute):
            found += [
                (method, path_of(route), needed(route.dependant))
                for method in sorted(route.methods)
                if (method, route.path) not in OPEN
            ]
    return found


def test_every_route_names_the_right_it_needs_or_is_known_to_be_open(app):
    for route in iter_route_contexts(app.routes):
        kind = route.original_route
        if isinstance(kind, Mount):
            assert route.path == "/static"
        elif isinstance(kind, APIWebSocketRoute):
            assert needed(route.dependant), f"{route.path} is open to everybody"
        else:
            assert isinstance(kind, APIRoute), f"{route.path} has no dependencies, so it is open to everybody"
            for method in route.methods:
                assert needed(route.dependant) or (method, route.path) in OPEN, f"{method} {route.path} is open"


def test_nobody_gets_in_and_a_browser_is_shown_the_way(nobody, doors):
    assert len(doors) > 10
    for method, path, _ in doors:
        assert nobody.request(method, path).status_code == 401, (method, path)
        shown = nobody.request(method, path, headers={"accept": "text/html"})
        assert shown.status_code == 303, (method, path)
        assert shown.headers["location"].startswith("/login?next=/"), (method, path)


@pytest.mark.parametrize("role", sorted(RIGHTS))
def test_each_role_gets_in_where_the_table_of_rights_says(people, doors, role):
    for method, path, needs in doors:
        status = people[role].request(method, path).status_code
        allowed = needs.right in RIGHTS[role]
        assert status in LET_IN if allowed else status == 403, (role, method, path, status)


def test_a_form_that_is_not_the_sessions_own_changes_nothing(people, doors):
    for method, path, needs in doors:
        role = next(role for role in RIGHTS if needs.right in RIGHTS[role])
        client = people[role]
        own = client.headers.pop(CSRF_HEADER)
        without = client.request(method, path).status_code
        forged = client.request(method, path, headers={CSRF_HEADER: "csrf-0"}).status_code
        in_query = client.request(method, f"{path}?csrf={own}").status_code
        client.headers[CSRF_HEADER] = own
        if method in SAFE:
            assert {without, forged, in_query} <= LET_IN, (method, path)
        else:
            assert {without, forged, in_query} == {403}, (method, path)


def test_a_token_gets_in_only_with_the_scope_that_the_route_needs(room, people, nobody, doors):
    for right in Right:
        role = next(role for role in RIGHTS if right in RIGHTS[role])
        others = " ".join(RIGHTS[role] - {right})
        with writing(room.database) as connection:
            owner = list(RIGHTS).index(role) + 1
            for token, scopes in ((f"only-{right}", str(right)), (f"all-but-{right}", others)):
                connection.execute(
                    tokens.insert().values(
                        token_hash=token_hash(token), user_id=owner, name=token, scopes=scopes,
                        created_at=room.now(), expires_at=after(room.now(), 3600),
                    )
                )  # fmt: skip
    for method, path, needs in doors:
        right = needs.right
        only = nobody.request(method, path, headers={"authorization": f"Bearer only-{right}"}).status_code
        others = nobody.request(method, path, headers={"authorization": f"Bearer all-but-{right}"}).status_code
        assert others == 403, (method, path)
        assert only == 403 if needs.sessions_only else only in LET_IN, (method, path, only)


def test_a_one_time_password_opens_nothing_but_its_change_and_the_way_out(app, doors, room):
    client = rooms.logged_in(room, "administrator", must_change_password=True)
    client.app = client._transport.app = app
    opened = {(method, path) for method, path, _ in doors if client.request(method, path).status_code in LET_IN}
    assert opened == {("GET", "/account"), ("POST", "/account/password"), ("POST", "/logout")}


def test_every_refusal_of_a_known_person_stands_in_the_trail(room, people, doors):
    refused = sum(people["viewer"].request(method, path).status_code == 403 for method, path, _ in doors)
    assert refused > 5
    with room.database.connect() as connection:
        query = select(func.count()).where(audit_events.c.action == "denied", audit_events.c.actor == "viewer")
        assert connection.execute(query).scalar_one() == refused


def sockets(room):
    app = FastAPI()
    app.state.room = room

    @app.websocket("/live/{study_uid}")
    async def live(socket: WebSocket, person=Depends(permit(Right.REVIEW))):  # noqa: B008 - FastAPI's own form
        await socket.accept()
        await socket.send_text(person.name)
        await socket.close()

    return app


def test_a_websocket_is_guarded_like_a_page_and_opens_for_our_own_pages_alone(room):
    app = sockets(room)
    doctor, viewer = (rooms.logged_in(room, role) for role in ("radiologist", "viewer"))
    for client in (doctor, viewer):
        client.app = client._transport.app = app
    with doctor.websocket_connect("/live/1.2", headers={"origin": "http://testserver"}) as socket:
        assert socket.receive_text() == "radiologist"
    for client, origin in ((viewer, "http://testserver"), (doctor, "https://evil.example")):
        with pytest.raises(WebSocketDisconnect), client.websocket_connect("/live/1.2", headers={"origin": origin}):
            pass
    stranger = TestClient(app)
    with pytest.raises(WebSocketDisconnect), stranger.websocket_connect("/live/1.2"):
        pass
