import pytest
from pydicom.dataset import Dataset

from released import SENTINEL, cleaned, ct, through_bytes
from secondread.dicom.deidentification.confidentiality import Options
from secondread.dicom.deidentification.safe_private import SAFE, safe_elements

KEPT = Options(safe_private=True)


def pet(creator="Philips PET Private Group", vr="DS", value="0.000276"):
    source = ct(Modality="PT")
    block = source.private_block(0x7053, creator, create=True)
    block.add_new(0x00, vr, value)
    block.add_new(0x01, "LO", SENTINEL)
    return source


def private(dataset):
    return {tag: dataset[tag].value for tag in dataset.keys() if tag.is_private}  # noqa: SIM118 - tags, not elements


def test_the_factor_that_a_pet_cannot_be_measured_without_is_kept_with_its_creator():
    assert private(cleaned(pet(), KEPT)) == {0x70530010: "Philips PET Private Group", 0x70531000: 0.000276}


def test_without_the_option_nothing_private_is_kept():
    assert private(cleaned(pet())) == {}


@pytest.mark.parametrize(
    "source",
    [pet(creator=SENTINEL), pet(vr="LO", value=SENTINEL), pet(vr="UN", value=SENTINEL.encode())],
    ids=["another creator", "text", "unknown type"],
)
def test_what_is_not_the_safe_number_goes(source):
    assert private(cleaned(through_bytes(source), KEPT)) == {}


def test_an_element_without_its_creator_is_not_safe():
    source = Dataset()
    source.add_new(0x70531000, "DS", "1")
    assert safe_elements(source) == []


def test_a_block_may_lie_anywhere():
    source = ct()
    source.add_new(0x705300E0, "LO", "Philips PET Private Group")
    source.add_new(0x7053E009, "DS", "2")
    assert private(cleaned(source, KEPT)) == {0x705300E0: "Philips PET Private Group", 0x7053E009: 2.0}


def test_only_private_groups_are_listed():
    assert all(group % 2 == 1 and 0 <= element <= 0xFF for pairs in SAFE.values() for group, element in pairs)
