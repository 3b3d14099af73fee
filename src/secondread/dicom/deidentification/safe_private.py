"""Private elements that hold numbers of the acquisition and nobody's name."""

from collections.abc import Mapping
from types import MappingProxyType

from pydicom import DataElement, Dataset
from pydicom.datadict import private_dictionary_VR
from pydicom.tag import BaseTag, Tag

from secondread.dicom.deidentification.forms import has_form
from secondread.dicom.header import DAMAGED

# Source: DICOM PS3.15 table E.3.10-1: its elements of CT, MR and PET that are numbers by pydicom's private dictionary.
# Creator to (group, last two digits of the element).
SAFE: Mapping[str, frozenset[tuple[int, int]]] = MappingProxyType(
    {
        "Philips PET Private Group": frozenset({(0x7053, 0x00), (0x7053, 0x09)}),
        "Philips Imaging DD 001": frozenset({(0x2001, 0x03)}),
        "Philips MR Imaging DD 001": frozenset({(0x2005, 0x0D), (0x2005, 0x0E)}),
        "SIEMENS MR HEADER": frozenset({(0x0019, 0x0C), (0x0019, 0x0E), (0x0019, 0x27)}),
        "ELSCINT1": frozenset({(0x00E1, 0x21), (0x01F1, 0x07), (0x01F1, 0x26), (0x01F1, 0x27)}),
        "GEMS_ACQU_01": frozenset({(0x0019, 0x23), (0x0019, 0x24), (0x0019, 0x27)}),
        "GEMS_SERS_01": frozenset({(0x0025, 0x07)}),
        "GEMS_PARM_01": frozenset({(0x0043, 0x39), (0x0043, 0x6F)}),
        "GEMS_HELIOS_01": frozenset({(0x0045, 0x01), (0x0045, 0x02)}),
    }
)
# As these they can hold numbers only.
_NUMBERS = frozenset({"DS", "IS", "FL", "FD", "US", "SS", "UL", "SL"})


def safe_elements(dataset: Dataset) -> list[DataElement]:
    """The safe private elements of a data set, each with the element that reserves its block.

    An element whose creator is missing, or that is not a number where it should be one, is not safe.
    """
    found: dict[BaseTag, DataElement] = {}
    for tag in (tag for tag in list(dataset.keys()) if tag.is_private and tag.element > 0xFF):
        creator_tag = Tag(tag.group, tag.element >> 8)
        try:
            creator = str(dataset[creator_tag].value).strip()
            element = dataset[tag]
        except DAMAGED:
            continue
        if (tag.group, tag.element & 0xFF) in SAFE.get(creator, ()) and _is_number(element, creator):
            found[creator_tag] = DataElement(creator_tag, "LO", creator)
            found[tag] = element
    return list(found.values())


def _is_number(element: DataElement, creator: str) -> bool:
    try:
        expected = private_dictionary_VR(element.tag, creator)
    except KeyError:
        expected = element.VR
    values = [element.value] if element.VM == 1 else element.value or ()
    return element.VR in _NUMBERS and expected in _NUMBERS and has_form(map(str, values), element.VR)
