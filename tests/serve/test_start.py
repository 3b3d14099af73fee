from dataclasses import replace

import pytest
from starlette.testclient import TestClient

import rooms
from secondread.core.errors import UsageError
from secondread.serve.app import create_app
from secondread.serve.config.room import RoomSettings, ServerSettings, StorageSettings
from secondread.serve.database import migrate
from secondread.serve.start import opened


@pytest.fixture
def settings(tmp_path):
    return RoomSettings(storage=StorageSettings(folder=tmp_path / "room", durability="process"))


def test_the_first_start_makes_the_tables_and_tells_one_password_once(settings):
    with opened(settings) as first:
        assert migrate.version(first.room.database) == migrate.latest()
        assert "one-time password" in first.sentences[0]
        assert first.first_page == "/"
    with opened(settings) as second:
        assert second.sentences == ()


def test_tables_of_another_version_are_left_as_they_are(settings, monkeypatch):
    with opened(settings):
        pass
    monkeypatch.setattr(migrate, "latest", lambda: "9999")
    with pytest.raises(UsageError, match="needed 9999"), opened(settings):
        pass


def test_the_link_of_a_demo_lets_its_user_in_and_no_other_link_does(settings):
    with opened(settings, demo=True) as start:
        browser = TestClient(create_app(start.room, demo_key=start.demo_key), follow_redirects=False)
        assert browser.get("/demo/guessed").status_code == 404
        assert browser.get("/").status_code == 401
        assert browser.get(start.first_page).headers["location"] == "/"
        assert browser.get("/").status_code == 200


def test_without_a_demo_no_link_lets_anybody_in(settings):
    with opened(settings) as start:
        assert rooms.visitor(start.room).get("/demo/").status_code == 404
        assert rooms.visitor(start.room).get("/demo/x").status_code == 404


def test_a_demo_is_for_this_machine_only(settings):
    with (
        pytest.raises(UsageError, match="lets anybody in"),
        opened(replace(settings, server=ServerSettings(host="0.0.0.0")), demo=True),
    ):
        pass
