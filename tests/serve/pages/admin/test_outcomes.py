import re

import pytest

import rooms
import worklists
from secondread.core.report import Outcome
from secondread.serve.database.connect import reading, writing
from secondread.serve.database.tables import monitor_points
from secondread.serve.moments import after
from secondread.serve.pages.admin.outcomes import outcomes

ENDED = ("found", "undecided", "undecided", "nothing found", "refused")


@pytest.fixture
def ended(any_room):
    """Reads of a chest reader that ended so, one of a head reader, and an undecided one of long ago."""
    worklists.add_study(any_room, 1, state="draft")
    rows = [("chest", one, any_room.now()) for one in ENDED]
    rows += [("head", "failed", any_room.now()), ("chest", "undecided", after(any_room.now(), -100 * 86400))]
    reads = [rooms.add_read(any_room, 1, version=n + 1) for n in range(len(rows))]
    with writing(any_room.database) as connection:
        for read, (reader, outcome, at) in zip(reads, rows, strict=True):
            values = {"reader": reader, "outcome": outcome, "at": at, "weights": "w", "point": "{}"}
            connection.execute(monitor_points.insert().values(study_id=1, read_id=read, **values))
    return any_room


def test_undecided_is_counted_apart_from_every_other_outcome(ended):
    with reading(ended.database) as connection:
        found = outcomes(connection, since=after(ended.now(), -86400))
    assert found == {
        "chest": dict(zip(Outcome, (1, 1, 2, 1, 0), strict=True)),
        "head": dict(zip(Outcome, (0, 0, 0, 0, 1), strict=True)),
    }


@pytest.mark.parametrize(("language", "word"), [("en", "Undecided"), ("ko", "판정 보류")])
def test_the_page_shows_it_in_both_languages(ended, language, word):
    client = rooms.logged_in(ended, "administrator", f"admin-{language}", language=language)
    text = client.get("/admin/reviews", headers={"accept": "text/html"}).text
    table = text[text.index('id="outcomes"') :]
    heads = re.findall(r"<th scope=\"col\"[^>]*>([^<]*)</th>", table)
    row = re.search(r"<th scope=\"row\">chest</th>(.*?)</tr>", table)
    assert row is not None
    cells = re.findall(r"<td class=\"figure\">(\d+)</td>", row[1])
    assert dict(zip(heads[1:], cells, strict=False))[word] == "2"
