"""Configurations of MONAI: plain values are followed, programs are not run."""

import pytest

pytest.importorskip("torch")

from secondread.core.errors import SourceError
from secondread.learn.importing.monai_config import (
    arguments,
    find_config,
    plain,
    read_config,
    short_name,
    steps,
)

CONFIG = {"classes": 3, "sizes": {"deep": [16, "@width"]}, "width": 32, "a": "@b", "b": "@a", "wild": "$1 + 1"}


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ("@classes", 3),
        (["@sizes::deep::1", 4], [32, 4]),
        ("@sizes#deep", [16, 32]),
        ({"norm": ["batch", {"affine": True}]}, {"norm": ["batch", {"affine": True}]}),
        ("instance", "instance"),
    ],
)
def test_references_lead_to_plain_values(value, wanted):
    assert plain(value, CONFIG, "here") == wanted


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("$__import__('os').system('touch it-ran')", "Nothing was run"),
        ("@wild", "would have to be run as a program"),
        (["a", {"deep": "$open('it-ran', 'w')"}], "expression"),
        ("@nowhere", "not there"),
        ("@sizes::deep::9", "not there"),
        ("@a", "in a circle"),
        ("%other.json::key", "another file"),
        ({"_target_": "os.system", "command": "touch it-ran"}, "needed plain values"),
    ],
)
def test_what_is_not_plain_is_refused_and_not_run(tmp_path, monkeypatch, value, words):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SourceError, match=words):
        plain(value, CONFIG, "here")
    assert list(tmp_path.iterdir()) == []


def test_arguments_leave_out_the_class_and_descriptions():
    definition = {"_target_": "UNet", "_desc_": "A network.", "out_channels": "@classes"}
    assert arguments(definition, CONFIG, "here") == {"out_channels": 3}


@pytest.mark.parametrize("key", ["_requires_", "_mode_", "_disabled_"])
def test_other_ways_to_make_a_class_are_refused(key):
    with pytest.raises(SourceError, match=key):
        arguments({"_target_": "UNet", key: "$print(1)"}, CONFIG, "here")


def test_yaml_and_json_are_the_same(tmp_path):
    pytest.importorskip("yaml")
    (tmp_path / "configs").mkdir()
    (tmp_path / "configs" / "inference.yaml").write_text("network_def:\n  _target_: UNet\n  channels: [4, 8]\n")
    assert find_config(tmp_path, "inference") == {"network_def": {"_target_": "UNet", "channels": [4, 8]}}
    (tmp_path / "configs" / "inference.json").write_text('{"from": "json"}')
    assert find_config(tmp_path, "inference") == {"from": "json"}
    assert find_config(tmp_path, "metadata") == {}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.json", "{"),
        ("a.json", "[1]"),
        ("a.json", "[" * 100_000),
        ("a.yaml", "a: [1"),
        ("a.yaml", "a: !!python/object/apply:os.system ['touch it-ran']"),
    ],
)
def test_a_damaged_or_dangerous_file_is_refused(tmp_path, monkeypatch, name, text):
    pytest.importorskip("yaml")
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).write_text(text)
    with pytest.raises(SourceError, match=name):
        read_config(tmp_path / name)
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize(
    ("target", "name"),
    [
        ("LoadImaged", "LoadImage"),
        ("monai.transforms.ScaleIntensityRangeD", "ScaleIntensityRange"),
        ("NormalizeIntensityDict", "NormalizeIntensity"),
        ("SpatialPad", "SpatialPad"),
    ],
)
def test_a_transform_has_one_name_however_it_is_written(target, name):
    assert short_name({"_target_": target}) == name


def test_transforms_may_stand_in_another_place():
    config = {"preprocessing": {"transforms": "@pre"}, "pre": [{"_target_": "LoadImaged"}, "$more"]}
    assert steps(config, "preprocessing") == [{"_target_": "LoadImaged"}]
    assert steps({}, "preprocessing") == []
