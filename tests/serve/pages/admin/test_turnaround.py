import numpy as np
import pytest

import worklists
from secondread.serve.database.connect import reading
from secondread.serve.moments import after
from secondread.serve.pages.admin import charts
from secondread.serve.pages.admin.turnaround import spread, turnaround


def add(room, number, arrived, steps, **values):
    """A study whose steps take so many seconds each; a step that is None has not happened."""
    moments, at = {"first_received_at": arrived, "last_received_at": arrived}, arrived
    for name, seconds in zip(("drafted_at", "opened_at", "signed_at"), steps, strict=True):
        if seconds is not None:
            at = after(at, seconds)
            moments[name] = at
    worklists.add_study(room, number, state="draft", **moments, **values)


def figures(room, days=30):
    with reading(room.database) as connection:
        return turnaround(connection, since=after(room.now(), -86400 * days))


def test_each_step_is_the_time_between_its_ends_and_a_step_that_is_not_done_is_left_out(any_room):
    arrived = after(any_room.now(), -86400)
    add(any_room, 1, arrived, (60, 600, 30), modalities="CT")
    add(any_room, 2, arrived, (120, 1200, None), modalities="CT PT")
    add(any_room, 3, arrived, (None, None, None), modalities="MR")
    found = figures(any_room)
    assert {step: (one.count, one.median) for step, one in found.steps.items()} == {
        "arrival-draft": (2, 90.0),
        "last-image-draft": (2, 90.0),
        "draft-opened": (2, 900.0),
        "opened-signed": (1, 30.0),
        "arrival-signed": (1, 690.0),
    }
    assert {name: one["arrival-draft"].count for name, one in found.modalities.items()} == {"CT": 2, "PT": 1}
    assert found.arrived == {arrived[:10]: 3}


def test_studies_that_arrived_before_the_period_do_not_count(room):
    add(room, 1, after(room.now(), -10 * 86400), (60, None, None))
    assert figures(room, days=7).steps == {}
    assert figures(room, days=30).steps["arrival-draft"].count == 1


def test_late_images_after_the_draft_make_no_negative_time(room):
    arrived = after(room.now(), -3600)
    worklists.add_study(
        room, 1, state="draft", first_received_at=arrived, last_received_at=after(arrived, 900),
        drafted_at=after(arrived, 100),
    )  # fmt: skip
    assert "last-image-draft" not in figures(room).steps
    assert figures(room).steps["arrival-draft"].median == 100


def test_percentiles_are_those_of_numpy_in_their_order():
    seconds = np.random.default_rng(4).lognormal(4, 1, 300)
    found = spread(list(seconds))
    assert found.quarter < found.median < found.three_quarters < found.p90 < found.p95
    assert found.p95 == pytest.approx(np.quantile(seconds, 0.95))


def test_a_chart_shows_longer_spans_further_right_and_all_of_them_inside():
    rows = [(str(n), spread([n, 2 * n, 3 * n])) for n in (1, 60, 4000, 90000)]
    chart = charts.spans(rows)
    ends = [bar.end for bar in chart.bars]
    assert ends == sorted(ends)
    assert len(set(ends)) == len(ends)
    assert all(charts.LABEL <= bar.left <= bar.median <= bar.right <= bar.end <= chart.width for bar in chart.bars)
    assert chart.ticks[-1][1] >= max(one.p90 for _, one in rows)


def test_parts_of_a_bar_follow_each_other_and_fill_it():
    (_, _, parts), (_, _, none) = charts.shares([("a", {"x": 3, "y": 0, "z": 1}), ("b", {"x": 0})])
    assert [part.width for part in parts] == [382.5, 0.0, 127.5]
    assert parts[2].x == parts[0].x + parts[0].width
    assert none[0].width == 0
