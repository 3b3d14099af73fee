"""Answers that come late: what was asked for last is shown, whatever comes last."""

import pytest

import rooms
import viewing
from browsers import hold, waited_for


@pytest.fixture(scope="module")
def desk(tmp_path_factory, chromium):
    folder = tmp_path_factory.mktemp("overtaken")
    room = rooms.make_room(folder)
    now, before = (
        viewing.add_stack(room, folder, name, StudyDate=date)
        for name, date in (("now", "20240301"), ("before", "20230301"))
    )
    with viewing.looking(chromium, room) as look:
        yield look, now.study_uid, before.study_uid
        assert look.faults == []
    room.database.dispose()


LATE = """async () => {
  const desk = viewer.desk, wanted = desk.active.series, late = Promise.withResolvers();
  const first = desk.show({ series: () => late.promise }, "late");
  await desk.show(desk.study, wanted.key);
  late.resolve(Object.create(wanted));
  return [await first, desk.active.series === wanted, desk.active.element.classList.contains("loading")];
}"""


def test_a_series_that_comes_after_another_was_chosen_is_not_shown(desk):
    look, now, _ = desk
    look.study(now)
    assert look.page.evaluate(LATE) == [None, True, False]


def test_a_series_of_a_prior_that_was_put_away_is_shown_nowhere(desk):
    look, now, before = desk
    look.study(now)
    held = hold(look.page, f"**/view/{before}/series/*")
    look.page.evaluate(f"() => {{ window.first = viewer.desk.compare('{before}'); }}")
    late = waited_for(look.page, held)
    look.page.evaluate("() => viewer.desk.compare('')")
    late.continue_()
    look.page.unroute(f"**/view/{before}/series/*")
    look.page.evaluate("() => window.first")
    assert look.desk("[desk.arrangement, desk.active.series.study === desk.study]") == ["1x1", True]


def test_a_prior_that_comes_after_it_was_put_away_again_stays_away(desk):
    look, now, before = desk
    look.study(now)
    held = hold(look.page, f"**/view/{before}?beside=*")
    look.page.evaluate(f"() => {{ window.first = viewer.desk.compare('{before}'); }}")
    late = waited_for(look.page, held)
    look.page.evaluate("() => viewer.desk.compare('')")
    late.continue_()
    look.page.evaluate("() => window.first")
    assert look.desk("[desk.arrangement, desk.linked, desk.prior]") == ["1x1", False, None]
