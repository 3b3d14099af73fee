"""Reports on disk, some refused for their distance: what a site's cases say of the limit, and of nothing else."""

import json

import numpy as np
import pytest

from secondread.audit.site.cases import Cases, from_reports
from secondread.audit.site.scale import scale_of
from secondread.core.trust import Outside
from tiny_bundle import make_card

CARD = make_card(outside=Outside("seven distances", 0.95, "validation"))
REFUSED = {"reason": "out-of-distribution", "message": "Found strange greys.", "next_step": "Look."}


def written(folder, n, distance, **read):
    """A report of study n: an answer, unless something else is said."""
    answer = {"point": {"bundle": "tiny", "name": "pneumonia"}, "probability": 0.2 + n / 100}
    told = {"program": "secondread", "asked_tiny": f"0.0.1 {CARD.weights} onnxruntime"}
    distances = [] if distance is None else [{"bundle": "tiny", "value": distance}]
    whole = {"findings": [answer], "provenance": told, "distances": distances, "refusal": None, "failure": None} | read
    content = {"schema_version": 3, "study_uid": f"1.2.{n}", "reads": [whole]}
    (folder / f"{n}.json").write_text(json.dumps(content), encoding="utf-8")


@pytest.fixture
def desk(tmp_path):
    """30 answered cases, 10 refused for their distance, and one of each other kind of row."""
    (tmp_path / "reports").mkdir()
    far = [*np.linspace(0.2, 0.9, 30), *np.linspace(1.1, 2.0, 10)]
    for n, distance in enumerate(far):
        written(tmp_path / "reports", n, distance, **({} if n < 30 else {"findings": [], "refusal": REFUSED}))
    written(tmp_path / "reports", 40, None, findings=[], refusal=REFUSED | {"reason": "content"})
    written(tmp_path / "reports", 41, None, findings=[], failure="stopped")
    written(tmp_path / "reports", 42, 0.4, findings=[])
    rows = [f"1.2.{n},p{n},{'' if n == 43 else n % 2}" for n in range(45)]
    (tmp_path / "cases.csv").write_text("\n".join(["study,patient,label", *rows]))
    return tmp_path


def test_cases_that_were_refused_for_their_distance_widen_the_limit(desk):
    cases = from_reports(desk / "cases.csv", desk / "reports", CARD, "pneumonia")
    far = np.sort([*np.linspace(0.2, 0.9, 30), *np.linspace(1.1, 2.0, 10)])
    scale, told = scale_of(cases, CARD, 1)
    assert scale == pytest.approx(1 / far[38])  # ceil(41 x 0.95) = 39th of 40
    assert "0.75 of the site's 40 cases with a distance lay inside before" in told
    assert "10 of them were refused" in told
    assert "--outside warn" in told


def test_answers_rest_on_the_cases_that_have_one_and_every_other_row_is_counted_with_its_reason(desk):
    cases = from_reports(desk / "cases.csv", desk / "reports", CARD, "pneumonia")
    assert cases.p.tolist() == pytest.approx([0.2 + n / 100 for n in range(30)])
    assert cases.left_out == {
        "refused as out-of-distribution": 10,
        "refused (content)": 1,
        "failed": 1,
        "with a report that does not answer the question": 1,
        "without a label": 1,
        "without a report": 1,
    }
    assert cases.counted.startswith("30 of 45 rows of the table; left out: ")


def test_a_report_without_an_answer_does_not_hide_one_with(desk):
    written(desk / "reports", 0, 3.0, findings=[], refusal=REFUSED)
    (desk / "reports" / "0.json").rename(desk / "reports" / "z.json")
    written(desk / "reports", 0, 0.2)
    cases = from_reports(desk / "cases.csv", desk / "reports", CARD, "pneumonia")
    assert len(cases.y) == 30
    assert cases.distances.min() == pytest.approx(0.2)


def far(distances, people):
    nothing = np.array([])
    return Cases("pneumonia", (), nothing, nothing, nothing, distances=np.asarray(distances), whose=np.array(people))


def test_with_every_case_inside_nothing_is_said_of_refusals():
    scale, told = scale_of(far(np.linspace(0.1, 0.9, 19), range(19)), CARD, 1)
    assert scale == pytest.approx(1 / 0.9)
    assert told == "1.00 of the site's 19 cases with a distance lay inside before"


def test_too_few_patients_leave_the_limit_however_many_their_pictures():
    assert scale_of(far(np.ones(18), range(18)), CARD, 1)[0] == 1.0
    scale, told = scale_of(far(np.linspace(0.1, 0.9, 90), np.arange(90) % 18), CARD, 1)
    assert scale == 1.0
    assert "18 patients with a distance; needed 19" in told


def test_a_patient_with_many_strange_pictures_weighs_like_one():
    ordinary, strange = np.linspace(0.1, 0.9, 59), np.full(40, 3.0)
    cases = far([*ordinary, *strange], [*range(59), *[59] * 40])
    assert 1 / scale_of(cases, CARD, 1)[0] == pytest.approx(np.sort(ordinary)[57])  # ceil(61 x 0.95) = 58th of 60
