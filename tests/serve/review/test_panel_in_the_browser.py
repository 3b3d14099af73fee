"""The panel in Chromium, by keys alone: decide, write, two people at once, merge, sign, add."""

import json
from dataclasses import replace

import pydicom
import pytest
from axe_playwright_python.sync_playwright import Axe
from sqlalchemy import select

import read_rooms
import rooms
from browsers import PATIENCE_MS, hold, page_for, waited_for
from secondread.serve.database.connect import writing
from secondread.serve.database.tables import sessions, signatures
from secondread.serve.moments import after
from secondread.serve.review.store import load
from web_servers import listening


@pytest.fixture
def desk(room, tmp_path, chromium):
    """Opens the study for a person: a page, and what failed on it."""
    study = read_rooms.with_picture(room, tmp_path / "in")
    contexts = []
    with listening(room) as place:

        def open_for(name, size=(1280, 900), **values):
            client = rooms.logged_in(room, name=name, **values)
            page = page_for(chromium, client, place.url, size)
            contexts.append(page.context)
            page.goto(f"{place.url}/studies/{study}")
            page.wait_for_selector("#review-panel .finding")
            page.wait_for_load_state("networkidle")
            return page

        yield open_for, study
        for context in contexts:
            context.close()


def saved(page, revision):
    page.wait_for_function(f"() => /\\b{revision}\\b/.test(document.getElementById('review-saved').textContent)")


def clean(page):
    found = Axe().run(page, context="#review").response["violations"]
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []


def test_a_radiologist_decides_writes_and_signs_with_the_keyboard_alone(room, desk):
    open_for, study = desk
    page = open_for("kim", display_name="Dr Kim", organisation="City Hospital")
    clean(page)
    page.locator(".finding").first.focus()
    page.keyboard.press("e")
    page.locator(".review-form input").first.fill("left base")
    clean(page)
    page.keyboard.press("Enter")
    page.keyboard.press("j")
    page.keyboard.press("a")
    page.keyboard.press("j")
    page.keyboard.press("r")
    page.locator(".review-form select").select_option("normal-variant")
    page.locator(".review-form button.main").press("Enter")
    page.keyboard.press("n")
    page.locator("#review-add-place input").first.fill("Pneumothorax")
    page.keyboard.press("Enter")
    page.locator("#review-make").press("Enter")
    page.wait_for_function("() => document.getElementById('review-text-impression').value")
    content = stored(page, room, study, lambda one: one["added"] and one["text"]["impression"])
    assert content["findings"]["0.0"]["location"] == "left base"
    assert content["findings"]["1.0"]["reason"] == "normal-variant"
    assert content["added"][0]["code"]["value"] == "36118008"
    assert content["text"]["impression"] == "1. Pneumonia, left base.\n2. Pneumothorax."
    page.locator("#review-sign").press("Enter")
    page.wait_for_selector("#review-dialog[open]")
    assert "You sign as Dr Kim" in page.inner_text("#review-dialog")
    clean(page)
    page.keyboard.press("Enter")
    page.wait_for_selector(".badge.state-signed")
    page.wait_for_load_state()
    clean(page)
    assert page.locator('[data-do="accept"]').count() == 0
    page.fill("#review-addendum-text", "Seen again.")
    page.locator("#review-addendum").press("Enter")
    page.wait_for_selector("#review-dialog[open]")
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.querySelectorAll('.signed').length === 2")
    assert [row["number"] for row in rooms.tables(room, select(signatures))] == [0, 1]
    assert pydicom.dcmread(read_rooms.signed_folder(room) / "signed.sr.dcm").VerificationFlag == "VERIFIED"


def stored(page, room, study, done):
    """What is stored of the review, once what was done is in it."""
    for _ in range(PATIENCE_MS // 100):
        if done(content := load(room, study).content):
            return content
        page.wait_for_timeout(100)
    raise AssertionError(content)


def test_two_people_at_one_study_know_of_each_other_and_neither_loses_a_word(room, desk):
    open_for, study = desk
    kim = open_for("kim", display_name="Dr Kim")
    lee = open_for("lee", display_name="Dr Lee", language="ko")
    lee.wait_for_selector("#review-others:not([hidden])")
    assert "Dr Kim" in lee.inner_text("#review-others")
    kim.locator(".finding").first.focus()
    kim.keyboard.press("a")
    kim.fill("#review-text-findings", "Kim's words.")
    stored(kim, room, study, lambda one: one["findings"] and one["text"]["findings"])
    lee.fill("#review-text-findings", "Lee의 글.")
    lee.wait_for_selector("#review-conflict:not([hidden])")
    assert "Lee의 글." in lee.inner_text("#review-conflict")
    assert "Dr Kim" in lee.inner_text("#review-conflict")
    assert load(room, study).content["text"]["findings"] == "Kim's words."
    clean(lee)
    lee.locator(".finding").nth(2).focus()
    lee.keyboard.press("a")
    lee.locator("#review-conflict button.main").press("Enter")
    content = stored(lee, room, study, lambda one: "Lee" in one["text"]["findings"])
    assert content["text"]["findings"] == "Kim's words.\n\nLee의 글."
    assert {key: one["decision"] for key, one in content["findings"].items()} == {"0.0": "accepted", "1.0": "accepted"}


SAVE_THRICE = """async () => {
  const { Review } = await import("/static/review-state.js");
  const revisions = [], answers = [];
  window.fetch = (_, { body }) => new Promise((answered) => {
    revisions.push(JSON.parse(body).revision);
    answers.push(() => answered(Response.json({ revision: revisions.length })));
  });
  const review = new Review({ study: "1.2" }, () => {}, () => true);
  const saves = ["one", "two", "three"].map((words) => {
    review.content.text.findings = words;
    return review.save();
  });
  for (let turn = 0; turn < 20; turn += 1) {
    answers.shift()?.();
    await new Promise((over) => setTimeout(over));
  }
  return [await Promise.all(saves), revisions, review.stored.text.findings];
}"""


def test_who_writes_on_while_a_save_is_under_way_is_in_no_conflict_with_oneself(desk):
    assert desk[0]("kim").evaluate(SAVE_THRICE) == [[True, True, True], [0, 1], "three"]


def test_the_panel_takes_nothing_that_the_stored_review_would_be_put_over(room, desk):
    open_for, study = desk
    page = open_for("kim")
    held = hold(page, f"**/review/{study}", "GET")
    page.reload()
    waited_for(page, held).abort()
    page.wait_for_function("() => document.getElementById('review-saved').textContent")  # and it asks again
    waiting = waited_for(page, held)
    page.locator(".finding").first.focus()
    page.keyboard.press("a")
    assert page.locator(".finding .decision").first.get_attribute("data-decision") == "none"
    waiting.continue_()
    page.wait_for_selector("#review-panel:not([inert])")
    assert page.inner_text("#review-saved") == ""
    page.locator(".finding").first.focus()
    page.keyboard.press("a")
    assert stored(page, room, study, lambda one: one["findings"])["findings"]["0.0"]["decision"] == "accepted"


def test_who_was_logged_out_before_the_stored_review_came_is_told_so_and_nothing_is_asked_again(desk):
    open_for, study = desk
    page, asked = open_for("kim"), []
    page.route(f"**/review/{study}", lambda route: (asked.append(1), route.fulfill(status=401, json={"detail": "no"})))
    page.reload()
    page.wait_for_function("() => document.getElementById('review-saved').textContent.includes('logged out')")
    assert page.locator("#review-panel[inert]").count() == 1
    assert asked == [1]


def test_words_that_are_written_while_a_text_is_made_are_not_replaced_unasked(desk):
    open_for, study = desk
    page, asked = open_for("kim"), []
    page.on("dialog", lambda dialog: asked.append(dialog.message) or dialog.dismiss())
    held = hold(page, f"**/review/{study}/text", "POST")
    page.locator("#review-make").click()
    page.fill("#review-text-findings", "Mine.")
    with page.expect_event("dialog"):
        waited_for(page, held).continue_()
    assert len(asked) == 1
    assert page.input_value("#review-text-findings") == "Mine."


@pytest.mark.slow
def test_where_both_decided_the_same_finding_a_person_says_which_stands(room, desk):
    open_for, study = desk
    kim, lee = open_for("kim", display_name="Dr Kim"), open_for("lee", display_name="Dr Lee")
    kim.locator(".finding").first.focus()
    kim.keyboard.press("e")
    kim.locator(".review-form textarea").fill("Kim saw it twice.")
    kim.locator(".review-form button.main").press("Enter")
    saved(kim, 1)
    lee.locator(".finding").first.focus()
    lee.keyboard.press("a")
    lee.wait_for_selector("#review-conflict:not([hidden])")
    assert "Kim saw it twice." in lee.inner_text("#review-conflict select")
    lee.locator("#review-conflict button.main").press("Enter")
    lee.wait_for_timeout(1500)
    assert load(room, study).content["findings"]["0.0"]["text"] == "Kim saw it twice."


def test_the_overlay_is_hidden_by_a_key_and_an_outline_comes_from_the_viewer(room, desk):
    open_for, study = desk
    page = open_for("kim", display_name="Dr Kim")
    page.evaluate(
        "() => { window.told = []; for (const name of ['show-finding', 'overlay', 'draw-outline'])"
        " document.addEventListener(`secondread:${name}`, (event) => window.told.push([name, event.detail])); }"
    )
    page.locator(".finding").first.focus()
    page.keyboard.press("s")
    page.keyboard.press("h")
    page.keyboard.press("e")
    page.get_by_role("button", name="Draw outline").first.click()
    told = page.evaluate("() => window.told")
    assert told[:3] == [
        ["show-finding", {"reader": "chest-xray-pneumonia", "finding": 0}],
        ["overlay", {"visible": False}],
        ["draw-outline", {"reader": "chest-xray-pneumonia", "finding": 0}],
    ]
    line = {"reader": "chest-xray-pneumonia", "finding": 0, "seriesUid": "1.2", "sopInstanceUid": "1.2.3", "frame": 0,
            "points": [[1, 1], [5, 1], [5, 5]]}  # fmt: skip
    page.evaluate(
        f"() => document.dispatchEvent(new CustomEvent('secondread:outline', {{ detail: {json.dumps(line)} }}))"
    )
    page.locator(".review-form button.main").press("Enter")
    saved(page, 1)
    (outline,) = load(room, study).content["findings"]["0.0"]["outlines"]
    assert (outline["sopInstanceUid"], outline["points"]) == ("1.2.3", [[1, 1], [5, 1], [5, 5]])

    page.add_init_script(
        "window.kept = []; document.addEventListener('secondread:outlines', (event) => window.kept.push(event.detail));"
    )
    page.reload()
    page.wait_for_selector("#viewer[data-open=yes]")
    page.wait_for_function("() => window.kept.some((one) => one.reader && one.outlines.length)")  # drawn again
    page.locator(".finding").first.focus()
    page.keyboard.press("e")
    page.evaluate("() => { window.kept = []; }")
    page.get_by_role("button", name="Remove outlines").first.click()
    assert page.evaluate("() => window.kept") == [{"reader": "chest-xray-pneumonia", "finding": 0, "outlines": []}]
    page.get_by_role("button", name="Cancel").first.click()
    assert page.evaluate("() => window.kept.find((one) => one.reader && one.outlines.length).outlines[0].points") == [
        [1, 1],
        [5, 1],
        [5, 5],
    ]


def test_on_a_phone_and_a_tablet_the_images_lie_free_of_the_review_and_its_words_apart(desk):
    page = desk[0]("kim")
    for width in (390, 800, 1000):
        page.set_viewport_size({"width": width, "height": 844})
        pane, review, bar = (
            page.locator(one).first.bounding_box() for one in ("#viewer .pane", "#review", "#viewer .bar")
        )
        for one in (pane, bar):
            apart = one["x"] + one["width"] <= review["x"] + 1 or one["y"] + one["height"] <= review["y"] + 1
            assert apart, (width, one, review)
        assert min(pane["width"], pane["height"]) > 200
        assert page.evaluate("document.scrollingElement.scrollWidth") <= width
        words = [one.bounding_box() for one in page.locator(".pane .label:not(:empty)").all()]
        crossed = [
            (one, other)
            for n, one in enumerate(words)
            for other in words[n + 1 :]
            if one["x"] < other["x"] + other["width"] and other["x"] < one["x"] + one["width"]
            and one["y"] < other["y"] + other["height"] and other["y"] < one["y"] + one["height"]
        ]  # fmt: skip
        assert crossed == [], width


def test_one_map_is_shown_at_a_time(room, tmp_path, chromium):
    def two_maps(study):
        first, *rest = read_rooms.read_of_picture(study)
        other = replace(first.findings[0], code=read_rooms.HEART, probability=0.7, mask=None)
        return (replace(first, findings=(*first.findings, other)), *rest)

    study = read_rooms.drafted(room, [read_rooms.picture(tmp_path / "two")], two_maps)
    visible = "viewer.desk.study.overlays.filter((one) => one.kind === 'map' && one.visible).map((one) => one.name)"
    with listening(room) as place:
        page = page_for(chromium, rooms.logged_in(room), place.url, (1280, 900))
        page.goto(f"{place.url}/studies/{study}")
        page.wait_for_selector(".legend .drawing")
        assert page.evaluate(visible) == ["Pneumonia"]
        assert "One AI map is shown at a time." in page.inner_text(".legend")
        page.locator(".legend .drawing", has_text="Cardiomegaly").locator("input").check()
        assert page.evaluate(visible) == ["Cardiomegaly"]
        page.locator('.finding[data-key="0.0"] [data-do="show"]').click()
        page.wait_for_function(f"() => {visible}.join() === 'Pneumonia'")
        page.locator(".legend .drawing", has_text="Pneumonia").locator("input").last.uncheck()
        assert page.evaluate(visible) == []
        page.context.close()


@pytest.mark.slow
def test_who_is_logged_out_in_the_middle_of_a_sentence_logs_in_elsewhere_and_loses_nothing(room, desk):
    open_for, study = desk
    page = open_for("kim", display_name="Dr Kim")
    with writing(room.database) as connection:
        connection.execute(sessions.update().values(expires_at=room.now()[:4] + "-01-01T00:00:00.000000Z"))
    page.fill("#review-text-findings", "In the middle of")
    page.wait_for_function("() => document.getElementById('review-saved').textContent.includes('logged out')")
    assert load(room, study).revision == 0
    with writing(room.database) as connection:
        connection.execute(sessions.update().values(expires_at=after(room.now(), 3600), csrf="another"))
    saved(page, 1)
    assert load(room, study).content["text"]["findings"] == "In the middle of"


def test_a_doubtful_study_is_accessible_and_what_is_undecided_is_never_accepted_in_bulk(room, tmp_path, chromium):
    study = read_rooms.with_doubt(room, tmp_path / "doubt")
    client = rooms.logged_in(room, name="park", display_name="Dr Park")
    faults = []
    with listening(room) as place:
        page = page_for(chromium, client, place.url, (1600, 1000))
        page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
        page.goto(f"{place.url}/studies/{study}")
        page.wait_for_selector("#review-panel .finding")
        page.wait_for_load_state("networkidle")
        page.evaluate("document.querySelectorAll('.trust').forEach((one) => { one.open = true; })")
        clean(page)
        page.set_viewport_size({"width": 1280, "height": 800})
        warned = page.locator("#warnings-of-images summary").bounding_box()
        accept = page.locator("#review-accept-rest").bounding_box()
        assert warned["y"] + warned["height"] < min(accept["y"], 800)
        page.wait_for_selector(".legend .warned")
        page.locator("#review-accept-rest").click()
        saved(page, 1)
        assert list(load(room, study).content["findings"]) == ["1.0"]
        page.locator("#review-sign").click()
        page.wait_for_selector("#review-dialog[open]")
        assert "without a decision: Pneumonia" in page.inner_text("#review-dialog-error")
        assert page.locator("#review-confirm").is_disabled()
        page.wait_for_function("() => [...document.images].every((one) => one.complete && one.naturalWidth > 0)")
        page.context.close()
    assert faults == []
