"""What is added to an answer."""

from secondread.accept.answered import with_otherwise
from secondread.core.code import LOCAL, Code
from secondread.core.finding import Finding, Limit
from secondread.core.measurement import Measurement
from secondread.guidelines.ich_score import IchCase, ich_score

CODE = Code(LOCAL, "a", "A")


def test_a_measured_finding_says_what_would_change_its_call_once():
    wide = Finding(CODE, measurements=(Measurement("angle", 12.0, "deg", "by hand"),), limit=Limit(10.0, "a rule"))
    told = with_otherwise(wide)
    assert told.notes == ("The call would change if the angle were less by 2.1 degrees.",)
    assert with_otherwise(told).notes == told.notes


def test_a_guideline_that_a_finding_cites_is_asked_again():
    case = IchCase(gcs=14, volume_ml=28.3, intraventricular=False, infratentorial=False, age_years=60.0)
    told = with_otherwise(Finding(CODE, 0.9, 0.5, rulings=(ich_score(case),)))
    (note,) = told.notes
    assert note.startswith("ICH score: 1 points instead of 0 points")


def test_a_network_s_finding_is_left_alone():
    finding = Finding(CODE, 0.51, 0.5)
    assert with_otherwise(finding) is finding
