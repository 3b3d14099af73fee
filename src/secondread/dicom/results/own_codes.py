"""What our private coding scheme is, said in every object that uses it."""

from collections.abc import Iterable, Iterator

from pydicom import Dataset

from secondread.core.code import LOCAL
from secondread.core.version import __version__
from secondread.dicom.results.derived import MANUFACTURER


def declare_own_codes(result: Dataset, parts: Iterable[Dataset]) -> None:
    """Describe our coding scheme in ``result`` if one of its parts holds a code of it.

    Source: DICOM PS3.3 C.12.1.1.7.
    """
    if not any(item.get("CodingSchemeDesignator") == LOCAL for part in parts for item in nested(part)):
        return
    scheme = Dataset()
    scheme.CodingSchemeDesignator = LOCAL
    scheme.CodingSchemeName = "Codes of secondread for what has no published code"
    scheme.CodingSchemeVersion = __version__
    scheme.CodingSchemeResponsibleOrganization = MANUFACTURER
    result.CodingSchemeIdentificationSequence = [scheme]


def nested(item: Dataset) -> Iterator[Dataset]:
    """The item and everything below it."""
    yield item
    for element in item:
        if element.VR == "SQ":
            for child in element.value:
                yield from nested(child)
