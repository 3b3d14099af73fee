"""What the licence of a data set allows to be passed on with a bundle.

A data set that is not listed here is not passed on: of its cases only labels and distances are kept.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DataLicence:
    """What may be passed on.

    Attributes:
        source: Citation and licence, as they stand beside a case.
        pictures: Whether a small picture and facts of single cases may be passed on.
    """

    source: str
    pictures: bool


DATA_LICENCES = {
    "pneumoniamnist": DataLicence(
        "PneumoniaMNIST (Yang et al., Scientific Data 2023; images Kermany et al., Cell 2018). CC BY 4.0.", True
    ),
    "cxr-kermany": DataLicence("Kermany et al., Cell 2018 (Mendeley Data rscbjbr9sj). CC BY 4.0. Scaled down.", True),
    "cxr-nih": DataLicence(
        "ChestX-ray14, NIH Clinical Center (Wang et al., CVPR 2017); no restriction on use. Scaled down.", True
    ),
    "chest-ct-lidc": DataLicence(
        "LIDC-IDRI (Armato et al., Medical Physics 2011), NCI and FNIH. CC BY 3.0. Cut out and scaled down.", True
    ),
    "brain-mr-lgg": DataLicence("TCGA-LGG, The Cancer Imaging Archive. CC BY 3.0. Scaled down.", True),
    "brain-mr-hippocampus": DataLicence(
        "Medical Segmentation Decathlon, Task04 (Antonelli et al., Nature Communications 2022). CC BY-SA 4.0; a slice, "
        "scaled down, under the same licence.",
        True,
    ),
    "breast-us-busbra": DataLicence(
        "BUS-BRA (Gómez-Flores et al., Medical Physics 2023); free use and distribution with citation. Scaled down.",
        True,
    ),
    "gate-mednist": DataLicence("MedNIST (B. J. Erickson, Mayo Clinic). CC BY-SA 4.0.", True),
    "cxr-tbx11k": DataLicence("TBX11K (Liu et al., CVPR 2020); no single cases are passed on.", False),
    "head-ct-ich": DataLicence("Hssayeni et al., Data 2020 5:14; no single cases are passed on.", False),
    "brain-mr-oasis1": DataLicence(
        "OASIS-1 (Marcus et al., Journal of Cognitive Neuroscience 2007); no single cases are passed on.", False
    ),
}
NOT_LISTED = "{name}; no single cases are passed on."


def licence_of(data_set: str) -> DataLicence:
    """What may be passed on of a data set, by the name of its folder."""
    return DATA_LICENCES.get(data_set, DataLicence(NOT_LISTED.format(name=data_set), False))


def is_listed(data_set: str) -> bool:
    """Whether the licence of a data set is known here."""
    return data_set in DATA_LICENCES
