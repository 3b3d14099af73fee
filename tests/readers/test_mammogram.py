from pathlib import Path

import numpy as np
import pytest
from pydicom.sr.codedict import codes
from scipy.ndimage import label

import dicom_factory
import fakes
from phantoms.mammogram import Cluster, Mass, mammogram, write
from secondread import pipeline
from secondread.core.clinical import Clinical
from secondread.core.measurement import UCUM
from secondread.core.report import Outcome, Priority
from secondread.measure.breast_masses import POSITIVE
from secondread.readers import mammogram as reader
from secondread.readers.mammogram import READER

SMALL = {"size_mm": (120.0, 90.0)}
AT = (45.0, 40.0)
GRAINS, LUMP = Cluster(9, 0.7, at=AT), Mass(30.0, 1.0, at=(65.0, 40.0))
PAGE = Path(__file__).parents[2] / "docs" / "readers" / "mammogram.md"


def asked(folder, **clinical):
    study = pipeline.open_examination(folder)
    return pipeline.ask(READER, study, fakes.FakeBundles(), Clinical(**clinical) if clinical else None)


def of(answer, code):
    return [finding for finding in answer.findings if finding.code == code]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Four views: calcifications on R CC, nothing else."""
    folder = tmp_path_factory.mktemp("whole")
    for n, (side, view) in enumerate((side, view) for side in "RL" for view in ("CC", "MLO")):
        clusters = (GRAINS,) if (side, view) == ("R", "CC") else ()
        phantom = mammogram(50 + n, view=view, percent=15.0, shared=ord(view[0]), clusters=clusters, **SMALL)
        write(folder, phantom, side=side, view=view)
    return folder


@pytest.fixture(scope="module")
def answer(whole):
    return asked(whole, indication="screening")


def test_a_cluster_is_found_on_its_side_and_view_with_numbers_and_units(answer):
    assert answer.outcome is Outcome.FOUND
    first = answer.findings[0]
    assert first.code == reader.CALCIFICATIONS
    assert first.positive
    assert first.location.startswith("right breast, CC view, outer third, ")
    assert 7 <= first.measurements[0].value <= 10
    assert all(number.unit in UCUM for finding in answer.findings for number in finding.measurements)
    assert any("Distribution by rule: grouped." in note for note in first.notes)
    assert "detector plane" in first.measurements[1].method


def test_its_mask_lies_on_the_picture_as_it_is_stored(answer):
    mask = answer.findings[0].mask.inside
    rows, columns = np.nonzero(mask)
    # the right breast is stored with the chest wall on the right
    assert rows.mean() * 0.1 == pytest.approx(AT[0], abs=2.0)
    assert (mask.shape[1] - columns.mean()) * 0.1 == pytest.approx(AT[1], abs=2.0)


def test_no_probability_is_given(answer):
    assert all(finding.probability is None for finding in answer.findings)


def test_density_is_told_of_each_view_and_its_group_is_not_the_letter(answer):
    (found,) = of(answer, reader.COMPOSITION)
    assert found.measurements[0].value == pytest.approx(15.0, abs=7.0)
    assert len(found.measurements) == 5
    assert not found.positive
    assert any("by percentage" in note for note in found.notes)
    assert found.rulings[0].reason.startswith("not computable: letter")


def test_sides_are_compared_in_both_views(answer):
    assert len(of(answer, reader.ASYMMETRY)) == 2


def test_the_views_are_checked(answer):
    (found,) = of(answer, reader.QUALITY)
    assert found.measurements[0].value == 4
    assert "All four standard views." in found.notes
    assert sum("MLO: the pectoral muscle" in note for note in found.notes) == 2
    assert any("not judged" in note for note in found.notes)


def test_at_screening_the_aid_says_no_more_than_incomplete(answer):
    assessment = answer.findings[0].rulings[0]
    assert assessment.guideline == "BI-RADS mammography"
    assert assessment.value == "0"


def test_without_a_stated_indication_the_aid_names_what_is_missing(whole):
    assert "setting" in asked(whole).findings[0].rulings[0].reason


def test_all_views_are_drawn_with_their_outlines(answer):
    drawn, _ = answer.illustrations
    shown = {tuple(colour) for colour in np.unique(drawn.rgb.reshape(-1, 3), axis=0).tolist()}
    assert {reader.BLUE, reader.YELLOW, reader.RED} <= shown


def test_the_fullest_cluster_is_shown_in_full_size_with_a_ring_round_each_spot(answer):
    close = answer.illustrations[1]
    rings, count = label((close.rgb == reader.RED).all(axis=2), np.ones((3, 3)))
    assert rings.any()
    assert 1 <= count <= answer.findings[0].measurements[0].value  # rings that touch count once
    assert close.caption.startswith("right breast, CC view")


def test_the_same_study_gives_the_same_answer(whole, answer):
    again = asked(whole, indication="screening")
    assert [f.measurements for f in again.findings] == [f.measurements for f in answer.findings]
    assert (again.illustrations[0].rgb == answer.illustrations[0].rgb).all()


def test_a_breast_without_anything_is_looked_at_and_never_called_negative(tmp_path):
    write(tmp_path, mammogram(60, view="CC", percent=15.0, **SMALL), side="L", view="CC")
    answer = asked(tmp_path, indication="screening")
    assert answer.outcome is Outcome.NOTHING_FOUND
    (grains,), (lump,) = of(answer, reader.CALCIFICATIONS), of(answer, reader.MASS)
    assert not grains.positive
    assert grains.measurements[0].value < 3
    assert lump.measurements[0].value < POSITIVE
    assert answer.findings[0].rulings[0].value is None
    assert of(answer, reader.ASYMMETRY) == []
    assert "Missing of the four standard views: R CC, R MLO, L MLO." in of(answer, reader.QUALITY)[0].notes


def test_a_large_mass_is_outlined_on_the_leading_view(tmp_path):
    write(tmp_path, mammogram(61, view="CC", percent=4.0, masses=(LUMP,), **SMALL), side="L", view="CC")
    (found,) = of(asked(tmp_path), reader.MASS)
    assert found.positive
    assert found.location.startswith("left breast, CC view")
    rows, columns = np.nonzero(found.mask.inside)
    assert (rows.mean() * 0.1, columns.mean() * 0.1) == pytest.approx(LUMP.at, abs=4.0)
    assert found.measurements[1].value == pytest.approx(30.0, rel=0.25)


def test_findings_of_other_views_have_no_mask(tmp_path):
    write(tmp_path, mammogram(62, view="CC", percent=15.0, **SMALL), side="R", view="CC")
    write(tmp_path, mammogram(63, view="CC", percent=15.0, clusters=(GRAINS,), **SMALL), side="L", view="CC")
    found = of(asked(tmp_path), reader.CALCIFICATIONS)[0]
    assert found.positive
    assert found.location.startswith("left breast")
    assert found.mask is None


def test_many_clusters_are_summed_up(tmp_path):
    places = ((30.0, 25.0), (45.0, 60.0), (60.0, 25.0), (75.0, 55.0), (90.0, 30.0))
    clusters = tuple(Cluster(9, 0.7, radius_mm=3.0, at=place) for place in places)
    write(tmp_path, mammogram(64, view="CC", percent=5.0, clusters=clusters, **SMALL), side="L", view="CC")
    found = of(asked(tmp_path), reader.CALCIFICATIONS)
    assert len(found) == reader.MOST_CLUSTERS
    assert any("2 more clusters" in note for note in found[-1].notes)


def test_pixels_too_coarse_for_calcifications_are_told_and_not_called_negative(tmp_path):
    write(tmp_path, mammogram(65, view="CC", spacing_mm=0.2, **SMALL), side="L", view="CC")
    answer = asked(tmp_path)
    assert of(answer, reader.CALCIFICATIONS) == []
    assert any("no calcifications were looked for: pixels of 0.2 mm" in warning for warning in answer.warnings)


def test_without_the_size_of_a_pixel_density_and_views_are_what_is_left(tmp_path):
    phantom = mammogram(66, view="MLO", spacing_mm=0.2, **SMALL)
    write(tmp_path, phantom, side="L", view="MLO", ImagerPixelSpacing=None)
    answer = asked(tmp_path)
    assert {finding.code for finding in answer.findings} == {reader.COMPOSITION, reader.QUALITY}
    assert any("neither masses nor calcifications" in warning for warning in answer.warnings)


def test_a_turned_picture_gives_the_same_numbers(tmp_path):
    phantom = mammogram(67, view="CC", percent=10.0, clusters=(GRAINS,), **SMALL)
    turned = dicom_factory.mammogram(
        tmp_path / "turned.dcm",
        np.ascontiguousarray(phantom.pixels[::-1, ::-1]),
        side="L",
        view="CC",
        PatientOrientation=["P", "L"],
    )
    write(tmp_path / "straight", phantom, side="L", view="CC")
    one, other = (of(asked(place), reader.CALCIFICATIONS)[0] for place in (turned, tmp_path / "straight"))
    assert one.location == other.location
    assert [m.value for m in one.measurements] == pytest.approx([m.value for m in other.measurements], rel=0.05)
    assert one.mask.inside[::-1, ::-1].sum() == pytest.approx(other.mask.inside.sum(), rel=0.05)
    assert (one.mask.inside[::-1, ::-1] & other.mask.inside).sum() > 0.9 * other.mask.inside.sum()


@pytest.mark.parametrize("made", ["chest", "ct", "raw"])
def test_other_images_are_refused(tmp_path, made):
    if made == "chest":
        dicom_factory.chest_xray(tmp_path / "x.dcm", fakes.dicom_pixels())
    elif made == "ct":
        dicom_factory.ct_series(tmp_path / "ct")
    else:
        phantom = mammogram(68, spacing_mm=0.5)
        write(tmp_path, phantom, side="L", view="CC", PresentationIntentType="FOR PROCESSING")
    answer = asked(tmp_path)
    assert answer.outcome is Outcome.REFUSED
    assert answer.refusal.reason == ("processing" if made == "raw" else "modality")


def test_whatever_reached_its_limit_is_urgent_and_the_rest_routine(answer):
    assert READER.priority(answer.findings) is Priority.URGENT
    assert READER.priority(tuple(f for f in answer.findings if not f.positive)) is Priority.ROUTINE


def test_codes_are_those_of_the_standard():
    named = {
        reader.CALCIFICATIONS: codes.cid6014.CalcificationCluster,
        reader.MASS: codes.cid6016.MammographicBreastMass,
        reader.COMPOSITION: codes.cid6014.BreastComposition,
        reader.ASYMMETRY: codes.cid6016.AsymmetricBreastTissue,
        reader.QUALITY: codes.cid6014.ImageQuality,
    }
    for ours, theirs in named.items():
        assert (ours.value, ours.system, ours.display) == (theirs.value, theirs.scheme_designator, theirs.meaning)


def test_it_says_that_it_is_not_validated_and_its_figures_stand_on_its_page(answer):
    assert READER.standing.level == "not validated"
    assert any(warning.startswith("Not validated") for warning in answer.warnings)
    page = PAGE.read_text(encoding="utf-8")
    assert page.startswith(f"# {READER.name}\n")
    assert READER.question in page
    assert reader.RESULTS
    for figure in reader.RESULTS.values():
        assert figure.split(";")[0] in " ".join(page.split()), figure
