"""What of a read is shown."""

import numpy as np

import fakes
from report_desk import corner_map, is_grey
from secondread.core.image import Image
from secondread.core.report import Evidence, Outcome
from secondread.report.picture import picture


def test_of_several_maps_the_most_probable_positive_finding_shows_its_own(desk):
    findings = (desk.finding(0.6), desk.finding(0.9), desk.finding(0.99, map=None))
    shown = picture(desk.read(Outcome.FOUND, findings=findings))
    assert shown.finding is findings[1]
    assert not is_grey(shown.overlaid).all()


def test_a_negative_finding_shows_no_map_even_if_it_has_one(desk):
    findings = (desk.finding(0.4),)
    shown = picture(desk.read(Outcome.NOTHING_FOUND, findings=findings))
    assert (shown.overlaid, shown.finding) == (None, None)


def test_without_evidence_there_is_nothing_to_show(desk):
    assert picture(desk.refused()) is None


def test_the_plain_picture_and_the_overlay_lie_on_one_grid(desk):
    evidence = Evidence(fakes.series(), Image(fakes.chest(1500, 2000)))
    finding = desk.finding(map=corner_map(1500, 2000))
    shown = picture(desk.found(findings=(finding,), evidence=evidence))
    assert shown.plain.shape == shown.overlaid.shape == (768, 1024, 3)
    assert shown.original == (1500, 2000)
    # Right of and below the corner both are the same picture.
    np.testing.assert_array_equal(shown.plain[200:], shown.overlaid[200:])
    np.testing.assert_array_equal(shown.plain[:, 300:], shown.overlaid[:, 300:])
