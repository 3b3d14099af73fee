"""The signed report as an HL7 v2.5.1 message ORU^R01: final, or corrected where it replaces or adds to one.

Source: HL7 v2.5.1, chapter 7; tables 0123 (OBR-25: F, C), 0085 (OBX-11: F, C); OBX-16 is who answers for a result.
"""

from collections.abc import Iterator
from datetime import datetime

from secondread.core.code import LN, Code
from secondread.core.signature import Held, SignedReport
from secondread.dicom import codes
from secondread.report import exchange, hl7
from secondread.report.hl7_text import coded, escape, field, formatted, number, segment, time
from secondread.report.signed.words import say
from secondread.report.wording import verdict

FINAL, CORRECTED = "F", "C"
# Source: DICOM PS3.16 CID 7001 Diagnostic Imaging Report Headings.
FINDINGS, ADDENDUM = Code(LN, "59776-5", "Findings"), Code(LN, "55107-7", "Addendum")


def to_oru(signed: SignedReport, *, message_id: str) -> str:
    """The message; segments end with a carriage return. It carries the pseudonym of the patient.

    Args:
        signed: What a person signed.
        message_id: Up to 20 letters, digits, dots, dashes.

    Raises:
        UsageError: If the draft's time has no offset.
    """
    draft, made = signed.draft, time(datetime.fromisoformat(signed.signed_at))
    status = CORRECTED if signed.number or signed.amends else FINAL
    program = exchange.program_of(draft)
    return "".join(
        line + "\r"
        for line in (
            hl7.header(message_id, made, hl7.Route()),
            segment("SFT", _1=field(program.name), _2=escape(program.version or "unknown"), _3=escape(program.name),
                    _4=escape(f"{program.name} {program.version}")),
            hl7.pseudonym(draft),
            segment(
                "OBR",
                _1="1",
                _3=hl7.own_number(draft),
                _4=coded(exchange.procedure_of(draft)),
                _22=made,
                _24="RAD",
                _25=status,
                _32=_person(signed),
            ),
            *hl7.counted(list(_results(signed, made, status))),
        )
    )  # fmt: skip


def _person(signed: SignedReport) -> str:
    """The signer: account and name. Source: HL7 v2.5.1 CNN (number, family name), in NDL and XCN alike."""
    return "&".join((escape(signed.signer.login), escape(signed.signer.name)))


def _results(signed: SignedReport, made: str, status: str) -> Iterator[str]:
    shared = {"_11": status, "_16": field(signed.signer.login, signed.signer.name), "_19": made}
    yield segment("OBX", _2="ST", _3=coded(hl7.DICOM_STUDY), _5=escape(signed.draft.study_uid), _11=hl7.ORDER_DETAIL)
    for place, held in enumerate(signed.held, start=1):
        yield from _finding(signed, held, {"_4": str(place), **shared})
    texts = [(FINDINGS, signed.findings_text), (exchange.IMPRESSION, signed.impression)]
    texts += [(ADDENDUM, f"{text}\n({name}, {at})") for name, at, text in signed.addenda]
    for code, text in texts:
        if text.strip():
            yield segment("OBX", _2="FT", _3=coded(code), _5=formatted(text), **shared)
    yield from hl7.numbered_notes(
        say("en", "notice"), f"Signed by {signed.signer.name}, {signed.signer.organisation}".rstrip(", ") + "."
    )


def _finding(signed: SignedReport, held: Held, shared: dict[str, str]) -> Iterator[str]:
    """The person's call, then the numbers; what the program said is a note, as the program's."""
    if held.present is None:
        yield segment("OBX", _2="FT", _3=coded(held.code), _5=formatted(held.text or held.code.display), **shared)
    else:
        answer = codes.PRESENT if held.present else codes.ABSENT
        flag = "A" if held.present else ""
        yield segment("OBX", _2="CWE", _3=coded(held.code), _5=coded(answer), _8=flag, **shared)
    said = f"The program said: {verdict(signed.finding(held.source))}" if held.source else ""
    yield from hl7.numbered_notes(
        f"{str(held.verdict).capitalize()} by the person who signed.",
        f"Location: {held.location}" if held.location else "",
        held.text,
        *(f"{one.name}: {one.method}" for one in held.measurements),
        said,
    )
    for one in held.measurements:
        yield segment(
            "OBX",
            _2="NM",
            _3=coded(codes.local(one.name), one.name),
            _5=number(one.value),
            _6=field(one.unit, one.unit, "UCUM"),
            **shared,
        )
