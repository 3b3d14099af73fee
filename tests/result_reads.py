"""The other result objects of a read, with a mammogram among the sources."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from pydicom import Dataset

import dicom_factory
import fakes
from dicom_reads import NOW, PNEUMONIA, SHAPE, box, read
from secondread.core.code import Code
from secondread.core.finding import Finding
from secondread.core.mask import Mask
from secondread.core.report import Outcome, Read
from secondread.dicom import codes
from secondread.dicom.identity import discreet
from secondread.dicom.results.encapsulated_pdf import build_encapsulated_pdf
from secondread.dicom.results.key_objects import build_key_objects
from secondread.dicom.results.mammography_cad import build_mammography_cad
from secondread.dicom.results.presentation import build_presentation
from secondread.dicom.uids import uid_source
from secondread.dicom.write import read_header

PDF = b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"
MASS, CLUSTER = codes.MAMMOGRAPHIC_MASS, codes.CALCIFICATION_CLUSTER
KOREAN = {"SpecificCharacterSet": ["", "ISO 2022 IR 149"], "PatientName": "Hong^Gildong=洪^吉洞=홍^길동"}


def presentation(header: Dataset, one: Read, seed: str = "a", **options: Any) -> Dataset | None:
    return build_presentation(one, fakes.card(), header, uid_source(seed), NOW, **options)


def key_objects(headers: Sequence[Dataset], one: Read, seed: str = "a") -> Dataset | None:
    return build_key_objects(one, fakes.card() if one.findings else None, headers, uid_source(seed), NOW)


def encapsulated(header: Dataset, one: Read, pdf: bytes = PDF, seed: str = "a", **options: Any) -> Dataset:
    card = fakes.card() if one.findings else None
    return build_encapsulated_pdf(pdf, one, card, header, uid_source(seed), NOW, **options)


def cad(headers: Sequence[Dataset], one: Read, seed: str = "a", **options: Any) -> Dataset:
    card = fakes.card() if one.findings else None
    looked_for = {"looked_for": (MASS, CLUSTER)} | options
    return build_mammography_cad(one, card, headers, uid_source(seed), NOW, **looked_for)


def mammogram(folder: Path, name: str = "mammogram.dcm", **tags: Any) -> Dataset:
    """Header of a synthetic mammogram."""
    with discreet():
        return read_header(dicom_factory.mammogram(folder / name, **tags))


def masked(*boxes: tuple[int, int, int, int], code: Code = PNEUMONIA, shape: tuple[int, int] = SHAPE) -> Mask:
    """A mask of boxes (top, bottom, left, right), the ends outside."""
    inside = np.zeros(shape, np.bool_)
    for top, bottom, left, right in boxes:
        inside[top:bottom, left:right] = True
    return Mask(inside, None, code)


def breast(outcome: Outcome = Outcome.FOUND, code: Code = MASS, **changes: Any) -> Read:
    """A read of a mammogram that ended so; one finding where it answered."""
    one = replace(read(outcome), reader="breast-mass", question="Is there a mass?", warnings=())
    if not one.findings:
        return one
    probability = {Outcome.FOUND: 0.875, Outcome.UNDECIDED: 0.625}.get(outcome, 0.125)
    unsure = (0.375, 0.75) if outcome is Outcome.UNDECIDED else None
    return replace(one, findings=(Finding(code, probability, 0.5, **({"map": box(), "undecided": unsure} | changes)),))
