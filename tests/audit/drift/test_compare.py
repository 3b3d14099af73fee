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
    asked, one = compared(folder(5), folder(6, weights="e" * 64), level=0.05, least=50)
    assert (asked.name, asked.status) == ("asked", "ok")
    assert (one.name, one.status) == ("reads", "too few")
    assert "versions of its network" in one.told


def other(reports):
    """The same reports of a reader with another name."""
    return [{**one, "reads": [{**read, "reader": "s"} for read in one["reads"]]} for one in reports]


def both(seed, count=150):
    """Reports of two readers."""
    pairs = zip(folder(seed, count), other(folder(seed + 50, count)), strict=True)
    return [{**a, "reads": [*a["reads"], *b["reads"]]} for a, b in pairs]


def test_a_reader_that_is_gone_is_an_alarm_and_one_that_is_new_is_told():
    gone = [one for one in compared(both(9), folder(10), level=0.05, least=50) if one.reader == "s"]
    assert [(one.name, one.status) for one in gone] == [("asked", "alarm")]
    assert gone[0].told == "Gone: was asked about 150 of 150 studies; is asked about none of 150."
    new = [one for one in compared(folder(9), both(10), level=0.05, least=50) if one.reader == "s"]
    assert [(one.name, one.status) for one in new] == [("asked", "watch")]


def test_that_a_reader_is_gone_needs_no_least_number_but_no_chance_either():
    (gone,) = [one for one in compared(both(9, 30), folder(10, 30), level=0.05, least=50) if one.reader == "s"]
    assert gone.status == "alarm"
    once = [*folder(9), *both(11, 1)]
    (chance,) = [one for one in compared(once, folder(10), level=0.05, least=50) if one.reader == "s"]
    assert chance.status == "ok"


def test_a_reader_that_is_asked_far_less_often_is_an_alarm_and_one_that_is_asked_more_is_told():
    half = [*both(9, 75), *folder(12, 75)]
    for old, new, status in ((both(9), half, "alarm"), (half, both(10), "watch"), (half, half, "ok")):
        (one,) = [o for o in compared(old, new, level=0.05, least=50) if (o.reader, o.name) == ("s", "asked")]
        assert one.status == status
    (less,) = [o for o in compared(both(9), half, level=0.05, least=50) if (o.reader, o.name) == ("s", "asked")]
    assert less.told == "Was asked about 150 of 150 studies; is asked about 75 of 150."


def test_the_middle_half_is_not_told_like_an_interval():
    told = by_name(folder(1), folder(2))["probability: Pneumonia"].told
    assert "middle half 0." in told
    assert "(" not in told


def test_few_reports_say_nothing():
    assert {one.status for one in by_name(folder(7), folder(8, 20)).values()} == {"too few"}
