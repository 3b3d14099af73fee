"""The mammograms a CAD report is about: side, view and date of each."""

from collections.abc import Sequence

from pydicom import Dataset
from pydicom.sr.coding import Code as Coded

from secondread.core.code import SCT
from secondread.dicom import codes
from secondread.dicom.identity import first, identity
from secondread.dicom.results import derived
from secondread.dicom.results.content import child, code, container, date

IMAGES = (1, 2)  # position of the library in the tree: the second item below the root


def library(sources: Sequence[Dataset]) -> Dataset:
    """The image library. Source: DICOM PS3.16 TID 4000 row 3, TID 4020."""
    return container("CONTAINS", codes.IMAGE_LIBRARY, [_entry(source) for source in sources])


def _entry(source: Dataset) -> Dataset:
    """One image with what its header says of it; what it does not say is left out."""
    context = "HAS ACQ CONTEXT"
    described = []
    if (side := first(source, "ImageLaterality") or first(source, "Laterality")) in codes.SIDES_OF_BREAST:
        described.append(code(context, codes.IMAGE_LATERALITY, codes.SIDES_OF_BREAST[side]))
    if (view := _view(source)) is not None:
        described.append(view)
    if day := identity(source).StudyDate:
        described.append(date(context, codes.STUDY_DATE, day))
    image = child("CONTAINS", "IMAGE", None, described)
    image.ReferencedSOPSequence = [derived.reference(source)]
    return image


def _view(source: Dataset) -> Dataset | None:
    """The view as the header codes it, or from View Position; with its modifiers. Source: PS3.3 C.8.11.7 (MG)."""
    stated = [item for item in source.get("ViewCodeSequence") or [] if _is_code(item)]
    known = codes.MAMMOGRAPHY_VIEWS.get(first(source, "ViewPosition").upper())
    if not stated and known is None:
        return None
    if not stated:
        return None if known is None else code("HAS ACQ CONTEXT", codes.IMAGE_VIEW, known)
    item = child("HAS ACQ CONTEXT", "CODE", codes.IMAGE_VIEW)
    item.ConceptCodeSequence = [_current(stated[0])]
    modifiers = [one for one in stated[0].get("ViewModifierCodeSequence") or [] if _is_code(one)]
    if modifiers:
        item.ContentSequence = [_modifier(one) for one in modifiers]
    return item


def _modifier(stated: Dataset) -> Dataset:
    item = child("HAS CONCEPT MOD", "CODE", codes.IMAGE_VIEW_MODIFIER)
    item.ConceptCodeSequence = [_current(stated)]
    return item


def _current(stated: Dataset) -> Dataset:
    """The header's own code; the two usual views also from the retired SRT codes, in their current ones."""
    for view in codes.MAMMOGRAPHY_VIEWS.values():
        if Coded(first(stated, "CodeValue"), first(stated, "CodingSchemeDesignator"), "") == Coded(view.value, SCT, ""):
            return codes.item(view)
    item = Dataset()
    for keyword in ("CodeValue", "CodingSchemeDesignator", "CodingSchemeVersion", "CodeMeaning"):
        if value := first(stated, keyword):
            setattr(item, keyword, value)
    return item


def _is_code(item: Dataset) -> bool:
    return all(first(item, keyword) for keyword in ("CodeValue", "CodingSchemeDesignator", "CodeMeaning"))
