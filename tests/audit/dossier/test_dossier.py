"""The dossier of a bundle: everything that was measured, nothing invented, and a mark where people must write."""

import base64
import json
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import yaml
from fhir.resources.R4B.documentreference import DocumentReference

import fakes
from secondread.audit.dossier.checklists import AI_ACT, CLAIM, GMLP
from secondread.audit.dossier.failures import attribution
from secondread.audit.dossier.markdown import PERSON
from secondread.audit.dossier.risks import HAZARDS
from secondread.audit.dossier.subject import FACTS, PARTS, Subject, subject_of
from secondread.audit.dossier.write import CONTENT, INDEX, dossier, write_dossier
from secondread.cli import run
from secondread.core.errors import BundleError, OutputError
from secondread.engine.bundle import find_bundles, load_bundle, shipped
from secondread.learn.recipe import read_recipe
from tiny_bundle import make_bundle

DOCS = Path(__file__).parents[3] / "docs" / "evidence"
RESULT = {
    "splits": {name: {"pictures": 30, "patients": 20, "made": 0} for name in ("train", "val", "test")},
    "seeds": [1],
    "ensemble": False,
    "mirror": True,
    "engine": "ONNX Runtime",
    "external": {"elsewhere": {"pictures": 7}},
    "trust": {"outside": {"rows": {"Far inputs refused": "0.99 (0.97 to 1.00)"}}},
}


@pytest.fixture
def subject():
    results = {"pneumonia: AUROC": "0.900 (0.850 to 0.940)", "outside: Far inputs refused": "0.99 (0.97 to 1.00)"}
    group = {"group": "pneumonia: sex F", "n": 12, "measure": "AUROC", "value": "0.88 | odd"}
    return Subject(fakes.card(results=results, subgroups=(group,), limits=("Small.",)), RESULT)


def test_every_file_says_that_it_is_not_for_diagnosis(subject):
    for name, text in dossier(subject).items():
        assert "not for diagnosis" in text or "진단용이 아닙니다" in text or name.endswith(".xml"), name


def test_the_evidence_shows_each_figure_once(subject):
    page = dossier(subject)["evidence.md"]
    for figure in ("0.900 (0.850 to 0.940)", "0.99 (0.97 to 1.00)"):
        assert page.count(figure) == 1
    assert "0.88 \\| odd" in page


FORBIDDEN = "The licence of its data lets no pictures of cases be passed on."


def failures_of(page):
    return page.split("## Known failures\n\n")[1].split("\n\n##")[0]


@pytest.mark.parametrize("name", sorted(find_bundles([shipped()])))
def test_a_dossier_without_pictures_says_where_they_are_unless_the_licence_forbids_them(name):
    subject = subject_of(load_bundle(shipped() / name))
    shown = failures_of((DOCS / f"{name}.md").read_text(encoding="utf-8"))
    told = failures_of(dossier(subject)["evidence.md"])
    assert (FORBIDDEN in told) == (FORBIDDEN in shown) == (not (DOCS / f"{name}.jpg").exists())
    assert (f"`docs/evidence/{name}.md`" in told) == (f"({name}.jpg)" in shown)
    other = replace(subject, card=replace(subject.card, name=f"{name}-of-ours"))
    assert "docs/evidence" not in failures_of(dossier(other)["evidence.md"])


@pytest.mark.parametrize("name", sorted(file.stem for file in DOCS.glob("*.jpg")))
def test_pictures_are_shown_with_whose_they_are(name):
    credit = attribution(read_recipe(DOCS.parents[1] / "recipes" / f"{name}.toml"))
    assert credit
    assert failures_of((DOCS / f"{name}.md").read_text(encoding="utf-8")).endswith(f"Pictures: {credit}")


@pytest.mark.parametrize("data", [[], [{"path": "our-own-set"}], [{"path": "cxr-tbx11k"}, {"path": "our-own-set"}]])
def test_of_data_whose_licence_is_not_known_none_is_said_to_forbid_pictures(subject, data):
    told = failures_of(dossier(replace(subject, result=RESULT | {"data": data}))["evidence.md"])
    assert FORBIDDEN not in told
    assert "is not known here" in told


def test_what_was_not_assessed_is_said_so_in_the_checklists(subject):
    files = dossier(subject)
    assert "not assessed" in files["claim-2024.md"]
    assert "Far inputs refused" in files["risks.md"]


def test_places_for_people_are_marked_and_counted(subject):
    files = dossier(subject)
    assert files["claim-2024.md"].count(PERSON) == sum(bool(rest) for *_, rest in CLAIM)
    row = next(line for line in files[INDEX].splitlines() if "claim-2024.md" in line)
    assert row.endswith(f"| {files['claim-2024.md'].count(PERSON)} |")


def test_the_checklists_have_every_item_of_their_source():
    assert [number for number, *_ in CLAIM] == [str(n) for n in range(1, 45)]
    assert [number for number, *_ in GMLP] == [str(n) for n in range(1, 11)]


def test_every_fact_that_a_table_names_is_there():
    named = {name for items in (CLAIM, GMLP, AI_ACT) for *_, facts, _ in items for name in facts.split("; ") if name}
    named |= {name for *_, text in HAZARDS if text.startswith("=") for name in text[1:].split("; ")}
    assert named <= set(FACTS)


def test_the_model_card_in_front_is_yaml_and_names_the_licence(subject):
    text = dossier(subject)["model-card.md"]
    front = yaml.safe_load(text.split("---")[1])
    assert front["license"] == "apache-2.0"
    assert "not-for-diagnosis" in front["tags"]


def test_the_xml_card_is_well_formed_and_holds_what_it_is_not_for(subject):
    root = ET.fromstring(dossier(subject)["model-card.xml"])
    found = root.find(".//{https://mc.chai.org/v0.1/schema.xsd}CautionedOutOfScopeSettings")
    assert found is not None
    assert found.text == "Anything but tests."


def test_the_fhir_resource_is_valid_and_carries_both_cards(subject):
    files = dossier(subject)
    made = DocumentReference.model_validate(json.loads(files["model-card.fhir.json"]))
    kinds = {content.attachment.contentType: content.attachment.data for content in made.content}
    assert set(kinds) == {"text/markdown", "application/xml"}
    raw = json.loads(files["model-card.fhir.json"])["content"][0]["attachment"]["data"]
    assert base64.b64decode(raw).decode() == files["model-card.md"]


def test_the_korean_label_has_every_warning_of_the_english_one(subject):
    korean, english = (dossier(subject)[f"label.{name}.md"] for name in ("ko", "en"))
    warnings = english.split("## Warnings\n\n")[1].split("\n\n")[0].splitlines()
    assert len(warnings) == len(subject.card.limits) > 0
    told = korean.split("## 경고\n\n")[1].split("\n\n")[0].splitlines()
    assert [line.endswith(english.removeprefix("- ")) for line, english in zip(told, warnings, strict=True)] == [
        True
    ] * len(told)


def test_a_bundle_without_a_korean_label_asks_a_person_for_it(subject):
    other = Subject(replace(subject.card, name="my-own"), RESULT)
    assert "사람이 작성해야 합니다" in dossier(other)["label.ko.md"].split("## 입력")[0]
    assert "폐렴" in dossier(subject)["label.ko.md"]


def test_the_same_bundle_gives_the_same_files(subject, tmp_path):
    names = write_dossier(subject, tmp_path / "one")
    write_dossier(subject, tmp_path / "two")
    assert set(names) == {INDEX, *CONTENT}
    for name in names:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_what_a_person_filled_in_is_not_replaced_unasked(subject, tmp_path):
    write_dossier(subject, tmp_path)
    (tmp_path / "risks.md").write_text("Filled in.")
    (tmp_path / "signed.pdf").write_text("Ours.")
    with pytest.raises(OutputError, match="what people filled in would be lost"):
        write_dossier(subject, tmp_path)
    assert (tmp_path / "risks.md").read_text() == "Filled in."
    write_dossier(subject, tmp_path, overwrite=True)
    assert (tmp_path / "risks.md").read_text(encoding="utf-8") == dossier(subject)["risks.md"]
    assert (tmp_path / "signed.pdf").read_text() == "Ours."


def test_a_file_in_the_place_of_the_folder_is_said_so(subject, tmp_path):
    (tmp_path / "new").write_text("A file, not a folder.")
    with pytest.raises(OutputError, match="no folder"):
        write_dossier(subject, tmp_path / "new", overwrite=True)


def test_a_failing_step_takes_the_others_back(subject, tmp_path, monkeypatch):
    write_dossier(subject, tmp_path / "out")
    (tmp_path / "out" / "risks.md").write_text("Filled in.")
    before = {file.name: file.read_bytes() for file in (tmp_path / "out").iterdir()}
    whole, steps = Path.rename, []

    def rename(self, target):
        steps.append(target)
        if len(steps) == 15:
            raise OSError(28, "No space left on device")
        return whole(self, target)

    monkeypatch.setattr(Path, "rename", rename)
    with pytest.raises(OutputError, match="No space left"):
        write_dossier(subject, tmp_path / "out", overwrite=True)
    assert {file.name: file.read_bytes() for file in (tmp_path / "out").iterdir()} == before


def test_the_command_replaces_a_dossier_only_when_told_to(tmp_path, capsys):
    (tmp_path / "mine.md").write_text("Mine.")
    command = ["dossier", "pneumoniamnist-28", "--out", str(tmp_path)]
    assert run(command) == 7
    said = capsys.readouterr().err
    assert "holds 1 file already" in said
    assert "--overwrite" in said
    assert [file.name for file in tmp_path.iterdir()] == ["mine.md"]
    assert run([*command, "--overwrite"]) == 0


def test_a_bundle_that_was_not_assessed_has_no_dossier(tmp_path, capsys):
    bundle = make_bundle(tmp_path)
    with pytest.raises(BundleError, match="secondread assess"):
        subject_of(load_bundle(bundle))
    assert run(["dossier", str(bundle), "--out", str(tmp_path / "out")]) == 4
    assert "needed one" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", sorted(find_bundles([shipped()])))
def test_every_shipped_bundle_is_assessed_in_every_part_and_has_its_papers(name, tmp_path, capsys):
    assert run(["dossier", name, "--out", str(tmp_path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["files"] == [INDEX, *CONTENT]
    page = (tmp_path / "evidence.md").read_text(encoding="utf-8")
    assert [title for title in PARTS.values() if f"## {title}" not in page] == []
    assert "사람이 작성해야 합니다" not in (tmp_path / "label.ko.md").read_text(encoding="utf-8").split("## 입력")[0]
