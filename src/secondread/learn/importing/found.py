"""What a source turns out to be, before anything is written."""

from collections.abc import Callable
from dataclasses import dataclass

import onnx
import torch
from torch import nn

from secondread.learn.importing.facts import Facts

Raw = nn.Module | Callable[[torch.Tensor], torch.Tensor]


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """A network and what is known about it.

    Attributes:
        facts: For the card.
        raw: The original, in its own axes and values: float32 [n, c, *grid] to logits [n, k] or [n, k, *grid].
        model: The same as ONNX, where the source is that and no network of torch was rebuilt.
    """

    facts: Facts
    raw: Raw
    model: onnx.ModelProto | None = None


@dataclass(frozen=True, slots=True)
class Trust:
    """What the person who imports allows to run.

    Attributes:
        pickle: Files of weights that are programs.
        code: TorchScript.
    """

    pickle: bool = False
    code: bool = False
