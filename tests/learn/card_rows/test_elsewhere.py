"""Other sources and cross-validation in a card."""

from secondread.learn.card_rows.elsewhere import external_rows, fold_rows

AREA = {"value": 0.8, "low": 0.7, "high": 0.9}
SUMMARY = {"mean": AREA, "median": AREA, "cases": 9, "undefined": 0}
ASKED = {"auroc_by_patient": AREA, "positives": 4, "n": 9, "sensitivity": AREA, "specificity": AREA, "ece": 0.1}


def test_another_source_is_named_in_every_row():
    there = {"pictures": 9, "patients": 9, "questions": {"ill": ASKED}, "structures_found": {}, "marks": {}}
    rows = external_rows({"external": {"breast-us-busi": there}}, ())
    assert rows["On breast-us-busi: data"] == "9 pictures, 9 patients; none seen before"
    assert rows["On breast-us-busi: ill: AUROC"] == "0.800 (0.700 to 0.900), 4 of 9 pictures positive"


def test_marks_that_tell_the_hospital_are_told():
    point = {"sensitivity": None, "false_marks_per_image": AREA, "images": 9}
    there = {"pictures": 9, "patients": 9, "called": {"plain": 2, "spot": 7}, "questions": {}, "structures_found": {}}
    there["marks"] = {"lesion": {"at_threshold": point, "tells_the_source": AREA}}
    rows = external_rows({"external": {"b": there}}, ())
    assert rows["On b: most probable label"] == "spot 7, plain 2"
    assert rows["On b: lesion marks: the strongest mark tells the sources apart, AUROC"] == "0.800 (0.700 to 0.900)"


def test_what_is_not_answered_is_answered_nowhere():
    there = {"pictures": 9, "patients": 9, "questions": {"ill": ASKED}, "structures_found": {}, "marks": {}}
    assert list(external_rows({"external": {"a": there}}, {"ill": "too few cases (4)"})) == ["On a: data"]
    folds = {"folds": 5, "by": "hospital", "questions": {"ill": {}}, "structures_found": {}, "classes": None}
    assert list(fold_rows({"cross_validation": folds}, {"ill": "why"})) == ["Cross-validation: how"]


def test_without_cross_validation_there_is_no_row():
    assert fold_rows({}, ()) == {}
    assert fold_rows({"cross_validation": None}, ()) == {}
    assert external_rows({}, ()) == {}


def test_cross_validation_tells_the_best_and_the_worst_fold():
    lesion = {"by_patient": SUMMARY, "empty": {"cases": 0}}
    lesion["folds"] = [
        {"name": "hospital A", "patients": 4, "mean": 0.7, "median": 0.7},
        {"name": "hospital B", "patients": 5, "mean": 0.9, "median": 0.9},
        {"name": "hospital C", "patients": 0, "mean": None, "median": None},
    ]
    ill = {"auroc": AREA, "positives": 4, "n": 9, "auroc_of_each_fold": [0.6, None, 0.9], "auroc_by_patient": None}
    ill["shortcut"] = {"n": 9, "auroc": None, "difference": None, "p": None}
    ill["numbers_alone"] = {"age": {"n": 8, "auroc": AREA, "difference": AREA, "p": 0.01}}
    found = {"folds": 3, "by": "hospital", "questions": {"ill": ill}, "structures_found": {"lesion": lesion}}
    found["smoothed over neighbouring slices"] = {"ill": {"auroc": AREA, "auroc_by_patient": None}}
    found["groups"] = {"native 64": {"macro_auroc": AREA}}
    rows = fold_rows({"cross_validation": found | {"classes": None}}, ())
    assert rows["Cross-validation: ill: AUROC"] == (
        "0.800 (0.700 to 0.900), 4 of 9 positive; single folds 0.600 to 0.900"
    )
    assert not any("AUROC by patient" in name for name in rows)
    assert rows["Cross-validation: ill: AUROC, smoothed over neighbouring slices"] == "0.800 (0.700 to 0.900)"
    assert rows["Cross-validation: ill: AUROC of age alone"].endswith("p = 0.01, 8 cases")
    assert rows["Cross-validation: lesion: mean Dice of single folds"] == (
        "0.700 (hospital A, 4 patients) to 0.900 (hospital B, 5 patients)"
    )
    assert rows["Cross-validation: mean AUROC of the labels, native 64"] == "0.800 (0.700 to 0.900)"
