"""How fine the picture is: blur, sharpening, kernel of reconstruction, lost resolution, and coarse compression."""

import math

import torch
from torch.nn import functional

from secondread.learn.augmentation import Augmentation
from secondread.learn.augmenting.draw import against, either, strength

MARGIN = 8  # pixels mirrored around the picture, so that its opposite edges do not meet
DETAIL_PX = 1.0  # what is finer than a blur of this standard deviation is detail
BLOCK = 8


def refilter(images: torch.Tensor, how: Augmentation, random: torch.Generator) -> torch.Tensor:
    """Blur, sharpening and kernel as one product in frequency space; mean grey stays.

    Blur and sharpening act along every axis. A kernel acts within the slice: it leaves coarse structure and the finest
    detail as they are and changes what lies between, most at half the highest frequency.
    """
    n, grid = len(images), images.shape[2:]
    margin = [min(MARGIN, side - 1) for side in grid]
    amounts = (how.blur, how.sharpen)
    blur, sharpen = (strength(n, largest, how, random) if largest else torch.zeros(n) for largest in amounts)
    kernel = either(n, how.kernel, how, random) if how.kernel else torch.zeros(n)
    around = [side for m in reversed(margin) for side in (m, m)]
    padded = functional.pad(images, around, mode="reflect")
    axes = tuple(range(2, images.ndim))
    squares = squared_frequencies(padded.shape[2:], images.device)
    plane = squares[-1] + squares[-2]
    every = plane + squares[0] if len(squares) == 3 else plane
    fine = 1.0 - torch.exp(-2.0 * (math.pi * DETAIL_PX) ** 2 * every)
    middle = torch.sin(2.0 * math.pi * plane.sqrt().clamp(max=0.5)) ** 2
    response = torch.exp(-2.0 * math.pi**2 * against(blur, images) ** 2 * every)
    response = response * (1.0 + against(sharpen, images) * fine) * torch.exp(against(kernel, images) * middle)
    spectrum = torch.fft.rfftn(padded, dim=axes) * response
    filtered: torch.Tensor = torch.fft.irfftn(spectrum, s=list(padded.shape[2:]), dim=axes)
    for axis, (before, side) in enumerate(zip(margin, grid, strict=True), 2):
        filtered = filtered.narrow(axis, before, side)
    return filtered


def squared_frequencies(grid: torch.Size, device: torch.device) -> list[torch.Tensor]:
    """Of each axis the square of the frequency in cycles a pixel, shaped to be added up as rfftn lays them out."""
    found = []
    for axis, side in enumerate(grid):
        last = axis == len(grid) - 1
        cycles = torch.fft.rfftfreq(side, device=device) if last else torch.fft.fftfreq(side, device=device)
        found.append(cycles.square().reshape(*(-1 if other == axis else 1 for other in range(len(grid)))))
    return found


def lower_resolution(images: torch.Tensor, how: Augmentation, random: torch.Generator) -> torch.Tensor:
    """Shrunk within the slice by averaging, and enlarged again."""
    lost = strength(len(images), how.lowres, how, random)
    height, width = images.shape[-2:]
    changed = []
    for image, share in zip(images, lost.tolist(), strict=True):
        flat = image.reshape(1, -1, height, width)
        small = [max(1, round(side * (1.0 - share))) for side in (height, width)]
        if small != [height, width]:
            flat = functional.interpolate(flat, small, mode="bilinear", antialias=True, align_corners=False)
            flat = functional.interpolate(flat, (height, width), mode="bilinear", align_corners=False)
        changed.append(flat.reshape(image.shape))
    return torch.stack(changed)


def quantise(images: torch.Tensor, how: Augmentation, random: torch.Generator) -> torch.Tensor:
    """Blocks of 8 x 8 pixels with rounded cosine coefficients, the coarser the higher their frequency.

    What JPEG does (ISO/IEC 10918-1), with a step of our own, in grey: the drawn one times (1 + row + column) / 15.
    """
    step = strength(len(images), how.quantise, how, random)
    height, width = images.shape[-2:]
    flat = images.reshape(len(images), -1, height, width)
    padded = functional.pad(flat, (0, -width % BLOCK, 0, -height % BLOCK), mode="replicate")
    rows, columns = padded.shape[-2] // BLOCK, padded.shape[-1] // BLOCK
    blocks = padded.reshape(*padded.shape[:2], rows, BLOCK, columns, BLOCK).transpose(3, 4)
    basis = cosines(images.device)
    order = torch.arange(BLOCK, device=images.device, dtype=torch.float32)
    steps = (1.0 + order[:, None] + order) / (2 * BLOCK - 1) * BLOCK * against(step, blocks).clamp(min=1e-6)
    rounded = (basis @ blocks @ basis.T / steps).round() * steps
    whole = (basis.T @ rounded @ basis).transpose(3, 4).reshape(padded.shape)
    return whole[..., :height, :width].reshape(images.shape)


def cosines(device: torch.device) -> torch.Tensor:
    """float32 [8, 8]: the orthonormal cosine basis, one frequency a row."""
    order = torch.arange(BLOCK, device=device, dtype=torch.float64)
    basis = torch.cos(math.pi / BLOCK * order[:, None] * (order + 0.5)) * math.sqrt(2.0 / BLOCK)
    basis[0] /= math.sqrt(2.0)
    return basis.float()
