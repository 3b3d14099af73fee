from pydicom import Dataset

from secondread.core.code import DCM, LOCAL, Code
from secondread.dicom import codes
from secondread.dicom.results.own_codes import declare_own_codes, nested


def holding(code: Code) -> Dataset:
    inner, outer = Dataset(), Dataset()
    inner.ConceptNameCodeSequence = [codes.concept(code)]
    outer.ContentSequence = [inner]
    return outer


def test_our_scheme_is_declared_where_it_is_used_however_deep_and_only_there():
    ours, theirs = Dataset(), Dataset()
    declare_own_codes(ours, [holding(Code(LOCAL, "a", "A"))])
    declare_own_codes(theirs, [holding(Code(DCM, "111030", "Image Region"))])
    assert [item.CodingSchemeDesignator for item in ours.CodingSchemeIdentificationSequence] == [LOCAL]
    assert "CodingSchemeIdentificationSequence" not in theirs


def test_everything_below_an_item_is_found():
    assert len(list(nested(holding(Code(LOCAL, "a", "A"))))) == 3
