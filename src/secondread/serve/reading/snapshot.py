"""The images of one read: a fixed list, taken when the read begins. What comes later is for the next version."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, and_, exists, or_, select

from secondread.core.errors import SecondreadError, short_uid
from secondread.core.reader import Networks, Reader
from secondread.provenance import of_card
from secondread.serve.database.tables import instances, series, studies
from secondread.serve.room import Room


class MissingImageError(SecondreadError):
    """An image that the room holds is not in its folder. Reading what is left would be a read of another study."""


@dataclass(frozen=True, slots=True)
class StoredImage:
    """One received image.

    Attributes:
        sop_instance_uid: Its UID.
        sha256: Of its data set.
        path: Below the room's folder of images.
    """

    sop_instance_uid: str
    sha256: str
    path: str


def images_of(connection: Connection, study_id: int) -> tuple[StoredImage, ...]:
    """The images of a study as they are now, in the order of their series and numbers; results of ours left out."""
    rows = connection.execute(
        select(instances.c.sop_instance_uid, instances.c.sha256, instances.c.path)
        .join(series, series.c.id == instances.c.series_id)
        .where(instances.c.study_id == study_id, ~series.c.own)
        .order_by(series.c.series_number, series.c.series_uid, instances.c.instance_number, instances.c.id)
    )
    return tuple(StoredImage(row.sop_instance_uid, row.sha256, row.path) for row in rows)


def prior_of(connection: Connection, study: Row[Any]) -> Row[Any] | None:
    """The last earlier study of the same patient with one of its modalities; None without a patient or a date."""
    if not study.patient_key or not study.study_date:
        return None
    shares = exists().where(
        series.c.study_id == studies.c.id, ~series.c.own, series.c.modality.in_(study.modalities.split())
    )
    earlier = or_(
        studies.c.study_date < study.study_date,
        and_(studies.c.study_date == study.study_date, studies.c.study_time < study.study_time),
    )
    return connection.execute(
        select(studies)
        .where(
            studies.c.patient_key == study.patient_key,
            studies.c.issuer_of_patient_id == study.issuer_of_patient_id,
            studies.c.id != study.id,
            studies.c.study_date != "",
            earlier,
            shares,
        )
        .order_by(studies.c.study_date.desc(), studies.c.study_time.desc(), studies.c.id.desc())
        .limit(1)
    ).one_or_none()


def lay_out(room: Room, images: Sequence[StoredImage], folder: Path) -> Path:
    """A folder with a link to each image, in their order; what a read is made on.

    Raises:
        MissingImageError: If an image is not where the room keeps it.
        OSError: If the folder cannot be made.
    """
    folder.mkdir(parents=True)
    for number, image in enumerate(images, 1):
        stored = room.folders.images / image.path
        if not stored.is_file():
            raise MissingImageError(
                f"image {short_uid(image.sop_instance_uid)}: its file is not in the room's folder. Needed all "
                f"{len(images)} images of the study; check that this machine sees the folder, or restore a backup."
            )
        (folder / f"{number:06d}.dcm").symlink_to(stored)
    return folder


def input_digest(
    images: Iterable[StoredImage],
    readers: Sequence[Reader],
    networks: Networks,
    prior: Iterable[StoredImage] = (),
    off: Iterable[str] = (),
) -> str:
    """What a read is made of, as one number: the images, the earlier ones, the readers, their networks, who is off.

    Raises:
        BundleError: If a bundle of a reader is not installed.
    """
    lines = [f"image {one.sop_instance_uid} {one.sha256}" for one in images]
    lines += [f"prior {one.sop_instance_uid} {one.sha256}" for one in prior]
    for reader in readers:
        cards = [reader.card(networks), *(networks.card(name) for name in (*reader.bundles, reader.gate) if name)]
        lines += [f"reader {reader.name} {sorted(of_card(card).items())}" for card in cards]
    lines += [f"off {reader.name}" for reader in readers if reader.name in set(off)]
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()
