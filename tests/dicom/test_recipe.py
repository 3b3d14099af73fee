"""Headers to recipes."""

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.pixels import apply_modality_lut, apply_voi_lut
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian, JPEG2000Lossless

from dicom_factory import shared
from secondread.core.errors import FormatError
from secondread.dicom.grey import Bits, Lookup, Rescale, grey
from secondread.dicom.recipe import bits_of, modality_of, padding_of, recipe_of
from secondread.dicom.voi import Window


def header(**elements):
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    defaults = {"BitsAllocated": 16, "BitsStored": 12, "HighBit": 11, "PixelRepresentation": 0}
    for keyword, value in {**defaults, "PhotometricInterpretation": "MONOCHROME2", **elements}.items():
        setattr(dataset, keyword, value)
    return dataset


def table(descriptor, data, vr="US"):
    item = Dataset()
    item.add_new("LUTDescriptor", "US", descriptor)
    item.add_new("LUTData", vr, data)
    return Sequence([item])


@pytest.mark.parametrize(
    ("elements", "inverted"),
    [
        ({}, False),
        ({"PresentationLUTShape": "IDENTITY"}, False),
        ({"PhotometricInterpretation": "MONOCHROME1"}, True),
        ({"PresentationLUTShape": "INVERSE"}, True),
        ({"PhotometricInterpretation": "MONOCHROME1", "PresentationLUTShape": "INVERSE"}, True),
    ],
)
def test_a_picture_is_inverted_once_however_often_the_header_says_so(elements, inverted):
    assert recipe_of(header(**elements), "x").inverted is inverted


@pytest.mark.parametrize(
    ("elements", "voi"),
    [
        ({}, None),
        ({"WindowCenter": "40", "WindowWidth": "80"}, Window(40, 80)),
        ({"WindowCenter": ["40", "50"], "WindowWidth": ["80", "90"]}, Window(40, 80)),
        ({"WindowCenter": "40", "WindowWidth": "80", "VOILUTFunction": "SIGMOID"}, Window(40, 80, "SIGMOID")),
        ({"WindowCenter": "40", "WindowWidth": "0"}, None),
        ({"WindowCenter": "40", "WindowWidth": "0.5"}, None),
        ({"WindowCenter": "40", "WindowWidth": "0.5", "VOILUTFunction": "SIGMOID"}, Window(40, 0.5, "SIGMOID")),
        ({"WindowCenter": "40"}, None),
        ({"WindowCenter": "40", "WindowWidth": "80", "VOILUTFunction": "HOUSE STYLE"}, None),
    ],
)
def test_the_first_window_counts_if_it_can_be_applied(elements, voi):
    assert recipe_of(header(**elements), "x").voi == voi


def test_a_voi_table_goes_before_a_window_and_spans_black_to_white():
    found = recipe_of(header(VOILUTSequence=table([3, 5, 8], [0, 51, 255]), WindowCenter="1", WindowWidth="2"), "x").voi
    assert isinstance(found, Lookup)
    assert (found.first, found.entries.tolist()) == (5, [0, 0.2, 1])


def test_a_modality_table_goes_before_slope_and_intercept():
    found = modality_of(header(ModalityLUTSequence=table([2, 0, 16], [7, 9]), RescaleSlope="3"), "x")
    assert isinstance(found, Lookup)
    assert found.entries.tolist() == [7, 9]
    assert modality_of(header(RescaleSlope="3", RescaleIntercept="-4"), "x") == Rescale(3, -4)
    assert modality_of(header(), "x") == Rescale(1, 0)


@pytest.mark.parametrize(
    ("data", "vr"), [(bytes([1, 0, 2, 0, 3, 0]), "OW"), (bytes([1, 2, 3, 0]), "OW"), ([1, 2, 3], "US")]
)
def test_table_entries_are_read_as_words_as_packed_bytes_and_as_numbers(data, vr):
    assert modality_of(header(ModalityLUTSequence=table([3, 0, 8], data, vr)), "x").entries.tolist() == [1, 2, 3]


def test_a_table_for_signed_values_may_start_below_zero():
    found = modality_of(header(PixelRepresentation=1, ModalityLUTSequence=table([2, 0xFFFE, 16], [7, 9])), "x")
    assert found.first == -2


def test_a_table_length_of_zero_means_65536():
    found = modality_of(header(ModalityLUTSequence=table([0, 0, 16], bytes(2**17), "OW")), "x")
    assert len(found.entries) == 65536


@pytest.mark.parametrize("sequence", [table([3, 0, 16], [1, 2]), table([3, 0, 40], [1, 2, 3]), table([3, 0], [1, 2])])
def test_a_damaged_table_is_refused(sequence):
    with pytest.raises(FormatError, match="lookup table"):
        modality_of(header(ModalityLUTSequence=sequence), "x")


def test_a_slope_of_zero_is_refused():
    with pytest.raises(FormatError, match="slope is 0"):
        modality_of(header(RescaleSlope="0"), "x")


@pytest.mark.parametrize(
    ("elements", "padding"),
    [
        ({}, None),
        ({"PixelPaddingValue": 7}, (7, 7)),
        ({"PixelPaddingValue": 9, "PixelPaddingRangeLimit": 3}, (3, 9)),
        ({"PixelPaddingValue": 63536, "PixelRepresentation": 1}, (-2000, -2000)),
    ],
)
def test_padding_is_a_stored_value_whatever_sign_it_was_written_with(elements, padding):
    assert padding_of(header(**elements)) == padding


def test_bits_lie_where_the_header_says_except_where_a_decoder_has_moved_them():
    assert bits_of(header(HighBit=15), "x") == Bits(12, 15, signed=False)
    compressed = header(HighBit=15, PixelRepresentation=1)
    compressed.file_meta.TransferSyntaxUID = JPEG2000Lossless
    assert bits_of(compressed, "x") == Bits(12, 11, signed=True)


@pytest.mark.parametrize("elements", [{"BitsStored": 17}, {"BitsStored": 0}, {"HighBit": 16}, {"HighBit": 3}])
def test_bits_that_do_not_fit_are_refused(elements):
    with pytest.raises(FormatError, match="cannot be"):
        bits_of(header(**elements), "x")


@pytest.mark.parametrize("name", ["mlut_18.dcm", "vlut_04.dcm"])
def test_tables_of_real_files_are_applied_as_pydicom_applies_them(name):
    dataset = dcmread(shared("pydicom-data", "data_store", "data", name))
    stored = dataset.pixel_array
    witness = apply_voi_lut(apply_modality_lut(stored, dataset), dataset).astype(float)
    recipe = recipe_of(dataset, name)
    shown, _ = grey(stored, recipe)
    if recipe.voi is None:
        low, high = np.percentile(witness, [0.5, 99.5])
        witness = np.clip((witness - low) / (high - low), 0, 1)
    else:
        witness = witness / 65535
    assert np.allclose(shown, witness, atol=1e-6)


def test_a_real_ct_slice_is_windowed_as_pydicom_windows_it():
    dataset = dcmread(get_testdata_file("CT_small.dcm", download=False))
    dataset.WindowCenter, dataset.WindowWidth = "40", "400"
    hu = apply_modality_lut(dataset.pixel_array, dataset)
    witness = apply_voi_lut(hu, dataset)
    shown, _ = grey(dataset.pixel_array, recipe_of(dataset, "x"))
    assert np.allclose(shown, (witness - witness.min()) / (witness.max() - witness.min()), atol=1e-6)
