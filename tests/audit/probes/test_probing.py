"""Networks made by hand: what reads the border is found out, what reads the middle is not."""

import numpy as np
import pytest

from secondread.audit.probes import moved
from secondread.audit.probes.changes import border_of
from secondread.audit.probes.page import page
from secondread.audit.probes.probing import gaps, probe
from secondread.audit.probes.subject import Answers, Subject, chosen, devices_of
from secondread.audit.probes.told import entry
from secondread.learn.examples import Examples

SIDE, COUNT = 48, 60
BORDER = border_of((SIDE, SIDE))
MIDDLE = np.zeros((SIDE, SIDE), np.bool_)
MIDDLE[16:32, 16:32] = True
TRUTH = np.tile([0, 1], COUNT // 2)


@pytest.fixture(scope="module", autouse=True)
def few_resamples():
    """What is shown here does not hang on the third digit of an interval."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(moved, "RESAMPLES", 100)
        yield


@pytest.fixture(scope="module")
def pictures():
    """Positive ones are bright in the middle; their border is brighter too, which is the shortcut."""
    random = np.random.default_rng(11)
    made = random.normal(110, 6, (COUNT, 1, SIDE, SIDE))
    made[TRUTH == 1] += np.where(MIDDLE, 50, 0) + np.where(BORDER, 40, 0)
    return made.clip(1, 255).astype(np.uint8)


def reads(place, level):
    """A network that reads the mean grey of a place, against that of the rest, and says how sure it is."""

    def ask(batch):
        rest = ~MIDDLE & ~BORDER
        grey = batch[:, 0][:, place].mean(1) - batch[:, 0][:, rest].mean(1)
        spread = np.maximum(batch[:, 0][:, rest].astype(float).std(1) + 60, 1) / 66
        return Answers((1 / (1 + np.exp(-(grey / spread - level) / 4)))[:, None])

    return ask


def subject(pictures, ask, **more):
    known = {
        "pictures": pictures,
        "patients": np.array([f"p{n}" for n in range(COUNT)]),
        "questions": ("disease",),
        "structures": (),
        "thresholds": (0.5,),
        "truth": TRUTH[:, None],
        "masks": None,
        "devices": {},
        "donors": {},
        "ask": ask,
    }
    return Subject(**(known | more))


@pytest.fixture(scope="module")
def by_border(pictures):
    return {one.name: one for one in probe(subject(pictures, reads(BORDER, 20)), 1)}


@pytest.fixture(scope="module")
def by_middle(pictures):
    return {one.name: one for one in probe(subject(pictures, reads(MIDDLE, 25)), 1)}


def test_a_network_that_reads_the_border_is_found_out(by_border):
    swapped = by_border["border of the other class"]
    assert swapped.ways["disease"] == ("decisions", "order", "pull")
    assert swapped.questions["disease"].pull.value > 0.8
    assert "decisions" in by_border["border blanked"].ways["disease"]
    assert not by_border["border of the same class"].ways


def test_a_network_that_reads_the_middle_is_not_accused(by_middle):
    for name in ("border blanked", "border of the other class", "border of the same class", "markers blanked"):
        assert not by_middle[name].ways, name
    for name, one in by_middle.items():
        if name.startswith("marker"):
            assert one.questions["disease"].flips.value == 0, name


def test_a_network_that_reads_a_letter_is_found_out(pictures):
    place = np.s_[:, 0, 2:10, 38:48]
    letters = subject(pictures, lambda batch: Answers((batch[place].max((1, 2)) > 140).astype(float)[:, None]))
    letters_without_border = letters.pictures.copy()
    letters_without_border[:, 0][:, BORDER] = 110
    found = probe(subject(letters_without_border, letters.ask), 1)
    assert {one.name for one in found if "disease" in one.ways} >= {'marker "L" pasted'}
    assert 'marker "R" pasted' not in {one.name for one in found if one.ways}


def test_outlines_are_probed_by_their_dice(pictures):
    masks = np.broadcast_to(MIDDLE, (COUNT, 1, SIDE, SIDE)) & (TRUTH == 1)[:, None, None, None]
    ask = lambda batch: Answers(np.zeros((len(batch), 0)), batch > 135)  # noqa: E731 - a network in one line
    bright = subject(
        pictures,
        ask,
        questions=(),
        thresholds=(),
        truth=np.zeros((COUNT, 0), np.int64),
        structures=("lesion",),
        masks=np.asarray(masks),
    )
    found = {one.name: one for one in probe(bright, 1)}
    assert "size" in found["brighter"].ways["lesion"]
    assert found["border blanked"].structures["lesion"].size.value < -0.3
    assert entry(bright, tuple(found.values()), (), 1)["probes"][0]["structures"]["lesion"]["dice"]


def test_a_device_that_shifts_the_score_is_told(pictures):
    devices = np.array(["old", "new"])[(np.arange(COUNT) // 2) % 2]
    shifted = pictures.copy()
    shifted[devices == "new"] = (shifted[devices == "new"] * 0.6).astype(np.uint8)
    ask = lambda batch: Answers((batch.mean((1, 2, 3)) / 255)[:, None])  # noqa: E731 - a network in one line
    scanned = subject(
        shifted,
        ask,
        devices={"scanner": devices},
        donors={"scanner": (np.repeat(shifted, 2, 0), np.repeat(devices, 2))},
    )
    (with_it, without) = gaps(scanned, 1)
    assert (with_it.positive, without.positive) == (True, False)
    assert with_it.devices == ("old", "new")
    assert without.gap.value == pytest.approx(0.4 * 110 / 255, abs=0.02)
    dressed = {one.name: one for one in probe(scanned, 1)}["scanner put on another"]
    assert dressed.questions["disease"].absolute.value > 0.1
    assert abs(dressed.questions["disease"].shift.value) < 0.1


def test_an_entry_is_small_and_the_page_shows_each_probe(pictures, by_border):
    asked = subject(pictures, reads(BORDER, 20))
    told = entry(asked, tuple(by_border.values()), (), 1)
    assert len(told["rows"]) <= 6
    assert "border of the other class" in told["rows"]["Shortcut probes"]
    html = page("trial", asked, tuple(by_border.values()), ())
    assert html.count("<img") == 1 + len(by_border)
    assert "More than it should" in html


def test_volumes_are_probed_without_letters():
    volumes = np.random.default_rng(2).integers(1, 255, (30, 1, 8, 8, 8)).astype(np.uint8)
    ask = lambda batch: Answers((batch[:, 0, 2:6, 2:6, 2:6].mean((1, 2, 3)) / 255)[:, None])  # noqa: E731
    found = probe(
        subject(volumes, ask, patients=np.arange(30).astype(str), truth=np.tile([0, 1], 15)[:, None]),
        1,
    )
    assert not any(one.name.startswith("marker") for one in found)
    assert {one.name for one in found} >= {"border blanked", "coarser", "brighter"}


def test_pictures_are_chosen_by_a_seed_and_never_made_ones():
    blank = np.zeros((50, 1, 4, 4), np.uint8)
    names = np.array([f"set-{n % 2}:file-{n}" for n in range(50)])
    examples = Examples(blank, np.zeros(50, np.int64), names, {}, names, made=20)
    some = chosen(examples, 10, 4)
    assert len(some) == 10
    assert some.max() < 30
    assert (some == chosen(examples, 10, 4)).all()
    assert set(devices_of(examples)["data set"].tolist()) == {"set-0", "set-1"}
