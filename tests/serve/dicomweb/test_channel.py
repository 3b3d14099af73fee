import pytest
from sqlalchemy import update
from starlette.websockets import WebSocketDisconnect

import rooms
from secondread.dicom.web import procedure_step as step
from secondread.dicom.web.dicom_json import element
from secondread.serve.database.connect import writing
from secondread.serve.database.tables import users
from secondread.serve.dicomweb import subscription_routes

CHANNEL = "/dicom-web/subscribers/WATCHER"
ORDER = {
    step.STATE: element("CS", step.SCHEDULED),
    step.PRIORITY: element("CS", "HIGH"),
    step.LABEL: element("LO", "AI read"),
    step.WORKLIST: element("LO", "AI"),
    step.READINESS: element("CS", "READY"),
    step.START: element("DT", "20260304090000+0000"),
}


def test_a_channel_ends_when_its_person_may_listen_no_more(room, monkeypatch):
    monkeypatch.setattr(subscription_routes, "KNOWN_SECONDS", 0.0)
    monkeypatch.setattr(subscription_routes, "LOOK_SECONDS", 0.01)
    client = rooms.logged_in(room)
    with client.websocket_connect(CHANNEL) as socket:
        with writing(room.database) as connection:
            connection.execute(update(users).values(disabled=True))
        with pytest.raises(WebSocketDisconnect) as ended:
            socket.receive_text()
    assert ended.value.code == subscription_routes.NOT_ANY_MORE


def test_a_frame_of_any_kind_leaves_a_channel_open(room):
    client = rooms.logged_in(room)
    client.post(f"/dicom-web/workitems/{step.GLOBAL}/subscribers/WATCHER")
    with client.websocket_connect(CHANNEL) as socket:
        socket.send_bytes(b"anything")
        socket.send_text("anything")
        client.post("/dicom-web/workitems?1.2.3", json=ORDER)
        assert '"1.2.3"' in socket.receive_text()
