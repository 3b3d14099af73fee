"""DenseNets of TorchXRayVision, against the answers of that program."""

from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from secondread.core.errors import SourceError  # noqa: E402
from secondread.learn.importing.facts import published  # noqa: E402
from secondread.learn.importing.found import Trust  # noqa: E402
from secondread.learn.importing.xrayvision import read_xrayvision  # noqa: E402

REAL = Path(__file__).parents[2] / "data" / "foreign-networks" / "torchxrayvision"
LABELS = ("Atelectasis", "Effusion", "", "Mass")


@pytest.fixture(scope="module")
def expected():
    return torch.load(REAL / "expected.pt")


@torch.no_grad()
@pytest.mark.parametrize("file", ["state.pt", "whole.pt"])
def test_a_rebuilt_network_gives_the_logits_of_the_original(file, expected):
    found = read_xrayvision(REAL / file, Trust())
    how = found.facts.normalise
    assert (how.low, how.high) == ((-1024.0,), (1024.0,))
    values = how.low[0] + expected["image"] * (how.high[0] - how.low[0])
    torch.testing.assert_close(found.raw(values), expected["logits"], rtol=1e-4, atol=1e-4)


def test_a_whole_network_knows_its_labels_and_a_state_dict_does_not():
    assert read_xrayvision(REAL / "whole.pt", Trust()).facts.labels == LABELS
    assert read_xrayvision(REAL / "state.pt", Trust()).facts.labels == ()


def test_a_threshold_on_the_sigmoid_calls_positive_what_op_norm_puts_above_one_half(expected):
    points = {point.name: point.value for point in published(read_xrayvision(REAL / "whole.pt", Trust()).facts)}
    assert set(points) == {"Atelectasis", "Effusion", "Mass"}
    probability = expected["logits"].sigmoid()
    for n, label in enumerate(LABELS):
        if label:
            ours, theirs = probability[:, n] >= points[label], expected["answer"][:, n] >= 0.5
            assert torch.equal(ours, theirs)
    assert {True, False} <= set((expected["answer"] >= 0.5).flatten().tolist())


def test_the_card_says_that_outputs_are_not_rescaled():
    facts = read_xrayvision(REAL / "state.pt", Trust()).facts
    assert facts.activation == "sigmoid"
    assert (facts.height_px, facts.width_px, facts.modalities) == (224, 224, ("CR", "DX"))
    assert any("op" in line and "sigmoid" in line for line in facts.limits)
    assert facts.not_for == ()


def test_other_networks_are_refused(tmp_path):
    torch.save(torch.nn.Linear(2, 2).state_dict(), tmp_path / "other.pt")
    with pytest.raises(SourceError, match="not those of a DenseNet"):
        read_xrayvision(tmp_path / "other.pt", Trust())


def test_a_network_with_a_weight_missing_or_more_is_refused(tmp_path):
    whole = torch.load(REAL / "state.pt")
    fewer = {name: value for name, value in whole.items() if name != "features.norm5.bias"}
    for content in (fewer, whole | {"surplus": torch.zeros(1)}):
        torch.save(content, tmp_path / "other.pt")
        with pytest.raises(SourceError, match="belong together"):
            read_xrayvision(tmp_path / "other.pt", Trust())
