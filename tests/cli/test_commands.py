"""Every command: its page, its JSON, its errors."""

import json
import re
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import pytest

import fakes
from secondread import __version__
from secondread.cli import COMMANDS, parser, run
from secondread.cli.progress import progress
from secondread.core import errors

DOCS = Path(__file__).parents[2] / "docs" / "reference"


def commands() -> dict[str, object]:
    (group,) = (action for action in parser()._actions if action.dest == "==SUPPRESS==" or action.choices)
    return dict(group.choices)


def sections(page: str) -> dict[str, str]:
    """Titles of the second level and what stands under them."""
    parts = re.split(r"^## (.+)$", (DOCS / page).read_text(encoding="utf-8"), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_every_command_has_a_section_that_names_each_of_its_options():
    documented = sections("commands.md")
    assert set(documented) == set(commands())
    common = {"--help", "--debug", "--json", "-h"}
    for name, command in commands().items():
        options = {option for action in command._actions for option in action.option_strings} - common
        missing = {option for option in options if option not in documented[name]}
        assert not missing, f"{name}: {missing}"


def test_a_command_is_named_after_its_file():
    files = [module.__name__.rpartition(".")[2].rstrip("_") for module in COMMANDS]
    assert [name.replace("_", "-") for name in files] == list(commands())


def of_rooms():
    """Errors that the rooms of DICOM, of reports and of the reading room define for themselves, by name."""
    for room in ("dicom", "report", "serve"):
        package = import_module(f"secondread.{room}")
        for module in walk_packages(package.__path__, f"{package.__name__}."):
            if ".migrations" not in module.name:
                import_module(module.name)
    found, below = {}, [errors.SecondreadError]
    while below:
        kinds = below.pop().__subclasses__()
        below += kinds
        found |= {
            kind.__name__: kind
            for kind in kinds
            if kind.__module__.startswith(("secondread.dicom", "secondread.report", "secondread.serve"))
        }
    return found


def test_every_error_has_a_section_that_names_its_exit_code_or_its_parent():
    tree = {name: thing for name, thing in vars(errors).items() if isinstance(thing, type) and name.endswith("Error")}
    tree |= of_rooms()
    documented = sections("errors.md")
    assert set(documented) == set(tree)
    for name, error in tree.items():
        parent = error.__base__.__name__
        says_code = re.search(rf"exit\s+code\s+{error.exit_code}\b", documented[name], re.IGNORECASE)
        assert name == "SecondreadError" or says_code or f"`{parent}`" in documented[name], name


OUTCOMES = (errors.EXIT_REFUSED, errors.EXIT_FAILED, errors.EXIT_ALARM)


def test_every_exit_code_is_documented():
    page = (DOCS / "exit-codes.md").read_text(encoding="utf-8")
    rows = {int(row) for row in re.findall(r"^\| (\d+) \|", page, flags=re.MULTILINE)}
    tree = [thing for name, thing in vars(errors).items() if isinstance(thing, type) and name.endswith("Error")]
    assert rows == {error.exit_code for error in tree} | {0, 130, 141, *OUTCOMES}


def test_no_two_exit_codes_mean_an_error_and_an_outcome():
    tree = [thing for name, thing in vars(errors).items() if isinstance(thing, type) and name.endswith("Error")]
    assert not {error.exit_code for error in tree} & {0, 130, 141, *OUTCOMES}


def test_the_version_is_printed(capsys):
    assert run(["--version"]) == 0
    assert capsys.readouterr().out == f"secondread {__version__}\n"


@pytest.mark.parametrize("name", [[], *([name] for name in commands())])
def test_help_is_not_an_error(name, capsys):
    assert run([*name, "--help"]) == 0
    assert "usage: secondread" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [[], ["fly"], ["read"], ["card"], ["train"], ["evaluate"]])
def test_an_incomplete_or_unknown_command_is_a_usage_error(arguments, capsys):
    assert run(arguments) == 2
    assert capsys.readouterr().err.startswith("UsageError: ")


def test_readers_says_what_can_be_asked_and_whether_its_bundle_is_there(bundles, capsys):
    assert run(["readers", "--json", "--bundle-dir", str(bundles)]) == 0
    listed = {reader["name"]: reader for reader in json.loads(capsys.readouterr().out)}
    assert listed["chest-xray-pneumonia"]["installed"] is True
    assert run(["readers", "--bundle-dir", str(bundles)]) == 0
    assert listed["chest-xray-pneumonia"]["question"] in capsys.readouterr().out


def test_bundles_lists_what_is_installed_even_if_a_network_is_missing(tmp_path, capsys):
    folder = fakes.write_bundles(tmp_path)
    (folder / fakes.READER / "model.onnx").unlink()  # listing loads no network
    assert run(["bundles", "--json", "--bundle-dir", str(folder)]) == 0
    listed = {bundle["name"]: bundle["role"] for bundle in json.loads(capsys.readouterr().out)}
    assert listed[fakes.READER] == "reader"
    assert listed[fakes.GATE] == "gate"
    assert run(["bundles", "--bundle-dir", str(folder)]) == 0
    assert fakes.READER in capsys.readouterr().out


def test_a_card_is_shown_whole_without_its_network(tmp_path, capsys):
    folder = fakes.write_bundles(tmp_path)
    (folder / fakes.READER / "model.onnx").unlink()
    assert run(["card", fakes.READER, "--json", "--bundle-dir", str(folder)]) == 0
    card = json.loads(capsys.readouterr().out)
    assert run(["card", fakes.READER, "--bundle-dir", str(folder)]) == 0
    shown = capsys.readouterr().out
    for text in (*card["not_for"], card["intended_use"], card["licence"], *card["labels"], *card["sha256"].values()):
        assert text in shown


def test_a_card_shows_its_results_and_limits(capsys):
    from secondread.cli.card import as_text

    card = fakes.card(results={"AUROC": "0.99 (0.98 to 1.00)", "sensitivity": "0.97"}, limits=("Few.",))
    shown = as_text(card)
    assert "AUROC: 0.99 (0.98 to 1.00)" in shown
    assert "sensitivity: 0.97" in shown
    assert "Few." in shown


def test_the_card_of_no_bundle_is_a_bundle_error(capsys):
    assert run(["card", "fortune-teller"]) == 4
    assert capsys.readouterr().err.startswith("BundleError: ")


def test_settings_reach_the_command(bundles, monkeypatch, capsys):
    monkeypatch.setenv("SECONDREAD_BUNDLES", str(bundles))
    assert run(["card", fakes.READER]) == 0
    assert fakes.READER in capsys.readouterr().out


def test_a_setting_that_cannot_be_used_is_a_usage_error(monkeypatch, capsys):
    monkeypatch.setenv("SECONDREAD_THREADS", "many")
    assert run(["readers"]) == 2
    assert "SECONDREAD_THREADS" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("raised", "code", "words"),
    [(KeyboardInterrupt(), 130, "Interrupted"), (ZeroDivisionError("Doe^Jane"), 1, "ZeroDivisionError")],
)
def test_an_interruption_or_a_fault_of_our_own_is_one_line_too(raised, code, words, monkeypatch, capsys):
    def stop(environment):
        raise raised

    monkeypatch.setattr("secondread.cli.from_environment", stop)
    assert run(["readers"]) == code
    said = capsys.readouterr().err
    assert words in said
    assert "Doe" not in said
    assert said.count("\n") == 1


def test_debug_shows_where_it_happened(monkeypatch, capsys):
    def stop(environment):
        raise ZeroDivisionError

    monkeypatch.setattr("secondread.cli.from_environment", stop)
    assert run(["readers", "--debug"]) == 1
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["train", "evaluate"])
def test_without_torch_training_says_which_extra_to_install(command, monkeypatch, capsys):
    monkeypatch.setattr("secondread.cli.train.find_spec", lambda name: None)
    assert run([command, "somewhere"]) == 2
    assert "secondread[learn]" in capsys.readouterr().err


def test_events_of_long_work_are_lines_for_a_person_or_lines_of_json(capsys):
    with progress(as_json=True) as say:
        say({"event": "epoch", "loss": 0.5})
    assert json.loads(capsys.readouterr().out) == {"event": "epoch", "loss": 0.5}
    with progress(as_json=False) as say:
        say({"event": "epoch", "loss": 0.5})
    assert capsys.readouterr().out == "epoch: loss 0.5\n"


def test_a_terminal_gets_one_bar_for_each_seed(capsys, monkeypatch):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    with progress(as_json=False) as say:
        say({"event": "data", "train": 8})
        for seed in (1, 2):
            say({"event": "epoch", "seed": seed, "epoch": 3, "of": 3, "loss": 0.25})
    shown = capsys.readouterr().out
    assert "data: train" in shown
    assert "seed 1, loss 0.250" in shown
    assert "seed 2, loss 0.250" in shown
