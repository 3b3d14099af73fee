"""From a source to a bundle that the reading path accepts, with the answers of the original; or to a refusal."""

import errno
import shutil
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from monai.networks import nets  # noqa: E402 - torch decides whether this file runs

import foreign_networks as foreign  # noqa: E402
from secondread.core.errors import CardError, OutputError, SourceError, UntrustedError  # noqa: E402
from secondread.engine.bundle import load_bundle  # noqa: E402
from secondread.engine.probabilities import calibrate  # noqa: E402
from secondread.engine.session import open_session  # noqa: E402
from secondread.learn.importing import parity  # noqa: E402
from secondread.learn.importing import take_over as take_over_module  # noqa: E402
from secondread.learn.importing.found import Trust  # noqa: E402
from secondread.learn.importing.take_over import Options, take_over  # noqa: E402

pytestmark = pytest.mark.filterwarnings("default")  # torch's exporters warn about their own future
REAL = Path(__file__).parents[2] / "data" / "foreign-networks"
DEEP = "Dataset902_Toy__nnUNetResEncUNetMPlans__3d_fullres"
ONE = Options(threads=1)


def answers(bundle, image):
    """What the finished bundle gives, by the path that reading takes."""
    return open_session(load_bundle(bundle), threads=1).run(np.ascontiguousarray(image, dtype=np.float32))


def classifier(folder, *, weights="model.ts", size=(32, 24)):
    """A MONAI bundle with a small DenseNet of two labels, and that network."""
    meta = foreign.metadata()
    form = meta["network_data_format"]
    form["inputs"]["image"].update(spatial_shape=list(size), is_patch_data=False, modality="MR")
    form["outputs"]["pred"].update(
        format="classes", type="probabilities", channel_def={"0": "in body", "1": "out body"}
    )
    given = {"spatial_dims": 2, "in_channels": 1, "out_channels": 2, "init_features": 4, "growth_rate": 2}
    definition = {"_target_": "DenseNet", **given, "block_config": [1, 1]}
    after = [{"_target_": "Activationsd", "keys": "pred", "softmax": True}]
    bundle = foreign.monai_bundle(
        folder, meta, foreign.inference(definition, foreign.LOAD, foreign.WINDOW, after=after)
    )
    network = foreign.scatter(nets.DenseNet(**given, block_config=(1, 1)))
    torch.jit.save(torch.jit.script(network), bundle / "models" / weights)
    return bundle, network


@torch.no_grad()
def test_a_torchscript_classifier_becomes_a_bundle_that_gives_its_answers(tmp_path):
    source, network = classifier(tmp_path)
    events = []
    options = Options(threads=1, trust=Trust(code=True))
    bundle = take_over("monai", source, tmp_path / "out", foreign.card_file(tmp_path), options, events.append)
    image = np.random.default_rng(1).random((3, 1, 24, 32))
    output = answers(bundle, image)
    wanted = network(torch.from_numpy(image).float().permute(0, 1, 3, 2) * 2)  # MONAI's axes, and its window to [0, 2]
    np.testing.assert_allclose(output.logits, wanted, atol=1e-4)
    card = load_bundle(bundle).card
    assert card.labels == ("in body", "out body")
    np.testing.assert_allclose(calibrate(output.logits, card), wanted.softmax(1), atol=1e-5)
    assert output.cam.shape[2] < output.cam.shape[3]
    assert [event["event"] for event in events] == ["source", "parity"]
    assert events[-1]["logits"] < 1e-4
    assert [path.name for path in (tmp_path / "out").iterdir()] == [bundle.name]


@torch.no_grad()
def test_a_state_dict_in_a_zip_archive_becomes_a_bundle_of_volumes(tmp_path):
    steps = (foreign.LOAD, foreign.SPACING, foreign.WINDOW)
    source = foreign.monai_bundle(
        tmp_path, foreign.metadata(), foreign.inference(foreign.UNET, *steps, inferer=foreign.SLIDING)
    )
    network = foreign.scatter(nets.UNet(**{key: value for key, value in foreign.UNET.items() if key != "_target_"}))
    torch.save(network.state_dict(), source / "models" / "model.pt")
    archive = Path(shutil.make_archive(str(tmp_path / "spleen"), "zip", tmp_path, "bundle"))
    card = foreign.card_file(tmp_path, 'name = "spleen"')
    bundle = take_over("monai", archive, tmp_path / "out", card, Options(threads=1, store="half"))
    image = np.random.default_rng(1).random((1, 1, 8, 16, 16))
    wanted = network(torch.from_numpy(image).float().permute(0, 1, 4, 3, 2) * 2).permute(0, 1, 4, 3, 2)
    np.testing.assert_allclose(answers(bundle, image).mask_logits, wanted, atol=0.02)
    card = load_bundle(bundle).card
    assert (card.name, card.version, card.role) == ("spleen", "0.2.0", "benchmark")
    assert card.structures == ("spleen",)
    assert card.results["Evaluation"] == "not evaluated here"
    assert card.results["Stated by its makers, not checked here: mean_dice"] == "0.96"
    assert any("not evaluated here" in text for text in card.limits)
    assert "not evaluated here" in card.calibration.fitted_on
    assert card.intended_use == "Tests."


@torch.no_grad()
def test_a_folder_of_nnunet_becomes_a_bundle_that_gives_the_answers_of_nnunets_own_network(tmp_path):
    bundle = take_over("nnunet", REAL / DEEP, tmp_path, foreign.card_file(tmp_path), ONE)
    expected = torch.load(REAL / DEEP / "expected.pt")
    values = expected["image"].permute(0, 1, 3, 4, 2)  # nnU-Net sees column, slice, row
    grey = (values + 3.125) / 6.25  # its values at the percentiles 0.5 and 99.5 to 0 and 1
    wanted = expected["logits"].permute(0, 1, 3, 4, 2)
    np.testing.assert_allclose(answers(bundle, grey.numpy()).mask_logits, wanted, atol=1e-4)
    assert load_bundle(bundle).card.structures == ("tumour", "node")


@torch.no_grad()
def test_a_network_of_torchxrayvision_becomes_a_bundle_that_gives_its_answers(tmp_path):
    card = foreign.card_file(tmp_path, 'name = "xrv"', input="height_px = 32\nwidth_px = 32")
    bundle = take_over("torchxrayvision", REAL / "torchxrayvision" / "whole.pt", tmp_path, card, ONE)
    expected = torch.load(REAL / "torchxrayvision" / "expected.pt")
    output = answers(bundle, expected["image"].numpy())
    named = [0, 1, 3]  # the third output has no label
    np.testing.assert_allclose(output.logits, expected["logits"][:, named], atol=1e-3)
    card = load_bundle(bundle).card
    assert card.labels == ("Atelectasis", "Effusion", "Mass")
    positive = calibrate(output.logits, card) >= [point.value for point in card.thresholds]
    assert np.array_equal(positive, expected["answer"][:, named].numpy() >= 0.5)


def untouched(tmp_path):
    return not (tmp_path / "out").exists() or not any((tmp_path / "out").iterdir())


@pytest.mark.parametrize(
    ("remove", "words"),
    [
        ("not_for", "not_for"),
        ("licence", "licence"),
        ("training_data", None),
        ("intended_use", None),
    ],
)
def test_a_card_may_lack_only_what_the_source_says(tmp_path, remove, words):
    source, _ = classifier(tmp_path)
    card = foreign.card_file(tmp_path)
    lines = [line for line in card.read_text().splitlines() if not line.startswith(remove)]
    card.write_text("\n".join(lines))
    options = Options(threads=1, trust=Trust(code=True))
    if words is None:
        assert take_over("monai", source, tmp_path / "out", card, options)
        return
    with pytest.raises(CardError, match=words):
        take_over("monai", source, tmp_path / "out", card, options)
    assert untouched(tmp_path)


def test_without_a_card_file_everything_that_is_missing_is_named_at_once(tmp_path):
    with pytest.raises(CardError) as caught:
        take_over("torchxrayvision", REAL / "torchxrayvision" / "state.pt", tmp_path / "out", None, ONE)
    for word in ("intended_use", "not_for", "licence", "training_data", "labels", "--card"):
        assert word in str(caught.value)
    assert untouched(tmp_path)


@pytest.mark.parametrize(
    ("model", "more", "words"),
    [
        ('nam = "x"', "", "Did you mean 'name'"),
        ('labels = "one"', "", "needed a list"),
        ("", "[normalise]\nlow = [1.0]\nhigh = [0.0]", "low below high"),
        ("", "[evaluation]\nauroc = 1.0", "evaluation"),
        ("name = ", "", "TOML"),
    ],
)
def test_a_card_file_that_does_not_fit_is_refused(tmp_path, model, more, words):
    card = foreign.card_file(tmp_path, model, more)
    with pytest.raises((CardError, SourceError), match=words):
        take_over("torchxrayvision", REAL / "torchxrayvision" / "whole.pt", tmp_path / "out", card, ONE)


def test_other_answers_than_the_originals_are_never_written(tmp_path, monkeypatch):
    source, _ = classifier(tmp_path)
    monkeypatch.setattr(parity, "difference", lambda found, wanted: 0.5)
    with pytest.raises(SourceError, match=r"differ by 0\.5"):
        take_over(
            "monai", source, tmp_path / "out", foreign.card_file(tmp_path), Options(threads=1, trust=Trust(code=True))
        )
    assert untouched(tmp_path)


def test_labels_that_are_not_as_many_as_the_answers_are_refused(tmp_path):
    source, _ = classifier(tmp_path)
    card = foreign.card_file(tmp_path, 'labels = ["a", "b", "c"]')
    with pytest.raises(SourceError, match=r"gives \[2\]; needed \[3\]"):
        take_over("monai", source, tmp_path / "out", card, Options(threads=1, trust=Trust(code=True)))
    assert untouched(tmp_path)


def test_an_input_that_the_network_cannot_take_is_refused(tmp_path):
    source, _ = classifier(tmp_path)
    card = foreign.card_file(tmp_path, input="height_px = 2\nwidth_px = 2")
    with pytest.raises(SourceError, match=r"does not take an input of \[1, 2, 2\]"):
        take_over("monai", source, tmp_path / "out", card, Options(threads=1, trust=Trust(code=True)))


def test_a_bundle_that_is_there_is_not_replaced(tmp_path):
    source, _ = classifier(tmp_path)
    (tmp_path / "out" / "bundle").mkdir(parents=True)
    with pytest.raises(OutputError, match="is there already"):
        take_over("monai", source, tmp_path / "out", foreign.card_file(tmp_path), Options(trust=Trust(code=True)))


def test_two_imports_into_one_folder_do_not_disturb_each_other(tmp_path, monkeypatch):
    source, _ = classifier(tmp_path)
    options, out = Options(threads=1, trust=Trust(code=True)), tmp_path / "out"
    write, begun = take_over_module.write, []

    def beside_another(*given):
        begun.append(given)
        if len(begun) == 1:  # the second starts and ends while the first is written
            take_over("monai", source, out, foreign.card_file(tmp_path, 'name = "second"'), options)
        return write(*given)

    monkeypatch.setattr(take_over_module, "write", beside_another)
    card = foreign.card_file(tmp_path, 'name = "first"')
    take_over("monai", source, out, card, options)
    assert sorted(path.name for path in out.iterdir()) == ["first", "second"]


def test_a_full_disk_is_told_and_leaves_nothing(tmp_path, monkeypatch):
    def full(*given):
        raise OSError(errno.ENOSPC, "No space left on device")

    source, _ = classifier(tmp_path)
    monkeypatch.setattr(take_over_module, "write", full)
    with pytest.raises(OutputError, match=r"bundle: cannot be written \(No space left"):
        take_over(
            "monai", source, tmp_path / "out", foreign.card_file(tmp_path), Options(threads=1, trust=Trust(code=True))
        )
    assert untouched(tmp_path)


def test_a_file_that_is_named_is_taken_and_another_is_not(tmp_path):
    source, _ = classifier(tmp_path)
    with pytest.raises(SourceError, match=r"holds none of model\.onnx"):
        take_over("monai", source, tmp_path / "out", foreign.card_file(tmp_path), Options(file="model.onnx"))
    with pytest.raises(UntrustedError):
        take_over("monai", source, tmp_path / "out", foreign.card_file(tmp_path), Options(file="../models/model.ts"))


@pytest.mark.parametrize("kind", ["monai", "nnunet"])
def test_an_empty_folder_is_no_source(tmp_path, kind):
    (tmp_path / "Doe Jane").mkdir()
    with pytest.raises(SourceError, match="Give the folder"):
        take_over(kind, tmp_path / "Doe Jane", tmp_path / "out", None, ONE)
