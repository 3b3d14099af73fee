"""Files of weights are read as data: nothing of them runs before somebody says that it may."""

import collections
import pickle
import sys
import types
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from secondread.core.errors import SourceError, UntrustedError  # noqa: E402
from secondread.learn.importing.saved import Shell, read_saved, state_dict, tensors_of  # noqa: E402

REAL = Path(__file__).parents[2] / "data" / "foreign-networks"


class Program:
    """What an attacker pickles: loading it writes a file."""

    def __init__(self, sentinel: Path) -> None:
        self.sentinel = sentinel

    def __reduce__(self):
        return (exec, (f"open({str(self.sentinel)!r}, 'w').close()",))


class DenseNet(torch.nn.Sequential):
    """A network of a package that is not installed."""

    __module__ = "torchxrayvision.models"


def torch_save(path, content):
    torch.save(content, path)


def torch_save_in_the_oldest_format(path, content):
    torch.save(content, path, _use_new_zipfile_serialization=False)


def plain_pickle(path, content):
    path.write_bytes(pickle.dumps(content))


WRITERS = [torch_save, torch_save_in_the_oldest_format, plain_pickle]


@pytest.mark.parametrize("write", WRITERS)
@pytest.mark.parametrize("hidden", ["alone", "among weights", "behind a network's name"])
def test_a_pickle_that_is_a_program_is_refused_and_does_not_run(tmp_path, write, hidden):
    sentinel, path = tmp_path / "it ran", tmp_path / "model.pt"
    program = Program(sentinel)
    content = {
        "alone": program,
        "among weights": {"weight": torch.zeros(2), "extra": program},
        "behind a network's name": collections.OrderedDict([("layer", torch.nn.Linear(2, 2)), ("extra", program)]),
    }[hidden]
    write(path, content)
    with pytest.raises(UntrustedError, match="--trust-pickle") as caught:
        read_saved(path)
    assert "Nothing of it was executed" in str(caught.value)
    assert not sentinel.exists()


@pytest.mark.parametrize("write", WRITERS[:2])
def test_the_same_program_runs_once_it_is_trusted(tmp_path, write):
    sentinel, path = tmp_path / "it ran", tmp_path / "model.pt"
    write(path, {"weight": torch.zeros(2), "extra": Program(sentinel)})
    assert torch.equal(read_saved(path, trust_pickle=True)["weight"], torch.zeros(2))
    assert sentinel.exists()


def test_the_refusal_says_which_names_the_file_asked_for(tmp_path):
    torch.save(Program(tmp_path / "it ran"), tmp_path / "model.pt")
    with pytest.raises(UntrustedError, match=r"asks for (builtins\.)?exec"):
        read_saved(tmp_path / "model.pt")


def test_a_whole_network_as_torchxrayvision_publishes_it_is_read_without_running_it():
    content = read_saved(REAL / "torchxrayvision" / "whole.pt")
    assert isinstance(content, Shell)
    assert "torchxrayvision" not in sys.modules
    saved, plain = state_dict(content, "whole.pt"), read_saved(REAL / "torchxrayvision" / "state.pt")
    assert list(saved) == list(plain)
    assert all(torch.equal(saved[name].nan_to_num(), plain[name].nan_to_num()) for name in plain)
    assert content.state["pathologies"] == ["Atelectasis", "Effusion", "", "Mass"]


@pytest.fixture
def published_long_ago(tmp_path, monkeypatch):
    """A whole network in the oldest format, of a class that is gone when it is read: as the first published weights."""
    module = types.ModuleType("torchxrayvision.models")
    module.DenseNet, module.__file__ = DenseNet, __file__  # the format keeps the source of the class too
    with monkeypatch.context() as here:
        here.setitem(sys.modules, "torchxrayvision", types.ModuleType("torchxrayvision"))
        here.setitem(sys.modules, "torchxrayvision.models", module)
        network = DenseNet(torch.nn.Conv2d(1, 2, 3), torch.nn.BatchNorm2d(2))
        torch_save_in_the_oldest_format(tmp_path / "old.pt", network)
    return tmp_path / "old.pt", network.state_dict()


def test_the_oldest_format_of_whole_networks_needs_trust_and_is_even_then_read_as_shells(published_long_ago):
    path, wanted = published_long_ago
    with pytest.raises(UntrustedError):
        read_saved(path)
    content = read_saved(path, trust_pickle=True)
    assert isinstance(content, Shell)
    found = tensors_of(content)
    assert all(torch.equal(found[name], value) for name, value in wanted.items())


@pytest.mark.parametrize("key", ["state_dict", "model_state_dict", "network_weights", "model", None])
@pytest.mark.parametrize("prefix", ["", "module.", "_orig_mod."])
def test_weights_are_found_wherever_training_programs_put_them(key, prefix):
    weights = {f"{prefix}a.weight": torch.ones(2), f"{prefix}b.bias": torch.zeros(1)}
    content = {key: weights, "epoch": 3} if key else weights
    assert list(state_dict(content, "x")) == ["a.weight", "b.bias"]


@pytest.mark.parametrize("content", [{}, {"epoch": 3}, [1, 2], "text"])
def test_a_file_without_weights_is_refused(tmp_path, content):
    torch.save(content, tmp_path / "model.pt")
    with pytest.raises(SourceError, match="no table of tensors"):
        state_dict(read_saved(tmp_path / "model.pt"), "model.pt")


def test_a_missing_file_is_named_without_its_folder(tmp_path):
    with pytest.raises(SourceError, match=r"^model\.pt: no such file"):
        read_saved(tmp_path / "Doe Jane" / "model.pt")


def test_half_a_file_is_damaged(tmp_path):
    torch.save({"weight": torch.zeros(1000)}, tmp_path / "whole.pt")
    raw = (tmp_path / "whole.pt").read_bytes()
    (tmp_path / "half.pt").write_bytes(raw[: len(raw) // 2])
    with pytest.raises((SourceError, UntrustedError), match=r"half\.pt"):
        read_saved(tmp_path / "half.pt")
