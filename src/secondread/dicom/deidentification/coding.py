"""Codes of a published scheme, whose words are its own, and codes of a house, whose words are free text."""

from pydicom import Dataset

from secondread.dicom.header import text

# Source: DICOM PS3.16 table 8-1, the schemes whose meanings are published; whoever is not here counts as a house's own.
PUBLISHED = frozenset(
    {
        "BARI", "BI", "DCM", "DCMUID", "FMA", "I10", "I9", "I9C", "ISO3166_1", "ISO639_1", "ITIS_TSN", "LN", "MA",
        "MDC", "MSH", "NCIt", "NEU", "NYUMCCG", "RADELEMENT", "RADLEX", "RFC3066", "RFC5646", "SCT", "SNM3", "SRT",
        "UBERON", "UCUM", "UMLS", "UNS",
    }
)  # fmt: skip
_WORDS = frozenset({"CodeMeaning", "CodingSchemeName", "CodingSchemeURL", "CodingSchemeExternalID", "URNCodeValue"})


def is_local(item: Dataset, keyword: str) -> bool:
    """Whether ``keyword`` holds the words of a scheme that is a house's own, so that they can say anything.

    >>> item = Dataset()
    >>> item.CodingSchemeDesignator = "99CLINIC"
    >>> is_local(item, "CodeMeaning"), is_local(item, "CodeValue")
    (True, False)
    """
    return keyword in _WORDS and text(item, "CodingSchemeDesignator") not in PUBLISHED
