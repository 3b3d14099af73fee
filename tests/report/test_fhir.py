"""A FHIR bundle that a hospital's server can take: valid, complete in itself, and never more than a draft."""

import base64
import json
import re
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

import fakes
from fhir_witness import only, resources, validate
from report_desk import PNEUMONIA
from secondread.core.code import DCM, LN, LOCAL, SCT
from secondread.core.errors import UsageError
from secondread.core.report import NOTICE, Evidence, Priority
from secondread.core.study import FileRef
from secondread.report import fhir_datatypes
from secondread.report.fhir import to_fhir, to_fhir_json

OUTCOMES = ("found", "nothing found", "undecided", "refused", "failed")
HASHES = " ".join(letter * 64 for letter in "ab")


def walk(node):
    yield node
    for inner in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from walk(inner)


@pytest.fixture
def whole(desk):
    """A report of every outcome at once, with a gate and input hashes."""
    ran = {
        "bundle": desk.card.name,
        "version": "1.2.3",
        "sha256": fakes.NO_HASH,
        "engine": "onnxruntime 1.20",
        "gate_bundle": fakes.GATE,
        "gate_version": "2.0",
        "gate_sha256": "f" * 64,
        "gate_engine": "onnxruntime 1.20",
        "input_sop_instance_uids": "1.2.3.4 1.2.3.5",
        "input_sha256": HASHES,
    }
    reads = (desk.found(provenance=ran), desk.nothing_found(), desk.refused(), desk.failed())
    return desk.report(*reads, priority=Priority.URGENT, skipped=(("b.txt", "not DICOM"),))


@pytest.fixture
def bundle(whole, desk):
    return to_fhir(whole, desk.cards, pdf=b"%PDF-1.7 draft")


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_every_resource_of_every_outcome_is_valid(everyone, desk, outcome):
    validate(to_fhir(everyone[outcome], desk.cards))


def test_a_report_of_all_outcomes_with_a_pdf_is_valid(bundle):
    validate(bundle)


@pytest.mark.parametrize(
    ("kind", "key", "value"),
    [
        ("DiagnosticReport", "status", "draft"),
        ("ImagingStudy", "status", None),
        ("Observation", "invented", 1),
        ("Observation", "device", {"reference": "urn:uuid:0", "type": "Patient"}),
    ],
)
def test_the_witness_refuses_what_is_not_fhir(bundle, kind, key, value):
    resources(bundle, kind)[0][key] = value
    with pytest.raises((ValueError, AssertionError), match=key):
        validate(bundle)


def test_every_reference_leads_to_a_resource_of_the_bundle_or_is_an_identifier(bundle):
    urls = {entry["fullUrl"]: entry["resource"]["resourceType"] for entry in bundle["entry"]}
    assert len(urls) == len(bundle["entry"])
    references = [node for node in walk(bundle) if isinstance(node, dict) and ("reference" in node or "who" in node)]
    named = [node for node in references if isinstance(node.get("reference"), str)]
    assert len(named) > 20
    assert [node for node in named if urls.get(node["reference"]) != node["type"]] == []
    patients = [node["subject"] for node in walk(bundle) if isinstance(node, dict) and "subject" in node]
    assert {tuple(sorted(patient)) for patient in patients} == {("identifier", "type")}


def test_the_patient_is_a_pseudonym_and_nothing_else(bundle, whole):
    assert resources(bundle, "Patient") == []
    subject = only(bundle, "DiagnosticReport")["subject"]
    assert subject["identifier"]["value"] == whole.patient_key


def test_nothing_is_ever_final(bundle):
    statuses = {
        resource["status"] for kind in ("DiagnosticReport", "Observation") for resource in resources(bundle, kind)
    }
    assert statuses == {"preliminary", "cancelled"}
    assert only(bundle, "DiagnosticReport")["status"] == "preliminary"


def test_the_report_names_its_study_its_results_its_pdf_and_the_notice(bundle):
    report = only(bundle, "DiagnosticReport")
    assert report["code"]["coding"][0]["code"] == "43468-8"
    assert report["category"][0]["coding"][0]["code"] == "RAD"
    assert report["conclusion"].startswith(NOTICE)
    assert "urgent: look soon" in report["conclusion"]
    assert "not read: 1" in report["conclusion"]
    assert [code["coding"][0]["code"] for code in report["conclusionCode"]] == [PNEUMONIA.value]
    assert len(report["result"]) == len(resources(bundle, "Observation")) == 4
    (form,) = report["presentedForm"]
    assert base64.b64decode(form["data"]) == b"%PDF-1.7 draft"
    text = "".join(ET.fromstring(report["text"]["div"]).itertext())
    assert NOTICE in text


def test_a_report_without_a_positive_finding_concludes_nothing(everyone, desk):
    for outcome in OUTCOMES[1:]:
        report = only(to_fhir(everyone[outcome], desk.cards), "DiagnosticReport")
        assert "conclusionCode" not in report
        assert not re.search(r"\bnormal\b", report["conclusion"], re.IGNORECASE)


def test_the_study_lists_what_was_read(desk, dicom_evidence):
    evidence = dicom_evidence()
    study = only(to_fhir(desk.report(desk.found(evidence=evidence)), desk.cards), "ImagingStudy")
    assert study["identifier"][0]["system"] == "urn:dicom:uid"
    assert study["identifier"][0]["value"].startswith("urn:oid:")
    (series,) = study["series"]
    assert series["uid"] == evidence.series.uid
    assert series["modality"]["code"] == "DX"
    (instance,) = series["instance"]
    assert instance["uid"] == evidence.series.files[0].sop_instance_uid
    assert instance["sopClass"] == {
        "system": "urn:ietf:rfc:3986",
        "code": f"urn:oid:{evidence.series.files[0].sop_class_uid}",
    }


def test_a_picture_without_tags_is_no_dicom_series(desk):
    raster = fakes.series(kind="raster", modality="", files=(FileRef(fakes.series().files[0].path, "", "2.25.1"),))
    bundle = to_fhir(desk.report(desk.found(evidence=Evidence(raster))), desk.cards)
    validate(bundle)
    study = only(bundle, "ImagingStudy")
    assert "series" not in study
    assert "made from its bytes" in study["note"][0]["text"]
    assert only(bundle, "DiagnosticReport")["code"]["coding"][0]["code"] == "18748-4"


def test_each_network_stands_with_its_version_and_hash(bundle, desk):
    devices = {device["deviceName"][0]["name"]: device for device in resources(bundle, "Device")}
    assert {name.split()[0] for name in devices} == {"secondread", fakes.READER, fakes.GATE}
    gate = [row["value"] for row in devices[fakes.GATE]["version"]]
    assert gate == ["2.0", "f" * 64, "onnxruntime 1.20"]
    reader = next(
        d for d in resources(bundle, "Device") if "onnxruntime" in json.dumps(d) and d is not devices[fakes.GATE]
    )
    assert [note["text"] for note in reader["note"]] == [desk.card.intended_use, f"Not for: {desk.card.not_for[0]}"]
    assert resources(bundle, "Observation")[0]["device"]["reference"] == f"urn:uuid:{reader['id']}"


def test_the_provenance_names_every_target_maker_and_input_with_its_hash(bundle):
    provenance = only(bundle, "Provenance")
    assert len(provenance["target"]) == 5
    assert {agent["type"]["coding"][0]["code"] for agent in provenance["agent"]} == {"assembler"}
    assert len(provenance["agent"]) == len(resources(bundle, "Device"))
    of_files = [(e["what"]["identifier"]["value"], e["what"]["display"]) for e in provenance["entity"][1:]]
    assert of_files == [
        ("urn:oid:1.2.3.4", f"SHA-256 {'a' * 64}"),
        ("urn:oid:1.2.3.5", f"SHA-256 {'b' * 64}"),
    ]


def test_hashes_that_do_not_pair_with_the_files_are_left_out(desk):
    read = desk.found(provenance={"input_sop_instance_uids": "1.2.3.4 1.2.3.5", "input_sha256": "a" * 64})
    provenance = only(to_fhir(desk.report(read), desk.cards), "Provenance")
    assert [("display" in entity["what"]) for entity in provenance["entity"]] == [False, False, False]


def test_the_same_report_gives_the_same_bytes(whole, desk):
    first, second = (to_fhir_json(whole, desk.cards, pdf=b"%PDF") for _ in range(2))
    assert first == second
    assert json.dumps(json.loads(first), indent=2, sort_keys=True, ensure_ascii=False) + "\n" == first


def test_another_time_or_study_gives_other_ids_but_the_devices_stay(whole, desk):
    def ids(report, *kinds):
        bundle = to_fhir(report, desk.cards)
        return {bundle["id"]} | {one["id"] for kind in kinds for one in resources(bundle, kind)}

    of_report = ("DiagnosticReport", "Observation", "Provenance")
    later = replace(whole, created_at="2026-03-04T10:22:06+09:00")
    elsewhere = replace(whole, study_uid="1.2.3.4.5")
    assert ids(whole, *of_report).isdisjoint(ids(later, *of_report) | ids(elsewhere, *of_report))
    assert len(ids(whole, "Device") & ids(elsewhere, "Device")) == len(resources(to_fhir(whole, desk.cards), "Device"))
    assert len(ids(whole, "ImagingStudy") & ids(later, "ImagingStudy")) == 1


def test_a_server_is_asked_to_create_and_never_to_overwrite(bundle):
    assert bundle["type"] == "transaction"
    for entry in bundle["entry"]:
        kind = entry["resource"]["resourceType"]
        assert (entry["request"]["method"], entry["request"]["url"]) == ("POST", kind)
        assert ("ifNoneExist" in entry["request"]) is (kind != "Provenance")


@pytest.mark.parametrize("made", ["2026-03-04T10:22:05", "yesterday", "", "2026-03-04T10:22:05+09:00:30"])
def test_a_time_without_an_offset_is_refused(desk, made):
    with pytest.raises(UsageError, match="created_at"):
        to_fhir(desk.report(desk.found(), created_at=made), desk.cards)


def test_a_missing_card_is_refused(desk):
    with pytest.raises(UsageError, match="no model card"):
        to_fhir(desk.report(desk.found()), {})


def test_a_reader_that_names_no_bundle_was_the_program(desk):
    bundle = to_fhir(desk.report(desk.failed(provenance={})), {})
    validate(bundle)
    device = only(bundle, "Device")
    assert only(bundle, "Observation")["device"]["reference"] == f"urn:uuid:{device['id']}"
    assert device["version"][0]["value"] == "0.1.0"


def test_our_own_systems_are_urns_that_need_no_domain():
    for system in (fhir_datatypes.LOCAL_CODES, fhir_datatypes.PSEUDONYMS):
        assert re.fullmatch(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", system)
    assert fhir_datatypes.LOCAL_CODES != fhir_datatypes.PSEUDONYMS
    assert set(fhir_datatypes.SYSTEMS) >= {SCT, DCM, LN, LOCAL, "RADLEX", "UCUM"}
