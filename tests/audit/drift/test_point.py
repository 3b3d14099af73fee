import json

import pytest

from secondread.audit.drift.point import points_of

READ = {
    "reader": "r", "outcome": "refused", "findings": [], "failure": None, "distances": [], "checks": [],
    "refusal": {"reason": "view", "message": "m", "next_step": "n"},
    "provenance": {"bundle": "b", "version": "1", "sha256": "c" * 64, "input_sop_instance_uids": "1.2"},
}  # fmt: skip


def point(**changes):
    report = {"created_at": "2026-03-04", "reads": [{**READ, **changes}]}
    found = list(points_of(json.loads(json.dumps(report))))
    return found[0] if found else None


def finding(p, **more):
    code = {"system": "s", "value": "v", "display": "Pneumonia"}
    return {"code": code, "probability": p, "positive": p >= 0.5, "unsure": False, "point": None, **more}


@pytest.mark.parametrize("outcome", ["refused", "failed"])
def test_a_read_without_an_answer_has_no_probability_and_is_no_negative(outcome):
    one = point(outcome=outcome)
    assert (one.answered, dict(one.probabilities), one.positives) == (False, {}, ())


def test_a_reader_that_had_nothing_to_do_with_the_study_is_left_out():
    refusal = {"reason": "modality", "message": "m", "next_step": "n"}
    chosen_nothing = {"bundle": "b", "version": "1"}
    assert point(refusal=refusal, provenance=chosen_nothing) is None
    assert point(refusal=refusal) is not None
    assert point(refusal={**refusal, "reason": "view"}, provenance=chosen_nothing) is not None


def test_a_finding_goes_by_its_operating_point_and_one_that_is_unsure_is_not_positive():
    findings = [finding(0.7), finding(0.6, unsure=True, point={"bundle": "b", "name": "nodule"})]
    one = point(outcome="found", refusal=None, findings=findings)
    assert (dict(one.probabilities), one.positives) == ({"Pneumonia": 0.7, "nodule": 0.6}, ("Pneumonia",))


def test_a_method_without_weights_goes_by_its_version():
    assert point(provenance={"method": "m", "version": "3", "input_sop_instance_uids": "1"}).weights == "3"


def test_every_part_of_a_distance_is_watched_beside_the_largest():
    parts = [{"name": "greys", "value": 1.4}, {"name": "grain", "value": 0.3}]
    one = point(distances=[{"bundle": "b", "value": 1.4, "parts": parts, "outside": True, "inputs": 1}])
    assert dict(one.distances) == {"b": 1.4, "b, greys": 1.4, "b, grain": 0.3}
