"""What to do with an attribute of a data set that is to name nobody: the standard's table, and what we add to it."""

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Literal

from pydicom.tag import BaseTag

Dates = Literal["removed", "modified", "full"]
TEMPORAL = frozenset({"DA", "DT", "TM"})
FREE_TEXT = frozenset({"LT", "ST", "UT", "UR"})
CODED = frozenset({"CodingSchemeURL", "URNCodeValue", "CodingSchemeName", "CodingSchemeExternalID"})
# UIDs that name a scheme or an object definition, not a patient's object. Source: DICOM PS3.3 table 8.8-1.
PUBLIC_UIDS = frozenset({"CodingSchemeUID", "ContextUID", "MappingResourceUID", "ContextGroupExtensionCreatorUID"})
# Octets that draw or colour a picture. Other octets outside the table could hold anything.
OCTETS = frozenset({"PixelData", "ICCProfile", "WaveformData", "WaveformPaddingValue", "ChannelMinimumValue"})
# One line of text, and keywords that invite people to write into it what they like.
_LINES = frozenset({"LO", "SH", "UC"})
_DESCRIBES = re.compile("(Description|Comments?|Explanation|Notes|Text|Label|Detail|ProtocolName|RTImageName)$")
_FIXED = frozenset({"DimensionDescriptionLabel"})  # names of attributes, written by programs
# Not in the table, yet about a person, a place or one machine; the last ones may be kept with the device.
BEYOND: Mapping[str, tuple[str, bool]] = MappingProxyType(
    {
        "PatientBirthDateInAlternativeCalendar": ("X", False),
        "PatientDeathDateInAlternativeCalendar": ("X", False),
        "BreedRegistrationNumber": ("X", False),
        "ComponentWelderIDs": ("X", False),
        "HangingProtocolCreator": ("D", False),
        "HangingProtocolUserGroupName": ("X", False),
        "PlacerOrderNumberProcedure": ("X", False),
        "FillerOrderNumberProcedure": ("X", False),
        "PlacerOrderNumberImagingServiceRequestRetired": ("X", False),
        "FillerOrderNumberImagingServiceRequestRetired": ("X", False),
        "OwnerID": ("X", False),
        "CompressionOriginator": ("X", False),
        "ItineraryID": ("X", False),
        "BoardingPassID": ("X", False),
        "AssignedLocation": ("X", False),
        "ContactDisplayName": ("X", False),
        "EncryptedAttributesSequence": ("X", False),
        "TrackingID": ("D", False),
        "NTPSourceAddress": ("X", True),
        "DeviceID": ("X", True),
        "GridID": ("X", True),
        "RadiationMachineName": ("Z", True),
    }
)


class Action(StrEnum):
    """What is done with one attribute; the letters are the standard's, ``S`` is its C for dates."""

    REMOVE = "X"
    EMPTY = "Z"
    DUMMY = "D"
    UID = "U"
    KEEP = "K"
    CLEAN = "C"
    SHIFT = "S"


@dataclass(frozen=True, slots=True)
class Options:
    """What is kept beyond the basic profile.

    Attributes:
        dates: ``removed``, shifted by one offset per patient, or left in ``full``.
        descriptors: Descriptions are cleaned instead of removed.
        device: What names the machine is kept.
        characteristics: Age (90 at most), sex, size, weight and the like are kept.
        safe_private: Private elements known to be safe are kept.
        clean_pixels: Text in pictures is masked; without it, a picture that may hold text is not released.
    """

    dates: Dates = "removed"
    descriptors: bool = False
    device: bool = False
    characteristics: bool = False
    safe_private: bool = False
    clean_pixels: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table.

    Attributes:
        tag: ``gggg,eeee``, ``50xx,xxxx``, ``60xx,eeee`` or ``private``.
        name: As the standard prints it.
        basic: Action of the basic profile, e.g. ``X/Z``.
        cells: Column of an option to its letter, for cells that are not empty.
    """

    tag: str
    name: str
    basic: str
    cells: Mapping[str, str] = field(default_factory=dict)


@cache
def table() -> Mapping[str, Row]:
    """Every row of the table by its tag.

    Source: DICOM PS3.15 table E.1-1; the file says which edition and where it is from.

    >>> table()["0010,0010"].basic, table()["0008,0020"].cells
    ('Z', {'full_dates': 'K', 'modified_dates': 'C'})
    """
    text = (files("secondread.dicom.deidentification") / "confidentiality.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))
    return {
        row["tag"]: Row(
            row.pop("tag"), row.pop("name"), row.pop("basic"), {key: cell for key, cell in row.items() if cell}
        )
        for row in rows
    }


def row_of(tag: BaseTag) -> Row | None:
    """The row that speaks of a tag; the whole of groups 50xx and 60xx counts as curve and overlay.

    >>> row_of(BaseTag(0x60020010)).name, row_of(BaseTag(0x00280010))
    ('Overlay Data', None)
    """
    if tag.is_private:
        return table()["private"]
    if tag.group & 0xFF00 == 0x5000:
        return table()["50xx,xxxx"]
    if tag.group & 0xFF00 == 0x6000:
        return table()["60xx,3000"]
    return table().get(f"{tag.group:04x},{tag.element:04x}")


def decide(tag: BaseTag, keyword: str, vr: str, options: Options) -> Action:
    """The action for one public attribute.

    Where the standard leaves the choice to the attribute's type in the object (``X/Z``, ``X/D`` ...), the one that
    is valid whatever the type: an empty value, or a dummy. Dates follow the option for dates alone, also the few
    that another option would keep: a date kept beside shifted ones would give the offset away.

    Args:
        tag: The attribute.
        keyword: Its DICOM keyword.
        vr: Its value representation.
        options: What is kept.

    Source: DICOM PS3.15 E.1.1, E.2 and table E.1-1a (meaning of the letters), E.3 (options).
    """
    row = row_of(tag)
    if row is None:
        return _beyond(keyword, vr, options)
    for column in _columns(vr, options):
        match row.cells.get(column):
            case "K":
                return Action.SHIFT if column == "full_dates" else Action.KEEP
            case "C" if column == "modified_dates":
                return Action.SHIFT
            case "C" if column in {"descriptors", "patient"}:
                return Action.CLEAN
    return basic(row, vr)


def basic(row: Row, vr: str) -> Action:
    """The basic profile's action, one letter of what the row allows."""
    if row.basic == "X/Z/U*":
        return Action.UID
    letter = row.basic.rpartition("/")[2]
    return Action.UID if letter == "D" and vr == "UI" else Action(letter)


def _columns(vr: str, options: Options) -> list[str]:
    """Columns of the chosen options, the one that counts most first."""
    dates = {"modified": ["modified_dates"], "full": ["full_dates"], "removed": []}[options.dates]
    if vr in TEMPORAL:
        return dates
    chosen = [("device", options.device), ("patient", options.characteristics), ("descriptors", options.descriptors)]
    return [*dates, *(column for column, wanted in chosen if wanted)]


def _beyond(keyword: str, vr: str, options: Options) -> Action:
    """Attributes the table does not name are kept, but for those that can hold a name, a date or free text."""
    if keyword in BEYOND:
        letter, of_device = BEYOND[keyword]
        return Action.KEEP if of_device and options.device else Action(letter)
    if keyword in PUBLIC_UIDS | CODED | OCTETS:
        return Action.KEEP
    if vr in TEMPORAL:
        return Action.EMPTY if options.dates == "removed" else Action.SHIFT
    if vr in FREE_TEXT:
        return Action.CLEAN if options.descriptors else Action.REMOVE
    if vr in _LINES and keyword not in _FIXED and _DESCRIBES.search(keyword):
        return Action.CLEAN
    return {"UI": Action.UID, "PN": Action.EMPTY, "OB": Action.REMOVE, "UN": Action.REMOVE}.get(vr, Action.KEEP)
