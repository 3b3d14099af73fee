"""The page of pitfalls names a test for each, and each test that it names exists."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "reference" / "dicom-pitfalls.md"
PITFALLS = (
    "RescaleSlope/Intercept",
    "PixelRepresentation",
    "MONOCHROME1",
    "VOI LUT",
    "PresentationIntentType FOR PROCESSING",
    "PixelPaddingValue / RangeLimit",
    "Photometric",
    "PlanarConfiguration",
    'Colour CXR/CT "secondary capture"',
    "Multi-frame",
    "Slice order",
    "Orientation",
    "Slice spacing",
    "Missing slices",
    "Duplicated slices",
    "Variable spacing",
    "Gantry tilt",
    "Localizer etc.",
    "CXR view",
    "CXR orientation",
    "Laterality",
    "PixelSpacing vs ImagerPixelSpacing",
    "Ultrasound",
    "Burned-in annotation",
    "RecognizableVisualFeatures",
    "Character sets",
    "PN comparison",
    "Private tags",
    "Wrong VR / values",
    "Files",
    "Compressed",
    "Age / sex",
    "UIDs",
    "Time zones",
    "Overlays",
)


def rows() -> list[list[str]]:
    lines = re.findall(r"^\| (?!---|pitfall )(.*) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    return [line.split(" | ") for line in lines if not line.startswith("---")]


@cache
def functions_in(file: str) -> frozenset[str]:
    """Names of the test functions in a file of the repository."""
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


def test_every_pitfall_has_its_row_in_order():
    assert tuple(title for title, *_ in rows()) == PITFALLS
    assert len(PITFALLS) == 35


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0])
def test_a_pitfall_says_what_is_done_and_names_tests_that_exist(row):
    _, done, proof = row
    named = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", proof)
    assert done.endswith(".")
    assert named
    assert re.sub(r"`[^`]*`| ", "", proof) == ""
    assert len(named) == proof.count("`") / 2
    assert [name for file, name in named if name not in functions_in(file)] == []


def test_no_proof_is_skipped_without_need():
    """A test that is skipped everywhere proves nothing: those named carry no unconditional skip."""
    for *_, proof in rows():
        for file, name in re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", proof):
            [node] = [
                n for n in ast.parse((ROOT / file).read_text(encoding="utf-8")).body if getattr(n, "name", "") == name
            ]
            assert "pytest.mark.skip(" not in "".join(map(ast.unparse, node.decorator_list))
            assert "xfail" not in "".join(map(ast.unparse, node.decorator_list))
