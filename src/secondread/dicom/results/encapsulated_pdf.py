"""A report for people as a PDF inside a DICOM object, so that an archive keeps it with the study."""

from collections.abc import Callable
from datetime import datetime

from pydicom import Dataset

from secondread.core.card import ModelCard
from secondread.core.report import Read
from secondread.dicom import codes
from secondread.dicom.identity import discreet
from secondread.dicom.results import derived

LARGEST = 2**32 - 4  # a value with an even length that 32 bits can hold. Source: DICOM PS3.5 section 7.1.2.


@discreet()
def build_encapsulated_pdf(
    pdf: bytes,
    read: Read,
    card: ModelCard | None,
    source: Dataset,
    uid: Callable[[str], str],
    now: datetime,
    *,
    title: str = "",
) -> Dataset:
    """Wrap a PDF file, byte for byte.

    The length of the file is told beside it, so that the byte which makes the value even can be taken off again.
    Burned In Annotation is YES: a report may name the patient.

    Args:
        pdf: A whole PDF file.
        read: The answer it reports, of any outcome.
        card: Card of the bundle that answered, or None.
        source: Header of the image it is about.
        uid: Purpose to UID, see :func:`secondread.dicom.uids.uid_source`.
        now: When the object is made, with its zone.
        title: Document title; by default one that names the algorithm and says that it is a draft.

    Returns:
        A data set without file meta information; :func:`secondread.dicom.write.save` adds that.

    Raises:
        OutputError: If the source cannot be referred to, or is not the image that was read.
        ValueError: If ``pdf`` is no whole PDF file.

    Source: DICOM PS3.3 A.45.1 (the IOD), C.24.2 Encapsulated Document, C.8.6.1 SC Equipment.
    """
    if not pdf.startswith(b"%PDF-") or b"%%EOF" not in pdf[-1024:] or len(pdf) > LARGEST:
        raise ValueError(f"needed a whole PDF file, from %PDF- to %%EOF; found {len(pdf)} bytes that are none")
    document = derived.derived(derived.PDF, read, card, source, uid, now)
    author = derived.algorithm(read, card)
    document.ConversionType = "WSD"
    document.AcquisitionDateTime = ""
    document.BurnedInAnnotation = "YES"
    document.SourceInstanceSequence = [derived.reference(source, whole=True)]
    document.DocumentTitle = (title or f"AI report of {author.name} {author.version}: draft, not for diagnosis")[:1024]
    document.ConceptNameCodeSequence = [codes.item(codes.IMAGING_REPORT)]
    document.VerificationFlag = "UNVERIFIED"  # never anything else: a person who signs makes a new document
    document.MIMETypeOfEncapsulatedDocument = "application/pdf"
    document.EncapsulatedDocumentLength = len(pdf)
    document.EncapsulatedDocument = pdf + b"\0" * (len(pdf) % 2)
    return document
