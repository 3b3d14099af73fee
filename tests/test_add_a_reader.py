"""The how-to's reader, walked whole: a network trained elsewhere is imported, judged, asked and reported."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

import dicom_factory
from foreign_networks import card_file
from secondread import pipeline
from secondread.core.reader import Reader
from secondread.core.report import Outcome, Priority
from secondread.dicom.uids import uid_source
from secondread.engine.bundle import shipped
from secondread.engine.bundles import Bundles
from secondread.engine.probabilities import calibrate
from secondread.prepare.model_space import to_model_space
from secondread.report.write import write_outputs
from secondread.sources import load, open_study
from secondread.stats.auroc import delong

PAGE = Path(__file__).parents[1] / "docs" / "how-to" / "add-a-reader.md"
NOW = datetime(2026, 3, 4, 10, 22, 5, tzinfo=UTC)
CARD = """
name = "wrist-fracture"
version = "0.1.0"
role = "reader"
labels = ["none", "fracture"]
activation = "softmax"
"""
INPUT = """
modalities = ["CR", "DX"]
views = ["PA", "AP"]
height_px = 32
width_px = 32
transposed = false
"""
THRESHOLD = """
[[thresholds]]
name = "fracture"
value = 0.5
rule = "the middle, for this test"

[normalise]
how = "scale"
low = [0.0]
high = [1.0]
"""


def wrist(seed: int, *, broken: bool, side: int = 64) -> np.ndarray:
    """uint16 [j, i]: a bright bone on a grey ground; broken, a dark gap runs across it."""
    noise = np.random.default_rng(seed)
    y, x = np.mgrid[0:side, 0:side]
    bone = np.exp(-(((x - side / 2) / 7.0) ** 2))
    gap = np.exp(-(((y - side / 2 + noise.integers(-8, 8)) / 4.0) ** 2)) if broken else 0.0
    grey = 0.25 + 0.5 * bone * (1.0 - gap) + noise.normal(0, 0.02, (side, side))
    return np.round(np.clip(grey, 0, 1) * 4000).astype(np.uint16)


@pytest.fixture(scope="module")
def reader():
    (block,) = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    names: dict[str, object] = {"__name__": "page"}
    exec(compile(block, str(PAGE), "exec"), names)  # our own page
    assert isinstance(names["READER"], Reader)
    return names["READER"]


@pytest.fixture(scope="module")
def bundles(tmp_path_factory):
    """The imported network beside the bundles that ship."""
    from secondread.cli import run

    place = tmp_path_factory.mktemp("fracture")
    network = foreign_network(place)
    card = card_file(place, CARD, THRESHOLD, input=INPUT)
    card.write_text(card.read_text(encoding="utf-8").replace('modalities = ["MR"]\n', ""), encoding="utf-8")
    assert run(["import", "monai", str(network), "--card", str(card), "--out", str(place / "mine")]) == 0
    return Bundles([place / "mine", shipped()], engine="onnxruntime", threads=1)


def foreign_network(place: Path) -> Path:
    """A MONAI bundle folder with a DenseNet that learnt to see the gap, trained here in a few seconds."""
    import torch
    from monai.networks.nets import DenseNet

    torch.manual_seed(7)
    arguments = {"spatial_dims": 2, "in_channels": 1, "out_channels": 2, "init_features": 8, "growth_rate": 4}
    network = DenseNet(**arguments, block_config=(2, 2))
    whole = np.stack([wrist(seed, broken=bool(seed % 2)) for seed in range(64)])[:, None] / 4095.0
    pictures = whole.reshape(64, 1, 32, 2, 32, 2).mean(axis=(3, 5))
    x, y = torch.tensor(pictures, dtype=torch.float32), torch.arange(64) % 2
    optimiser = torch.optim.Adam(network.parameters(), lr=1e-2)
    for _ in range(80):
        optimiser.zero_grad()
        torch.nn.functional.cross_entropy(network(x), y).backward()
        optimiser.step()
    folder = place / "monai"
    (folder / "configs").mkdir(parents=True)
    (folder / "models").mkdir()
    definition = {"_target_": "DenseNet", **arguments, "block_config": [2, 2]}
    (folder / "configs" / "inference.json").write_text(json.dumps({"network_def": definition}), encoding="utf-8")
    image = {"type": "image", "modality": "CR", "num_channels": 1, "spatial_shape": [32, 32], "value_range": [0, 1]}
    formats = {"inputs": {"image": image}, "outputs": {"pred": {"num_channels": 2}}}
    metadata = {"version": "0.1.0", "network_data_format": formats}
    (folder / "configs" / "metadata.json").write_text(json.dumps(metadata), encoding="utf-8")
    torch.save(network.eval().state_dict(), folder / "models" / "model.pt")
    return folder


def study(folder: Path, seed: int, *, broken: bool, **tags: object):
    tags = {"BodyPartExamined": "WRIST", "ViewPosition": "PA"} | tags
    return open_study(dicom_factory.chest_xray(folder / f"{seed}.dcm", wrist(seed, broken=broken), **tags))


def through(monkeypatch: pytest.MonkeyPatch, *, gate: bool):
    """The shipped gate, made to say what it should of a drawn bone, which it has never seen."""
    from secondread.core.reader import GateView

    view = GateView({"hand X-ray": 0.9 if gate else 0.1}, {"hand X-ray": 0.5})
    monkeypatch.setattr(pipeline, "look", lambda name, case, networks: view)


def test_the_imported_network_finds_the_gap_and_the_report_says_so(reader, bundles, tmp_path, monkeypatch):
    through(monkeypatch, gate=True)
    answers = {}
    for seed, broken in ((101, True), (102, False)):
        path = dicom_factory.chest_xray(
            tmp_path / f"{seed}.dcm", wrist(seed, broken=broken), BodyPartExamined="WRIST", ViewPosition="PA"
        )
        report = pipeline.read(path, [reader], bundles, created_at=NOW.isoformat())
        answers[broken] = report
    assert answers[True].reads[0].outcome is Outcome.FOUND
    assert answers[True].priority is Priority.URGENT
    assert answers[False].reads[0].outcome is Outcome.NOTHING_FOUND
    cards = {reader.leading: reader.card(bundles)}
    files = write_outputs(answers[True], cards, tmp_path / "out", uid=uid_source("a test"), now=NOW)
    assert {file.name for file in files} >= {"report.html", "wrist-fracture.sr.dcm"}
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "Found: Fracture of the wrist" in page
    assert "not evaluated" in page


def test_what_is_no_wrist_is_refused_by_tag_and_by_the_gate(reader, bundles, tmp_path, monkeypatch):
    through(monkeypatch, gate=False)
    seen = pipeline.ask(reader, study(tmp_path, 1, broken=True), bundles)
    assert (seen.outcome, seen.refusal.reason) == (Outcome.REFUSED, "content")
    chest = pipeline.ask(reader, study(tmp_path, 2, broken=True, BodyPartExamined="CHEST"), bundles)
    assert (chest.outcome, chest.refusal.reason) == (Outcome.REFUSED, "body-part")


def test_it_is_judged_on_pictures_it_never_saw(reader, bundles, tmp_path):
    card = bundles.card(reader.leading)
    answers, scores = [], []
    for seed in range(200, 240):
        (series,) = study(tmp_path, seed, broken=bool(seed % 2)).series
        output = bundles.run(card.name, to_model_space(load(series), card.input).tensor)
        scores.append(float(calibrate(output.logits, card)[0][1]))
        answers.append(seed % 2)
    found = delong(answers, scores)
    assert found.low > 0.8
