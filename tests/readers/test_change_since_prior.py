"""What changed since an earlier examination: told right, on the right side, refused where nothing can be compared."""

from dataclasses import replace

import numpy as np
import pytest

import fakes
from phantoms import brain_mr, two_times
from secondread import pipeline
from secondread.core.card import InputContract, Threshold
from secondread.core.clinical import Clinical
from secondread.core.facts import SeriesFacts
from secondread.core.geometry import Geometry
from secondread.core.output import Output
from secondread.core.reader import Case
from secondread.core.report import Outcome, Priority
from secondread.core.volume import Volume
from secondread.measure.flair_outline import BUNDLE
from secondread.readers.change_since_prior import READER, check, select

SCREENED = Clinical(indication="screening", prior_cancer=True)
CONTRACT = InputContract(64, 64, "squeeze", ("MR",), channels=5)
HALF = {BUNDLE: fakes.card(BUNDLE, thresholds=(Threshold("tumour", 0.5, "half"),), input=CONTRACT)}
NOBODY = fakes.FakeBundles({BUNDLE: (0.0, 1.0)}, cards=HALF)


class Outliner(fakes.FakeBundles):
    """Outlines what is bright on FLAIR, the middle one of five channels."""

    def run(self, name, batch):
        mask = np.stack([np.zeros_like(batch[:, 2]), np.where(batch[:, 2] > 0.75, 9.0, -9.0)], axis=1)
        plain = super().run(name, batch)
        return Output(plain.logits, plain.cam, plain.embedding, mask.astype(np.float32))


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    chest = replace(two_times.CHEST, spacing_mm=(2.5, 1.6, 1.6), vessels=0, height_mm=(-110.0, 120.0))
    return two_times.write(tmp_path_factory.mktemp("two"), two_times.times(chest))


@pytest.fixture(scope="module")
def read(folders):
    before, after = (pipeline.open_examination(folder) for folder in folders)
    return pipeline.ask(READER, after, NOBODY, SCREENED, before)


def of(read, word):
    found = [one for one in read.findings if one.code.value == word]
    assert len(found) == 1
    return found[0]


def value(finding, name):
    return next(one.value for one in finding.measurements if one.name == name)


def test_a_nodule_that_grew_is_told_with_its_doubling_time_and_its_side(read):
    grown = of(read, "lesion-grown")
    truth = 181 / np.log2(11.0**3 / 8.0**3)
    assert read.outcome is Outcome.FOUND
    assert (grown.positive, grown.location.startswith("right lung")) == (True, True)
    assert value(grown, "volume doubling time") == pytest.approx(truth, rel=0.15)
    assert value(grown, "change of volume") == pytest.approx(100 * (11**3 / 8**3 - 1), rel=0.25)
    centre = grown.mask.grid.world(np.argwhere(grown.mask.inside).mean(0))
    assert centre == pytest.approx(two_times.GROWING[0], abs=1.5)


def test_new_gone_shrunken_and_unchanged_nodules_are_told_apart(read):
    assert of(read, "lesion-new").positive
    assert of(read, "lesion-new").location.startswith("right lung")
    for word in ("lesion-gone", "lesion-shrunk", "lesion-unchanged"):
        assert (of(read, word).positive, of(read, word).location.startswith("left lung")) == (False, True)
    assert of(read, "lesion-gone").mask is None


def test_the_rules_that_compare_two_times_answer_or_name_what_is_missing(read):
    growing = of(read, "lesion-grown").rulings[0]
    whole = {one.guideline: one for one in of(read, "comparison").rulings}
    assert (growing.guideline, growing.value) == ("ACR Lung-RADS", "4B")
    assert "new_lesion" in whole["RECIST"].reason
    assert whole["ACR Lung-RADS"].value == "4B"
    assert READER.priority(read.findings) is Priority.URGENT


def test_how_the_two_were_laid_on_each_other_is_told(read):
    comparison = of(read, "comparison")
    assert value(comparison, "agreement after registration") > 0.95
    assert value(comparison, "time between the examinations") == two_times.DAYS
    assert any("1 growing, 1 new, 1 shrinking, 1 gone, 1 unchanged" in note for note in comparison.notes)


def test_the_timeline_shows_every_lesion_and_is_no_empty_picture(read):
    drawn = read.illustrations[0]
    assert "Timeline" in drawn.title
    assert drawn.rgb.shape[0] > 5 * 200
    assert drawn.rgb.std() > 20


def test_what_cannot_be_known_of_the_scans_is_warned_about(read):
    assert any("kernel is not known" in text for text in read.warnings)


def test_without_an_earlier_examination_it_refuses(folders):
    answer = pipeline.ask(READER, pipeline.open_examination(folders[1]), NOBODY)
    assert answer.refusal.reason == "no-prior"


def test_the_two_in_the_wrong_order_are_refused(folders):
    before, after = (pipeline.open_examination(folder) for folder in folders)
    assert pipeline.ask(READER, before, NOBODY, None, after).refusal.reason == "no-prior"


def block(unit="grey", level=100.0, shape=(12, 40, 40), step=5.0):
    """An uneven body of one brightness."""
    grid = Geometry(shape, np.diag([step, 4.0, 4.0, 1.0])[[2, 1, 0, 3]])
    place = np.indices(shape).transpose(1, 2, 3, 0) - (np.array(shape) - 1) / 2
    inside = ((place / (np.array(shape) * 0.45)) ** 2).sum(-1) < 1
    values = np.where(
        inside, level + 10 * np.sin(place[..., 1] / 3) + 12 * np.cos(place[..., 2] / 4 + place[..., 0]), 0.0
    )
    return Volume(values.astype(np.float32), grid, unit)


def series(modality="MR", parts=("abdomen",), sequence="T2", sop="1.2.3.4"):
    facts = SeriesFacts(slices=12, body_parts=parts, sequence=sequence, thickness_mm=5.0, spacing_mm=5.0)
    return fakes.series(sop, modality=modality, facts=facts, view="", intent="", orientation=())


def case(now, then, volumes=None, dates=("20240701", "20240102")):
    first, second = volumes or (block(), block())
    prior = Case(fakes.study(then, uid="1.2.8", date=dates[1]), (then,), (second,))
    return Case(fakes.study(now, uid="1.2.9", date=dates[0]), (now,), (first,), prior=prior)


@pytest.mark.parametrize(
    ("now", "then", "reason"),
    [
        (series(), series("CT", sequence=""), "modality"),
        (series(), series(sequence="T1"), "sequence"),
        (series(), series(parts=("head",)), "body-part"),
    ],
)
def test_two_examinations_of_two_kinds_are_not_compared(now, then, reason):
    assert check(case(now, then), None, READER.method).reason == reason


def test_voxels_in_hu_in_one_of_the_two_only_are_not_compared():
    both = (block(), block("HU"))
    assert (
        check(case(series("CT", sequence=""), series("CT", sequence=""), both), None, READER.method).reason
        == "processing"
    )


def test_a_picture_is_refused_for_its_modality():
    assert select(fakes.study(), READER.method).reason == "modality"


def test_without_dates_nothing_that_needs_the_time_is_computed():
    told = check(case(series(), series(), dates=("", "")), None, READER.method)
    assert any("date of an examination is not known" in text for text in told)


def test_other_examinations_are_described_by_their_voxels_and_never_called_positive():
    now = block()
    brighter = np.array(now.values)
    brighter[4:8, 15:24, 18:26] += 60.0
    changed = Volume(brighter, now.geometry, "grey")
    answer = READER.answer(case(series(), series(), (changed, now)), NOBODY)
    difference = answer.findings[0]
    assert (difference.code.value, difference.positive) == ("difference", False)
    assert value(difference, "largest region that differs") == pytest.approx(4 * 9 * 8 * 0.08, rel=0.6)
    assert difference.mask.inside.shape == now.values.shape
    assert len(answer.illustrations) == 1


def test_another_body_is_refused_for_its_content():
    random = np.random.default_rng(1).normal(100.0, 40.0, (12, 40, 40)).astype(np.float32)
    other = Volume(random, block().geometry, "grey")
    assert READER.answer(case(series(), series(), (block(), other)), NOBODY).refusal.reason == "content"


@pytest.fixture(scope="module")
def brains(tmp_path_factory):
    """(present, earlier) study of a head with a lesion on its left that grew, and one on its right that is new."""
    place = tmp_path_factory.mktemp("brains")
    steps = (6.0, 2.0, 2.0)
    now = brain_mr.head(steps, lesions=(((25.0, 5.0, 40.0), 16.0), ((20.0, -30.0, -38.0), 9.0)))
    old = brain_mr.head(steps, lesions=(((25.0, 5.0, 40.0), 12.0),))
    for name, phantom, date in (("now", now, "20240701"), ("old", old, "20240102")):
        tags = {"StudyDate": date, "StudyInstanceUID": f"2.25.3{len(name)}{date}"}
        brain_mr.write_series(place / name, phantom.flair * 4, steps, "AX FLAIR", **tags)
    return pipeline.open_examination(place / "now"), pipeline.open_examination(place / "old")


def test_tumours_of_the_brain_are_compared_by_the_outlines_of_the_network(brains):
    read = pipeline.ask(READER, brains[0], Outliner({BUNDLE: (0.0, 1.0)}, cards=HALF), Clinical(), brains[1])
    grown = of(read, "lesion-grown")
    assert (grown.positive, grown.location.startswith("left")) == (True, True)
    assert value(grown, "change of volume") == pytest.approx(100 * (16**3 / 12**3 - 1), rel=0.3)
    assert of(read, "lesion-new").location.startswith("right")
    reasons = [one.reason for one in of(read, "comparison").rulings]
    assert [reason.startswith("not computable: ") for reason in reasons] == [True, True]
    assert any("the FLAIR was repeated" in text for text in read.warnings)
