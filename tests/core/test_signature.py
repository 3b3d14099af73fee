"""A signature is a person's, of what they decided; the draft stays a draft."""

import pytest

import fakes
from report_desk import PNEUMONIA, Desk
from secondread.core.signature import REJECTIONS, Held, Outline, Rejected, SignedReport, Signer, Verdict

SIGNER = Signer("Dr Kim", "City Hospital", "kim")
AT = "2026-03-04T10:00:00+09:00"


def signed(*held, rejected=(), **changes):
    desk = Desk(fakes.card())
    draft = desk.report(desk.found(), desk.refused())
    whole = {"number": 0, "signer": SIGNER, "signed_at": AT, "findings_text": "", "impression": ""}
    return SignedReport(draft=draft, held=held, rejected=rejected, **{**whole, **changes})


def accepted(source=(0, 0)):
    return Held(PNEUMONIA, True, Verdict.ACCEPTED, source=source)


def test_what_is_neither_held_nor_rejected_is_undecided():
    assert signed().undecided == ((0, 0),)
    assert signed(accepted()).undecided == ()
    assert signed(rejected=(Rejected((0, 0), "artefact"),)).undecided == ()


def test_the_draft_in_a_signed_report_is_still_a_draft():
    assert signed(accepted()).draft.status == "draft"


def test_the_status_is_final_then_amended_or_appended():
    assert signed().status == "final"
    assert signed(amends=True).status == "amended"
    added = signed().with_addendum("New.", Signer("Dr Lee", "", "lee"), AT)
    assert (added.status, added.number, added.signer.name) == ("appended", 1, "Dr Lee")
    assert added.with_addendum("More.", SIGNER, AT).addenda == (("Dr Lee", AT, "New."), ("Dr Kim", AT, "More."))


def test_a_finding_is_held_or_rejected_once_and_must_be_in_the_draft():
    with pytest.raises(ValueError, match="held or rejected once"):
        signed(accepted(), rejected=(Rejected((0, 0), "artefact"),))
    with pytest.raises(ValueError, match="has no finding"):
        signed(accepted((1, 0)))


def test_a_signature_needs_a_person_a_time_and_an_addendum_its_text():
    with pytest.raises(ValueError, match="name of a person"):
        Signer(" ", "", "kim")
    with pytest.raises(ValueError, match="offset"):
        signed(signed_at="2026-03-04T10:00:00")
    with pytest.raises(ValueError, match="n texts"):
        signed().with_addendum("  ", SIGNER, AT)


def test_an_added_finding_has_no_place_in_the_draft_and_others_have_one():
    with pytest.raises(ValueError, match="added one has none"):
        Held(PNEUMONIA, True, Verdict.ADDED, source=(0, 0))
    with pytest.raises(ValueError, match="added one has none"):
        Held(PNEUMONIA, True, Verdict.EDITED)


def test_a_rejection_has_one_of_the_reasons_and_an_outline_three_points():
    assert all(text[0].isupper() for text in REJECTIONS.values())
    with pytest.raises(ValueError, match="is not one of"):
        Rejected((0, 0), "mood")
    with pytest.raises(ValueError, match="three points"):
        Outline("1", "2", 0, ((0, 0), (1, 1)))
