from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import ndimage
from scipy.stats import spearmanr
from skimage.measure import blur_effect

import fakes
from secondread.accept import burned_in_text, exposure, frontal_chest, gate, inversion, motion, noise, tags, whole
from secondread.accept.checks import NAMES, Warned, in_order, of_refusal
from secondread.accept.looked_at import LookedAt, shrunk
from secondread.audit.gate.altered import ALTERED, altered
from secondread.core.facts import SeriesFacts
from secondread.core.image import Image
from secondread.core.report import Refusal
from secondread.core.trust import Check
from secondread.dicom.deidentification.burned_text import longest_word
from secondread.readers import all_readers

READER = all_readers()["chest-xray-pneumonia"]


def picture(seed=0, side=200):
    """Smooth shapes with fine texture, as tissue has."""
    random = np.random.default_rng(seed)
    smooth = ndimage.gaussian_filter(random.normal(size=(side, side)), 12.0)
    fine = ndimage.gaussian_filter(random.normal(size=(side, side)), 1.2)
    values = 0.5 + 0.2 * smooth / smooth.std() + 0.03 * fine / fine.std()
    return np.clip(values, 0.02, 0.98).astype(np.float32)


def seen(values=None, area="chest X-ray", **changes):
    image = Image(picture() if values is None else np.asarray(values, np.float32))
    case = fakes.case(image=image, chosen=replace(fakes.series(), **changes) if changes else None)
    return LookedAt(area, case, fakes.card(), None, None, shrunk(image.values))


def examined(values=None, bundles=None, **changes):
    look = seen(values, **changes)
    bundles = bundles or fakes.FakeBundles()
    view = gate.kind.gate_view.look(READER.gate, look.case, bundles)
    return gate.examine(READER, look.case, view, bundles)


def verdicts(checks):
    return {check.name: check.verdict for check in checks}


def test_every_read_tells_every_check_once_and_in_order():
    assert tuple(check.name for check in examined().checks) == NAMES


def test_a_refused_case_tells_what_it_was_refused_for_and_what_else_was_looked_at():
    inverted = fakes.FakeBundles({fakes.GATE: (0.0, 9.0, 0.0, 0.0, 0.0)})
    found = examined(bundles=inverted, facts=SeriesFacts(1, photometric="MONOCHROME1"))
    assert found.refusal is not None
    assert "MONOCHROME1" in found.refusal.message
    assert verdicts(found.checks)["inversion"] == "refused"
    assert verdicts(found.checks)["view"] == "passed"  # the tags state it
    assert verdicts(found.checks)["field-of-view"] == "not checked"
    assert tuple(check.name for check in found.checks) == NAMES


def test_a_refusal_before_any_pixel_is_a_check_too():
    refusal = Refusal("view", "Found LL; needed PA.", "Send it.")
    assert gate.refused_before(refusal) == (Check("view", "refused", "Found LL; needed PA."),)
    assert of_refusal(Refusal("out-of-distribution", "Strange.", "Look.")) == ()


def test_a_warning_of_the_reader_is_a_check_and_stays_a_sentence():
    found = examined(view="")
    told = "The tags do not state a frontal view (PA or AP); the input gate judged the picture alone."
    assert told in found.warnings
    assert all(type(sentence) is str for sentence in found.warnings)
    assert verdicts(found.checks)["view"] == "warned"


def test_a_mirrored_chest_is_not_told_as_looked_at_though_its_tags_are_right():
    for values in (picture(), picture()[:, ::-1]):
        found = examined(values, orientation=("L", "F"), laterality="")
        assert verdicts(found.checks)["laterality"] == "passed"  # which is what the tags say
        (mirrored,) = [check for check in found.checks if check.name == "mirrored"]
        assert mirrored.verdict == "not checked"
        assert mirrored.told == "Only tags tell which side is which: pixels that were mirrored are not recognised."


def test_a_chest_that_is_mirrored_by_its_tags_is_refused_at_that_check():
    refusal = frontal_chest.select(fakes.study(series=(replace(fakes.series(), orientation=("R", "F")),)), fakes.card())
    assert isinstance(refusal, Refusal)
    assert verdicts(gate.refused_before(refusal)) == {"mirrored": "refused"}


def test_of_two_verdicts_the_graver_one_stands_with_all_its_sentences():
    checks = (Check("tags", "passed"), Check("tags", "warned", "One."), Check("tags", "warned", "Two."))
    assert in_order(checks) == (Check("tags", "warned", "One. Two."),)
    with pytest.raises(ValueError, match="needed one of"):
        Warned("no such check", "A sentence.")


def test_blur_orders_pictures_as_another_implementation_does():
    """Which takes its edges by Sobel's mask, so that the numbers differ and their order does not."""
    sets = [picture(seed).astype(np.float64) for seed in range(3)]
    grey = [ndimage.gaussian_filter(one, sigma) for one in sets for sigma in (0.0, 0.7, 1.5, 3.0)]
    ours, theirs = [motion.blur(one) for one in grey], [blur_effect(one, h_size=9) for one in grey]
    assert spearmanr(ours, theirs).statistic > 0.95


def test_blur_is_what_is_left_of_the_steps_after_a_blur():
    """One edge of height 1: blurred over nine pixels, the step at the edge keeps a ninth of it."""
    edge = np.repeat((np.arange(60) >= 30).astype(np.float64)[None], 60, axis=0)
    assert motion.blur(edge) == pytest.approx(1 / 9)


def test_noise_is_measured_to_a_tenth_of_what_was_added():
    grey = ndimage.gaussian_filter(picture().astype(np.float64), 3.0)
    span = np.subtract(*np.percentile(grey, (99, 1)))
    noisy = grey + np.random.default_rng(1).normal(0.0, 0.03, grey.shape)
    span = np.subtract(*np.percentile(noisy, (99, 1)))
    assert noise.noise(noisy) == pytest.approx(0.03 / span, rel=0.1)
    assert noise.noise(np.zeros((200, 200))) is None


@pytest.mark.parametrize(
    ("change", "look", "word"),
    [
        ("blurred", motion.look, "blurred"),
        ("noisy", noise.look, "noisy"),
        ("under-exposed", exposure.look, "dark"),
        ("over-exposed", exposure.look, "clipped"),
        ("lower part missing", whole.missing_part, "empty"),
        ("text burned in", burned_in_text.look, "letters"),
    ],
)
def test_a_fault_is_found_where_it_is_and_not_where_it_is_not(change, look, word):
    assert look(seen()).verdict == "passed"
    check = look(seen(altered(change, picture(), 0)))
    assert check.verdict == "warned"
    assert word in check.told


def test_the_air_beside_a_breast_is_no_missing_part():
    beside = np.pad(picture(), ((0, 0), (0, 100)))
    assert whole.missing_part(seen(beside)).verdict == "warned"
    check = whole.missing_part(seen(beside, area="mammogram"))
    assert check.verdict == "not checked"
    assert "Air" in check.told


def test_air_around_is_dark_unless_the_greys_are_inverted():
    head = np.pad(picture(side=120), 40)
    assert inversion.look(seen(head, area="brain MR")).verdict == "passed"
    assert inversion.look(seen(1.0 - head, area="brain MR")).verdict == "warned"


def test_a_picture_too_small_for_a_check_is_not_checked():
    assert motion.look(seen(picture(side=90))).verdict == "not checked"
    assert noise.look(seen(picture(side=90))).verdict == "not checked"


def test_what_the_file_says_of_text_is_believed_when_it_says_yes_and_doubted_when_it_says_no():
    assert burned_in_text.look(seen(facts=SeriesFacts(1, burned_in=True))).verdict == "warned"
    written = altered("text burned in", picture(), 0)
    check = burned_in_text.look(seen(written, facts=SeriesFacts(1, burned_in=False)))
    assert "NO" in check.told


def test_a_row_of_letters_is_counted_and_a_side_marker_is_no_word():
    plain = np.round(255 * picture()).astype(np.uint8)
    assert longest_word(plain) < burned_in_text.LETTERS
    assert longest_word(np.round(255 * altered("text burned in", picture(), 0)).astype(np.uint8)) >= 5


def test_tags_that_contradict_each_other_are_told():
    ct = replace(fakes.series().files[0], sop_class_uid="1.2.840.10008.5.1.4.1.1.2", path=Path("a.dcm"))
    check = tags.look(seen(files=(ct,)))
    assert check.verdict == "warned"
    assert "CT" in check.told
    assert "DX" in check.told
    assert tags.look(seen()).verdict == "passed"


def test_every_alteration_is_the_same_for_the_same_seed_and_stays_between_black_and_white():
    for name in ALTERED:
        one, again = altered(name, picture(), 3), altered(name, picture(), 3)
        assert np.array_equal(one, again)
        assert one.min() >= 0.0
        assert one.max() <= 1.0
