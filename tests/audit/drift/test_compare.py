import numpy as np

from secondread.audit.drift.compare import JOINT, compared

HASH = "d" * 64


def report(random, shift=0.0, refused=0.05, weights=HASH):
    p = float(1 / (1 + np.exp(1.0 - random.normal() - shift)))
    no = random.random() < refused
    code = {"system": "s", "value": "v", "display": "Pneumonia"}
    finding = {"code": code, "probability": p, "positive": p >= 0.5, "unsure": False, "point": None}
    read = {
        "reader": "r", "outcome": "refused" if no else "found" if p >= 0.5 else "nothing found",
        "findings": [] if no else [finding], "failure": None,
        "refusal": {"reason": "view", "message": "m", "next_step": "n"} if no else None,
        "provenance": {"bundle": "b", "version": "1", "sha256": weights, "input_sop_instance_uids": "1.2"},
        "distances": [
            {"bundle": name, "value": float(random.gamma(4, 0.15) + 0.2 * shift)} for name in ("one", "two")
        ],
        "checks": [],
    }  # fmt: skip
    return {"created_at": "2026-03-04", "reads": [read]}


def folder(seed, count=150, **change):
    random = np.random.default_rng(seed)
    return [report(random, **change) for _ in range(count)]


def by_name(*folders):
    return {one.name: one for one in compared(*folders, level=0.05, least=50)}


def test_two_folders_of_one_place_are_alike():
    assert {one.status for one in by_name(folder(1), folder(2)).values()} <= {"ok"}


def test_what_differs_is_named_with_test_and_size():
    found = by_name(folder(3), folder(4, shift=1.2))
    one = found["probability: Pneumonia"]
    assert (one.status, one.test.method) == ("alarm", "Kolmogorov-Smirnov")
    assert one.index > 0.2
    assert one.q >= one.test.p
    assert found[JOINT].status != "ok"
    assert found["refused"].status == "ok"


def test_a_folder_of_another_network_is_not_compared():
    (one,) = compared(folder(5), folder(6, weights="e" * 64), level=0.05, least=50)
    assert one.status == "too few"
    assert "versions of its network" in one.told


def test_few_reports_say_nothing():
    assert {one.status for one in by_name(folder(7), folder(8, 20)).values()} == {"too few"}
