"""Networks of MONAI that are rebuilt, and the ones that are not."""

import pytest

torch = pytest.importorskip("torch")

from monai.networks import nets  # noqa: E402 - torch decides whether this file runs

from secondread.core.errors import SourceError  # noqa: E402
from secondread.learn.importing.monai_networks import ALIASES, NETWORKS, build  # noqa: E402

SMALL = {"spatial_dims": 2, "in_channels": 1, "out_channels": 2, "channels": [2, 4], "strides": [2]}


def test_every_name_on_the_list_is_one_of_monai():
    assert [name for name in (*NETWORKS, *ALIASES.values()) if not hasattr(nets, name)] == []


@pytest.mark.parametrize("target", ["UNet", "Unet", "monai.networks.nets.UNet", "monai.networks.nets.unet.UNet"])
def test_a_network_is_rebuilt_with_its_weights(target):
    wanted = nets.UNet(**SMALL).eval()
    network = build(target, SMALL, wanted.state_dict(), "here")
    image = torch.rand(1, 1, 8, 8)
    assert not network.training
    assert torch.equal(network(image), wanted(image))


@pytest.mark.parametrize(
    "target",
    ["os.system", "builtins.eval", "torch.load", "monai.bundle.ConfigParser", "UNETR", "scripts.mine.UNet", ""],
)
def test_a_class_that_is_not_on_the_list_is_never_called(target):
    with pytest.raises(SourceError, match="not rebuilt here"):
        build(target, {}, {}, "here")


def test_a_download_is_refused_and_never_the_default(monkeypatch):
    class Downloads(torch.nn.Linear):
        def __init__(self, pretrained=True):
            assert not pretrained
            super().__init__(2, 2)

    monkeypatch.setattr(nets, "EfficientNetBN", Downloads)
    state = torch.nn.Linear(2, 2).state_dict()
    assert build("EfficientNetBN", {}, state, "here")
    with pytest.raises(SourceError, match="download"):
        build("EfficientNetBN", {"pretrained": True}, state, "here")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (SMALL | {"surprise": 1}, "cannot be made of its arguments"),
        (SMALL | {"channels": [2, 5]}, "needs"),
        (SMALL | {"channels": [2, 400_000_000]}, "belong together"),
        (SMALL | {"channels": [2, 4, 4], "strides": [2, 2]}, "belong together"),
    ],
)
def test_arguments_that_do_not_fit_the_weights_are_refused_before_they_cost_memory(given, words):
    with pytest.raises(SourceError, match=words):
        build("UNet", given, nets.UNet(**SMALL).state_dict(), "here")
