"""Two processes learn what one learns."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

import two_processes  # noqa: E402 - torch decides whether this file runs

TESTS = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    """The folder in which two processes have trained."""
    folder = tmp_path_factory.mktemp("two")
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    where = os.pathsep.join([str(TESTS), *sys.path])
    surroundings = os.environ | {"PYTHONPATH": where, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [*torchrun, str(TESTS / "two_processes.py"), str(folder)],
        env=surroundings, capture_output=True, text=True, check=False, timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return folder


@pytest.fixture(scope="module")
def told(out):
    return [json.loads((out / f"told-{rank}.json").read_text()) for rank in (0, 1)]


@pytest.mark.parametrize("name", two_processes.TRAININGS)
def test_two_processes_end_with_the_network_of_one(name, out, tmp_path):
    """No two pictures of a batch touch in this network, and pictures are not changed at random."""
    expected = two_processes.train(tmp_path, name).state_dict()
    one, two = (torch.load(out / f"{name}-{rank}.pt", weights_only=True) for rank in (0, 1))
    assert all(torch.equal(one[key], two[key]) for key in expected)
    assert all(torch.allclose(one[key], value, atol=1e-4) for key, value in expected.items())


def test_a_checkpoint_of_two_processes_is_continued_by_one(out):
    seen = []
    network = two_processes.train(out, "classes", seen.append)
    saved = torch.load(out / "classes-0.pt", weights_only=True)
    assert seen == []
    assert all(torch.equal(saved[key], value) for key, value in network.state_dict().items())


def test_only_the_first_process_writes(told, out):
    epochs = [recipe.train.epochs for recipe in two_processes.TRAININGS.values()]
    assert told[0]["wrote"][: epochs[0]] == [1, 2, 3]
    assert told[1]["wrote"] == []
    assert [part["first"] for part in told] == [True, False]


def test_the_epochs_told_are_those_of_one(out, tmp_path):
    two_processes.train(tmp_path, "classes")
    losses = [
        [float(line.split(",")[1]) for line in (folder / "classes" / "history.csv").read_text().splitlines()[1:]]
        for folder in (tmp_path, out)
    ]
    assert losses[1] == pytest.approx(losses[0], abs=1e-5)


def test_a_batch_is_shared_evenly_and_pictures_are_changed_differently(told):
    assert [part["share"] for part in told] == [[0, 1, 2, 3], [4, 5, 6, 7]]
    assert told[0]["own"] != told[1]["own"]
    assert [(part["processes"], part["mean"], part["agreed"]) for part in told] == [(2, 0.5, 10.0)] * 2


def test_a_batch_that_cannot_be_shared_is_refused(told):
    for part in told:
        assert part["refused"].startswith("train.batch is 3, and there are 2 processes; needed a multiple")
