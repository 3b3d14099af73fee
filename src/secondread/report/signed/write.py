"""Every form of a signed report into one folder."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from pydicom import Dataset

from secondread.core.signature import SignedReport
from secondread.dicom.results.encapsulated_pdf import build_encapsulated_pdf
from secondread.dicom.results.signed_sr import build_signed_sr
from secondread.dicom.write import save
from secondread.report.signed.basis import Papers, basis_of
from secondread.report.signed.fhir import to_fhir_json
from secondread.report.signed.hl7 import to_oru
from secondread.report.signed.json import to_json
from secondread.report.signed.page import to_html, to_pdf

SR_FILE = "signed.sr.dcm"


def write_signed(signed: SignedReport, papers: Papers, out: Path, *, uid: Callable[[str], str], now: datetime) -> str:
    """Write ``report.json``, ``.html``, ``.pdf``, ``.fhir.json``, ``.hl7``, the SR, new SEGs and the PDF as DICOM.

    Args:
        signed: What a person signed.
        papers: What lies around.
        out: An empty folder; the caller makes it appear at its place in one step.
        uid: Purpose to UID; no two signatures may share a source.
        now: When, with its zone.

    Returns:
        SOP Instance UID of the structured report.

    Raises:
        OutputError: If an object cannot be made.
    """
    basis, drawn = basis_of(signed, papers, uid, now)
    document = build_signed_sr(signed, basis, uid, now)
    pdf = to_pdf(signed, papers.shown)
    message = uid(f"HL7 message of a signed report {signed.number}").replace(".", "")[-20:]
    for name, content in (
        ("report.json", to_json(signed)),
        ("report.html", to_html(signed, papers.shown)),
        ("report.fhir.json", to_fhir_json(signed, pdf=pdf)),
    ):
        (out / name).write_text(content, encoding="utf-8", newline="\n")
    (out / "report.pdf").write_bytes(pdf)
    (out / "report.hl7").write_bytes(to_oru(signed, message_id=message).encode("utf-8"))
    for reader, segmentation in drawn.items():
        save(segmentation, out / f"{reader}.seg.dcm")
    source = min(basis.images, key=lambda header: str(header.SOPInstanceUID))
    _save_pdf(signed, pdf, source, out / "signed.pdf.dcm", uid, now)
    save(document, out / SR_FILE)
    return str(document.SOPInstanceUID)


def _save_pdf(
    signed: SignedReport, pdf: bytes, source: Dataset, file: Path, uid: Callable[[str], str], now: datetime
) -> None:
    """The PDF as a DICOM object, verified as the report is."""
    read = replace(signed.draft.reads[0], evidence=None)
    title = "Signed report" if not signed.number else f"Signed report, addendum {signed.number}"
    document = build_encapsulated_pdf(pdf, read, None, source, uid, now, title=title)
    document.SeriesDescription, document.ManufacturerModelName = title, "secondread"
    document.DeviceSerialNumber = document.SoftwareVersions = document.SoftwareVersions[0]
    document.VerificationFlag = "VERIFIED"
    save(document, file)
