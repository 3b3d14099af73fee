"""What holds for a source image holds for what is made from it: lost quality, and a body part without sides."""

from collections.abc import Sequence

from pydicom import Dataset
from pydicom.uid import JPEGBaseline8Bit, JPEGExtended12Bit, JPEGLSNearLossless

from secondread.dicom.identity import first, values

ALWAYS_LOSSY = frozenset({JPEGBaseline8Bit, JPEGExtended12Bit, JPEGLSNearLossless})
# Body parts that come once: an image of one has no side. Source: DICOM PS3.16 annex L (the terms).
UNPAIRED = frozenset({
    "ABDOMEN", "ABDOMENPELVIS", "AORTA", "BACK", "BLADDER", "BRAIN", "CEREBELLUM", "CERVIX", "CHEST",
    "CHESTABDOMEN", "CHESTABDPELVIS", "CIRCLEOFWILLIS", "COCCYX", "COLON", "CORONARYARTERY", "CSPINE", "CTSPINE",
    "DUODENUM", "ESOPHAGUS", "FACE", "GALLBLADDER", "HEAD", "HEADNECK", "HEART", "ILEUM", "JAW", "JEJUNUM",
    "LARYNX", "LIVER", "LSPINE", "LSSPINE", "MAXILLA", "MEDIASTINUM", "MOUTH", "NECK", "NECKCHEST", "NOSE",
    "PANCREAS", "PELVIS", "PENIS", "PHARYNX", "PROSTATE", "RECTUM", "SCALP", "SKULL", "SPINE", "SPLEEN", "SSPINE",
    "STERNUM", "STOMACH", "THYMUS", "THYROID", "TLSPINE", "TONGUE", "TRACHEA", "TSPINE", "URETHRA", "UTERUS",
    "VAGINA", "VULVA", "WHOLEBODY",
})  # fmt: skip


def copy_loss(result: Dataset, sources: Sequence[Dataset], otherwise: str = "") -> None:
    """Once lossy, always lossy: with the ratio and method of the first source that is.

    Args:
        result: Changed in place.
        sources: Headers of the images it was made from.
        otherwise: What to write where no source says whether it is, ``00`` or nothing.

    Source: DICOM PS3.3 C.7.6.1.1.5.
    """
    lossy = next((source for source in sources if _lossy(source) == "01"), None)
    if lossy is None:
        stated = otherwise or ("00" if any(_lossy(source) == "00" for source in sources) else "")
        if stated:
            result.LossyImageCompression = stated
        return
    result.LossyImageCompression = "01"
    for keyword in ("LossyImageCompressionRatio", "LossyImageCompressionMethod"):
        if found := values(lossy, keyword):
            setattr(result, keyword, found)


def _lossy(source: Dataset) -> str:
    syntax = getattr(getattr(source, "file_meta", None), "TransferSyntaxUID", None)
    return "01" if syntax in ALWAYS_LOSSY else first(source, "LossyImageCompression")
