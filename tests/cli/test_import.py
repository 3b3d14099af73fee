"""Importing as typed: nothing that is a program runs unasked, and a refusal is one sentence."""

import json

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("monai")

import foreign_networks as foreign  # noqa: E402 - torch decides whether this file runs
from command_line import complaint  # noqa: E402
from secondread.cli import run  # noqa: E402
from secondread.engine.bundle import load_bundle  # noqa: E402
from secondread.learn import choices  # noqa: E402
from secondread.learn.export import STORES  # noqa: E402
from secondread.learn.importing.take_over import READERS  # noqa: E402

pytestmark = pytest.mark.filterwarnings("default")  # TorchScript says that it is a format of the past


class Outliner(torch.nn.Module):
    """Down and up again: two classes at each place."""

    def __init__(self):
        super().__init__()
        self.down = torch.nn.Conv2d(1, 4, 2, stride=2)
        self.up = torch.nn.ConvTranspose2d(4, 2, 2, stride=2)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        return self.up(self.down(image).relu())


@pytest.fixture
def source(tmp_path):
    """A MONAI bundle without weights yet, in a folder with a patient's name."""
    folder = tmp_path / "Doe Jane"
    folder.mkdir()
    meta = foreign.metadata()
    meta["network_data_format"]["inputs"]["image"].update(spatial_shape=[8, 12], is_patch_data=False)
    return foreign.monai_bundle(folder, meta, foreign.inference(foreign.UNET, foreign.LOAD, foreign.WINDOW))


def test_a_bundle_is_made_and_listed(source, here, capsys):
    torch.jit.save(torch.jit.script(Outliner()), source / "models" / "model.ts")
    card = foreign.card_file(source.parent, 'name = "spleen"')
    assert run(["import", "monai", str(source), "--out", "mine", "--card", str(card), "--trust-code", "--json"]) == 0
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [event["event"] for event in events] == ["source", "parity", "done"]
    assert events[1]["mask_logits"] < 1e-4
    assert load_bundle(here / "mine" / "spleen").card.structures == ("spleen",)
    assert run(["bundles", "--bundle-dir", "mine"]) == 0
    assert "spleen" in capsys.readouterr().out
    assert run(["card", "spleen", "--bundle-dir", "mine"]) == 0
    assert "not evaluated here" in capsys.readouterr().out


def test_torchscript_is_not_run_unasked(source, here, capsys):
    (source / "models" / "model.ts").write_bytes(b"not even opened")
    assert run(["import", "monai", str(source), "--out", "mine"]) == 4
    line = complaint(capsys)
    assert line.startswith("UntrustedError: model.ts: ")
    assert "--trust-code" in line
    assert list(here.iterdir()) == []


class Program:
    """What an attacker pickles: loading it writes a file."""

    def __reduce__(self):
        return (exec, ("open('it ran', 'w').close()",))


@pytest.mark.parametrize("kind", ["monai", "torchxrayvision"])
def test_a_pickle_is_not_run_unasked(source, here, capsys, kind):
    path = source / "models" / "model.pt"
    torch.save({"weight": Program()}, path)
    assert run(["import", kind, str(source if kind == "monai" else path), "--out", "mine"]) == 4
    line = complaint(capsys)
    assert line.startswith("UntrustedError: model.pt: ")
    assert "--trust-pickle" in line
    assert str(source.parent) not in line
    assert "Doe" not in line
    assert list(here.iterdir()) == []


def test_a_card_without_what_it_is_not_for_is_refused(source, here, capsys):
    torch.jit.save(torch.jit.script(Outliner()), source / "models" / "model.ts")
    assert run(["import", "monai", str(source), "--out", "mine", "--trust-code"]) == 4
    line = capsys.readouterr().err
    assert line.startswith("CardError: ")
    assert "[model] not_for" in line
    assert list(here.iterdir()) == []


def test_the_command_offers_what_the_lab_can_do():
    assert set(choices.SOURCES) == set(READERS)
    assert set(choices.STORES) == set(STORES)
