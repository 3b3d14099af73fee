import rooms
import worklists
from secondread.serve.pages.events import changes_of
from secondread.serve.pages.worklist_rendered import Rendered


def test_a_page_is_made_once_and_the_one_that_was_not_asked_for_longest_is_let_go():
    made = []
    kept = Rendered(most=2)
    for key in ("a", "a", "b", "a", "c", "a", "b"):
        assert kept.get(key, lambda key=key: made.append(key) or f"page {key}") == f"page {key}"
    assert made == ["a", "b", "c", "b"]


def ask(client, **fields):
    return client.post("/", data={"part": "rows", "live": "1", **fields}).text


def test_rows_are_shared_between_people_only_where_they_would_see_the_same(room):
    worklists.add_study(room, 1, state="draft", patient_name="Hong^Gildong", patient_key="p-00ff")
    seer = rooms.logged_in(room)
    app = seer.app
    blind = rooms.logged_in(room, "viewer", hides_names=True)
    korean = rooms.logged_in(room, "radiologist", "korean", language="ko")
    for client in (blind, korean):
        client._transport.app = app
    changes = changes_of(app, room)
    changes._last = "first"  # as if somebody listened
    assert "Hong, Gildong" in ask(seer)  # what a person sees first stands in the trail, and is made for them alone
    assert "Hong, Gildong" in ask(seer)
    assert "p-00ff" in ask(blind)
    assert "Hong" not in ask(blind)
    assert "초안" in ask(korean)
    worklists.add_study(room, 2, state="draft", patient_name="Adams^Ruth")
    assert "Adams" not in ask(seer)  # nobody has noticed the change yet
    changes._last = "second"
    assert "Adams" in ask(seer)
    assert "Adams" in ask(korean)


def test_a_search_and_ones_own_work_are_never_shared(room):
    worklists.add_study(room, 1, state="draft", patient_name="Hong^Gildong")
    client = rooms.logged_in(room)
    changes = changes_of(client.app, room)
    changes._last = "first"
    assert "Hong" in ask(client, q="hong")
    assert "Hong" not in ask(client, q="adams")
    assert "Hong" not in ask(client, mine="1")
    assert not changes.rendered._kept
