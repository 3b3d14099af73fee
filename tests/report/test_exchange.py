"""What every message to another system needs from a report."""

from html import escape
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.sr._concepts_dict import concepts

import fakes
from fhir_witness import only
from secondread.core.code import LN
from secondread.core.errors import UsageError
from secondread.core.report import NOTICE, Evidence
from secondread.dicom import codes
from secondread.report import exchange
from secondread.report.fhir import to_fhir


@pytest.mark.parametrize(
    ("modality", "region", "code"),
    [
        ("CT", "CHEST", "24627-2"),
        ("CT", "HEAD", "24725-4"),
        ("CT", "", "25045-6"),
        ("MR", "BRAIN", "24590-2"),
        ("US", "", "18748-4"),
    ],
)
def test_the_procedure_is_told_by_modality_and_region(desk, modality, region, code):
    read = desk.found(evidence=Evidence(fakes.series(modality=modality, body_part=region)))
    report = only(to_fhir(desk.report(read), desk.cards), "DiagnosticReport")
    assert report["code"]["coding"][0] | {"display": ""} == {"system": "http://loinc.org", "code": code, "display": ""}


def test_two_modalities_are_no_one_procedure(desk):
    series = [fakes.series("1.2.3.4"), fakes.series("1.2.3.5", modality="CT")]
    report = desk.report(*(desk.found(evidence=Evidence(one)) for one in series))
    assert exchange.procedure_of(report).value == "18748-4"


def test_every_loinc_code_stands_in_dicoms_dictionary():
    known = {code for rows in concepts[LN].values() for code in rows}
    used = {*exchange.OF_REGION.values(), *codes.PROCEDURES.values(), exchange.IMPRESSION, codes.IMAGING_REPORT}
    assert {code.value for code in used if code.system == LN} <= known
    assert {code.system for code in used} == {LN}


@pytest.mark.parametrize("made", ["2026-03-04T10:22:05", "yesterday", "", "2026-03-04T10:22:05+09:00:30"])
def test_a_time_without_an_offset_is_refused(desk, made):
    with pytest.raises(UsageError, match="created_at"):
        exchange.made_at(desk.report(desk.found(), created_at=made))


def test_the_conclusion_tells_every_read_and_never_says_normal(desk):
    report = desk.report(
        desk.found(warnings=("The age is not stated.",)), desk.nothing_found(), desk.refused(), desk.failed()
    )
    text = " ".join(exchange.conclusion(report))
    for words in (
        NOTICE,
        "Found: Pneumonia",
        "age is not stated",
        "does not rule out",
        "Send the frontal",
        "RuntimeError",
    ):
        assert words in text
    assert "normal" not in text.lower()


@given(st.floats(0.0, 1.0))
def test_a_share_in_percent_keeps_its_digits(share):
    assert float(exchange.in_percent(share) / 100) == share


@given(st.text(st.characters(codec=None)))
def test_clean_text_can_stand_in_xml_and_clean_text_stays_as_it_is(text):
    clean = exchange.clean(text)
    ET.fromstring(f"<a>{escape(clean)}</a>".encode())
    assert exchange.clean(clean) == clean
    assert len(clean) == len(text)


def test_a_read_names_its_bundle_then_its_gate(desk):
    gate = {"gate_bundle": fakes.GATE, "gate_version": "2.0", "gate_sha256": "f" * 64, "gate_engine": "e"}
    read = desk.found(provenance={"bundle": fakes.READER, **gate})
    first, second = exchange.bundles_of(read, desk.cards)
    assert (first.name, first.version, first.sha256) == (fakes.READER, "1.2.3", fakes.NO_HASH)
    assert second == exchange.Software(fakes.GATE, "2.0", "f" * 64, "e")
    assert exchange.bundles_of(desk.failed(provenance={}), {}) == ()
