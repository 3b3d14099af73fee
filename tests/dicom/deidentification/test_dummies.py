import pytest
from pydicom.config import RAISE, settings
from pydicom.dataelem import DataElement
from pydicom.valuerep import VR

from secondread.dicom.deidentification.dummies import dummy


@pytest.mark.parametrize("vr", [vr for vr in VR if " or " not in vr and vr not in {"SQ", "UI"}])
def test_every_dummy_is_a_valid_value_of_its_type(vr, monkeypatch):
    monkeypatch.setattr(settings, "reading_validation_mode", RAISE)
    assert DataElement(0x00091001, vr, dummy(vr)).VM == 1
