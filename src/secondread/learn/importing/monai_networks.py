"""Networks of MONAI that are rebuilt: a list of classes and plain arguments, nothing else of a configuration."""

from collections.abc import Mapping
from typing import Any

import torch
from monai.networks import nets
from torch import nn

from secondread.core.errors import SourceError

PLACES = ("", "monai.networks.nets")
NETWORKS = (
    "DenseNet", "DenseNet121", "DenseNet169", "DenseNet201", "DenseNet264",
    "ResNet", "resnet10", "resnet18", "resnet34", "resnet50", "resnet101", "resnet152", "resnet200",
    "SENet154", "SEResNet50", "SEResNet101", "SEResNet152", "SEResNext50", "SEResNext101",
    "EfficientNetBN",
    "UNet", "BasicUNet", "SegResNet", "DynUNet", "AttentionUnet", "VNet", "FlexibleUNet",
)  # fmt: skip
ALIASES = {
    "unet": "UNet",
    "basicunet": "BasicUNet",
    "dynunet": "DynUNet",
    "attentionunet": "AttentionUnet",
    "flexunet": "FlexibleUNet",
}
DOWNLOADS = "pretrained"


def build(target: str, given: Mapping[str, Any], state: Mapping[str, torch.Tensor], where: str) -> nn.Module:
    """The network that a configuration names, with the weights.

    It is made without memory first, so that sizes which do not fit the weights are found before they cost anything.

    Raises:
        SourceError: If the class is not on the list, or arguments or weights do not fit it.
    """
    make = getattr(nets, allowed(target, where))
    options = dict(given)
    if options.get(DOWNLOADS):
        raise SourceError(f"{where}: {DOWNLOADS} asks for a download. Say false: the weights are in the bundle.")
    if make is nets.EfficientNetBN:
        options[DOWNLOADS] = False  # its default would download
    try:
        with torch.device("meta"):
            draft = make(**options)
    except Exception as error:
        raise SourceError(
            f"{where}: {target} cannot be made of its arguments ({type(error).__name__}: {str(error)[:120]}). "
            "Correct them."
        ) from error
    check_weights(draft.state_dict(), state, where)
    network: nn.Module = make(**options)
    network.load_state_dict(dict(state))
    return network.eval().float()


def allowed(target: str, where: str) -> str:
    """The name of the class in MONAI.

    Raises:
        SourceError: If it is not on the list.
    """
    module, _, name = target.rpartition(".")
    name = ALIASES.get(name.lower(), name)
    if name not in NETWORKS or not (module in PLACES or module.startswith("monai.networks.nets.")):
        raise SourceError(
            f"{where}: the network is a {target[:80]!r}, which is not rebuilt here. Known are {', '.join(NETWORKS)} of "
            "monai.networks.nets. Give the bundle as ONNX instead."
        )
    return name


def check_weights(needed: Mapping[str, torch.Tensor], found: Mapping[str, torch.Tensor], where: str) -> None:
    """Every weight must be there, in its shape, and no other.

    Raises:
        SourceError: Naming the first that does not fit.
    """
    for name in needed:
        if name not in found:
            raise SourceError(f"{where}: the weight {name!r} is missing. Network and weights do not belong together.")
        if needed[name].shape != found[name].shape:
            raise SourceError(
                f"{where}: the weight {name!r} is {list(found[name].shape)}, and the network needs "
                f"{list(needed[name].shape)}. Network and weights do not belong together."
            )
    surplus = sorted(set(found) - set(needed))
    if surplus:
        raise SourceError(
            f"{where}: the network has no place for the weight {surplus[0]!r}. They do not belong together."
        )
