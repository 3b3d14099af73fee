"""One training by several processes: each takes its share of every batch, and all make the same step.

They are started by ``torchrun``, which comes with torch; without it everything here means one process. Only the first
one writes. See ``docs/adr/0011-several-processes-average-their-gradients.md``.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import distributed, nn

from secondread.core.errors import RecipeError, UsageError

APART = 1_000_003  # between the seeds of two processes, so that they change their pictures differently


@contextmanager
def joined() -> Iterator[bool]:
    """Meet the other processes, where ``torchrun`` started some; gives whether this is the first one.

    With graphics cards each process takes one of its own. After an error nobody is waited for: ``torchrun`` ends the
    others.

    Raises:
        UsageError: If there are more processes than cards.
    """
    if not (distributed.is_available() and distributed.is_torchelastic_launched()):
        yield True
        return
    cards = torch.cuda.device_count()
    distributed.init_process_group("nccl" if cards else "gloo")
    here = distributed.get_node_local_rank()
    if cards and here >= cards:
        raise UsageError(f"torchrun: process {here + 1} finds {cards} graphics cards. Lower --nproc-per-node.")
    if cards:
        torch.cuda.set_device(here)
    yield first()
    distributed.destroy_process_group()


def processes() -> int:
    """How many learn together."""
    return distributed.get_world_size() if distributed.is_available() and distributed.is_initialized() else 1


def first() -> bool:
    """Whether this process is the one that writes and tells."""
    return processes() == 1 or distributed.get_rank() == 0


def check_batch(batch: int) -> None:
    """A batch that can be shared.

    Raises:
        RecipeError: If the shares would differ, or be too small for batch normalisation.
    """
    if batch % processes() or batch < 2 * processes():
        raise RecipeError(
            f"train.batch is {batch}, and there are {processes()} processes; needed a multiple of that with at least "
            "two pictures each. Change the recipe, or --nproc-per-node of torchrun."
        )


def share(order: torch.Tensor) -> torch.Tensor:
    """This process's part of a batch; where it cannot be shared evenly, the rest is left out."""
    if processes() == 1:
        return order
    size = len(order) // processes()
    return order[distributed.get_rank() * size :][:size]


def own(random: torch.Generator, where: torch.device) -> torch.Generator:
    """Where this process draws the changes of its pictures from; what is drawn from ``random`` is the same in all.

    Pictures are changed where the network learns, so the draws are made there too.
    """
    if processes() == 1 and where.type == "cpu":
        return random
    rank = 0 if processes() == 1 else distributed.get_rank()
    return torch.Generator(where).manual_seed(random.initial_seed() + APART * (1 + rank))


def synchronised(network: nn.Module) -> nn.Module:
    """The same network; on graphics cards its batch statistics are those of the whole batch.

    On processors torch cannot do that, and each process uses the statistics of its share.
    """
    if processes() == 1 or not torch.cuda.is_available():
        return network
    together: nn.Module = nn.SyncBatchNorm.convert_sync_batchnorm(network)  # type: ignore[no-untyped-call]
    return together


def average_gradients(network: nn.Module) -> None:
    """Replace every gradient by its mean over the processes."""
    found = [p.grad for p in network.parameters() if p.grad is not None]
    if processes() == 1 or not found:
        return
    whole = torch.cat([gradient.reshape(-1) for gradient in found])
    distributed.all_reduce(whole)
    whole /= processes()
    parts = torch.split(whole, [gradient.numel() for gradient in found])
    for gradient, part in zip(found, parts, strict=True):
        gradient.copy_(part.view(gradient.shape))


def mean(value: float) -> float:
    """The mean of a number over the processes."""
    if processes() == 1:
        return value
    told = carrier(value)
    distributed.all_reduce(told)
    return float(told) / processes()


def agreed(value: float) -> float:
    """The first process's number, so that all decide alike."""
    if processes() == 1:
        return value
    told = carrier(value)
    distributed.broadcast(told, 0)
    return float(told)


def carrier(value: float) -> torch.Tensor:
    """A number where the processes can hand it over: on the card with nccl, else in memory."""
    return torch.tensor(value, dtype=torch.float64, device="cuda" if torch.cuda.is_available() else "cpu")
