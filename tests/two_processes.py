"""What each of the processes does that test_distributed.py starts; the answers lie in the folder it names."""

import json
import sys
from pathlib import Path
from unittest.mock import patch

import torch
from torch import nn

import tiny_trainings as tiny
from secondread.core.errors import RecipeError
from secondread.learn import loop
from secondread.learn.augmentation import Augmentation
from secondread.learn.checkpoint import save
from secondread.learn.distributed import agreed, joined, mean, own, processes, share
from secondread.learn.loop import fit
from secondread.learn.network import network_of

STILL = tiny.change(augment=Augmentation())
TRAININGS = {
    "classes": STILL,
    "frozen at first": tiny.change(STILL, train={"frozen_epochs": 2, "gradual": True, "epochs": 6}),
    "added gradients": tiny.change(STILL, train={"accumulate": 2}),
    "early stop": tiny.change(STILL, train={"patience": 1}),
}


def alone(recipe):
    """The recipe's network, in which pictures know nothing of each other; each process sees a part of a batch only."""
    network = network_of(recipe)
    for part in list(network.modules()):
        for name, child in list(part.named_children()):
            if isinstance(child, nn.BatchNorm2d):
                setattr(part, name, nn.GroupNorm(2, child.num_features))
    return network


def train(out, name, progress=loop.silent):
    """One of the trainings, with that network."""
    recipe = TRAININGS[name]
    with patch.object(loop, "network_of", alone):
        return fit(recipe, 1, tiny.splits(recipe), out / name / "checkpoint.pt", progress)


def main(out):
    """Train, and write down what this process saw."""
    with joined() as first:
        rank = torch.distributed.get_rank()
        random = torch.Generator().manual_seed(3)
        told = {
            "first": first,
            "processes": processes(),
            "share": share(torch.arange(9)).tolist(),
            "own": float(torch.rand(1, generator=own(random, torch.device("cpu")))),
            "mean": mean(float(rank)),
            "agreed": agreed(10.0 + rank),
            "wrote": [],
        }
        with patch.object(loop, "save", lambda state, *rest: (told["wrote"].append(state.epoch), save(state, *rest))):
            for name in TRAININGS:
                network = train(out, name)
                torch.save(network.state_dict(), out / f"{name}-{rank}.pt")
        recipe = tiny.change(train={"batch": 3})
        try:
            fit(recipe, 1, tiny.splits(), out / "odd" / "checkpoint.pt")
        except RecipeError as error:
            told["refused"] = str(error)
        (out / f"told-{rank}.json").write_text(json.dumps(told), encoding="utf-8")


if __name__ == "__main__":
    torch.set_num_threads(1)
    main(Path(sys.argv[1]))
