"""Items of an SR content tree, for templates that highdicom does not build.

Source: DICOM PS3.3 C.17.3 SR Document Content, C.18 (the value types).
"""

from collections.abc import Sequence

from pydicom import Dataset

from secondread.core.code import Code
from secondread.dicom import codes


def child(relationship: str, value_type: str, name: Code | None, children: Sequence[Dataset] = ()) -> Dataset:
    """An item of any type, still without its value; ``""`` is the relationship of a root, None an absent name."""
    item = Dataset()
    if relationship:
        item.RelationshipType = relationship
    item.ValueType = value_type
    if name is not None:
        item.ConceptNameCodeSequence = [codes.item(name)]
    if children:
        item.ContentSequence = list(children)
    return item


def container(relationship: str, name: Code, children: Sequence[Dataset]) -> Dataset:
    """A heading with what stands below it."""
    item = child(relationship, "CONTAINER", name, children)
    item.ContinuityOfContent = "SEPARATE"
    return item


def code(relationship: str, name: Code, value: Code, children: Sequence[Dataset] = ()) -> Dataset:
    """A coded answer."""
    item = child(relationship, "CODE", name, children)
    item.ConceptCodeSequence = [codes.item(value)]
    return item


def text(relationship: str, name: Code, value: str) -> Dataset:
    """Words."""
    item = child(relationship, "TEXT", name)
    item.TextValue = value
    return item


def date(relationship: str, name: Code, value: str) -> Dataset:
    """A date, YYYYMMDD."""
    item = child(relationship, "DATE", name)
    item.Date = value
    return item


def number(relationship: str, name: Code, value: float, unit: str, meaning: str) -> Dataset:
    """A number with its UCUM unit."""
    measured, units = Dataset(), Dataset()
    units.CodeValue, units.CodingSchemeDesignator, units.CodeMeaning = unit, "UCUM", meaning
    measured.NumericValue, measured.MeasurementUnitsCodeSequence = f"{value:.10g}", [units]
    item = child(relationship, "NUM", name)
    item.MeasuredValueSequence = [measured]
    return item


def region(relationship: str, name: Code, kind: str, points: list[float], image: Dataset) -> Dataset:
    """A place: column, row, column, row ...; (0, 0) is the corner of the first pixel. Source: PS3.3 C.18.6."""
    item = child(relationship, "SCOORD", name, [image])
    item.GraphicType, item.GraphicData = kind, points
    return item


def refer(relationship: str, position: tuple[int, ...]) -> Dataset:
    """Another item of the same tree, by its position; the root is (1,). Source: DICOM PS3.3 C.17.3.2.5."""
    item = Dataset()
    item.RelationshipType = relationship
    item.ReferencedContentItemIdentifier = list(position)
    return item
