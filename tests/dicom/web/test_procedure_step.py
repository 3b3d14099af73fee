import pytest

from secondread.dicom.web import procedure_step as step
from secondread.dicom.web.dicom_json import element, first, items
from secondread.dicom.web.refusals import WebRequestError

NOW = "20260304100000+0000"


def order(**changes: object) -> dict[str, object]:
    """What a task manager sends to have a study read."""
    content = {
        step.STATE: element("CS", step.SCHEDULED),
        step.PRIORITY: element("CS", "MEDIUM"),
        step.LABEL: element("LO", "AI read"),
        step.READINESS: element("CS", "READY"),
        step.INPUT: step.sequence({step.STUDY: element("UI", "1.2.3")}),
    }
    return {tag: value for tag, value in (content | changes).items() if value is not None}


def test_a_new_step_gets_what_it_may_leave_out():
    kept, added = step.created(order(), "1.2", NOW)
    assert added
    assert (first(kept, step.INSTANCE), first(kept, step.CLASS)) == ("1.2", step.PUSH_CLASS)
    assert first(kept, step.START) == NOW
    assert step.study_of(kept) == "1.2.3"


@pytest.mark.parametrize(
    "changes",
    [
        {step.STATE: element("CS", step.IN_PROGRESS)},
        {step.STATE: None},
        {step.PRIORITY: element("CS", "STAT")},
        {step.READINESS: None},
        {step.LABEL: None},
        {step.TRANSACTION: element("UI", "1.2.9")},
        {step.INSTANCE: element("UI", "1.99")},
    ],
)
def test_a_step_that_is_not_new_or_lacks_something_is_refused(changes):
    with pytest.raises(WebRequestError):
        step.created(order(**changes), "1.2", NOW)


def test_an_update_changes_no_state_and_no_identity():
    kept, _ = step.created(order(), "1.2", NOW)
    with pytest.raises(WebRequestError):
        step.changed(kept, {step.STATE: element("CS", step.COMPLETED)}, NOW)
    changed = step.changed(kept, {step.LABEL: element("LO", "Another"), step.TRANSACTION: element("UI", "1.9")}, NOW)
    assert first(changed, step.LABEL) == "Another"
    assert step.TRANSACTION not in changed


def test_a_cancelled_step_says_when_and_why():
    content = step.with_cancellation(order(), NOW, "the study was withdrawn")
    assert step.reason_of(content) == "the study was withdrawn"
    report = step.report(step.STATE_REPORT, "1.2", 70000, content | {step.STATE: element("CS", step.CANCELED)})
    assert first(report, step.REASON) == "the study was withdrawn"
    assert first(report, "00000110") == str(70000 - 65536)


def test_what_is_missing_to_complete_has_names():
    assert "PerformedStationNameCodeSequence" in step.missing_to_complete(order())
    performed = {tag: element("DT", NOW) for tag in ("00404050", "00404051")} | {
        tag: step.sequence(step.code("1", "99X", "x")) for tag in ("00404028", "00404019")
    }
    assert step.missing_to_complete(order(**{step.PERFORMED: step.sequence(performed)})) == []
    assert items(order(), step.PERFORMED) == []
