"""The networks of nnU-Net, against the answers of the program that they come from."""

from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from secondread.core.errors import SourceError  # noqa: E402
from secondread.learn.importing.monai_config import read_config  # noqa: E402
from secondread.learn.importing.nnunet_plans import plan_of, resolved  # noqa: E402
from secondread.learn.importing.saved import read_saved, state_dict  # noqa: E402
from secondread.learn.importing.unet import UNet, own_names  # noqa: E402

REAL = Path(__file__).parents[2] / "data" / "foreign-networks"
FOLDERS = {
    "plain, two dimensions": ("Dataset901_Toy__nnUNetPlans__2d", "2d", 2),
    "residual, three dimensions": ("Dataset902_Toy__nnUNetResEncUNetMPlans__3d_fullres", "3d_fullres", 1),
}


@pytest.fixture(params=FOLDERS.values(), ids=FOLDERS)
def real(request):
    """Settings, weights and channels of a folder that holds what nnU-Net's own networks answered."""
    name, configuration, channels = request.param
    folder = REAL / name
    weights = state_dict(read_saved(folder / "fold_0" / "checkpoint_final.pth"), name)
    return folder, resolved(read_config(folder / "plans.json"), configuration), weights, channels


@torch.no_grad()
def test_a_rebuilt_network_gives_the_answers_of_the_original(real):
    folder, settings, weights, channels = real
    network = UNet(plan_of(settings, channels, 3)).eval()
    network.load_state_dict(own_names(weights))
    expected = torch.load(folder / "expected.pt")
    assert expected["logits"].std() > 0.1
    torch.testing.assert_close(network(expected["image"]), expected["logits"], rtol=1e-5, atol=1e-5)


def test_each_weight_of_a_file_is_kept_once(real):
    _, settings, weights, channels = real
    kept = own_names(weights)
    network = UNet(plan_of(settings, channels, 3))
    assert set(kept) == set(network.state_dict())
    numbers = {value.data_ptr() for value in weights.values()}
    assert {value.data_ptr() for value in kept.values()} == numbers


def test_plans_of_the_first_releases_describe_the_same_network(real):
    _, settings, _, channels = real
    design = settings["architecture"]
    given = design["arch_kwargs"] | {"features_per_stage": [2, 4, 4]}
    new = settings | {"architecture": design | {"arch_kwargs": given}}
    old = {
        "patch_size": settings["patch_size"],
        "UNet_class_name": design["network_class_name"].rpartition(".")[2],
        "UNet_base_num_features": 2,
        "unet_max_num_features": 4,
        "n_conv_per_stage_encoder": given.get("n_conv_per_stage") or given["n_blocks_per_stage"],
        "n_conv_per_stage_decoder": given["n_conv_per_stage_decoder"],
        "conv_kernel_sizes": given["kernel_sizes"],
        "pool_op_kernel_sizes": given["strides"],
    }
    first, second = (
        {name: value.shape for name, value in UNet(plan_of(part, channels, 3)).state_dict().items()}
        for part in (new, old)
    )
    assert first == second


CHANGES = {
    "another class": {"network_class_name": "dynamic_network_architectures.architectures.primus.Primus"},
    "an argument that is not followed": {"arch_kwargs": {"squeeze_excitation": True}},
    "bottleneck blocks": {
        "arch_kwargs": {"block": "dynamic_network_architectures.building_blocks.residual.BottleneckD"}
    },
    "a layer that is not known": {"arch_kwargs": {"norm_op": "os.system"}},
    "a non-linearity that is not known": {"arch_kwargs": {"nonlin": "subprocess.run"}},
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_network_that_would_not_be_the_same_is_refused(change):
    settings = resolved(read_config(REAL / FOLDERS["plain, two dimensions"][0] / "plans.json"), "2d")
    design = settings["architecture"]
    design = design | change | {"arch_kwargs": design["arch_kwargs"] | change.get("arch_kwargs", {})}
    with pytest.raises(SourceError, match=r"^plans\.json: "):
        plan_of(settings | {"architecture": design}, 2, 3)


@torch.no_grad()
def test_the_non_linearity_may_come_before_the_normalisation():
    settings = resolved(read_config(REAL / FOLDERS["plain, two dimensions"][0] / "plans.json"), "2d")
    design = settings["architecture"]
    first = design | {"arch_kwargs": design["arch_kwargs"] | {"nonlin_first": True}}
    network = UNet(plan_of(settings | {"architecture": first}, 2, 3)).eval()
    block = network.encoder.stages[0][0].convs[0]
    image = torch.randn(1, 2, 16, 12)
    assert torch.equal(block(image), block.norm(block.nonlin(block.conv(image))))
