"""What is kept of a patient, or of one study."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, select

from secondread.core.errors import InputError, UsageError
from secondread.serve.database.tables import studies


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whom it is about: a patient, or one study.

    Attributes:
        patient_id: As the images state it, or empty.
        issuer: Who gave that number (IssuerOfPatientID), where two did; empty: whoever.
        study_uid: Or this one study.
    """

    patient_id: str = ""
    issuer: str = ""
    study_uid: str = ""

    @property
    def named(self) -> str:
        """What a person types again to confirm."""
        return self.study_uid or self.patient_id


class NotHereError(InputError):
    """Nothing is kept of this patient or study."""


def found(connection: Connection, wanted: Wanted, *, lock: bool = False) -> Sequence[Row[Any]]:
    """The studies, oldest first; locked until the transaction ends where that is asked for.

    Raises:
        NotHereError: If there are none.
        UsageError: If neither or both are named, or the number was given by two issuers.
    """
    if bool(wanted.patient_id) == bool(wanted.study_uid):
        raise UsageError("erasure: needed a patient's number or a study's UID, one of the two.")
    query = select(studies).where(_chosen(wanted)).order_by(studies.c.id)
    rows = connection.execute(query.with_for_update() if lock else query).all()
    if not rows:
        raise NotHereError("erasure: nothing is kept of this patient or study. Check the number, letter by letter.")
    issuers = {row.issuer_of_patient_id for row in rows}
    if wanted.patient_id and len(issuers) > 1:
        raise UsageError(
            f"erasure: {len(issuers)} issuers gave this number, so it may be {len(issuers)} people. Name the issuer."
        )
    return rows


def _chosen(wanted: Wanted) -> ColumnElement[bool]:
    if wanted.study_uid:
        return studies.c.study_uid == wanted.study_uid
    chosen = studies.c.patient_id == wanted.patient_id
    return chosen & (studies.c.issuer_of_patient_id == wanted.issuer) if wanted.issuer else chosen
