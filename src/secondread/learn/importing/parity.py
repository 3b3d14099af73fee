"""Whether a written network gives the answers of the one it was made of."""

from collections.abc import Callable, Mapping

import numpy as np
import torch
from numpy.typing import NDArray

from secondread.core.errors import SourceError
from secondread.engine.runtimes import open_onnxruntime

Answer = Mapping[str, torch.Tensor]
SEED = 20250131
FEW_VALUES = 2**20  # of one input; larger ones are tried in smaller batches


def differences(
    model: bytes, original: Callable[[torch.Tensor], Answer], shape: tuple[int, ...], threads: int, where: str
) -> dict[str, float]:
    """Largest difference of each output from the original's, on random inputs in batches of two sizes.

    A difference is told as a share of the largest value of the output, or as it is where no value passes 1.

    Args:
        model: The written network, ONNX.
        original: From float32 [n, *shape], grey in [0, 1], to outputs by name.
        shape: (channels, *grid).
        threads: CPU threads.
        where: What messages call the network.

    Raises:
        SourceError: If the written network cannot be run.
    """
    worst: dict[str, float] = {}
    try:
        runtime = open_onnxruntime(model, threads)
        answers = [(image, runtime.forward(image)) for image in random_inputs(shape)]
    except Exception as error:
        raise SourceError(
            f"{where}: the written network does not run on batches of any size ({type(error).__name__}). Export the "
            "original with a free batch, or take its state dict."
        ) from error
    for image, found in answers:
        for name, wanted in original(torch.from_numpy(image)).items():
            worst[name] = max(worst.get(name, 0.0), difference(found[name], wanted.numpy()))
        if "cam" in found:
            worst["cam"] = max(worst.get("cam", 0.0), unexplained(found["logits"], found["cam"]))
    return worst


def random_inputs(shape: tuple[int, ...]) -> list[NDArray[np.float32]]:
    """A larger and a smaller batch of noise, coarse and fine, with empty borders and grey from 0 to 1."""
    random = np.random.default_rng(SEED)
    sizes = (4, 1) if np.prod(shape) < FEW_VALUES else (2, 1)
    batches = []
    for n in sizes:
        image = random.random((n, *shape), dtype=np.float32)
        image *= random.random((n, shape[0], *(1,) * (len(shape) - 1)), dtype=np.float32)
        image[..., : shape[-1] // 8] = 0.0
        batches.append(image)
    return batches


def difference(found: NDArray[np.float32], wanted: NDArray[np.float32]) -> float:
    """The largest difference; infinite where shapes differ or a value is none."""
    if found.shape != wanted.shape or not (np.isfinite(found).all() and np.isfinite(wanted).all()):
        return float("inf")
    return float(np.abs(found - wanted).max() / max(1.0, np.abs(wanted).max()))


def unexplained(logits: NDArray[np.float32], cam: NDArray[np.float32]) -> float:
    """How far the logits are from the means of their maps plus a constant for each label."""
    constant = logits - cam.mean(tuple(range(2, cam.ndim)))
    return float((constant.max(0) - constant.min(0)).max() / max(1.0, np.abs(logits).max()))


def check(worst: Mapping[str, float], tolerance: float, where: str) -> None:
    """Refuse a network that answers differently.

    Raises:
        SourceError: Naming the output and by how much.
    """
    for name, value in worst.items():
        if not value <= tolerance:
            raise SourceError(
                f"{where}: the written network gives another {name} than the original: they differ by {value:.2g}, and "
                f"{tolerance:.2g} is allowed. Nothing was written. Try --store full, or report the kind of network."
            )
