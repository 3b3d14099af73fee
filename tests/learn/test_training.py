"""Training, export and evaluation on a toy set."""

import io
import json
import shutil
from contextlib import redirect_stdout

import numpy as np
import pytest

import toy

torch = pytest.importorskip("torch")

from secondread.cli import run  # noqa: E402 - torch decides whether this file runs
from secondread.core.errors import OutputError, RecipeError  # noqa: E402
from secondread.engine.bundle import load_bundle  # noqa: E402
from secondread.engine.session import open_session  # noqa: E402
from secondread.learn.augment import augment  # noqa: E402
from secondread.learn.augmentation import Augmentation  # noqa: E402
from secondread.learn.data import load  # noqa: E402
from secondread.learn.export import export  # noqa: E402
from secondread.learn.network import Classifier, Ensemble, Mirrored, Network  # noqa: E402
from secondread.learn.recipe import read_recipe  # noqa: E402
from secondread.learn.train import train  # noqa: E402
from secondread.prepare.resize import resize  # noqa: E402

pytestmark = pytest.mark.filterwarnings("default")  # torch's exporter warns about its own future


@pytest.fixture(scope="module")
def trained(root):
    """As a person types it: two seeds, of which the better one is kept; the bundle, the recipe and what was told."""
    recipe, told = toy.make_recipe(root, epochs=6, seeds="[1, 2]"), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(told):
        patch.setenv("SECONDREAD_THREADS", "1")
        assert run(["train", str(recipe), "--data", str(root), "--out", str(root / "out"), "--json"]) == 0
    return root / "out" / "toy", recipe, [json.loads(line) for line in told.getvalue().splitlines()]


@pytest.mark.parametrize("backbone", ["resnet18", "resnet50", "densenet121", "efficientnet-lite0"])
def test_the_mean_of_the_map_plus_the_bias_is_the_logit(backbone):
    torch.manual_seed(0)
    net = Classifier(Network(backbone), 3).eval()
    with torch.no_grad():
        logits, cam, embedding = net(torch.rand(2, 1, 64, 64))
    assert torch.allclose(cam.mean((2, 3)) + net.bias, logits, atol=1e-5)
    assert cam.shape[1] == logits.shape[1] == 3
    assert embedding.shape == (2, net.head.in_channels)


def test_a_last_stride_of_one_doubles_the_map():
    sizes = [
        Classifier(Network(widths=(4, 4, 4, 4), last_stride=s), 2).eval()(torch.rand(2, 1, 64, 64))[1].shape[-1]
        for s in (1, 2)
    ]
    assert sizes == [4, 2]


def test_grey_level_and_contrast_of_a_picture_do_not_change_the_answer():
    torch.manual_seed(0)
    net = Classifier(Network(widths=(4, 8, 8, 8)), 2).eval()
    picture = torch.rand(1, 1, 64, 64)
    with torch.no_grad():
        assert torch.allclose(net(picture)[0], net(picture * 0.5 + 0.2)[0], atol=2e-2)


@pytest.mark.parametrize(("row", "column"), [(7, 7), (7, 24), (24, 7), (24, 24)])
def test_a_place_that_changes_changes_the_map_at_that_place(row, column):
    torch.manual_seed(0)
    net = Classifier(Network(widths=(8, 16, 16, 32), stem="small", last_stride=1), 2).eval()
    pictures = torch.rand(1, 1, 32, 32).repeat(2, 1, 1, 1)
    pictures[1, 0, row - 3 : row + 3, column - 3 : column + 3] = 0.5
    with torch.no_grad():
        cam = net(pictures)[1]
    changed = resize((cam[1] - cam[0]).abs().sum(0).numpy(), (32, 32))
    j, i = np.unravel_index(int(changed.argmax()), changed.shape)
    assert abs(j - row) <= 4
    assert abs(i - column) <= 4


def test_an_ensemble_averages_logits_and_maps():
    members = [Classifier(Network(widths=(4, 8, 8, 8)), 2).eval() for _ in range(2)]
    picture = torch.rand(1, 1, 64, 64)
    with torch.no_grad():
        one, two, both = (net(picture) for net in (*members, Ensemble(members)))
    assert torch.allclose((one[0] + two[0]) / 2, both[0], atol=1e-6)
    assert torch.allclose((one[1] + two[1]) / 2, both[1], atol=1e-6)
    assert both[2].shape[1] == one[2].shape[1] + two[2].shape[1]


def test_a_mirrored_network_gives_mirror_images_the_same_answer_and_mirrored_maps():
    net = Mirrored(Classifier(Network(widths=(4, 8, 8, 8)), 2)).eval()
    picture = torch.rand(1, 1, 64, 64)
    with torch.no_grad():
        plain, mirrored = net(picture), net(picture.flip(3))
    assert torch.allclose(plain[0], mirrored[0], atol=1e-6)
    assert torch.allclose(plain[1], mirrored[1].flip(3), atol=1e-6)


def test_augmentation_is_decided_by_its_generator_and_off_when_all_is_zero():
    pictures = torch.rand(4, 1, 16, 16)
    how = Augmentation(0.5, 10, 0.1, 0.1, 0.1, 0.2, 0.2, 0.1, 0.05, 0.2, 0.5)
    once, twice = (augment(pictures, how, torch.Generator().manual_seed(3))[0] for _ in range(2))
    assert torch.equal(once, twice)
    assert not torch.allclose(once, pictures, atol=0.05)
    assert torch.allclose(augment(pictures, Augmentation(), torch.Generator())[0], pictures.clamp(1e-4, 1), atol=1e-5)


def test_an_exported_network_says_what_the_network_says_in_half_the_bytes(tmp_path):
    import onnxruntime

    torch.manual_seed(0)
    net = Mirrored(Ensemble([Classifier(Network(widths=(8, 16, 16, 32)), 3) for _ in range(2)])).eval()
    pictures, path = torch.rand(5, 1, 32, 32), tmp_path / "model.onnx"
    export(net, path, (1, 32, 32))
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    found = session.run(["logits", "cam", "embedding"], {"image": pictures.numpy()})
    with torch.no_grad():
        expected = net(pictures)
    for a, b in zip(found, expected, strict=True):
        assert np.abs(a - b.numpy()).max() < 5e-3
    assert path.stat().st_size < 0.75 * 4 * sum(p.numel() for p in net.parameters())
    assert str(tmp_path).encode() not in path.read_bytes()


def test_earlier_checkpoints_are_never_overwritten_by_accident(root, trained):
    folder, recipe, _ = trained
    with pytest.raises(RecipeError, match="--resume"):
        train(recipe, root, folder.parent)


def test_a_training_ends_with_a_bundle_that_loads_and_finds_spots(trained, root):
    folder, recipe, events = trained
    bundle = load_bundle(folder)
    assert bundle.card.labels == ("plain", "spot")
    assert bundle.card.thresholds[0].rule.endswith("on validation")
    result = json.loads((folder / "evaluation.json").read_text())
    part = result["questions"]["spot"]
    assert part["auroc"]["low"] > 0.6
    assert len(part["members"]["auroc"]) == 2
    assert part["patients"] == toy.COUNTS["test"] // 2
    assert {row["group"] for row in part["subgroups"]} >= {"sex F", "sex M"}
    assert result["acceptance"][0]["accepted"] is True
    assert result["parity"]
    assert all(part["labels"]["max"] < 0.01 for part in result["parity"].values())  # against the trained network
    assert [e["epoch"] for e in events if e["event"] == "epoch"] == [1, 2, 3, 4, 5, 6] * 2
    (losses,) = (e["validation_loss"] for e in events if e["event"] == "seeds")
    better = folder.parent / f"seed-{1 + losses.index(min(losses))}" / "model.onnx"
    assert (folder / "model.onnx").read_bytes() == better.read_bytes()
    assert {path.name for path in folder.parent.iterdir()} == {"seed-1", "seed-2", "toy"}
    session = open_session(bundle, engine="onnxruntime", threads=1)
    test = load(read_recipe(recipe), root, "test")
    logits = session.run(test.batch(slice(None))).logits
    assert (logits[test.labels == 1, 1] - logits[test.labels == 1, 0]).mean() > (
        logits[test.labels == 0, 1] - logits[test.labels == 0, 0]
    ).mean()


def test_evaluating_again_gives_the_same_files_and_the_pictures(trained, root, tmp_path, monkeypatch):
    folder, recipe, _ = trained
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    monkeypatch.chdir(tmp_path)
    options = ["--recipe", str(recipe), "--data", str(root), "--pictures", "pictures", "--json"]
    assert run(["evaluate", str(folder), *options]) == 0
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert {path.name for path in (tmp_path / "pictures").iterdir()} == {"spot-curves.png", "spot-maps.png"}


def test_a_folder_that_cannot_be_made_is_told_before_anything_is_learnt(tmp_path):
    toy.make_set(tmp_path)
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OutputError, match="this folder cannot be made"):
        train(toy.make_recipe(tmp_path), tmp_path, tmp_path / "file" / "out")


def test_a_card_takes_new_texts_of_its_recipe_without_measuring_again(trained, root, tmp_path):
    folder, recipe, _ = trained
    copy, changed = tmp_path / folder.name, tmp_path / "toy.toml"
    shutil.copytree(folder, copy)
    changed.write_text(recipe.read_text().replace('["Anything else."]', '["Anything but this test."]'))
    assert run(["evaluate", str(copy), "--recipe", str(changed), "--only-card"]) == 0
    before, after = load_bundle(folder).card, load_bundle(copy).card
    assert after.not_for == ("Anything but this test.",)
    assert (after.results, after.thresholds, after.sha256) == (before.results, before.thresholds, before.sha256)
