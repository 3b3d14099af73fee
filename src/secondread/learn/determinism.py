"""The same numbers every time: arithmetic in a fixed order, or a refusal where there is none."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from secondread.core.errors import RecipeError

# What cuBLAS needs to be told before its first call (NVIDIA, cuBLAS documentation, "Results Reproducibility").
WORKSPACE = ("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
HINT = "does not have a deterministic implementation"


@contextmanager
def deterministic(*, wanted: bool = True) -> Iterator[None]:
    """Within this block torch uses only operations that give the same bits each time.

    Raises:
        RecipeError: If a network needs an operation that has no such form on this machine.
    """
    if not wanted:
        yield
        return
    before = (torch.are_deterministic_algorithms_enabled(), torch.backends.cudnn.deterministic)
    quick = torch.backends.cudnn.benchmark
    os.environ.setdefault(*WORKSPACE)
    torch.use_deterministic_algorithms(True)
    torch.backends.cudnn.deterministic, torch.backends.cudnn.benchmark = True, False
    try:
        yield
    except RuntimeError as error:
        if HINT not in str(error):
            raise
        raise RecipeError(
            f"--deterministic: the network of this recipe needs {str(error).split(' ')[0]}, which has no deterministic "
            "form on this machine. Train without --deterministic, on the processor, or with another network."
        ) from error
    finally:
        torch.use_deterministic_algorithms(before[0])
        torch.backends.cudnn.deterministic, torch.backends.cudnn.benchmark = before[1], quick


def is_deterministic() -> bool:
    """Whether that is asked for now."""
    return torch.are_deterministic_algorithms_enabled()
