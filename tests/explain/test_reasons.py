"""The map by occlusion that a reader shows: the fall of the log odds of the question itself, on its own place."""

import numpy as np
import pytest

import fakes
from secondread.core.card import Calibration, InputContract
from secondread.core.image import Image
from secondread.core.output import Output
from secondread.core.trust import IN_GRAPH, OCCLUSION, MapRating, map_method
from secondread.engine.watch import Watch
from secondread.explain.occlusion import blurred, grid
from secondread.explain.reasons import Reasons, reasons_for
from secondread.prepare.model_space import to_model_space
from secondread.prepare.resize import resize

SIDE = 56
# Middle of the square as shares of height and width. No two are each other's mirror image or transposed.
PLACES = [(0.2, 0.3), (0.3, 0.65), (0.7, 0.3), (0.64, 0.72)]
HALF = 0.06
WEIGHTS = np.array([-4.0, 5.0, 3.0])


def picture(place, shape):
    """Faint noise and a bright square."""
    values = np.random.default_rng(3).uniform(0.1, 0.2, shape).astype(np.float32)
    (top, bottom), (left, right) = (
        (round((middle - HALF) * side), round((middle + HALF) * side))
        for middle, side in zip(place, shape, strict=True)
    )
    values[top:bottom, left:right] = 1.0
    return values


class Bright(fakes.FakeBundles):
    """Three labels that each depend on how much is bright, with another weight; nothing else counts."""

    def run(self, name, batch):
        self.ran.append((name, batch.shape))
        bright = np.maximum(batch[:, 0] - 0.5, 0.0).mean(axis=(1, 2), dtype=np.float64)
        logits = (100.0 * bright[:, None] * WEIGHTS).astype(np.float32)
        return Output(logits, np.zeros((len(batch), 3, 4, 4), np.float32), np.zeros((len(batch), 2), np.float32))


def card(resize="squeeze", **changes):
    contract = InputContract(SIDE, SIDE, resize, ("CR",))
    return fakes.card(input=contract, calibration=Calibration("temperature", 1.7, "nothing"), **changes)


def asked(values, how, choice="occlusion"):
    """Reasons about a picture, and the networks that were asked."""
    networks = Bright(cards={fakes.READER: how})
    case = fakes.case(image=Image(values))
    case = type(case)(case.study, case.series, case.pixels, maps=choice)
    return reasons_for(case, Watch(networks), how, to_model_space(case.image, how.input)), networks


def middle_of(values):
    """Where the stronger half of a map lies, as shares of height and width."""
    rows, columns = np.nonzero(values >= 0.5 * values.max())
    return (rows.mean() + 0.5) / values.shape[0], (columns.mean() + 0.5) / values.shape[1]


@pytest.mark.parametrize("how", ["squeeze", "pad", "centre"])
@pytest.mark.parametrize("shape", [(60, 84), (84, 60)])
@pytest.mark.parametrize("place", PLACES)
def test_the_square_that_the_answer_depends_on_lights_up_in_the_picture(how, shape, place):
    values = picture(place, shape)
    reasons, _ = asked(values, card(how))
    found = reasons.of("", (1, 2), np.zeros((4, 4), np.float32))
    assert (found.values.shape, found.method) == (shape, OCCLUSION)
    cell = 0.5 * max(SIDE / min(shape), 1.0) / 7 + 0.03  # no place is told more exactly than by half a cell
    assert middle_of(found.values) == pytest.approx(place, abs=cell)


@pytest.mark.parametrize(("positive", "activation"), [((1, 2), "softmax"), ((1,), "softmax"), ((2,), "sigmoid")])
def test_it_is_the_fall_of_the_log_odds_of_the_calibrated_answer(positive, activation):
    how = card(activation=activation)
    reasons, networks = asked(picture((0.3, 0.65), (SIDE, SIDE)), how)
    shown = reasons.of("", positive, np.zeros((4, 4), np.float32))

    def odds(tensor):
        """By hand: softmax or sigmoid of scaled logits, then the odds of the labels that mean yes."""
        scaled = networks.run("", tensor[None]).logits[0].astype(np.float64) / 1.7
        each = np.exp(scaled) / np.exp(scaled).sum() if activation == "softmax" else 1.0 / (1.0 + np.exp(-scaled))
        yes = sum(each[label] for label in positive)
        return np.log(yes / (1.0 - yes))

    tensor = reasons.prepared.tensor[0]
    down, across = grid((SIDE, SIDE), 49)
    cover, falls = blurred(tensor), np.zeros((len(down), len(across)))
    for i, rows in enumerate(down):
        for j, columns in enumerate(across):
            covered = tensor.copy()
            covered[:, rows, columns] = cover[:, rows, columns]
            falls[i, j] = odds(tensor) - odds(covered)
    wanted = resize(np.maximum(falls, 0.0).astype(np.float32), (SIDE, SIDE))
    np.testing.assert_allclose(shown.values * shown.peak, wanted, rtol=1e-4, atol=1e-4)
    assert shown.peak > 0.5


def test_covered_copies_are_no_inputs_of_the_study_and_are_asked_once_for_all_questions():
    how = card()
    networks = Bright(cards={fakes.READER: how})
    watch, case = Watch(networks), fakes.case(image=Image(picture((0.3, 0.65), (60, 84))))
    case = type(case)(case.study, case.series, case.pixels, maps="occlusion")
    prepared = to_model_space(case.image, how.input)
    watch.run(fakes.READER, prepared.tensor)
    reasons = reasons_for(case, watch, how, prepared)
    assert len(networks.ran) == 1, "nothing is covered before a map is wanted"
    maps = [reasons.of("", positive, np.zeros((4, 4), np.float32)) for positive in ((1,), (1, 2))]
    assert all(one is not None for one in maps)
    assert sum(shape[0] for _, shape in networks.ran) == 1 + 1 + 49
    assert [len(batch) for batch, _ in watch.seen[fakes.READER]] == [1]


def test_the_map_in_the_graph_asks_nothing_more():
    how = card()
    reasons, networks = asked(picture((0.3, 0.65), (60, 84)), how, "in-graph")
    in_graph = np.zeros((4, 4), np.float32)
    in_graph[1, 2] = 2.0
    found = reasons.of("", (1,), in_graph)
    assert (found.method, found.peak, networks.ran) == (IN_GRAPH, pytest.approx(2.0, abs=0.3), [])


def test_where_no_place_lowers_the_answer_there_is_no_map():
    how = card()
    prepared = to_model_space(fakes.image(), how.input)
    reasons = Reasons(prepared, lambda batch: np.full((len(batch), 3), 0.25), "occlusion")
    assert reasons.of("", (1,), np.ones((4, 4), np.float32)) is None


@pytest.mark.parametrize(
    ("in_graph", "occluded", "wanted"),
    [
        ("unfaithful", "faithful", OCCLUSION),
        ("not shown", "faithful", OCCLUSION),
        ("unfaithful", "not shown", OCCLUSION),
        ("faithful", "faithful", IN_GRAPH),
        ("faithful", "not shown", IN_GRAPH),
        ("not shown", "not shown", IN_GRAPH),
        ("unfaithful", "not measured", IN_GRAPH),
        ("unfaithful", "", IN_GRAPH),
        ("", "faithful", OCCLUSION),
    ],
)
def test_best_rated_is_occlusion_only_where_it_was_measured_and_is_rated_better(in_graph, occluded, wanted):
    each = ((IN_GRAPH, in_graph), (OCCLUSION, occluded))
    ratings = tuple(MapRating("effusion", rating, "Figures.", method) for method, rating in each if rating)
    assert map_method("best-rated", ratings, "effusion") == wanted
    assert map_method("best-rated", ratings, "mass") == IN_GRAPH, "the rating of another question counts for nothing"
    assert map_method("in-graph", ratings, "effusion") == IN_GRAPH
    assert map_method("occlusion", ratings, "mass") == OCCLUSION
