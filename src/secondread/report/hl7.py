"""The report as an HL7 v2.5.1 message ORU^R01, preliminary.

Source: HL7 v2.5.1, chapter 7 (ORU, OBR, OBX) and chapter 2 (MSH, SFT, NTE). What each field holds is told in
``docs/reference/hl7.md``.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from secondread.core.card import ModelCard
from secondread.core.code import DCM, LOCAL, Code
from secondread.core.errors import UsageError
from secondread.core.finding import Finding
from secondread.core.identity import study_pseudonym
from secondread.core.report import Read, Report
from secondread.dicom import codes
from secondread.report import exchange, wording
from secondread.report.exchange import Software
from secondread.report.hl7_text import coded, escape, field, formatted, number, segment, time

OURS = "SECONDREAD"
FLAGS = {codes.PRESENT: "A", codes.ABSENT: "", codes.UNDETERMINED: "IND"}  # HL7 table 0078; IND is there from v2.7 on
PRELIMINARY, NOT_OBTAINED, ORDER_DETAIL = "P", "X", "O"  # Source: HL7 v2.5.1 table 0085
# Source: IHE Radiology TF-2, table 4.7-7: the Study Instance UID as an order detail.
DICOM_STUDY = Code(DCM, "113014", "DICOM Study")
_MESSAGE_ID = re.compile(r"[A-Za-z0-9._-]{1,20}")  # Source: HL7 v2.5.1, MSH-10, ST of 20 letters
_BIRTH_DATE = re.compile(r"([0-9]{4}([0-9]{2}([0-9]{2})?)?)?")
_SEX = {"F", "M", "O", ""}


@dataclass(frozen=True, slots=True)
class PatientFields:
    """Who the patient is, for a message inside a hospital; the report itself knows a pseudonym only.

    Attributes:
        id: The hospital's number of the patient.
        assigner: Who gave that number; or ``""``.
        name: As DICOM writes it: ``family^given^middle^prefix^suffix``, up to three of them (alphabetic,
            ideographic, phonetic) parted by ``=``; or ``""``.
        birth_date: ``YYYYMMDD``, ``YYYYMM``, ``YYYY`` or ``""``.
        sex: ``F``, ``M``, ``O`` or ``""``.
        accession: Accession number of the order; or ``""``.

    Raises:
        UsageError: If there is no id, or the birth date or sex is written otherwise.
    """

    id: str
    assigner: str = ""
    name: str = ""
    birth_date: str = ""
    sex: str = ""
    accession: str = ""

    def __post_init__(self) -> None:
        wrong = [
            what
            for what, right in (
                ("id", bool(self.id.strip())),
                ("birth_date", _BIRTH_DATE.fullmatch(self.birth_date)),
                ("sex", self.sex in _SEX),
            )
            if not right
        ]
        if wrong:
            raise UsageError(
                f"patient: {wrong[0]} is not written as needed. Give an id, the birth date as YYYYMMDD, and the sex "
                "as F, M or O; leave empty what is not known."
            )


@dataclass(frozen=True, slots=True)
class Route:
    """From whom to whom, as the hospital's interface engine names them (MSH-3 to MSH-6)."""

    sending_application: str = OURS
    sending_facility: str = ""
    receiving_application: str = ""
    receiving_facility: str = ""


def to_oru(
    report: Report,
    cards: Mapping[str, ModelCard],
    *,
    message_id: str,
    patient: PatientFields | None = None,
    route: Route | None = None,
) -> str:
    r"""The report as ORU^R01: segments end with a carriage return, all results preliminary.

    Each read without an answer stands as "results cannot be obtained" (status X) with its sentence. Times come from
    the report.

    Args:
        report: What was read.
        cards: Model cards by the name of the bundle, or of the reader; needed for every answered read.
        message_id: Up to 20 letters, digits, dots, dashes; the answer repeats it.
        patient: Who the patient is; without it the message carries the pseudonym.
        route: Names of the sender and the receiver.

    Raises:
        UsageError: If a card is missing, the message id is not plain, or the report's time has no offset.
    """
    if not _MESSAGE_ID.fullmatch(message_id):
        raise UsageError("message_id: needed 1 to 20 letters, digits, dots, dashes or underscores.")
    made = time(exchange.made_at(report))
    software = [exchange.bundles_of(read, cards) for read in report.concerned]
    return "".join(
        line + "\r"
        for line in (
            header(message_id, made, route or Route()),
            *_software(exchange.program_of(report), software),
            pseudonym(report) if patient is None else patient_segment(patient),
            _order(report, made, patient),
            *_results(report, software, made),
        )
    )


def header(message_id: str, made: str, route: Route) -> str:
    """MSH. Its fields 15 and 16 are empty: one answer (AA, AE, AR) after the message is taken (original mode)."""
    ends = (route.sending_application, route.sending_facility, route.receiving_application, route.receiving_facility)
    names = "|".join(escape(end) for end in ends)
    return f"MSH|^~\\&|{names}|{made}||ORU^R01^ORU_R01|{message_id}|P|2.5.1||||||UNICODE UTF-8"


def _software(program: Software, bundles: Sequence[tuple[Software, ...]]) -> Iterator[str]:
    """SFT: the program and each network with its version and the hash of its weights, each once."""
    parts = dict.fromkeys((one.name, one.version, one.sha256) for own in bundles for one in own)
    for name, version, digest in ((program.name, program.version, ""), *parts):
        known = version or "unknown"
        yield segment(
            "SFT", _1=field(program.name), _2=escape(known), _3=escape(name), _4=escape(digest or f"{name} {known}")
        )


def pseudonym(report: Report) -> str:
    """PID without a person: a coded pseudo-name (table 0200, S) and no birth date."""
    return segment("PID", _1="1", _3=field(report.patient_key, "", "", OURS, "PI"), _5="^^^^^^S", _8="U")


def patient_segment(patient: PatientFields) -> str:
    """PID of a person."""
    return segment(
        "PID",
        _1="1",
        _3=field(patient.id, "", "", patient.assigner, "MR"),
        _5=_names(patient.name),
        _7=patient.birth_date,
        _8=patient.sex or "U",
    )


def _names(name: str) -> str:
    """A DICOM name as repeated XPN, each marked as alphabetic, ideographic or phonetic.

    DICOM puts the prefix before the suffix, HL7 the suffix before the prefix.
    Source: DICOM PS3.5 section 6.2.1; HL7 v2.5.1 XPN, tables 0200 (L, U) and 0465.
    """
    made = []
    for group, kind in zip(name.split("="), "AIP", strict=False):
        if group.strip("^ "):
            family, given, middle, prefix, suffix = (part.strip() for part in (group + "^^^^").split("^")[:5])
            made.append(field(family, given, middle, suffix, prefix, "", "L", kind))
    return "~".join(made) or "^^^^^^U"


def _order(report: Report, made: str, patient: PatientFields | None) -> str:
    """OBR: the examination, its results preliminary; its own time is not known here and stays empty."""
    accession = patient.accession if patient else ""
    return segment(
        "OBR",
        _1="1",
        _3=escape(accession) or own_number(report),
        _4=coded(exchange.procedure_of(report)),
        _22=made,
        _24="RAD",
        _25=PRELIMINARY,
    )


def own_number(report: Report) -> str:
    """Our own number of the examination, for OBR-3 where no accession number is known."""
    return field(study_pseudonym(report.study_uid), OURS)


def _results(report: Report, software: Sequence[tuple[Software, ...]], made: str) -> Iterator[str]:
    """OBX and NTE: the study, each finding or lack of an answer, the impression."""
    others = (series.study_uid for series in exchange.series_of(report) if series.study_uid)
    studies = dict.fromkeys((report.study_uid, *others))
    lines = [
        segment(
            "OBX",
            _2="ST",
            _3=coded(DICOM_STUDY),
            _4=f"S{n}" if len(studies) > 1 else "",
            _5=escape(uid),
            _11=ORDER_DETAIL,
        )
        for n, uid in enumerate(studies, start=1)
    ]
    group = 0
    for read, own in zip(report.concerned, software, strict=True):
        asked = (own or (exchange.program_of(report),))[0]
        shared = {
            "_17": coded(codes.ARTIFICIAL_INTELLIGENCE),
            "_18": field(f"{asked.name} {asked.version}".strip(), OURS),
            "_19": made,
        }
        if not read.findings:
            group += 1
            lines += _unanswered(read, str(group), shared)
        for finding in read.findings:
            group += 1
            lines += _answer(finding, read, str(group), shared)
    impression = formatted("\n".join(exchange.conclusion(report)))
    lines.append(segment("OBX", _2="FT", _3=coded(exchange.IMPRESSION), _5=impression, _11=PRELIMINARY))
    yield from counted(lines)


def counted(lines: list[str]) -> Iterator[str]:
    """The segments, each OBX with its place among its kind as the first field."""
    place = 0
    for line in lines:
        name, _, rest = line.partition("||")
        place += name == "OBX"
        yield f"OBX|{place}|{rest}" if name == "OBX" else line


def _answer(finding: Finding, read: Read, group: str, shared: Mapping[str, str]) -> Iterator[str]:
    """Whether it is present, the probability against its threshold, the measurements, what refines it, and notes."""
    seen = codes.presence(finding)
    flag = "" if seen is None else FLAGS[seen]
    common = {"_4": group, "_11": PRELIMINARY, **shared}
    if seen is None:
        yield segment("OBX", _2="FT", _3=coded(finding.code), _5=formatted(wording.meaning(finding)), **common)
    else:
        yield segment("OBX", _2="CWE", _3=coded(finding.code), _5=coded(seen), _8=flag, **common)
    notes = [wording.meaning(finding), f"Location: {finding.location}" if finding.location else ""]
    notes += [
        exchange.not_reached(finding),
        wording.limit_told(finding),
        *finding.notes,
        *(one.sentence for one in finding.rulings),
    ]
    notes += [f"{one.name}: {wording.amount(one)}, {one.method}" for one in finding.measurements]
    yield from numbered_notes(*notes, *(f"Warning: {warning}" for warning in read.warnings))
    for code, text, value, unit, limit in _numbers(finding):
        yield segment(
            "OBX",
            _2="NM",
            _3=coded(code, text),
            _5=value,
            _6=field(unit, unit, "UCUM"),
            _7=limit,
            _8=flag * bool(limit),
            **common,
        )


def _numbers(finding: Finding) -> Iterator[tuple[Code, str, str, str, str]]:
    """(code, text, value, unit, reference range) of each number of a finding."""
    certainty, name = codes.CERTAINTY, finding.code.display
    if finding.probability is not None and finding.threshold is not None:
        limit = f"<{number(exchange.in_percent(finding.threshold))}"
        yield certainty, f"{certainty.display}: {name}", number(exchange.in_percent(finding.probability)), "%", limit
    for place, one in enumerate(finding.measurements):
        within = _within(finding) if place == 0 else ""
        yield codes.local(one.name), one.name, number(one.value), one.unit, within
        if one.uncertainty is not None:
            text = f"{one.name}: {codes.UNCERTAINTY.display}"
            yield codes.UNCERTAINTY, text, number(one.uncertainty), one.unit, ""
    for code, probability in finding.details if finding.decided else ():
        yield code, f"{code.display}: {certainty.display}", number(exchange.in_percent(probability)), "%", ""


def _within(finding: Finding) -> str:
    """The reference range of the measurement that a limit applies to."""
    if finding.limit is None:
        return ""
    return f"{'>' if finding.limit.below else '<'}{number(finding.limit.value)}"


def _unanswered(read: Read, group: str, shared: Mapping[str, str]) -> Iterator[str]:
    """Status X twice: the sentence for people, and for programs whether it was not attempted or failed."""
    common = {"_4": group, "_11": NOT_OBTAINED, **shared}
    question = coded(Code(LOCAL, read.reader, read.question))
    told = f"{wording.headline(read)}. {exchange.why_not(read)}"
    yield segment("OBX", _2="FT", _3=question, _5=formatted(told), **common)
    yield from numbered_notes(exchange.NO_ANSWER, *(f"Warning: {warning}" for warning in read.warnings))
    yield segment("OBX", _2="CWE", _3=coded(codes.STATUS), _5=coded(codes.STATUSES[read.outcome]), **common)


def numbered_notes(*texts: str) -> Iterator[str]:
    """NTE for each text that is not empty, numbered."""
    told = [text for text in texts if text]
    for place, text in enumerate(told, start=1):
        yield segment("NTE", _1=str(place), _3=formatted(text))
