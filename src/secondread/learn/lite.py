"""EfficientNet-Lite0 for grey pictures: light enough for a CPU, and its ImageNet weights are in the package registry.

The design is that of Tan and Le, EfficientNet, ICML 2019, without squeeze-and-excitation and with ReLU6, as in the
"lite" variants that its authors published in 2020.
"""

import torch
from torch import nn

STEM, TOP = 32, 1280
# repeats, kernel, stride, expansion, channels
STAGES = (
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)
STRIDED_LAST = 5  # the stage whose stride decides the resolution of the map


class Residual(nn.Module):
    """A sum of a path and its input."""

    def __init__(self, path: nn.Module) -> None:
        super().__init__()
        self.path = path

    def forward(self, places: torch.Tensor) -> torch.Tensor:
        """The same shape as ``places``."""
        out: torch.Tensor = places + self.path(places)
        return out


def efficientnet_lite0(last_stride: int = 2, channels: int = 1) -> nn.Sequential:
    """The convolutional part: float32 [n, channels, h, w] to [n, 1280, h / 32, w / 32].

    With ``last_stride`` 1 the map has h / 16 rows.
    """
    parts: list[nn.Module] = [*convolution(channels, STEM, 3, 2)]
    channels = STEM
    for number, (repeats, kernel, stride, expansion, out) in enumerate(STAGES):
        for repeat in range(repeats):
            step = 1 if repeat or (number == STRIDED_LAST and last_stride == 1) else stride
            parts.append(block(channels, out, kernel, step, expansion))
            channels = out
    return nn.Sequential(*parts, *convolution(channels, TOP, 1, 1))


def refine(features: nn.Module) -> None:
    """Double the resolution of the map of a trained network, in place.

    The last stride is taken out and the kernels behind it are spread by as much (an "atrous" convolution), so every
    second place of the new map holds what the old one held there, and the others what lies between.

    Source: Chen et al., DeepLab, IEEE TPAMI 2018; 40:834-848.
    """
    parts = [part for part in features.modules() if isinstance(part, nn.Conv2d | nn.ZeroPad2d)]
    last = max(n for n, part in enumerate(parts) if isinstance(part, nn.Conv2d) and part.stride == (2, 2))
    strided, pad = parts[last], parts[last - 1]
    assert isinstance(strided, nn.Conv2d)
    assert isinstance(pad, nn.ZeroPad2d)
    before = pad.padding[0]
    after = strided.kernel_size[0] - 1 - before
    strided.stride, pad.padding = (1, 1), (before, after, before, after)
    for part in parts[last + 1 :]:
        if isinstance(part, nn.Conv2d) and part.kernel_size[0] > 1:
            part.dilation, part.padding = (2, 2), (part.kernel_size[0] - 1, part.kernel_size[0] - 1)


def block(channels: int, out: int, kernel: int, stride: int, expansion: int) -> nn.Module:
    """An inverted residual block: widen, look at each channel's surroundings, narrow."""
    wide = channels * expansion
    widen = convolution(channels, wide, 1, 1) if expansion > 1 else []
    narrow = [nn.Conv2d(wide, out, 1, bias=False), norm(out)]
    path = nn.Sequential(*widen, *convolution(wide, wide, kernel, stride, groups=wide), *narrow)
    return Residual(path) if stride == 1 and channels == out else path


def convolution(channels: int, out: int, kernel: int, stride: int, groups: int = 1) -> list[nn.Module]:
    """Convolution, batch normalisation and ReLU6, padded as TensorFlow pads sides that the stride divides."""
    total = kernel - stride
    before = total // 2
    pad = [nn.ZeroPad2d((before, total - before, before, total - before))] if stride > 1 else []
    plain = nn.Conv2d(channels, out, kernel, stride, padding=0 if pad else kernel // 2, groups=groups, bias=False)
    return [*pad, plain, norm(out), nn.ReLU6(inplace=True)]


def norm(channels: int) -> nn.BatchNorm2d:
    """Batch normalisation with the constants of the published weights."""
    return nn.BatchNorm2d(channels, eps=1e-3, momentum=0.01)
