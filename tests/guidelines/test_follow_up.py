"""Rules that compare two times say only what two examinations can tell."""

from secondread.core.clinical import Clinical
from secondread.guidelines.follow_up import Size, lung_rads_again, lung_rads_of_exam, rano_of_flair, recist_again


def size(before, now, kind="solid"):
    half = (None if before is None else before * 0.8, None if now is None else now * 0.8)
    return Size((before, now), half, kind)


def answer(*sizes, cancer=True, slice_mm=1.0):
    return recist_again(sizes, slice_mm=slice_mm, organ="lungs", cancer=cancer)


def test_a_third_less_is_a_partial_response_and_a_fifth_more_with_five_mm_is_progression():
    assert answer(size(30.0, 20.0)).value == "PR"
    assert answer(size(30.0, 36.0)).value == "PD"
    assert answer(size(15.0, 19.0)).value == "SD"  # 27 %, but only 4 mm
    assert answer(size(30.0, None)).value == "CR"


def test_the_two_largest_of_an_organ_are_the_targets_and_the_rest_is_not_judged():
    ruling = answer(size(30.0, 20.0), size(20.0, 20.0), size(12.0, 12.0))
    assert (ruling.inputs["baseline_sum_mm"], ruling.inputs["sum_mm"]) == (50.0, 40.0)
    assert ruling.reason == "not computable: non_targets are not known" or "non_targets" in ruling.reason


def test_a_new_candidate_is_for_a_physician_to_call_beyond_doubt():
    assert "new_lesion" in answer(size(30.0, 20.0), size(None, 9.0)).reason


def test_without_a_known_cancer_or_a_target_there_is_no_response():
    assert answer(size(30.0, 20.0), cancer=None).reason == "not computable: prior_cancer is not known"
    assert answer(size(30.0, 20.0), cancer=False).reason.startswith("not applicable")
    assert answer(size(12.0, 8.0), slice_mm=8.0).reason.startswith("not applicable: no lesion was large enough")


def test_the_earlier_examination_is_said_to_stand_for_the_baseline():
    assert any("taken for the baseline" in text for text in answer(size(30.0, 20.0)).warnings)


def test_growth_of_a_screened_nodule_raises_its_category():
    assert lung_rads_again(size(7.0, 10.0), months=6.0, screening=True).value == "4B"
    assert lung_rads_again(size(None, 8.0), months=6.0, screening=True).value == "4A"  # mean 7.2 mm, new
    assert lung_rads_again(size(7.0, 7.0), months=6.0, screening=True).value == "2"


def test_what_lung_rads_needs_is_named():
    assert "kind" in lung_rads_again(size(None, 8.0, None), months=6.0, screening=True).reason
    assert "months_since_prior" in lung_rads_again(size(7.0, 10.0), months=None, screening=True).reason
    assert "screening" in lung_rads_again(size(7.0, 10.0), months=6.0, screening=None).reason
    assert lung_rads_again(size(7.0, None), months=6.0, screening=True).reason.startswith("not applicable")
    assert lung_rads_again(size(7.0, 10.0), months=6.0, screening=False).reason.startswith("not applicable")


def test_an_exam_has_the_category_of_its_worst_nodule_unless_one_is_not_known():
    known = [lung_rads_again(size(a, b), months=6.0, screening=True) for a, b in ((7.0, 10.0), (7.0, 7.0))]
    assert lung_rads_of_exam(known, screening=True).value == "4B"
    unknown = lung_rads_again(size(None, 8.0, None), months=6.0, screening=True)
    assert "1 of its 3 nodules" in lung_rads_of_exam([*known, unknown], screening=True).reason


def test_flair_alone_never_makes_a_response_by_rano():
    stable = Clinical(steroids="stable", clinical_state="stable")
    for worse, new in ((False, False), (True, False), (False, True)):
        assert [one.value for one in rano_of_flair(stable, worse=worse, new_lesion=new)] == [None, None]


def test_a_patient_who_got_worse_progresses_by_rano():
    rulings = rano_of_flair(Clinical(clinical_state="worse"), worse=False, new_lesion=False)
    assert {one.value for one in rulings} == {"PD"}
