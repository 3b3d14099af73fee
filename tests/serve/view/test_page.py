"""The study page in a browser: what it shows, what it measures, what it says, and what it keeps to itself."""

import json
import re
from dataclasses import replace

import numpy as np
import pydicom
import pytest
from sqlalchemy import select, update

import dicom_factory
import rooms
import viewing
from secondread.core.code import DCM, Code
from secondread.core.finding import Map
from secondread.core.image import Image
from secondread.report.kept import open_kept
from secondread.report.overlay import render
from secondread.serve.database.connect import writing
from secondread.serve.database.tables import audit_events, reads, studies
from viewing import MARK, SHAPE, SPACING_MM, STEP_MM

HEARD = """(name) => {
  window.heard = [];
  document.addEventListener(`secondread:${name}`, (event) => heard.push(event.detail));
}"""
ACTIVATION = Code(DCM, "130402", "Class activation")
TOLD = "document.dispatchEvent(new CustomEvent('secondread:%s', { detail: %s }))"


@pytest.fixture(scope="module")
def desk(tmp_path_factory, chromium):
    folder = tmp_path_factory.mktemp("page")
    room = rooms.make_room(folder)
    made = {
        "now": viewing.add_stack(room, folder, "now", StudyDate="20240301"),
        "before": viewing.add_stack(room, folder, "before", StudyDate="20230301", origin=(-90.0, -130.0, 53.2)),
        "X-ray": viewing.add_xray(room, folder, "xray", PatientID="INVENTED-2"),
        "film": viewing.add_xray(room, folder, "film", ImagerPixelSpacing=None, PatientID="INVENTED-3", with_map=False),
    }
    frames = np.stack([np.full((20, 24), 20 * t, np.uint8) for t in range(8)])
    uid = dicom_factory.uid("viewed", "cine")
    cine = dicom_factory.chest_xray(
        folder / "cine.dcm", frames[0], Modality="US", NumberOfFrames=8, FrameTime="50", PixelData=frames.tobytes(),
        WindowCenter=None, WindowWidth=None, StudyInstanceUID=uid, PatientID="INVENTED-4",
    )  # fmt: skip
    rooms.send_in(room, cine)
    made["cine"] = viewing.Marked(uid, cine, (cine,))
    with viewing.looking(chromium, room) as look:
        yield room, look, made
        assert look.faults == []
    room.database.dispose()


def at(look, x, y, number=0):
    """The point of the page over the middle of an image pixel."""
    script = """([x, y, number]) => {
      const pane = viewer.desk.panes[number], box = pane.canvas.getBoundingClientRect();
      const [a, b, c, d, e, f] = pane.matrix();
      return [box.left + (a * x + c * y + e) / pane.ratio, box.top + (b * x + d * y + f) / pane.ratio];
    }"""
    return look.page.evaluate(script, [x, y, number])


def drag(look, start, end):
    look.page.mouse.move(*at(look, *start))
    look.page.mouse.down()
    look.page.mouse.move(*at(look, *end))
    look.page.mouse.up()


def words_of(look):
    """The words of the last measurement."""
    script = """async () => {
      const { words } = await import("/static/viewer-measure.js");
      const pane = viewer.desk.active;
      return words(pane.series, pane.plane, pane.number, pane.measures().at(-1), (key) => viewer.desk.say(key));
    }"""
    return look.page.evaluate(script)


def test_a_length_is_in_mm_of_the_patient_where_that_is_known(desk):
    _, look, made = desk
    look.study(made["now"].study_uid)
    look.page.keyboard.press("l")
    drag(look, (5, 5), (25, 20))
    assert words_of(look) == [f"{np.hypot(20, 15) * SPACING_MM:.1f} mm"]
    look.desk("desk.layout('mpr')")
    look.desk("desk.activate(desk.panes[1])")
    look.page.keyboard.press("l")
    drag(look, (5, 2, 1), (25, 7, 1))
    assert words_of(look) == [f"{np.hypot(20 * SPACING_MM, 5 * STEP_MM):.1f} mm"]


def test_a_length_on_a_detector_says_so_and_without_spacing_it_is_in_pixels(desk):
    _, look, made = desk
    look.study(made["X-ray"].study_uid)
    look.page.keyboard.press("l")
    drag(look, (5, 5), (35, 5))
    assert words_of(look) == ["6.0 mm (at the detector, larger than in the patient)"]
    look.study(made["film"].study_uid)
    look.page.keyboard.press("l")
    drag(look, (5, 5), (35, 5))
    assert words_of(look) == ["30.0 px"]
    assert "no spacing" in look.page.locator(".pane .bottom-right").inner_text()


def test_an_ellipse_says_what_lies_in_it(desk):
    _, look, made = desk
    look.study(made["now"].study_uid)
    look.desk("pane.go(4)")
    look.page.keyboard.press("e")
    drag(look, (2, 2), (20, 16))
    corners = look.desk("pane.measures().at(-1).points.map(({ x, y }) => [x, y])")
    assert np.abs(np.array(corners) - [[2, 2], [20, 16]]).max() < 0.1  # a hand is no finer than the screen
    (cx, cy), (rx, ry) = np.mean(corners, axis=0), np.ptp(corners, axis=0) / 2
    y, x = np.mgrid[: SHAPE[1], : SHAPE[2]]
    inside = ((x - cx) / rx) ** 2 + ((y - cy) / ry) ** 2 <= 1
    values = viewing.marked()[4][inside]
    assert words_of(look) == [
        f"mean {values.mean():.0f} HU · SD {values.std():.0f}",
        f"{values.min():.1f} … {values.max():.0f} HU",
        f"{np.pi * rx * ry * SPACING_MM**2:.1f} mm²",
    ]


def test_an_angle_is_measured_in_the_patient(desk):
    _, look, made = desk
    look.study(made["now"].study_uid)
    look.page.keyboard.press("g")
    drag(look, (5, 20), (5, 5))
    look.page.mouse.click(*at(look, 20, 20))
    assert words_of(look) == ["45.0°"]


def test_the_value_under_the_pointer_is_that_of_the_pixel(desk):
    _, look, made = desk
    look.study(made["now"].study_uid)
    look.desk("pane.go(4)")
    for place, value in (((7, 10), f"{MARK} HU"), ((30, 20), "60.0 HU")):
        look.page.mouse.move(*at(look, *place))
        look.ready()
        told = look.page.locator(".pane .bottom-right").inner_text()
        assert told.endswith(f"column {place[0]} row {place[1]}\n{value}")


def test_a_map_at_full_strength_has_the_colours_of_the_report_and_is_weaker_at_first(desk):
    room, look, made = desk
    look.study(made["X-ray"].study_uid)
    look.desk("desk.setSmooth(false) || desk.study.overlays.forEach((one) => { one.visible = one.kind === 'map'; })")
    look.desk("Object.assign(pane.view, { zoom: 8, fitted: false }) && pane.touch()")
    first = look.seen()
    look.desk("desk.setOpacity(1)")
    shot = look.seen()
    read = rooms.tables(room, select(reads).join(studies).where(studies.c.study_uid == made["X-ray"].study_uid))[0]
    support = open_kept(room.folders.results / read["folder"] / "kept").map(0, 0)
    stored = pydicom.dcmread(made["X-ray"].sources[0]).pixel_array
    expected = render(Image((stored - 2047.5) / 4095 + 0.5), Map(support, 3.0, ACTIVATION))
    for x, y in ((0, 0), (31, 3), (39, 9), (35, 5), (8, 12)):
        left, top = at(look, x, y)
        box = look.page.locator(".pane").bounding_box()
        pixel = shot[round(top - box["y"]), round(left - box["x"])]
        assert np.abs(pixel - expected[y, x]).max() <= 3
        weaker = first[round(top - box["y"]), round(left - box["x"])]
        assert np.ptp(weaker) <= np.ptp(pixel)
    assert np.abs(first - shot).max() > 0
    assert "It explains, it does not outline." in look.page.locator("#drawings").inner_text()


def test_drawings_of_another_study_are_never_drawn(desk):
    _, look, made = desk
    look.study(made["now"].study_uid)
    look.desk("desk.setStyle('area')")

    def coloured():
        shot = look.seen()[60:-60, 60:-60]
        return int((shot.max(axis=2) - shot.min(axis=2) > 60).sum())

    drawn = coloured()
    assert drawn > 1000
    look.desk("desk.study.overlays.forEach((one) => { one.study_uid = '1.2.3'; }) || pane.touch()")
    assert coloured() == 0
    look.study(made["now"].study_uid)
    script = """async (uid) => {
      const { Overlay } = await import("/static/viewer-overlays.js");
      const { series } = viewer.desk.active, [{ asked, ...one }] = viewer.desk.study.overlays;
      const other = new Overlay({ study_uid: uid }, one, "mask");
      await other.fetch(series);
      return [other.pixels, other.fault];
    }"""
    assert look.page.evaluate(script, made["before"].study_uid) == [None, "drawn on other images"]


def test_a_finding_shown_from_the_panel_is_gone_to_and_ai_can_be_hidden(desk):
    _, look, made = desk
    look.study(made["now"].study_uid)
    look.page.evaluate(HEARD, "overlay-shown")
    look.desk("pane.go(9)")
    look.page.keyboard.press("a")
    assert look.desk("desk.aiVisible") is False
    look.desk(TOLD % ("show-finding", "{ reader: 'chest-xray-pneumonia', finding: 0 }"))
    assert look.desk("[pane.number, desk.aiVisible]") == [2, True]  # where the F has its stroke
    look.desk(TOLD % ("overlay", "{ visible: false }"))
    assert look.page.evaluate("heard.map((one) => one.visible)") == [False, True, False]


def test_an_outline_is_told_in_pixels_of_its_image(desk):
    _, look, made = desk
    look.study(made["now"].study_uid)
    look.page.evaluate(HEARD, "outline")
    look.desk(TOLD % ("draw-outline", "{ reader: 'r', finding: 3 }"))
    look.desk("pane.go(4)")
    for place in ((4, 6), (20, 6), (12, 18.5)):
        look.page.mouse.click(*at(look, *place))
    look.page.keyboard.press("Enter")
    [told] = look.page.evaluate("heard")
    assert np.abs(np.array(told.pop("points")) - [[4, 6], [20, 6], [12, 18.5]]).max() < 0.05
    images = look.desk("pane.series.images")
    assert told == {
        "reader": "r", "finding": 3, "index": 4, "frame": 0, "sopInstanceUid": images[4][0],
        "seriesUid": str(pydicom.dcmread(made["now"].sources[0]).SeriesInstanceUID),
    }  # fmt: skip


def test_outlines_that_the_panel_keeps_are_shown_on_their_image_only(desk):
    _, look, made = desk
    look.study(made["now"].study_uid)
    look.desk("desk.showAi(false) || pane.go(4)")
    uid = look.desk("pane.series.images[4][0]")
    plain = look.seen()
    line = f"{{ sopInstanceUid: '{uid}', frame: 0, points: [[3, 3], [20, 3], [20, 20]] }}"
    look.desk(TOLD % ("outlines", f"{{ reader: 'r', finding: 0, outlines: [{line}] }}"))
    assert (look.seen() != plain).sum() > 500
    look.desk("pane.go(5)")
    assert np.array_equal(look.desk("pane.outlines()"), [])
    look.desk("pane.go(4)")
    look.desk(TOLD % ("outlines", "{ reader: 'r', finding: 0, outlines: [] }"))
    assert np.array_equal(look.seen(), plain)


def test_a_prior_scrolls_along_by_the_place_in_the_patient(desk):
    _, look, made = desk
    look.study(made["now"].study_uid)
    assert look.page.locator("#prior option").count() == 2
    look.page.select_option("#prior", made["before"].study_uid)
    look.page.wait_for_function("() => viewer.desk.panes[1]?.series && viewer.desk.linked")
    look.ready()
    heights = "desk.panes.map((one) => one.middle()[2])"
    for number in (2, 5, 8):
        look.desk(f"pane.go({number})")
        now, before = look.desk(heights)
        assert abs(now - before) <= STEP_MM / 2 + 1e-6
        assert now == pytest.approx(50.0 + number * STEP_MM)
    assert "OTHER STUDY" in look.page.locator(".pane.prior .top-left").inner_text()
    of_study = look.desk("desk.panes.map((one) => one.overlays().map((drawing) => drawing.study_uid))")
    assert of_study == [[made["now"].study_uid], [made["before"].study_uid]]  # to each its own


def test_a_click_with_the_cross_brings_the_other_planes_there(desk):
    _, look, made = desk
    look.study(made["now"].study_uid)
    look.desk("desk.layout('mpr')")
    look.page.mouse.click(*at(look, 20, 7))
    look.ready()
    axial = look.desk("desk.panes[0].number")
    assert look.desk("desk.panes.map((one) => one.number)") == [axial, 7, 20]
    look.page.mouse.click(*at(look, 11, 3, 1))  # coronal: H above, so row 3 is the fourth slice from above
    look.ready()
    assert look.desk("desk.panes.map((one) => one.number)") == [SHAPE[0] - 1 - 3, 7, 11]


def test_a_moving_picture_plays_in_its_own_time_and_stops(desk):
    _, look, made = desk
    look.study(made["cine"].study_uid)
    assert "20.0/s" in look.page.locator(".cine output").inner_text()
    look.page.keyboard.press("Space")
    for script in ("number >= 4", "number < 4"):  # a slow machine leaves pictures out; round again
        look.page.wait_for_function(f"() => viewer.desk.active.{script}")
    look.page.keyboard.press("Space")
    stood = look.desk("pane.number")
    look.page.wait_for_timeout(150)
    assert look.desk("pane.number") == stood
    grey = look.seen()[300, 300]
    assert (grey == 20 * stood).all()


def test_every_view_is_recorded_once_the_prior_too(desk):
    room, look, made = desk

    def views():
        entries = [json.loads(row["entry"]) for row in rooms.tables(room, select(audit_events))]
        return [entry for entry in entries if entry["action"] == "view"]

    before = len(views())
    look.study(made["now"].study_uid)
    look.page.select_option("#prior", made["before"].study_uid)
    look.page.wait_for_function("() => viewer.desk.panes[1]?.series")
    look.ready()
    new = views()[before:]
    assert [one["detail"] for one in new] == [{}, {"as": "prior"}]
    assert len({one["object"] for one in new}) == 2


def test_the_help_lists_every_key_and_a_person_who_cannot_see_finds_the_way(desk):
    from axe_playwright_python.sync_playwright import Axe

    _, look, made = desk
    look.study(made["now"].study_uid)
    found = Axe().run(look.page, options={"runOnly": ["wcag2a", "wcag2aa"]}).response["violations"]
    assert [(one["id"], [node["html"][:120] for node in one["nodes"]]) for one in found] == []
    look.page.keyboard.press("?")
    assert look.page.locator("dialog[open] tr").count() > 25
    look.page.keyboard.press("Escape")


def test_a_picture_has_the_pixels_of_the_screen_it_is_on(desk):
    _, look, made = desk
    fine = look.page.context.browser.new_context(viewport={"width": 1280, "height": 800}, device_scale_factor=2)
    fine.add_cookies(look.page.context.cookies())
    page = fine.new_page()
    page.goto(f"{look.url}/studies/{made['now'].study_uid}")
    page.wait_for_selector(".pane[data-ready=yes]")
    script = """() => {
      const { canvas } = viewer.desk.active, box = canvas.getBoundingClientRect();
      return [canvas.width - 2 * box.width, canvas.height - 2 * box.height];
    }"""
    page.wait_for_function(f"() => ({script})().every((more) => Math.abs(more) <= 1)")
    fine.close()


def test_images_that_came_late_are_said_above_the_images(desk):
    room, look, made = desk
    with writing(room.database) as connection:
        one = studies.c.study_uid == made["film"].study_uid
        connection.execute(update(studies).where(one).values(late_images=True))
    look.study(made["film"].study_uid)
    assert "Images came after this was read" in look.page.locator("#stale").inner_text()


def test_who_sees_pseudonyms_finds_no_name_in_the_page(room, tmp_path):
    made = viewing.add_xray(room, tmp_path, "x", PatientBirthDate="19700102", AccessionNumber="ACC77")
    client = rooms.logged_in(room, hides_names=True)
    page = client.get(f"/studies/{made.study_uid}", headers={"Accept": "text/html"}).text
    assert not re.search("Doe|Jane|INVENTED-1|1970|ACC77", page)
    shown = rooms.logged_in(room, "viewer").get(f"/studies/{made.study_uid}").text
    assert "Doe, Jane" in shown


@pytest.mark.parametrize(("language", "name", "about"), [("en", "Kim, Minsu", "M 45 y"), ("ko", "김민수", "남 45세")])
def test_a_patient_is_named_above_the_images_as_in_the_worklist(room, tmp_path, language, name, about):
    person = {"PatientName": "Kim^Minsu=金^珉秀=김^민수", "PatientSex": "M", "PatientAge": "045Y"}
    made = viewing.add_xray(room, tmp_path, "x", SpecificCharacterSet="ISO_IR 192", **person)
    client, asked = rooms.logged_in(room, "viewer"), {"Accept": "text/html", "Accept-Language": language}
    listed, page = (client.get(path, headers=asked).text for path in ("/", f"/studies/{made.study_uid}"))
    assert name in listed
    assert about in listed
    assert f"<h1>{name}</h1>" in page
    assert f"<title>{name} " in page
    assert about in page


def test_drawings_are_named_in_the_language_of_the_panel(room, tmp_path):
    made = viewing.add_xray(room, tmp_path, "x")
    client = rooms.logged_in(room, "viewer")
    for language, name in (("en", "Pneumonia"), ("ko", "폐렴")):
        told = client.get(f"/view/{made.study_uid}/overlays", headers={"Accept-Language": language}).json()
        assert [one["name"] for one in told["overlays"]] == [name]


def test_drawings_wait_for_a_look_of_ones_own_where_the_room_asks_for_it(room, tmp_path):
    made = viewing.add_xray(room, tmp_path, "x")
    careful = replace(
        room, settings=replace(room.settings, access=replace(room.settings.access, hide_until_looked=True))
    )
    client = rooms.logged_in(careful)
    assert client.get(f"/view/{made.study_uid}/overlays").status_code == 403
    assert client.get(f"/view/{made.study_uid}/overlays/1/0/0/mask").status_code == 403
    told = client.get(f"/view/{made.study_uid}").json()
    assert (told["sees_ai"], told["results"]) == (False, [])
    assert client.post(f"/review/{made.study_uid}/look", json={"impression": ""}).status_code < 300
    assert [one["modality"] for one in client.get(f"/view/{made.study_uid}").json()["results"]] == ["SEG"]
    assert client.get(f"/view/{made.study_uid}/overlays/1/0/0/mask").status_code == 200


def test_a_study_of_the_same_number_from_another_issuer_is_no_prior(room, tmp_path):
    made = {}
    for name, tags in (("now", {}), ("before", {}), ("elsewhere", {"IssuerOfPatientID": "ANOTHER HOSPITAL"})):
        made[name] = viewing.add_xray(room, tmp_path, name, PatientID="SAME", **tags).study_uid
    told = rooms.logged_in(room).get(f"/view/{made['now']}").json()
    assert [one["study_uid"] for one in told["priors"]] == [made["before"]]


def test_a_program_that_asks_for_drawings_stands_in_the_trail(room, tmp_path):
    made = viewing.add_xray(room, tmp_path, "x")
    client = rooms.logged_in(room)
    page = client.post("/account/tokens", data={"name": "program", "days": "1", "scope": ["see"]}).text
    token = re.search(r"secondread_[\w-]+", page)[0]
    with_token = {"Authorization": f"Bearer {token}"}
    assert rooms.visitor(room).get(f"/view/{made.study_uid}/overlays", headers=with_token).status_code == 200
    last = json.loads(rooms.tables(room, select(audit_events).order_by(audit_events.c.seq))[-1]["entry"])
    assert (last["action"], last["actor"]) == ("view", "radiologist")


def test_a_region_is_not_sent_when_the_images_have_changed(room, tmp_path):
    made = viewing.add_stack(room, tmp_path, "x")
    client = rooms.logged_in(room)
    assert client.get(f"/view/{made.study_uid}/overlays/1/0/0/mask").status_code == 200
    more = dicom_factory.ct_series(
        tmp_path / "more", (SHAPE[0] + 1, *SHAPE[1:]), spacing=(SPACING_MM, SPACING_MM), step=STEP_MM,
        StudyInstanceUID=made.study_uid, SeriesInstanceUID=dicom_factory.uid("series", "stack", "x"),
        FrameOfReferenceUID=dicom_factory.uid("frame", "x"), RescaleIntercept="0",
    )  # fmt: skip
    rooms.send_in(room, more[-1])
    answer = client.get(f"/view/{made.study_uid}/overlays/1/0/0/mask")
    assert answer.status_code == 404
    assert "other images" in answer.json()["detail"]
    assert client.get(f"/view/{made.study_uid}/overlays/2/0/0/mask").status_code == 404
    assert client.get(f"/view/{made.study_uid}/overlays/1/0/7/mask").status_code == 404
    assert client.get(f"/view/{made.study_uid}/overlays/1/0/0/map").status_code == 404


def test_a_draft_is_opened_once_on_either_database(any_room, tmp_path):
    made = viewing.add_xray(any_room, tmp_path, "x")
    client = rooms.logged_in(any_room)
    row = select(studies).where(studies.c.study_uid == made.study_uid)
    assert rooms.tables(any_room, row)[0]["opened_at"] is None
    assert client.get(f"/studies/{made.study_uid}").status_code == 200
    first = rooms.tables(any_room, row)[0]["opened_at"]
    any_room.clock.go_on(60)
    assert 'id="older"' not in client.get(f"/studies/{made.study_uid}?version=1").text
    assert 'id="older"' in client.get(f"/studies/{made.study_uid}?version=7").text
    assert rooms.tables(any_room, row)[0]["opened_at"] == first is not None
    [one] = client.get(f"/view/{made.study_uid}/overlays").json()["overlays"]
    assert (one["kinds"], one["positive"], one["version"]) == (["mask", "map"], True, 1)
    assert client.get(f"/view/{made.study_uid}/overlays?version=2").json()["overlays"] == []


def test_a_study_or_picture_that_is_not_here_is_said_to_be_missing(room, tmp_path):
    made = viewing.add_xray(room, tmp_path, "x")
    client = rooms.logged_in(room)
    [entry] = client.get(f"/view/{made.study_uid}").json()["series"]
    for path in (
        "/studies/1.2.3",
        "/view/1.2.3",
        f"/view/{made.study_uid}/series/nothing",
        f"/view/{made.study_uid}/series/{entry['key']}/frames/1",
        f"/view/{made.study_uid}/series/{entry['key']}/frames/-1",
    ):
        assert client.get(path).status_code == 404
    thumbnail = client.get(f"/view/{made.study_uid}/series/{entry['key']}/thumbnail")
    assert thumbnail.headers["content-type"] == "image/jpeg"
    assert client.get(f"/view/{made.study_uid}").json()["results"][0]["modality"] == "SEG"
