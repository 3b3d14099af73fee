"""Values that say nothing, one for each value representation."""

from collections.abc import Mapping
from types import MappingProxyType

# As short as the type allows, and the same for everybody. Source: DICOM PS3.5 table 6.2-1 (forms).
_TEXT = "REMOVED"
_DUMMIES: Mapping[str, str | int | float | bytes] = MappingProxyType(
    {
        "AS": "000Y",
        "DA": "19000101",
        "DT": "19000101000000",
        "TM": "000000",
        "DS": "0",
        "IS": "0",
        "AT": 0,
        **dict.fromkeys(("FL", "FD"), 0.0),
        **dict.fromkeys(("US", "SS", "UL", "SL", "UV", "SV"), 0),
        **dict.fromkeys(("OB", "OW", "UN"), b"\0\0"),
        **dict.fromkeys(("OL", "OF"), b"\0" * 4),
        **dict.fromkeys(("OV", "OD"), b"\0" * 8),
        "UR": "urn:removed",
    }
)


def dummy(vr: str) -> str | int | float | bytes:
    """A valid value of ``vr`` that came from nobody.

    >>> dummy("PN"), dummy("DA"), dummy("US")
    ('REMOVED', '19000101', 0)
    """
    return _DUMMIES.get(vr, _TEXT)
