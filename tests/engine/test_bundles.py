from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import numpy as np
import pytest

from secondread.core.errors import BundleError, IntegrityError
from secondread.engine import bundles as module
from secondread.engine.bundles import Bundles
from tiny_bundle import make_bundle

BATCH = np.random.default_rng(0).random((1, 1, 16, 16), dtype=np.float32)


@pytest.fixture
def folder(tmp_path):
    make_bundle(tmp_path, "tiny")
    make_bundle(tmp_path, "look", ("frontal", "other"), role="gate")
    return tmp_path


def test_names_are_in_alphabetical_order(folder):
    assert Bundles([folder]).names() == ("look", "tiny")


def test_an_unknown_name_is_answered_with_the_installed_ones(folder):
    for ask in (Bundles([folder]).card, Bundles([folder]).engine, lambda name: Bundles([folder]).run(name, BATCH)):
        with pytest.raises(BundleError, match=r"no bundle is named 'lungs'\. Installed: look, tiny\."):
            ask("lungs")


def test_no_bundles_at_all_is_said(tmp_path):
    with pytest.raises(BundleError, match="Installed: none"):
        Bundles([tmp_path]).card("tiny")


def test_a_card_is_told_without_touching_the_network(folder):
    (folder / "tiny" / "model.onnx").unlink()
    assert Bundles([folder]).card("tiny").labels == ("normal", "bacterial", "viral")


def test_an_altered_network_is_not_run(folder):
    (folder / "tiny" / "model.onnx").write_bytes(b"not it")
    with pytest.raises(IntegrityError, match=r"model\.onnx"):
        Bundles([folder]).run("tiny", BATCH)


def test_each_bundle_answers_with_its_own_labels(folder):
    installed = Bundles([folder])
    assert installed.run("tiny", BATCH).logits.shape == (1, 3)
    assert installed.run("look", BATCH).logits.shape == (1, 2)


def test_the_engine_asked_for_runs(folder):
    assert Bundles([folder], engine="openvino").engine("tiny").startswith("openvino ")
    assert Bundles([folder], engine="onnxruntime").engine("tiny").startswith("onnxruntime ")


def test_a_network_is_opened_once_however_many_threads_ask(folder, monkeypatch):
    opened, start = [], Barrier(4)
    real = module.open_session

    def counted(bundle, **options):
        opened.append(bundle.card.name)
        return real(bundle, **options)

    monkeypatch.setattr(module, "open_session", counted)
    installed = Bundles([folder])

    def ask(_number):
        start.wait()
        return installed.run("tiny", BATCH).logits

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(ask, range(4)))
    assert opened == ["tiny"]
    for answer in answers[1:]:
        np.testing.assert_array_equal(answer, answers[0])
