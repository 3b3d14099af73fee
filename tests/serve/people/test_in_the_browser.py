"""From a one-time password to an erased patient in Chromium, as an administrator goes through it."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from sqlalchemy import select

import rooms
from browsers import PATIENCE_MS
from patients import NUMBER, image
from secondread.serve.database.tables import studies
from secondread.serve.people.accounts import first_administrator
from web_servers import listening

NEW = "four grey owls at noon"


@pytest.fixture
def page(room, chromium):
    with listening(room, "no token") as place:
        context = chromium.new_context(base_url=place.url, viewport={"width": 1280, "height": 900}, locale="en-GB")
        opened = context.new_page()
        opened.set_default_timeout(PATIENCE_MS)
        yield opened
        context.close()


def accessible(page):
    for width in (1280, 3840):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.scrollingElement.scrollWidth") <= width, page.url
    found = Axe().run(page).response["violations"]
    assert [(one["id"], one["nodes"][0]["target"]) for one in found if one["impact"] != "minor"] == [], page.url


def test_an_administrator_comes_in_adds_a_person_and_erases_a_patient(room, page, tmp_path):
    rooms.send_in(room, image(tmp_path, NUMBER, "1.2.276.1", 1))
    password = first_administrator(room)
    page.goto("/admin/people")
    assert "/login?next=/admin/people" in page.url
    accessible(page)
    page.get_by_label("Name").fill("admin")
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/account")
    accessible(page)
    page.get_by_label("Present password").fill(password)
    page.get_by_label("New password", exact=True).fill(NEW)
    page.get_by_label("New password again").fill(NEW)
    page.get_by_role("button", name="Change password").click()
    page.wait_for_url(re.compile(r"/$"))

    page.goto("/admin/people")
    form = page.locator("form[action='/admin/people']")
    form.get_by_label("Name", exact=True).fill("dr.kim")
    form.get_by_label("Role").select_option("radiologist")
    form.get_by_role("button", name="Add a person").click()
    assert re.fullmatch(r"(\w{4}-){3}\w{4}", page.locator(".people-once").inner_text())
    page.wait_for_load_state()
    accessible(page)

    page.goto("/admin/patients")
    page.get_by_label("Patient ID", exact=True).fill(NUMBER)
    page.get_by_role("button", name="Look up").click()
    page.get_by_text("Studies kept: 1").wait_for()
    page.wait_for_load_state()
    accessible(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download").click()
    assert download.value.suggested_filename == "patient.zip"
    erase = page.locator("form[action='/admin/patients/erased']")
    erase.get_by_label("Reason").fill("request of 4 March")
    erase.get_by_label("again").fill(NUMBER)
    erase.get_by_role("button", name="Erase").click()
    page.get_by_text("Studies erased: 1").wait_for()
    assert rooms.tables(room, select(studies)) == []

    page.goto("/admin/audit?action=erase")
    assert page.locator("tbody tr").count() == 1
    accessible(page)
    page.goto("/account")
    page.get_by_role("button", name="Log out").click()
    page.wait_for_url("**/login")
    page.goto("/admin/audit")
    assert "/login" in page.url
