import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydicom import dcmread
from pydicom.uid import EncapsulatedPDFStorage

from dicom_reads import capture, complaints, dumped, read, saved, source
from result_reads import KOREAN, PDF, encapsulated
from secondread.core.errors import OutputError
from secondread.core.report import Outcome


@pytest.mark.parametrize("outcome", Outcome)
@pytest.mark.parametrize("modality", ["DX", "CR"])
def test_a_document_is_valid_and_another_program_finds_what_it_must_say(tmp_path, outcome, modality):
    path = saved(encapsulated(source(tmp_path, Modality=modality), read(outcome)), tmp_path)
    assert complaints(path) == []
    shown = dumped(path, "dcmdump", "--print-all")
    for expected in (
        "=EncapsulatedPDFStorage",
        "CS [DOC]",
        "[application/pdf]",
        "CS [UNVERIFIED]",
        "(0028,0301) CS [YES]",
        "[18748-4]",
        "draft, not for diagnosis]",
        "[secondread]",
    ):
        assert expected in shown


@pytest.mark.parametrize("extra", [b"", b"\n"])
def test_other_programs_take_the_same_bytes_out(tmp_path, extra):
    pdf = PDF + extra
    path = saved(encapsulated(source(tmp_path), read(), pdf), tmp_path)
    written = dcmread(path)
    assert len(written.EncapsulatedDocument) % 2 == 0
    assert written.EncapsulatedDocument[: written.EncapsulatedDocumentLength] == pdf
    out = tmp_path / "out.pdf"
    dumped(out, "dcm2pdf", str(path))
    assert out.read_bytes() == pdf


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=30)
@given(st.binary(max_size=300))
def test_any_bytes_between_head_and_tail_come_back(tmp_path, middle):
    pdf = b"%PDF-1.7\n" + middle + b"\n%%EOF\n"
    written = dcmread(saved(encapsulated(source(tmp_path), read(), pdf), tmp_path))
    assert written.EncapsulatedDocument[: written.EncapsulatedDocumentLength] == pdf


def test_patient_study_and_image_are_named(tmp_path):
    header = source(tmp_path, **KOREAN)
    path = saved(encapsulated(header, read()), tmp_path)
    written = dcmread(path)
    assert written.SOPClassUID == EncapsulatedPDFStorage
    assert (written.SpecificCharacterSet, str(written.PatientName)) == ("ISO_IR 192", KOREAN["PatientName"])
    assert written.StudyInstanceUID == header.StudyInstanceUID
    assert written.SeriesInstanceUID != header.SeriesInstanceUID
    assert written.SourceInstanceSequence[0].ReferencedSOPInstanceUID == header.SOPInstanceUID
    assert complaints(path) == []


def test_a_title_in_korean_survives(tmp_path):
    path = saved(encapsulated(source(tmp_path), read(), title="흉부 X선 판독 초안"), tmp_path)
    assert dcmread(path).DocumentTitle == "흉부 X선 판독 초안"
    assert complaints(path) == []


def test_a_machine_never_verifies(tmp_path):
    assert encapsulated(source(tmp_path), read()).VerificationFlag == "UNVERIFIED"


@pytest.mark.parametrize("wrong", [b"", b"<html></html>", PDF[:-6], PDF[1:]])
def test_what_is_no_whole_pdf_is_refused(tmp_path, wrong):
    with pytest.raises(ValueError, match="needed a whole PDF file"):
        encapsulated(source(tmp_path), read(), wrong)


def test_the_same_seed_and_time_give_the_same_bytes_and_another_seed_does_not(tmp_path):
    header = source(tmp_path)
    first, again, other = (
        saved(encapsulated(header, read(), seed=seed), tmp_path, f"{n}.dcm").read_bytes()
        for n, seed in enumerate("aab")
    )
    assert first == again
    assert first != other


def test_a_document_is_never_filed_with_a_source_that_cannot_be_referred_to(tmp_path):
    header = source(tmp_path)
    del header.SOPInstanceUID
    with pytest.raises(OutputError, match="found no SOPInstanceUID"):
        encapsulated(header, read())


def test_a_source_of_several_frames_is_referred_to_as_a_whole(tmp_path):
    header = source(tmp_path, NumberOfFrames="3")
    one = encapsulated(header, read()).SourceInstanceSequence[0]
    same = capture(header, read()).ReferencedSeriesSequence[0].ReferencedInstanceSequence[0]
    assert [sorted(element.keyword for element in item) for item in (one, same)] == [
        ["ReferencedSOPClassUID", "ReferencedSOPInstanceUID"]
    ] * 2
