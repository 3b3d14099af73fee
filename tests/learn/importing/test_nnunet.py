"""Folders of nnU-Net v2: what is read from them, and what is refused."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from secondread.core.errors import SourceError  # noqa: E402
from secondread.learn.importing.found import Trust  # noqa: E402
from secondread.learn.importing.nnunet import read_nnunet  # noqa: E402
from secondread.learn.importing.nnunet_plans import normalise_of  # noqa: E402

REAL = Path(__file__).parents[2] / "data" / "foreign-networks"
FLAT = "Dataset901_Toy__nnUNetPlans__2d"
DEEP = "Dataset902_Toy__nnUNetResEncUNetMPlans__3d_fullres"


@pytest.fixture
def folder(tmp_path):
    return Path(shutil.copytree(REAL / DEEP, tmp_path / DEEP))


def change(path, **changes):
    content = json.loads(path.read_text())
    path.write_text(json.dumps(content | changes))


@torch.no_grad()
def test_a_volume_goes_in_by_slice_row_and_column_whatever_order_nnunet_has():
    found = read_nnunet(REAL / DEEP, Trust())
    expected = torch.load(REAL / DEEP / "expected.pt")
    # transpose_forward is [2, 0, 1]: nnU-Net sees column, slice, row
    ours = expected["image"].permute(0, 1, 3, 4, 2)
    assert tuple(ours.shape[2:]) == found.facts.grid == (12, 8, 4)
    torch.testing.assert_close(found.raw(ours), expected["logits"].permute(0, 1, 3, 4, 2), rtol=1e-5, atol=1e-5)


def test_what_the_folder_says_becomes_facts():
    facts = read_nnunet(REAL / DEEP, Trust()).facts
    assert facts.structures == ("tumour", "node")
    assert (facts.channels, facts.modalities, facts.resize) == (1, ("CT",), "centre")
    assert facts.not_for == ()
    said = " ".join(facts.limits)
    assert "-200 and 300 HU" in said
    assert "0.8 x 0.7 x 2.5 mm (slice, row, column)" in said
    assert "slide it" in said
    assert facts.sources[0] == "A paper."


def test_ct_is_cut_and_scaled_by_the_figures_of_the_training_data():
    how = read_nnunet(REAL / DEEP, Trust()).facts.normalise
    hounsfield = np.array([-900.0, -200.0, 50.0, 300.0, 2000.0])
    nnunet = (hounsfield.clip(-200, 300) - 50.0) / 80.0
    grey = (hounsfield.clip(-200, 300) + 200) / 500
    assert np.allclose(how.low[0] + grey * (how.high[0] - how.low[0]), nnunet)


def test_mr_is_standardised_before_patches_are_cut_and_the_card_says_how():
    facts = read_nnunet(REAL / FLAT, Trust()).facts
    assert (facts.normalise.low, facts.normalise.high) == ((-5.0, -5.0), (10.0, 10.0))
    assert facts.limits[0].startswith("T1: ")
    assert facts.limits[1].startswith("FLAIR: ")
    assert "standard deviations" in facts.limits[0]
    assert facts.modalities == ("MR",)


@pytest.mark.parametrize(
    ("scheme", "ends"),
    [("RescaleTo01Normalization", (0.0, 1.0)), ("RGBTo01Normalization", (0.0, 1.0)), ("NoNormalization", None)],
)
def test_other_schemes(scheme, ends):
    how, _ = normalise_of({}, {"normalization_schemes": [scheme]}, ["R"])
    assert (how and (how.low[0], how.high[0])) == ends


def test_a_checkpoint_as_safetensors_is_preferred(folder):
    weights = torch.load(folder / "fold_0" / "checkpoint_final.pth", weights_only=False)["network_weights"]
    write_safetensors(folder / "fold_0" / "checkpoint_final.safetensors", weights)
    (folder / "fold_0" / "checkpoint_final.json").write_text(json.dumps({"init_args": {"configuration": "3d_fullres"}}))
    (folder / "fold_0" / "checkpoint_final.pth").write_bytes(b"damaged")
    assert read_nnunet(folder, Trust()).facts.structures == ("tumour", "node")


def write_safetensors(path, weights):
    header, data = {}, b""
    for name, value in weights.items():
        raw = value.numpy().tobytes()
        header[name] = {"dtype": "F32", "shape": list(value.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + data)


def regions(folder):
    change(folder / "dataset.json", labels={"background": 0, "whole": [1, 2], "core": 2})


def gaps(folder):
    change(folder / "dataset.json", labels={"background": 0, "whole": 1, "core": 5})


def no_plans(folder):
    (folder / "plans.json").unlink()


def no_dataset(folder):
    (folder / "dataset.json").unlink()


def empty_plans(folder):
    (folder / "plans.json").write_text("{}")


def cascade(folder):
    alter_configuration(folder, previous_stage="3d_lowres")


def circle(folder):
    alter_configuration(folder, inherits_from="3d_fullres")


def alter_configuration(folder, **changes):
    plans = json.loads((folder / "plans.json").read_text())
    plans["configurations"]["3d_fullres"] |= changes
    (folder / "plans.json").write_text(json.dumps(plans))


def wider(folder):
    plans = json.loads((folder / "plans.json").read_text())
    plans["configurations"]["3d_fullres"]["architecture"]["arch_kwargs"]["features_per_stage"] = [2, 3, 400_000]
    (folder / "plans.json").write_text(json.dumps(plans))


def with_arguments(**changes):
    def spoil(folder):
        plans = json.loads((folder / "plans.json").read_text())
        plans["configurations"]["3d_fullres"]["architecture"]["arch_kwargs"] |= changes
        (folder / "plans.json").write_text(json.dumps(plans))

    return spoil


def second_fold(folder):
    shutil.copytree(folder / "fold_0", folder / "fold_1")


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (regions, "regions that overlap"),
        (gaps, r"numbered \[0, 1, 5\]"),
        (no_plans, "found 0 folders with plans.json"),
        (no_dataset, "dataset.json beside it"),
        (empty_plans, "lacks what nnU-Net v2 writes"),
        (cascade, "second stage of a cascade"),
        (circle, "inherits in a circle"),
        (wider, "do not belong together"),
        (second_fold, "--fold"),
        (with_arguments(stem_channels="many"), "lacks what nnU-Net v2 writes"),
        (with_arguments(features_per_stage=[2, float("inf"), 4]), "lacks what nnU-Net v2 writes"),
        (with_arguments(strides=[[1, 1, 1]]), "no network that can be built"),
        (with_arguments(features_per_stage=[2, -3, 4]), "no network"),
        (with_arguments(norm_op_kwargs={"epsilon": 1.0}), "no network that can be built"),
    ],
)
def test_what_cannot_be_taken_over_is_refused(folder, spoil, words):
    spoil(folder)
    with pytest.raises(SourceError, match=words):
        read_nnunet(folder, Trust())


def test_a_fold_and_a_configuration_are_chosen_by_name(folder):
    second_fold(folder)
    assert "Fold 1" in read_nnunet(folder, Trust(), fold="1").facts.limits[-1]
    with pytest.raises(SourceError, match="found the folds fold_0, fold_1"):
        read_nnunet(folder, Trust(), fold="7")
    with pytest.raises(SourceError, match="--configuration"):
        read_nnunet(folder, Trust(), fold="0", configuration="2d")


def test_the_folder_may_lie_deeper_as_in_an_archive(folder):
    assert read_nnunet(folder.parent, Trust()).facts.grid == (12, 8, 4)
    shutil.copytree(folder, folder.with_name("another"))
    with pytest.raises(SourceError, match="found 2 folders"):
        read_nnunet(folder.parent, Trust())


def test_a_configuration_takes_what_it_inherits(folder):
    plans = json.loads((folder / "plans.json").read_text())
    plans["configurations"]["3d_big"] = {"inherits_from": "3d_fullres", "batch_size": 4}
    (folder / "plans.json").write_text(json.dumps(plans))
    assert read_nnunet(folder, Trust(), configuration="3d_big").facts.grid == (12, 8, 4)
