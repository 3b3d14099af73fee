"""The signed report as a structured report: verified, final, and in the place of the drafts that it names.

A new document beside the drafts, never a changed one. It holds what the person holds; what a program said stands in
it as the program's word, and rejected findings are no findings of it.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from pydicom import Dataset

from secondread.core.code import DCM, LN, Code
from secondread.core.errors import OutputError
from secondread.core.report import NOTICE, Read
from secondread.core.signature import SignedReport
from secondread.dicom import codes
from secondread.dicom.identity import discreet, first
from secondread.dicom.results import derived
from secondread.dicom.results.derived import MANUFACTURER
from secondread.dicom.results.measurement_groups import comment
from secondread.dicom.results.own_codes import declare_own_codes, nested
from secondread.dicom.results.signed_groups import Basis, group

SIGNED_SR = derived.Kind("signed structured report", derived.SR.sop_class_uid, "SR", 910)
# Source: DICOM PS3.16 CID 7001 Diagnostic Imaging Report Headings.
FINDINGS, IMPRESSIONS, ADDENDUM = (
    Code(LN, "59776-5", "Findings"),
    Code(LN, "19005-8", "Impressions"),
    Code(LN, "55107-7", "Addendum"),
)
PERSON_OBSERVER = Code(DCM, "121006", "Person")  # CID 270 Observer Type
NO_ORGANISATION = "not stated"  # Verifying Organization must have a value: DICOM PS3.3 C.17.2
_LANGUAGES = {"en": ("en", "English"), "ko": ("ko", "Korean")}


@discreet()
def build_signed_sr(signed: SignedReport, basis: Basis, uid: Callable[[str], str], now: datetime) -> Dataset:
    """The document.

    Args:
        signed: What a person signed.
        basis: What it rests on.
        uid: Purpose to UID, see :func:`secondread.dicom.uids.uid_source`; of a seed that no other document has.
        now: When it is made, with its zone.

    Raises:
        OutputError: If there is no image of the study, or it cannot be referred to.

    Source: DICOM PS3.3 A.35.13 (the IOD), C.17.2 (completion, verification, predecessors), PS3.16 TID 1500, TID 1003.
    """
    if not basis.images:
        raise OutputError("signed report: the study has no image to refer to. Bring its images back, then sign.")
    source = min(basis.images, key=lambda header: str(header.SOPInstanceUID))
    document = derived.derived(SIGNED_SR, _nobody(signed), None, source, uid, now)
    document.SeriesDescription = "Signed report" if not signed.number else f"Signed report, addendum {signed.number}"
    document.ManufacturerModelName, document.DeviceSerialNumber = MANUFACTURER, document.SoftwareVersions[0]
    document.SoftwareVersions = document.SoftwareVersions[0]
    document.CompletionFlag = "COMPLETE"
    document.PreliminaryFlag = "FINAL"
    document.VerificationFlag = "VERIFIED"  # by the person who is named; the only place that writes it
    document.VerifyingObserverSequence = [_verifying(signed, now)]
    document.PerformedProcedureCodeSequence = []
    document.ReferencedPerformedProcedureStepSequence = []
    if basis.predecessors:
        document.PredecessorDocumentsSequence = derived.evidence_by_study(basis.predecessors)
    document.CurrentRequestedProcedureEvidenceSequence = [derived.evidence([*basis.images, *basis.segmentations])]
    root = _tree(signed, basis, source, uid)
    for element in root:
        document.add(element)
    declare_own_codes(document, [root])
    return document


def _nobody(signed: SignedReport) -> Read:
    """A read without evidence, for what :func:`derived` asks of one: any image of the study may stand for all."""
    return replace(signed.draft.reads[0], evidence=None)


def _verifying(signed: SignedReport, now: datetime) -> Dataset:
    """Source: DICOM PS3.3 table C.17-2, Verifying Observer Sequence."""
    item = Dataset()
    item.VerifyingOrganization = (signed.signer.organisation or NO_ORGANISATION)[:64]
    item.VerificationDateTime = now.strftime("%Y%m%d%H%M%S.%f%z")
    item.VerifyingObserverName = person_name(signed.signer.name)
    item.VerifyingObserverIdentificationCodeSequence = []
    return item


def person_name(shown: str) -> str:
    r"""A name as it is shown, as DICOM writes names: in one component, without its delimiters.

    The caret at the end says that one component is meant. Source: DICOM PS3.5 section 6.2.1.2.

    >>> person_name("Kim, Minji^MD")
    'Kim, Minji MD^'
    """
    return " ".join(shown.replace("^", " ").replace("=", " ").replace("\\", " ").split())[:63] + "^"


def _tree(signed: SignedReport, basis: Basis, source: Dataset, uid: Callable[[str], str]) -> Dataset:
    from highdicom import sr

    person = sr.ObserverContext(
        observer_type=codes.concept(PERSON_OBSERVER),
        observer_identifying_attributes=sr.PersonObserverIdentifyingAttributes(
            name=person_name(signed.signer.name),
            login_name=signed.signer.login,
            organization_name=signed.signer.organisation or None,
        ),
    )
    groups = [group(signed, basis, held, n, uid) for n, held in enumerate(signed.held, start=1)]
    language = sr.CodedConcept(_LANGUAGES[signed.language][0], "RFC5646", _LANGUAGES[signed.language][1])
    report = sr.MeasurementReport(
        observation_context=sr.ObservationContext(observer_person_context=person),
        procedure_reported=codes.concept(codes.PROCEDURES.get(first(source, "Modality"), codes.ANY_PROCEDURE)),
        imaging_measurements=groups or [_placeholder(uid)],
        language_of_content_item_and_descendants=sr.LanguageOfContentItemAndDescendants(language),
    )
    root = report[0]
    parts = list(root.ContentSequence)  # the last holds the groups; without any, row 12 alone is enough for TID 1500
    root.ContentSequence = sr.ContentSequence([*(parts if groups else parts[:-1]), _whole(signed)])
    for item in nested(root):
        if "ContinuityOfContent" in item:
            item.ContinuityOfContent = "SEPARATE"
    return root


def _placeholder(uid: Callable[[str], str]) -> Any:
    """A group that is taken out again: highdicom makes no report without one."""
    from highdicom import sr

    return sr.MeasurementsAndQualitativeEvaluations(sr.TrackingIdentifier(uid=uid("no group"), identifier="none"))


def _whole(signed: SignedReport) -> Any:
    """The texts, who signed, and what the report says nothing about. Source: DICOM PS3.16 TID 1500 rows 12 to 14."""
    from highdicom import sr

    texts = [(FINDINGS, signed.findings_text), (IMPRESSIONS, signed.impression)]
    texts += [(ADDENDUM, f"{text}\n({name}, {at})") for name, at, text in signed.addenda]
    written = [sr.TextContentItem(codes.concept(name), text, "CONTAINS") for name, text in texts if text.strip()]
    sentences = [
        NOTICE.removeprefix("Draft. "),
        f"Signed by {signed.signer.name}, {signed.signed_at}.",
        f"Rejected answers of programs: {len(signed.rejected)}. They are no findings of this report.",
        f"Answers of programs without a decision: {len(signed.undecided)}. Nothing is said about them here.",
        *(derived.outcome_sentence(read) for read in signed.draft.concerned if not read.findings),
    ]
    name = sr.CodedConcept("C0034375", "UMLS", "Qualitative Evaluations")
    container = sr.ContainerContentItem(name, relationship_type="CONTAINS")
    container.ContentSequence = sr.ContentSequence([*written, *(comment(sentence) for sentence in sentences)])
    return container
