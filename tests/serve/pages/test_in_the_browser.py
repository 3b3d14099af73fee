"""The pages in Chromium: what a person sees, hears from a screen reader, and does with the keyboard alone."""

import re
import zipfile

import pytest
from axe_playwright_python.sync_playwright import Axe
from sqlalchemy import select, update

import rooms
import worklists
from browsers import hold, page_for, waited_for
from secondread.serve.config.room import Destination, RoomSettings, Route
from secondread.serve.database.connect import writing
from secondread.serve.database.tables import deliveries, instances, review_events, studies
from secondread.serve.moments import after
from secondread.serve.reading.queue import enqueue_read
from web_servers import listening

PAGES = (
    "/?period=three-days", "/upload", "/admin", "/admin/jobs", "/admin/jobs/1", "/admin/destinations",
    "/admin/routes?study={uid}", "/admin/readers", "/admin/readers/cards/chest-xray-findings", "/admin/statistics",
    "/admin/monitors", "/admin/reviews", "/admin/storage", "/nowhere",
)  # fmt: skip


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A room with everything that the pages can show, and its address."""
    folder = tmp_path_factory.mktemp("pages")
    settings = RoomSettings(
        destinations=(Destination("pacs", "folder", path=folder / "out"),),
        routes=(Route("chests", modality=("DX",), send_to=("pacs",)),),
    )
    room = rooms.make_room(folder, settings)
    worklists.add_studies(room, 120)
    user = rooms.add_person(room, "radiologist", "reviewer")
    read = rooms.add_read(room, 2, seconds=3.0)
    with writing(room.database) as connection:
        arrived = studies.c.first_received_at
        connection.execute(update(studies).where(studies.c.state == "draft").values(drafted_at=arrived))
        enqueue_read(connection, room, 1)
        for number, action in enumerate(("accepted", "edited", "rejected")):
            connection.execute(
                review_events.insert().values(
                    read_id=read, user_id=user, at=room.now(), action=action, reader="chest-xray-findings",
                    finding=number,
                )
            )  # fmt: skip
        connection.execute(
            deliveries.insert().values(
                study_id=2, destination="pacs", key="k", folder="f", state="failed", error="refused",
                not_before=room.now(), created_at=room.now(),
            )
        )  # fmt: skip
    with listening(room) as found:
        yield room, found.url
    room.database.dispose()


@pytest.fixture
def open_page(place, chromium):
    """Opens a page as somebody; nothing on it may fail, and nothing may be asked of another server."""
    room, url = place
    contexts, faults = [], []

    def opened(path, role="radiologist", width=1280, **values):
        client = rooms.logged_in(room, role, f"{role}-{room.draw()[-6:]}", **values)
        page = page_for(chromium, client, url, (width, 900))
        contexts.append(page.context)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on(
            "console",
            lambda said: said.type == "error" and not re.search("40[34]|503", said.text) and faults.append(said.text),
        )
        page.on(
            "request", lambda asked: asked.url.startswith((f"{url}/", "data:", "blob:")) or faults.append(asked.url)
        )
        page.goto(url + path.format(uid=rows_of(room)[0]))
        return page

    yield opened
    for context in contexts:
        context.close()
    assert faults == []


def rows_of(room):
    return [row["study_uid"] for row in rooms.tables(room, select(studies.c.study_uid).order_by(studies.c.id))]


def shown(page):
    return page.eval_on_selector_all("#rows tr[id]", "rows => rows.map(row => row.id.slice(6))")


def focused(page):
    return page.evaluate("document.activeElement.closest('tr')?.id.slice(6) ?? null")


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_accessible_and_fits_a_small_and_a_very_wide_screen(open_page, path):
    page = open_page(path, "administrator")
    found = Axe().run(page).response["violations"]
    severe = [
        (one["id"], one["nodes"][0]["target"]) for one in found if one["impact"] in {"moderate", "serious", "critical"}
    ]
    assert severe == []
    for width in (1280, 3840):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.scrollingElement.scrollWidth") <= width


@pytest.mark.parametrize("language", ["en", "ko"])
def test_no_page_is_wider_than_a_phone_or_a_tablet(open_page, place, language):
    page, wide = open_page("/", "administrator", language=language), []
    for path in (*PAGES, "/admin/people", "/admin/audit", "/admin/patients", "/account"):
        page.goto(place[1] + path.format(uid=rows_of(place[0])[0]))
        for width in (800, 390):
            page.set_viewport_size({"width": width, "height": 844})
            found = page.evaluate("document.scrollingElement.scrollWidth")
            wide += [(path, width, found)] if found > width else []
    assert wide == []


def test_on_a_phone_a_row_shows_what_the_readers_say(open_page):
    page = open_page("/?period=three-days", width=390)
    boxes = [one.bounding_box() for one in page.locator("#rows .said").all()]
    assert boxes
    assert all(box["x"] >= 0 and box["x"] + box["width"] <= 390 for box in boxes)


def test_the_korean_worklist_is_accessible_and_says_it_is_korean(open_page):
    page = open_page("/?period=three-days", language="ko")
    assert page.locator("html").get_attribute("lang") == "ko"
    found = Axe().run(page).response["violations"]
    assert [one["id"] for one in found if one["impact"] in {"moderate", "serious", "critical"}] == []


def test_the_keyboard_alone_chooses_and_opens_a_study(open_page):
    page = open_page("/")
    order = shown(page)
    for key, expected in (("j", 0), ("j", 1), ("ArrowDown", 2), ("k", 1), ("k", 0), ("k", 0)):
        page.keyboard.press(key)
        assert focused(page) == order[expected]
    page.keyboard.press("?")
    assert page.locator("dialog#keys").is_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("f")
    assert page.evaluate("document.activeElement.id") == "state"
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/studies/{order[0]}")


def test_a_search_narrows_the_list_and_its_words_stay_out_of_the_address(place, open_page):
    room, url = place
    wanted = worklists.add_study(room, 9001, state="draft", patient_name="Okonkwo^Adaeze", patient_id="MRN-9001")
    page = open_page("/?state=draft")
    page.keyboard.press("/")
    page.keyboard.type("okonkwo")
    page.wait_for_function("() => document.querySelectorAll('#rows tr[id]').length === 1")
    assert shown(page) == [wanted]
    assert page.url == f"{url}/?state=draft"
    page.reload()
    page.wait_for_function("() => document.querySelectorAll('#rows tr[id]').length === 1")
    assert page.input_value("#q") == "okonkwo"


def test_a_filter_and_the_next_page_need_no_reload_and_can_be_gone_back_from(place, open_page):
    _, url = place
    page = open_page("/?state=all")
    page.wait_for_selector("#live.live")
    page.evaluate("() => { window.sameDocument = true; }")
    first = shown(page)
    page.keyboard.press("]")
    page.wait_for_function(f"() => !document.getElementById('study-{first[0]}')")
    assert not set(first) & set(shown(page))
    page.select_option("#state", "refused")
    page.wait_for_url(f"{url}/?state=refused")
    page.wait_for_function(
        "() => [...document.querySelectorAll('#rows .state')].every(one => one.classList.contains('refused'))"
    )
    page.go_back()
    page.wait_for_selector(f"[id='study-{first[0]}']")
    assert shown(page) == first
    assert page.url == f"{url}/?state=all"
    assert page.input_value("#state") == "all"
    assert page.evaluate("() => window.sameDocument")


def test_what_arrives_appears_by_itself_and_the_chosen_row_stays_chosen(place, open_page):
    room, _ = place
    page = open_page("/")
    page.wait_for_selector("#live.live")
    page.keyboard.press("j")
    chosen = focused(page)
    uid = worklists.add_study(
        room, 9100, state="draft", priority=0, first_received_at=after(room.now(), -90 * 86400), changed_at=room.now()
    )
    page.wait_for_selector(f"[id='study-{uid}']")
    assert shown(page)[0] == uid
    assert focused(page) == chosen


HIDE = """hidden => {
  Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""


def test_a_tab_that_nobody_sees_asks_nothing_until_it_is_seen_again(place, open_page):
    room, _ = place
    page = open_page("/")
    page.wait_for_selector("#live.live")
    page.evaluate(HIDE, True)
    assert page.text_content("#live") == "Paused"
    with page.expect_request("**/static/icon.svg?last"):  # what was asked before it was hidden is told before this
        page.evaluate("() => fetch('/static/icon.svg?last')")
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    uid = worklists.add_study(room, 9200, state="draft", priority=0, changed_at=room.now())
    page.wait_for_timeout(2500)
    assert asked == []
    page.evaluate(HIDE, False)
    page.wait_for_selector(f"[id='study-{uid}']")
    page.wait_for_selector("#live.live")


def test_a_tab_that_was_left_while_it_asked_stays_paused_whatever_the_answer(place, open_page):
    room, url = place
    page = open_page("/")
    page.wait_for_selector("#live.live")
    held = hold(page, f"{url}/", "POST")
    worklists.add_study(room, 9300, state="draft", changed_at=room.now())
    asked = waited_for(page, held)
    page.evaluate(HIDE, True)
    asked.fulfill(status=503)
    page.wait_for_timeout(300)
    assert page.text_content("#live") == "Paused"


def test_an_upload_shows_what_was_stored_and_what_was_refused_and_why(place, open_page, tmp_path):
    room, _ = place
    page = open_page("/upload")
    archive = tmp_path / "cd.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.write(rooms.EXAMPLES / "child-viral.dcm", "IM1")
        packed.writestr("notes.txt", "hello")
    page.set_input_files(
        "#files", [rooms.EXAMPLES / "child-bacterial.dcm", rooms.EXAMPLES / "child-bacterial-2.jpg", archive]
    )
    page.wait_for_function("() => document.getElementById('counts').textContent !== ''")
    assert page.text_content("#counts") == "2 stored, 0 already here, 2 refused, 0 failed"
    told = {row.split("\t")[0]: row.split("\t")[-1] for row in page.inner_text("#rows").splitlines() if row}
    assert told["child-bacterial.dcm"].startswith("Stored")
    assert re.match("Refused.*Not DICOM", told["child-bacterial-2.jpg"])
    assert re.match("Refused.*Not a DICOM file", told["cd.zip/notes.txt"])
    assert len(rooms.tables(room, select(instances))) == 2
    assert page.locator("#studies a").count() == 2


def test_an_upload_that_breaks_off_can_be_tried_again(place, open_page):
    page = open_page("/upload")
    page.route("**/upload", lambda route: route.fulfill(status=503, json={"detail": "Too busy."}))
    page.on("console", lambda said: None)
    page.set_input_files("#files", [rooms.EXAMPLES / "child-normal.dcm"])
    page.wait_for_selector("#rows .failed")
    assert "Too busy." in page.inner_text("#rows")
    page.unroute("**/upload")
    page.click("#again")
    page.wait_for_selector("#rows .stored, #rows .already-here")
