"""Work items from the outside: what a task manager, a performer and a watcher of somebody else may do."""

import json
import threading

import httpx2
import pytest
from sqlalchemy import select
from starlette.testclient import TestClient, WebSocketDenialResponse
from starlette.websockets import WebSocketDisconnect
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

import rooms
import web_servers
from secondread.dicom.web import procedure_step as step
from secondread.dicom.web.dicom_json import element
from secondread.serve.database.tables import audit_events, workitems
from secondread.serve.people.rights import Right

ITEMS = "/dicom-web/workitems"
LOCK = "1.2.3.99"
WATCHER = "WATCHER"


def order(study: str = "1.2.3", **changes: object) -> dict[str, object]:
    """What a task manager sends to have a study read."""
    content = {
        step.STATE: element("CS", step.SCHEDULED),
        step.PRIORITY: element("CS", "HIGH"),
        step.LABEL: element("LO", "AI read"),
        step.WORKLIST: element("LO", "AI"),
        step.READINESS: element("CS", "READY"),
        step.START: element("DT", "20260304090000+0000"),
        step.INPUT: step.sequence({step.STUDY: element("UI", study)}),
        "00100010": element("PN", "Doe^Jane"),
    }
    return {tag: value for tag, value in (content | changes).items() if value is not None}


def to_state(state: str, lock: str = LOCK, **more: object) -> dict[str, object]:
    return {step.STATE: element("CS", state), step.TRANSACTION: element("UI", lock), **more}


def performed() -> dict[str, object]:
    """What a performer must have said before an item may be completed."""
    item = {tag: element("DT", "20260304100000") for tag in ("00404050", "00404051")}
    item |= {tag: step.sequence(step.code("X", "99X", "x")) for tag in ("00404028", "00404019")}
    return {step.PERFORMED: step.sequence(item | {"00404033": {"vr": "SQ"}})}


@pytest.fixture
def client(room):
    return client_of(room)


def client_of(room) -> TestClient:
    client = rooms.visitor(room)
    token = web_servers.token_of(room)
    client.headers.update({"Authorization": f"Bearer {token}", "Content-Type": "application/dicom+json"})
    return client


@pytest.fixture
def item(client):
    """The path of an item that is scheduled."""
    return scheduled(client)


def scheduled(client) -> str:
    assert client.post(f"{ITEMS}?1.2.826.5", json=order()).status_code == 201
    return f"{ITEMS}/1.2.826.5"


def state(client, item: str) -> str:
    return client.get(item).json()[0][step.STATE]["Value"][0]


def test_an_item_goes_from_scheduled_to_completed_in_the_hands_of_one_performer(any_room):
    client = client_of(any_room)
    item = scheduled(client)
    assert client.put(f"{item}/state", json=to_state(step.IN_PROGRESS)).status_code == 200
    assert LOCK not in client.get(item).text
    assert LOCK not in client.get(ITEMS).text
    progress = {step.PROGRESS: step.sequence({"00741004": element("DS", 40)})}
    assert client.post(f"{item}?{LOCK}", json=progress).status_code == 200
    early = client.put(f"{item}/state", json=to_state(step.COMPLETED))
    assert (early.status_code, early.headers["warning"][:4]) == (409, "299 ")
    assert client.post(f"{item}?transaction={LOCK}", json=performed()).status_code == 200
    assert client.put(f"{item}/state", json=to_state(step.COMPLETED)).status_code == 200
    assert state(client, item) == step.COMPLETED


def test_who_has_not_the_key_changes_nothing(client, item):
    client.put(f"{item}/state", json=to_state(step.IN_PROGRESS))
    label = {step.LABEL: element("LO", "mine now")}
    for path, answer in (
        (item, client.post(item, json=label)),
        (item, client.post(f"{item}?1.2.3.98", json=label)),
        (item, client.put(f"{item}/state", json=to_state(step.CANCELED, "1.2.3.98"))),
        (item, client.put(f"{item}/state", json={step.STATE: element("CS", step.CANCELED)})),
    ):
        assert answer.status_code == 400, path
        assert "Transaction UID" in answer.headers["warning"]
    assert client.get(item).json()[0][step.LABEL]["Value"] == ["AI read"]
    assert state(client, item) == step.IN_PROGRESS


@pytest.mark.parametrize(
    ("before", "asked", "status"),
    [
        ((), step.COMPLETED, 409),
        ((), step.CANCELED, 409),
        ((), "DONE", 400),
        ((step.IN_PROGRESS,), step.IN_PROGRESS, 409),
        ((step.IN_PROGRESS,), step.SCHEDULED, 409),
        ((step.IN_PROGRESS, step.CANCELED), step.IN_PROGRESS, 409),
        ((step.IN_PROGRESS, step.CANCELED), step.CANCELED, 200),
    ],
)
def test_only_the_changes_of_state_that_the_standard_draws_are_made(room, before, asked, status):
    client = client_of(room)
    client.post(f"{ITEMS}?1.2.826.5", json=order())
    for one in before:
        assert client.put(f"{ITEMS}/1.2.826.5/state", json=to_state(one)).status_code == 200
    answer = client.put(f"{ITEMS}/1.2.826.5/state", json=to_state(asked))
    assert answer.status_code == status
    assert status == 400 or "warning" in answer.headers


def test_an_item_is_made_under_the_uid_that_is_asked_for_and_only_once(room):
    client = client_of(room)
    made = client.post(f"{ITEMS}?AffectedSOPInstanceUID=1.2.9", json=[order()])
    assert (made.status_code, made.headers["content-location"]) == (201, "http://testserver/dicom-web/workitems/1.2.9")
    assert client.post(f"{ITEMS}?1.2.9", json=order()).status_code == 409
    without = client.post(ITEMS, json=order(**{step.WORKLIST: None}))
    assert without.headers["location"].rpartition("/")[2].startswith("2.25.")
    assert without.headers["warning"].endswith("The UPS was created with modifications.")
    assert client.post(f"{ITEMS}?1.2.9x", json=order()).status_code == 400
    assert client.post(ITEMS, json=order(**{step.STATE: None})).status_code == 400
    assert client.post(ITEMS, content=b"<xml/>", headers={"Content-Type": "application/dicom+xml"}).status_code == 415
    assert client.get(f"{ITEMS}/1.2.3.4").status_code == 404


def test_items_are_found_by_what_they_say(client, item):
    client.post(f"{ITEMS}?1.2.826.6", json=order("1.2.4", **{step.LABEL: element("LO", "Another")}))

    def found(query: str) -> list[str]:
        answer = client.get(f"{ITEMS}?{query}")
        return sorted(one[step.INSTANCE]["Value"][0] for one in answer.json()) if answer.status_code == 200 else []

    assert found("") == ["1.2.826.5", "1.2.826.6"]
    assert found("ProcedureStepState=SCHEDULED&ProcedureStepLabel=Ano*") == ["1.2.826.6"]
    assert found("InputInformationSequence.StudyInstanceUID=1.2.3") == ["1.2.826.5"]
    assert found("00404005=20260304-20260305") == ["1.2.826.5", "1.2.826.6"]
    assert found("limit=1&offset=1") == ["1.2.826.5"]
    assert found("ProcedureStepState=COMPLETED") == []
    assert client.get(f"{ITEMS}?Nonsense=1").status_code == 400


def test_a_cancel_request_reaches_whoever_can_do_something_about_it(client, item):
    assert client.post(f"{item}/cancelrequest", json={step.REASON: element("LT", "not needed")}).status_code == 202
    assert state(client, item) == step.CANCELED
    assert step.reason_of(client.get(item).json()[0]) == "not needed"
    again = client.post(f"{item}/cancelrequest")
    assert (again.status_code, "already" in again.headers["warning"]) == (202, True)

    client.post(f"{ITEMS}?1.2.826.7", json=order())
    other = f"{ITEMS}/1.2.826.7"
    client.put(f"{other}/state", json=to_state(step.IN_PROGRESS))
    assert client.post(f"{other}/cancelrequest").status_code == 409  # nobody listens
    assert client.post(f"{other}/subscribers/{WATCHER}").status_code == 201
    assert client.post(f"{other}/cancelrequest").status_code == 202
    assert state(client, other) == step.IN_PROGRESS


def reports(socket, count: int) -> list[dict[str, object]]:
    return [json.loads(socket.receive_text()) for _ in range(count)]


def kinds(found: list[dict[str, object]]) -> list[tuple[str, int, str]]:
    return [
        (one["00001000"]["Value"][0], one["00001002"]["Value"][0], one.get(step.STATE, {}).get("Value", [""])[0])
        for one in found
    ]


def test_who_follows_an_item_is_told_what_happens_to_it(room):
    client = client_of(room)
    client.post(f"{ITEMS}?1.2.826.5", json=order())
    item = f"{ITEMS}/1.2.826.5"
    followed = client.post(f"{item}/subscribers/{WATCHER}")
    assert followed.headers["content-location"] == f"ws://testserver/dicom-web/subscribers/{WATCHER}"
    with client.websocket_connect(f"/dicom-web/subscribers/{WATCHER}") as socket:
        assert kinds(reports(socket, 1)) == [("1.2.826.5", 1, step.SCHEDULED)]
        client.put(f"{item}/state", json=to_state(step.IN_PROGRESS))
        client.post(f"{item}?{LOCK}", json={step.PROGRESS: step.sequence({"00741004": element("DS", 40)})})
        client.post(f"{item}/cancelrequest", json={step.REASON: element("LT", "stop")})
        client.put(f"{item}/state", json=to_state(step.CANCELED))
        found = reports(socket, 4)
        assert [kind for _, kind, _ in kinds(found)] == [1, 3, 2, 1]
        assert found[2][step.REASON]["Value"] == ["stop"]
        assert kinds(found)[3] == ("1.2.826.5", 1, step.CANCELED)
    assert client.delete(f"{item}/subscribers/{WATCHER}").status_code == 200
    assert client.delete(f"{item}/subscribers/{WATCHER}").status_code == 404


def test_who_follows_all_is_told_of_what_comes_until_the_subscription_is_suspended(room):
    client = client_of(room)
    everything = f"{ITEMS}/{step.GLOBAL}/subscribers/{WATCHER}"
    assert client.post(f"{everything}?deletionlock=true").status_code == 201
    client.post(f"{ITEMS}?1.2.826.5", json=order())
    assert client.post(f"{everything}/suspend").status_code == 200
    assert client.post(f"{everything}/suspend").status_code == 404
    client.post(f"{ITEMS}?1.2.826.6", json=order())
    client.put(f"{ITEMS}/1.2.826.5/state", json=to_state(step.IN_PROGRESS))
    with client.websocket_connect(f"/dicom-web/subscribers/{WATCHER}") as socket:
        assert kinds(reports(socket, 2)) == [
            ("1.2.826.5", 1, step.SCHEDULED), ("1.2.826.5", 1, step.IN_PROGRESS),
        ]  # fmt: skip
    assert client.delete(everything).status_code == 200


def test_two_who_claim_one_item_at_once_do_not_both_get_it(any_room):
    client = client_of(any_room)
    item = scheduled(client)
    client.put(f"{ITEMS}/1.2.3/state", json=to_state(step.IN_PROGRESS))  # the application is warm
    statuses: list[int] = []

    def claim(number: int) -> None:
        own = TestClient(client.app, headers=client.headers)
        answer = own.put(f"{item}/state", json=to_state(step.IN_PROGRESS, f"1.2.{number}"))
        statuses.append(answer.status_code)

    threads = [threading.Thread(target=claim, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200, 409, 409, 409]


def test_who_may_only_look_orders_nothing_and_who_has_pseudonyms_sees_no_order(room):
    client = client_of(room)
    client.post(f"{ITEMS}?1.2.826.5", json=order())
    looking = {"Authorization": f"Bearer {web_servers.token_of(room, Right.SEE)}"}
    assert client.get(f"{ITEMS}/1.2.826.5", headers=looking).status_code == 200
    for answer in (
        client.post(ITEMS, json=order(), headers=looking),
        client.put(f"{ITEMS}/1.2.826.5/state", json=to_state(step.IN_PROGRESS), headers=looking),
        client.post(f"{ITEMS}/1.2.826.5/cancelrequest", headers=looking),
        client.post(f"{ITEMS}/1.2.826.5/subscribers/X", headers=looking),
    ):
        assert answer.status_code == 403
    hidden = web_servers.token_of(room, Right.SEE, role="viewer", hides_names=True)
    assert client.get(ITEMS, headers={"Authorization": f"Bearer {hidden}"}).status_code == 403
    (row,) = rooms.tables(room, select(workitems))
    assert row["state"] == step.SCHEDULED


def test_the_trail_has_what_was_done_but_no_key_and_no_name(room):
    client = client_of(room)
    client.post(f"{ITEMS}?1.2.826.5", json=order())
    client.put(f"{ITEMS}/1.2.826.5/state", json=to_state(step.IN_PROGRESS))
    text = "".join(row["entry"] for row in rooms.tables(room, select(audit_events)))
    assert '"action":"order"' in text
    assert '"what":"IN PROGRESS"' in text
    assert LOCK not in text
    assert "Doe" not in text


@pytest.mark.parametrize("who", ["nobody", "who may not see", "who has pseudonyms", "another site"])
def test_the_channel_is_not_opened_for(room, who):
    client, headers = rooms.visitor(room), {}
    if who == "who may not see":
        headers["Authorization"] = f"Bearer {web_servers.token_of(room, Right.UPLOAD)}"
    elif who == "who has pseudonyms":
        token = web_servers.token_of(room, Right.SEE, role="viewer", hides_names=True)
        headers["Authorization"] = f"Bearer {token}"
    elif who == "another site":
        client = rooms.logged_in(room)
        headers["Origin"] = "https://elsewhere.example"
    with (
        pytest.raises((WebSocketDisconnect, WebSocketDenialResponse)),
        client.websocket_connect(f"/dicom-web/subscribers/{WATCHER}", headers=headers) as socket,
    ):
        socket.receive_text()


def test_the_channel_works_on_a_real_server_too(room):
    with web_servers.listening(room) as place:
        url = f"ws{place.dicomweb.removeprefix('http')}/subscribers/{WATCHER}"
        with connect(url, additional_headers=place.headers) as socket:
            httpx2.post(f"{place.dicomweb}/workitems/{step.GLOBAL}/subscribers/{WATCHER}", headers=place.headers)
            httpx2.post(f"{place.dicomweb}/workitems?1.2.826.5", headers=place.headers, json=order()).raise_for_status()
            report = json.loads(socket.recv(timeout=60))
        assert kinds([report]) == [("1.2.826.5", 1, step.SCHEDULED)]
        with pytest.raises(InvalidStatus):
            connect(url)
