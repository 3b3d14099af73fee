"""A map lies where the evidence lies: by every method, through the way to the network and back to the picture."""

from itertools import product

import numpy as np
import pytest

from secondread.core.card import InputContract
from secondread.core.image import Image
from secondread.engine.bundle import load_bundle, shipped
from secondread.engine.session import open_session
from secondread.explain.class_map import above, as_map
from secondread.explain.integrated import integrated_gradients, spoke_for
from secondread.explain.occlusion import blurred, occlusion
from secondread.explain.support import support
from secondread.prepare.model_space import to_model_space

SHAPE, SIDE, CELLS = (90, 150), 64, 8
# Middle of the evidence as shares of height and width. No two are each other's mirror image or transposed.
PLACES = [(0.15, 0.10), (0.12, 0.80), (0.88, 0.25), (0.78, 0.93)]
HALF = 0.06  # of a side


def picture_with_evidence(place, shape=SHAPE):
    """Faint noise and a bright block."""
    values = np.random.default_rng(5).uniform(0.1, 0.2, shape).astype(np.float32)
    rows, columns = (
        slice(round((middle - HALF) * side), round((middle + HALF) * side))
        for middle, side in zip(place, shape, strict=True)
    )
    values[rows, columns] = 1.0
    return values


def brightness(batch):
    """A network that answers by what is bright: float64 [n, 1]."""
    return (batch.astype(np.float64) ** 2).mean(axis=(1, 2, 3))[:, None]


def cells(batch):
    """Its map, [1, h, w]."""
    side = SIDE // CELLS
    return (batch[0, 0] ** 2).reshape(CELLS, side, CELLS, side).mean(axis=(1, 3))[None]


def by_graph(tensor):
    return support(np.concatenate([cells(tensor), np.full((1, CELLS, CELLS), 0.03)]), [0.9, 0.1], [0])


def by_occlusion(tensor):
    return np.maximum(occlusion(brightness, tensor[0])[0], 0.0).astype(np.float32)


def by_gradients(tensor):
    return spoke_for(integrated_gradients(lambda batch: 2.0 * batch, tensor[0], blurred(tensor[0])))


def middle_of(values):
    """Where the stronger half of a map lies, as shares of height and width."""
    rows, columns = np.nonzero(values >= 0.5 * values.max())
    return ((rows.mean() + 0.5) / values.shape[0], (columns.mean() + 0.5) / values.shape[1])


@pytest.mark.parametrize("how", ["squeeze", "pad"])
@pytest.mark.parametrize("method", [by_graph, by_occlusion, by_gradients])
@pytest.mark.parametrize("place", PLACES)
def test_no_map_is_shifted_mirrored_or_transposed(how, method, place):
    prepared = to_model_space(Image(picture_with_evidence(place)), InputContract(SIDE, SIDE, how, ("CR",)))
    reason = as_map(prepared.to_source(np.ascontiguousarray(method(prepared.tensor))))
    assert reason.values.shape == SHAPE
    assert middle_of(reason.values) == pytest.approx(place, abs=0.08)


def test_a_map_of_a_cut_out_middle_comes_back_to_the_middle():
    values = picture_with_evidence((0.35, 0.42))
    prepared = to_model_space(Image(values), InputContract(SIDE, SIDE, "centre", ("CR",)))
    reason = as_map(prepared.to_source(above(cells(prepared.tensor)[0], relative=True)))
    assert middle_of(reason.values) == pytest.approx((0.35, 0.42), abs=0.06)


@pytest.mark.parametrize("name", ["chest-xray-pneumonia", "chest-xray-findings", "breast-ultrasound", "lung-nodule"])
def test_what_changes_in_a_corner_changes_the_map_of_a_shipped_network_there(name):
    bundle = load_bundle(shipped() / name)
    session, contract = open_session(bundle, engine="onnxruntime", threads=1), bundle.card.input
    rng = np.random.default_rng(7)
    plain = rng.uniform(0.0, 1.0, (1, *contract.tensor_shape)).astype(np.float32)
    for down, across in product((0, 1), (0, 1)):
        changed = plain.copy()
        rows, columns = (part(side, n) for side, n in ((down, contract.height_px), (across, contract.width_px)))
        changed[..., rows, columns] = rng.permuted(plain[..., rows, columns], axis=-1)  # contrast stays as it was
        moved = np.abs(session.run(changed).cam[0] - session.run(plain).cam[0]).sum(axis=0)
        quarters = np.array([[moved[half(a, 0, moved)][:, half(b, 1, moved)].mean() for b in (0, 1)] for a in (0, 1)])
        assert np.unravel_index(int(quarters.argmax()), (2, 2)) == (down, across)


def part(last, n):
    """A quarter of a side, near its start or near its end."""
    return slice(n - n // 16 - n // 4, n - n // 16) if last else slice(n // 16, n // 16 + n // 4)


def half(last, axis, values):
    """The first or the second half of a side."""
    middle = values.shape[axis] // 2
    return slice(middle, None) if last else slice(0, middle)
