"""Which probe and which question are told of."""

import numpy as np

from secondread.audit.probes.moved import Moved, Redrawn
from secondread.audit.probes.probing import Probed
from secondread.audit.probes.subject import Answers, Subject
from secondread.audit.probes.told import entry, lines, sentence, strongest
from secondread.stats.interval import Interval

NAMES = ("first", "lead", "third", "fourth", "fifth")


def about(value):
    """A figure whose interval is narrow."""
    return Interval(value, value - 0.001, value + 0.001, "by hand")


def moves(flips):
    return Moved(about(0.1), about(0.0), about(flips))


def probed(name, outline=None, **flips):
    """A probe under which this share of decisions flips; none where no share is given."""
    structures = {} if outline is None else {"lesion": Redrawn(None, about(outline), about(0.9))}
    questions = {one: moves(flips.get(one, 0.0)) for one in NAMES}
    return Probed(name, "Done.", False, 1.0, questions, structures, np.zeros((1, 4, 4), np.uint8))


def subject():
    truth = np.zeros((20, len(NAMES)), np.int64)
    truth[:10, 1] = 1
    truth[:3, 0] = 1
    return Subject(
        pictures=np.zeros((20, 1, 4, 4), np.uint8),
        patients=np.arange(20).astype(str),
        questions=NAMES,
        structures=("lesion",),
        thresholds=(0.5,) * len(NAMES),
        truth=truth,
        masks=None,
        devices={},
        donors={},
        ask=lambda pictures: Answers(np.zeros((len(pictures), len(NAMES)))),
    )


def test_the_strongest_is_among_those_that_move_more_than_they_should():
    found = [probed("border blanked", third=0.3), probed("border of the other class", lead=0.0501)]
    assert strongest(subject(), found).name == "border blanked"


def test_a_control_is_never_the_strongest():
    found = [probed("border blanked"), probed("border of the same class", lead=0.9)]
    assert strongest(subject(), found).name == "border blanked"


def test_a_sentence_is_about_what_moves_more_than_it_should():
    asked = subject()
    assert sentence(asked, probed("x", third=0.3, fourth=0.4)).startswith("fourth moves by")
    assert sentence(asked, probed("x", third=0.3, lead=0.2)).startswith("lead moves by")
    assert sentence(asked, probed("x")).startswith("lead moves by")
    assert "; lesion: size +50.0%" in sentence(asked, probed("x", outline=0.5))
    assert "lesion" not in sentence(asked, probed("x", outline=0.01))


def test_every_figure_that_is_called_too_large_is_printed():
    told = lines(subject(), probed("border blanked", outline=0.5, first=0.3, third=0.4))
    assert told[0] == "border blanked: more than it should"
    assert [line.split()[0] for line in told[1:]] == ["first", "third", "lesion:"]
    assert all("(more than it should: " in line for line in told[1:])


def test_what_a_row_is_about_is_kept_with_its_figures():
    every = {name: 0.3 + n / 100 for n, name in enumerate(NAMES) if name != "lead"}
    kept = entry(subject(), (probed("border blanked", **every),), (), 1)["probes"][0]["questions"]
    assert list(kept) == ["first", "lead", "third", "fifth"]
    every["lead"] = 0.1
    kept = entry(subject(), (probed("border blanked", **every),), (), 1)["probes"][0]["questions"]
    assert "lead" in kept
    assert len(kept) == 4
