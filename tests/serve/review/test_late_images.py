"""Images that came late: what they are not part of is said in the worklist, above the images and in the panel."""

import pytest

import read_rooms
import rooms
from secondread.serve.database.connect import writing
from secondread.serve.database.tables import studies

NOT_READ = (
    "arrived after the latest read",
    'id="stale">Images came after this was read.',
    'urgent">Images came after this read.',
)
NOT_SIGNED = (
    "arrived after the study was signed",
    'id="stale">Images came after this was signed.',
    "does not cover them. Below is read 1.",
)


@pytest.mark.parametrize(
    ("state", "said", "unsaid"), [("draft", NOT_READ, NOT_SIGNED), ("signed", NOT_SIGNED, NOT_READ)]
)
def test_late_images_are_missing_from_the_read_or_from_what_was_signed(room, tmp_path, state, said, unsaid):
    study = read_rooms.with_picture(room, tmp_path / "in")
    with writing(room.database) as connection:
        connection.execute(studies.update().values(state=state, late_images=True))
    client = rooms.logged_in(room)
    listed, page = (
        client.get(path, headers={"Accept": "text/html"}).text for path in ("/?state=all", f"/studies/{study}")
    )
    shown = listed + page
    assert [text in shown for text in (*said, *unsaid)] == [True] * 3 + [False] * 3
