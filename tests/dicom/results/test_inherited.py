"""Lost quality is never forgotten."""

import pytest
from pydicom import Dataset
from pydicom.dataset import FileMetaDataset
from pydicom.uid import JPEGBaseline8Bit

from secondread.dicom.results.inherited import copy_loss


def source(stated=None, ratio=None, syntax=None):
    made = Dataset()
    if stated is not None:
        made.LossyImageCompression = stated
    if ratio is not None:
        made.LossyImageCompressionRatio, made.LossyImageCompressionMethod = ratio, "ISO_10918_1"
    if syntax is not None:
        made.file_meta = FileMetaDataset()
        made.file_meta.TransferSyntaxUID = syntax
    return made


@pytest.mark.parametrize(
    ("sources", "otherwise", "told"),
    [
        ([source()], "", None),
        ([source()], "00", "00"),
        ([source("00")], "", "00"),
        ([source("00"), source("01")], "00", "01"),
        ([source("00", syntax=JPEGBaseline8Bit)], "", "01"),
    ],
)
def test_one_lossy_source_makes_the_result_lossy(sources, otherwise, told):
    result = Dataset()
    copy_loss(result, sources, otherwise)
    assert result.get("LossyImageCompression") == told


def test_how_much_was_lost_goes_over_too():
    result = Dataset()
    copy_loss(result, [source("00"), source("01", ratio="12.5")])
    assert (result.LossyImageCompressionRatio, result.LossyImageCompressionMethod) == (12.5, "ISO_10918_1")
