import os
import subprocess
import sys
from importlib.metadata import distribution
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from secondread.core.errors import EngineError
from secondread.engine import runtimes
from secondread.engine.bundle import load_bundle
from secondread.engine.session import open_session
from tiny_bundle import make_bundle, network


def python(code, *arguments, home):
    """Run code in a fresh interpreter that no test has prepared, with ``home`` as the home folder."""
    quiet = {"CI", "ORT_DISABLE_TELEMETRY", "ORT_RUNNING_UNIT_TESTS", "XDG_CACHE_HOME"}
    environment = {key: value for key, value in os.environ.items() if key not in quiet} | {"HOME": str(home)}
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)], env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


RUN = """
import sys
from pathlib import Path
import numpy as np
from secondread.engine.bundles import Bundles
print(Bundles([Path(sys.argv[1])], engine=sys.argv[2]).run("tiny", np.zeros((1, 1, 16, 16), np.float32)).logits.shape)
"""


@pytest.mark.parametrize("engine", ["onnxruntime", "openvino"])
def test_running_a_network_leaves_no_identifier_and_no_cache_in_the_home_folder(tmp_path, engine):
    make_bundle(tmp_path / "bundles")
    home = tmp_path / "home"
    home.mkdir()
    assert python(RUN, tmp_path / "bundles", engine, home=home) == "(1, 3)"
    assert [path.name for path in home.rglob("*")] == []


def test_the_package_that_sends_for_openvino_is_never_loaded_and_stays_usable_for_others(tmp_path):
    code = """
import importlib.util, sys
from secondread.engine.runtimes import import_openvino
import_openvino()
print("openvino_telemetry" in sys.modules, importlib.util.find_spec("openvino_telemetry") is not None)
"""
    assert distribution("openvino-telemetry").version
    assert python(code, home=tmp_path) == "False True"


def test_the_engine_room_is_entered_without_loading_an_engine(tmp_path):
    code = """
import sys
import secondread.engine.bundles, secondread.engine.card, secondread.prepare.model_space
print(sorted({"onnxruntime", "openvino", "onnx", "torch", "tomli_w", "PIL"} & set(sys.modules)))
"""
    assert python(code, home=tmp_path) == "[]"


@pytest.mark.parametrize("opened", [runtimes.open_onnxruntime, runtimes.open_openvino])
def test_arrays_of_one_run_are_not_overwritten_by_the_next(opened):
    forward = opened(network(3, 16).SerializeToString(), 1).forward
    first = forward(np.zeros((1, 1, 16, 16), np.float32))
    kept = [array.copy() for array in first.values()]
    forward(np.ones((1, 1, 16, 16), np.float32))
    for array, before in zip(first.values(), kept, strict=True):
        np.testing.assert_array_equal(array, before)


@pytest.mark.parametrize(("engine", "extra"), [("openvino", r"secondread\[fast\]"), ("onnxruntime", "onnxruntime")])
def test_an_engine_that_is_not_installed_is_named_with_its_extra(tmp_path, monkeypatch, engine, extra):
    bundle = load_bundle(make_bundle(tmp_path))
    monkeypatch.delitem(sys.modules, engine, raising=False)
    real = runtimes.importlib.import_module

    def without(name):
        if name == engine:
            raise ImportError(name)
        return real(name)

    monkeypatch.setattr(runtimes.importlib, "import_module", without)
    with pytest.raises(EngineError, match=rf"engine '{engine}' was asked for and is not installed\. .*{extra}"):
        open_session(bundle, engine=engine)


def test_a_gpu_is_used_first_where_there_is_one_and_in_full_precision():
    machine = SimpleNamespace(get_available_providers=lambda: ["CUDAExecutionProvider", "CPUExecutionProvider"])
    (gpu, options), processor = runtimes._providers(machine)
    assert (gpu, processor) == ("CUDAExecutionProvider", "CPUExecutionProvider")
    assert options["use_tf32"] == "0"


def test_without_a_gpu_the_processor_runs():
    machine = SimpleNamespace(get_available_providers=lambda: ["AzureExecutionProvider", "CPUExecutionProvider"])
    assert runtimes._providers(machine) == ["CPUExecutionProvider"]


def test_every_import_of_an_engine_goes_through_the_quiet_door():
    package = Path(runtimes.__file__).parents[1]
    sources = {path.relative_to(package).as_posix(): path.read_text(encoding="utf-8") for path in package.rglob("*.py")}
    assert len(sources) > 20
    loud = [
        name
        for name, text in sources.items()
        for line in text.splitlines()
        if line.strip().startswith(("import onnxruntime", "from onnxruntime", "import openvino", "from openvino"))
    ]
    assert loud == []
