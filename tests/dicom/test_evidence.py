from pydicom import Dataset
from pydicom.sequence import Sequence

import dicom_factory
from secondread.dicom.evidence import evidence_of


def items(keyword, *inner):
    """A data set with a sequence of these."""
    outer = Dataset()
    setattr(outer, keyword, Sequence(list(inner)))
    return outer


def named(uid):
    item = Dataset()
    item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = "1.2.840.10008.5.1.4.1.1.2", uid
    return item


def test_every_object_of_every_series_and_study_is_told(tmp_path):
    studies = [
        items(
            "ReferencedSeriesSequence",
            items("ReferencedSOPSequence", named("1.2.1"), named("1.2.2")),
            items("ReferencedSOPSequence", named("1.2.3")),
        ),
        items("ReferencedSeriesSequence", items("ReferencedSOPSequence", named("1.2.4"))),
    ]
    file = dicom_factory.chest_xray(
        tmp_path / "a.dcm", CurrentRequestedProcedureEvidenceSequence=Sequence(studies), Modality="OT"
    )
    assert evidence_of(file) == {"1.2.1", "1.2.2", "1.2.3", "1.2.4"}


def test_an_image_has_no_evidence(tmp_path):
    assert evidence_of(dicom_factory.chest_xray(tmp_path / "a.dcm")) == frozenset()
