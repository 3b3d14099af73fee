"""Whose words a code has."""

import pytest
from pydicom.dataset import Dataset

from secondread.dicom.deidentification.coding import is_local


@pytest.mark.parametrize(
    ("scheme", "local"), [("DCM", False), ("SCT", False), ("LOCAL", True), ("99CLINIC", True), ("", True)]
)
def test_only_words_of_published_schemes_are_their_own(scheme, local):
    item = Dataset()
    item.CodingSchemeDesignator = scheme
    assert is_local(item, "CodeMeaning") is local
    assert is_local(item, "CodingSchemeName") is local
    assert not is_local(item, "CodeValue")
