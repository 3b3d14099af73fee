from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import onnx
import pytest
from onnx import helper

from secondread.core.errors import BundleError, EngineError, IntegrityError, UsageError
from secondread.engine.bundle import load_bundle
from secondread.engine.probabilities import calibrate
from secondread.engine.session import open_session
from tiny_bundle import digest, make_bundle, network

ENGINES = ("onnxruntime", "openvino")
OUTPUTS = ("logits", "cam", "embedding")
BIAS = (0.25, -0.5, 1.0)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    return load_bundle(make_bundle(tmp_path_factory.mktemp("bundles"), bias=BIAS))


@pytest.fixture(scope="module", params=ENGINES)
def session(request, bundle):
    return open_session(bundle, engine=request.param)


def pictures(n, seed=0, size=16):
    return np.random.default_rng(seed).random((n, 1, size, size), dtype=np.float32)


def with_network(tmp_path, model):
    """A bundle whose card vouches for another network."""
    bundle = load_bundle(make_bundle(tmp_path))
    (bundle.folder / "model.onnx").write_bytes(model.SerializeToString())
    hashes = {**bundle.card.sha256, "model.onnx": digest(bundle.folder / "model.onnx")}
    return replace(bundle, card=replace(bundle.card, sha256=hashes))


@pytest.mark.parametrize("n", [1, 2, 7])
def test_both_engines_agree_within_the_tolerance_of_the_card(bundle, n):
    batch = pictures(n, seed=n)
    first, second = (open_session(bundle, engine=engine).run(batch) for engine in ENGINES)
    for name in OUTPUTS:
        np.testing.assert_allclose(getattr(first, name), getattr(second, name), rtol=1e-5, atol=1e-5)
    chances = [calibrate(output.logits, bundle.card) for output in (first, second)]
    assert np.abs(chances[0] - chances[1]).max() <= bundle.card.tolerance


def test_an_independent_program_gives_the_same_outputs(bundle, session):
    from onnx.reference import ReferenceEvaluator

    batch = pictures(2)
    witness = ReferenceEvaluator(onnx.load(bundle.folder / "model.onnx")).run(list(OUTPUTS), {"image": batch})
    output = session.run(batch)
    for name, expected in zip(OUTPUTS, witness, strict=True):
        np.testing.assert_allclose(getattr(output, name), expected, rtol=1e-4, atol=1e-5)


def test_the_mean_of_a_map_and_the_bias_are_the_logit(session):
    output = session.run(pictures(3))
    np.testing.assert_allclose(output.cam.mean((2, 3)) + BIAS, output.logits, atol=1e-5)


@pytest.mark.parametrize("engine", ENGINES)
def test_the_same_input_gives_the_same_bits_again_and_in_a_new_session(bundle, engine):
    first, second = (open_session(bundle, engine=engine) for _ in range(2))
    batch = pictures(4)
    expected = first.run(batch)
    for output in (first.run(batch), second.run(batch)):
        for name in OUTPUTS:
            assert getattr(output, name).tobytes() == getattr(expected, name).tobytes()


def test_outputs_stay_what_they_are_when_the_session_runs_again(session):
    output = session.run(pictures(2, seed=1))
    before = output.logits.copy(), output.cam.copy(), output.embedding.copy()
    session.run(pictures(2, seed=2))
    for kept, name in zip(before, OUTPUTS, strict=True):
        np.testing.assert_array_equal(getattr(output, name), kept)


def test_several_threads_can_share_a_session(session):
    batches = [pictures(1 + n % 3, seed=n) for n in range(12)]
    expected = [session.run(batch).logits for batch in batches]
    with ThreadPoolExecutor(4) as pool:
        for output, needed in zip(pool.map(session.run, batches), expected, strict=True):
            np.testing.assert_array_equal(output.logits, needed)


@pytest.mark.parametrize("view", [lambda b: b[::-1], lambda b: b.transpose(0, 1, 3, 2), np.asfortranarray])
def test_the_layout_in_memory_does_not_matter(session, view):
    batch = view(pictures(3))
    np.testing.assert_array_equal(session.run(batch).logits, session.run(batch.copy(order="C")).logits)


def test_a_read_only_batch_can_be_run(session):
    batch = pictures(1)
    batch.flags.writeable = False
    assert session.run(batch).logits.shape == (1, 3)


@pytest.mark.parametrize(
    "batch",
    [
        pictures(1).astype(np.float64),
        (pictures(1) * 255).astype(np.uint8),
        pictures(1)[0],
        pictures(1).repeat(3, axis=1),
        pictures(1, size=17),
        pictures(1)[:0],
    ],
    ids=["float64", "uint8", "no batch axis", "three channels", "too large", "empty"],
)
def test_a_batch_that_does_not_fit_the_card_is_refused(session, batch):
    with pytest.raises(EngineError, match=r"'tiny', model\.onnx: found a batch of .*; needed float32 \[n, 1, 16, 16\]"):
        session.run(batch)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 255.0, -0.5])
def test_a_picture_with_a_value_that_is_no_grey_gives_an_error_and_no_score(session, value):
    batch = pictures(2)
    batch[1, 0, 3, 3] = value
    with pytest.raises(EngineError, match=r"found greys from .*; needed 0 to 1"):
        session.run(batch)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_network_that_gives_no_finite_score_is_refused(tmp_path, engine):
    session = open_session(load_bundle(make_bundle(tmp_path, bias=(0, np.inf, 0))), engine=engine)
    with pytest.raises(EngineError, match="logits is not finite"):
        session.run(pictures(1))


@pytest.mark.parametrize(("engine", "name"), [("auto", "onnxruntime"), *zip(ENGINES, ENGINES, strict=True)])
def test_a_session_says_which_program_and_processor_runs_it(bundle, engine, name):
    assert open_session(bundle, engine=engine, threads=1).engine.startswith(f"{name} ")


def test_an_unknown_engine_is_refused(bundle):
    with pytest.raises(UsageError, match="engine is 'torch'; needed one of auto, onnxruntime, openvino"):
        open_session(bundle, engine="torch")


def test_no_threads_at_all_are_refused(bundle):
    with pytest.raises(UsageError, match="threads is 0; needed at least 1"):
        open_session(bundle, threads=0)


def test_a_variant_is_run_only_where_the_card_lists_it(tmp_path):
    bundle = load_bundle(make_bundle(tmp_path))
    other = network(3, 16, (5.0, 0.0, 0.0)).SerializeToString(deterministic=True)
    (bundle.folder / "model.int8.onnx").write_bytes(other)
    with pytest.raises(BundleError, match=r"lists no model\.int8\.onnx.*secondread export"):
        open_session(bundle, precision="int8")
    hashes = {**bundle.card.sha256, "model.int8.onnx": digest(bundle.folder / "model.int8.onnx")}
    listed = replace(bundle, card=replace(bundle.card, sha256=hashes))
    plain, variant = (open_session(listed, precision=name).run(pictures(1)).logits for name in ("fp32", "int8"))
    np.testing.assert_allclose(variant - plain, [[5.0, 0.0, 0.0]], atol=1e-4)


def test_an_unknown_precision_is_refused(bundle):
    with pytest.raises(UsageError, match="needed one of fp32, fp16, int8"):
        open_session(bundle, precision="fp8")


@pytest.mark.parametrize("engine", ENGINES)
def test_the_bytes_that_run_are_the_bytes_that_were_verified(tmp_path, engine):
    bundle = load_bundle(make_bundle(tmp_path))
    (bundle.folder / "model.onnx").write_bytes(network(3, 16, (9, 9, 9)).SerializeToString())
    with pytest.raises(IntegrityError, match=r"model\.onnx is not the file"):
        open_session(bundle, engine=engine)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_file_that_is_no_network_is_refused_in_one_sentence(tmp_path, engine):
    class NoNetwork:
        @staticmethod
        def SerializeToString():  # noqa: N802 - the name onnx uses
            return b"these bytes are no network"

    with pytest.raises(EngineError, match=r"model\.onnx: the engine stopped with \w+: .*Export the network again"):
        open_session(with_network(tmp_path, NoNetwork), engine=engine)


def renamed(what, old, new):
    model = network(3, 16)
    for node in model.graph.node:
        for names in (node.input, node.output):
            names[:] = [new if name == old else name for name in names]
    for port in getattr(model.graph, what):
        if port.name == old:
            port.name = new
    return model


def reshaped(*sides):
    model = network(3, 16)
    del model.graph.input[:]
    model.graph.input.append(helper.make_tensor_value_info("image", onnx.TensorProto.FLOAT, sides))
    del model.graph.output[:]
    model.graph.output.extend(helper.make_empty_tensor_value_info(name) for name in OUTPUTS)
    return onnx.shape_inference.infer_shapes(model)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("model", "words"),
    [
        (renamed("input", "image", "x"), r"found the inputs x \[n, 1, 16, 16\]; needed one input image"),
        (renamed("output", "cam", "map"), r"found the outputs .*; needed logits, cam, embedding"),
        (reshaped("n", 1, 32, 32), r"found the inputs image \[n, 1, 32, 32\]"),
        (reshaped(1, 1, 16, 16), r"found the inputs image \[1, 1, 16, 16\].*n free"),
    ],
    ids=["input name", "output name", "size", "fixed batch"],
)
def test_a_network_with_other_ends_than_every_bundle_is_refused(tmp_path, engine, model, words):
    with pytest.raises(EngineError, match=words):
        open_session(with_network(tmp_path, model), engine=engine)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_network_with_more_labels_than_its_card_is_refused(tmp_path, engine):
    session = open_session(with_network(tmp_path, network(4, 16)), engine=engine)
    with pytest.raises(EngineError, match=r"logits of shape \(2, 4\); needed \(2, 3\)"):
        session.run(pictures(2))
