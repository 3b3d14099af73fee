import pytest
from sqlalchemy import select

import dicom_factory
import rooms
from fakes import READER, FakeBundles, card
from reading_desk import chest
from secondread.readers import choose
from secondread.serve.database.connect import reading
from secondread.serve.database.tables import studies
from secondread.serve.reading.snapshot import StoredImage, images_of, input_digest, lay_out, prior_of

IMAGES = (StoredImage("1.1", "aa", "x"), StoredImage("1.2", "bb", "y"))
READERS = choose([READER])


def rows(room):
    with reading(room.database) as connection:
        return {row.study_uid: row for row in connection.execute(select(studies))}


def prior(room, study):
    with reading(room.database) as connection:
        found = prior_of(connection, rows(room)[dicom_factory.uid("study", study)])
    return found and found.study_uid


def test_images_come_in_the_order_of_their_numbers(room, tmp_path):
    rooms.send_in(room, *(chest(tmp_path / f"{number}.dcm", image=number) for number in (3, 1, 2)))
    (row,) = rows(room).values()
    with reading(room.database) as connection:
        images = images_of(connection, row.id)
    assert [one.sop_instance_uid for one in images] == [dicom_factory.uid("image", 1, n) for n in (1, 2, 3)]
    folder = lay_out(room, images, tmp_path / "links")
    assert [file.resolve() for file in sorted(folder.iterdir())] == [room.folders.images / one.path for one in images]


def test_the_prior_is_the_last_earlier_study_of_the_patient_with_the_same_modality(any_room, tmp_path):
    for study, date, modality, patient in (
        ("older", "20230101", "DX", "SAME"),
        ("last", "20230601", "DX", "SAME"),
        ("other kind", "20230901", "CR", "SAME"),
        ("of another", "20230901", "DX", "OTHER"),
        ("now", "20240101", "DX", "SAME"),
        ("later", "20240601", "DX", "SAME"),
    ):
        rooms.send_in(any_room, chest(tmp_path / "x.dcm", study, StudyDate=date, Modality=modality, PatientID=patient))
    elsewhere = {"PatientID": "SAME", "IssuerOfPatientID": "ANOTHER HOSPITAL"}  # the same number, not the same patient
    rooms.send_in(any_room, chest(tmp_path / "x.dcm", "elsewhere", StudyDate="20231201", **elsewhere))
    assert prior(any_room, "now") == dicom_factory.uid("study", "last")
    assert prior(any_room, "older") is None
    assert prior(any_room, "of another") is None


def test_of_one_day_the_time_says_which_is_earlier(room, tmp_path):
    for study, time in (("morning", "080000"), ("noon", "120000")):
        rooms.send_in(room, chest(tmp_path / "x.dcm", study, StudyDate="20240101", StudyTime=time, PatientID="SAME"))
    assert prior(room, "noon") == dicom_factory.uid("study", "morning")
    assert prior(room, "morning") is None


def test_without_a_patient_or_a_date_there_is_no_prior(room, tmp_path):
    rooms.send_in(
        room,
        chest(tmp_path / "1.dcm", 1, PatientID="", StudyDate="20230101"),
        chest(tmp_path / "2.dcm", 2, PatientID="", StudyDate="20240101"),
        chest(tmp_path / "3.dcm", 3, PatientID="SAME", StudyDate="20230101"),
        chest(tmp_path / "4.dcm", 4, PatientID="SAME", StudyDate=""),
    )
    assert prior(room, 2) is None
    assert prior(room, 4) is None


def test_the_digest_does_not_depend_on_the_order_in_which_images_came():
    assert input_digest(IMAGES, READERS, FakeBundles()) == input_digest(IMAGES[::-1], READERS, FakeBundles())


@pytest.mark.parametrize(
    ("images", "readers", "bundles", "earlier"),
    [
        (IMAGES[:1], READERS, FakeBundles(), ()),
        ((IMAGES[0], StoredImage("1.2", "cc", "y")), READERS, FakeBundles(), ()),
        (IMAGES, [], FakeBundles(), ()),
        (IMAGES, READERS, FakeBundles(cards={READER: card(READER, sha256={"model.onnx": "1" * 64})}), ()),
        (IMAGES, READERS, FakeBundles(), (StoredImage("0.9", "dd", "z"),)),
        (IMAGES[:1], READERS, FakeBundles(), IMAGES[1:]),
    ],
    ids=["fewer images", "other pixels", "other readers", "other weights", "a prior", "an image as the prior"],
)
def test_another_input_has_another_digest(images, readers, bundles, earlier):
    assert input_digest(images, readers, bundles, earlier) != input_digest(IMAGES, READERS, FakeBundles())
