import json
from pathlib import Path

import numpy as np
import pytest

import fakes
from secondread.cli import doctor, run
from secondread.engine.bundle import find_bundles, shipped


@pytest.fixture
def bundles(tmp_path, monkeypatch) -> Path:
    folder = fakes.write_bundles(tmp_path / "bundles")
    monkeypatch.setattr("secondread.engine.bundle.shipped", lambda: tmp_path / "none")
    return folder


def checks(capsys) -> dict[str, dict[str, object]]:
    return {check["name"]: check for check in json.loads(capsys.readouterr().out)["checks"]}


def test_a_sound_installation_is_in_order_line_by_line(bundles, capsys):
    assert run(["doctor", "--bundle-dir", str(bundles)]) == 0
    said = capsys.readouterr().out
    assert "FAIL" not in said
    for name in ("python", "packages", "engines", "geometry", f"bundle {fakes.READER}", f"bundle {fakes.GATE}"):
        assert f"ok    {name}: " in said


def test_both_engines_are_compared_where_both_are_installed(bundles, capsys):
    pytest.importorskip("openvino")
    assert run(["doctor", "--json", "--bundle-dir", str(bundles)]) == 0
    assert "onnxruntime and openvino agree" in checks(capsys)[f"bundle {fakes.READER}"]["message"]


def test_an_altered_bundle_fails_with_the_exit_code_of_bundles(bundles, capsys):
    network = bundles / fakes.READER / "model.onnx"
    network.write_bytes(network.read_bytes() + b"\0")
    assert run(["doctor", "--json", "--bundle-dir", str(bundles)]) == 4
    found = checks(capsys)
    assert found[f"bundle {fakes.READER}"]["ok"] is False
    assert "IntegrityError" in found[f"bundle {fakes.READER}"]["message"]
    assert found[f"bundle {fakes.GATE}"]["ok"] is True


@pytest.mark.usefixtures("bundles")
def test_no_bundle_at_all_fails(capsys):
    assert run(["doctor"]) == 4
    assert "FAIL  bundles: none installed" in capsys.readouterr().out


def test_engines_that_disagree_fail_with_the_exit_code_of_engines(bundles, monkeypatch, capsys):
    pytest.importorskip("openvino")
    from secondread.engine import probabilities

    answers = iter([np.array([[0.2, 0.3, 0.5]]), np.array([[0.3, 0.2, 0.5]])] * 2)
    monkeypatch.setattr(probabilities, "calibrate", lambda logits, card: next(answers))
    assert run(["doctor", "--json", "--bundle-dir", str(bundles)]) == 6
    assert "differ by 0.1" in checks(capsys)[f"bundle {fakes.READER}"]["message"]


@pytest.mark.parametrize(
    ("requirement", "words"),
    [
        ("no-such-package-here>=1.0", "is missing"),
        ("numpy>=999.0", "needed 999.0"),
    ],
)
def test_a_missing_or_old_package_is_named(requirement, words):
    check = doctor.check_packages([requirement, "no-such-extra>=1; extra == 'serve'"])
    assert not check.ok
    assert words in check.message
    assert "no-such-extra" not in check.message


def test_every_bundle_that_ships_runs_and_both_engines_agree():
    pytest.importorskip("openvino")
    found = list(doctor.check_bundles([shipped()], ["onnxruntime", "openvino"], 1))
    assert {check.name.removeprefix("bundle ") for check in found} == set(find_bundles([shipped()]))
    assert [check.message for check in found if not check.ok] == []
