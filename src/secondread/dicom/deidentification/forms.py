"""What values of a type look like: a number or a UID that does not look like one may be anybody's name."""

import re
from collections.abc import Iterable
from types import MappingProxyType

from pydicom import DataElement
from pydicom.datadict import dictionary_VM, dictionary_VR

TEXT = frozenset({"AE", "AS", "CS", "LO", "LT", "PN", "SH", "ST", "UC", "UR", "UT"})
_NUMBERS = frozenset({"US", "SS", "UL", "SL", "UV", "SV", "FL", "FD"})
# Types that stand in for each other in careless files. Octets of any kind fit no type but their own.
_FAMILIES = (TEXT, frozenset({"DS", "IS"}), frozenset({"DA", "DT", "TM"}), _NUMBERS)
# Source: DICOM PS3.5 table 6.2-1 (characters), without its limits of length, which harmless files break; for codes
# also without its limit to upper case.
_FORMS = MappingProxyType(
    {
        "DS": re.compile(r" *[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)? *"),
        "IS": re.compile(r" *[+-]?\d+(\.0*)? *"),
        "UI": re.compile(r"[\d.]{1,64}"),
        "AS": re.compile(r"\d{3}[DWMY]"),
        "CS": re.compile(r"[\w .,:+*/()&-]{1,32}"),
    }
)


def has_form(values: Iterable[str], vr: str) -> bool:
    """Whether all values look like their type; types that are not checked always do.

    >>> has_form(["1.5e-3", "2"], "DS"), has_form(["1", "Kim"], "IS"), has_form(["Kim"], "LO")
    (True, False, True)
    """
    form = _FORMS.get(vr)
    return form is None or all(not value or form.fullmatch(value) for value in values)


def meant_vr(element: DataElement) -> str:
    """The type that an element is to be judged by: its own if the dictionary allows it, else the dictionary's.

    ``""`` when the two have nothing in common, or when there are more numbers than the dictionary allows: octets, or
    text where numbers belong, could be anything.

    Source: DICOM PS3.6 section 6 (types and multiplicities).

    >>> from pydicom import DataElement
    >>> meant_vr(DataElement("PatientComments", "LO", "")), meant_vr(DataElement("Rows", "OW", b"Kim"))
    ('LT', '')
    """
    allowed = dictionary_VR(element.tag).split(" or ")
    if element.VR in _NUMBERS | {"AT"} and _most(dictionary_VM(element.tag)) < element.VM:
        return ""
    if element.VR in allowed:
        return str(element.VR)
    related = any(element.VR in family and not family.isdisjoint(allowed) for family in _FAMILIES)
    return allowed[0] if related else ""


def _most(multiplicity: str) -> float:
    """The most values that ``1``, ``1-3``, ``9 or 16`` or ``2-2n`` allow."""
    return float("inf") if "n" in multiplicity else max(map(int, re.findall(r"\d+", multiplicity)))
