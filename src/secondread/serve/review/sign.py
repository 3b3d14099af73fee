"""Signing: a person's name under what is stored, once, in every form, or not at all.

Everything is made first, in a folder that nobody sees. Then one transaction looks again whether the page was up to
date, and makes the signature known together with what follows from it. At last the DICOM objects are filed; a crash
before that is mended at the next start (:mod:`secondread.serve.review.filing`).
"""

import json
import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select, update
from sqlalchemy.exc import IntegrityError

from secondread.core.errors import short_uid
from secondread.core.signature import SignedReport, Signer
from secondread.dicom.uids import uid_source
from secondread.report.signed.write import write_signed
from secondread.serve.database.connect import reading, writing
from secondread.serve.database.tables import signatures, studies
from secondread.serve.moments import text
from secondread.serve.monitor.points import note_signed
from secondread.serve.people.person import Person
from secondread.serve.review.changes import Change
from secondread.serve.review.content import ReviewError, held_of, undecided_positives
from secondread.serve.review.draft import whole_draft
from secondread.serve.review.filing import AT_WORK, file_signed
from secondread.serve.review.papers import Earlier, last_signature, papers_of
from secondread.serve.review.store import OutdatedError, Review, add_events, check_current, load, locked
from secondread.serve.room import Room
from secondread.serve.sending.outbox import enqueue
from secondread.serve.storage.place import sync
from secondread.serve.trail.record import record


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person wants to sign.

    Attributes:
        read_version: Of the read that the page shows.
        revision: Of the review that the page shows.
        seconds: Since the page was opened or last saved, or None.
        number: 0 for the report; of an addendum the number it is going to have.
        text: Of an addendum.
    """

    read_version: int
    revision: int
    seconds: float | None = None
    number: int = 0
    text: str = ""


def sign(room: Room, person: Person, study_uid: str, wish: Wish, *, address: str = "") -> SignedReport:
    """Sign the stored review of the latest read.

    Raises:
        OutdatedError: If the page was not up to date, or the study is signed.
        ReviewError: If something is left to decide or to write first.
        SecondreadError: If a form cannot be made; nothing is signed then.
    """
    review = load(room, study_uid)
    if review is None:
        raise ReviewError(f"study {short_uid(study_uid)}: there is no read of it to sign.")
    with reading(room.database) as connection:
        check_current(connection, review, wish.read_version, wish.revision)
        earlier = last_signature(connection, review.study_id)
    draft = whole_draft(room, review)
    left = undecided_positives(review.content, draft)
    if left:
        raise ReviewError(
            f"Not decided: {', '.join(left)}. Accept, edit or reject each positive or undecided finding first."
        )
    texts = review.content["text"]
    if not (texts["findings"].strip() and texts["impression"].strip()):
        raise ReviewError("The report has no text. Write it, or have it written from the findings, then sign.")
    held, rejected = held_of(review.content, draft)
    now = room.clock().astimezone()
    signed = SignedReport(
        draft=draft,
        number=0,
        signer=Signer(person.display_name, person.organisation, person.name),
        signed_at=now.isoformat(timespec="seconds"),
        held=held,
        rejected=rejected,
        findings_text=texts["findings"],
        impression=texts["impression"],
        language=texts["language"],
        amends=earlier is not None,
    )
    return _settled(room, person, review, signed, wish, earlier, address)


def sign_addendum(room: Room, person: Person, study_uid: str, wish: Wish, *, address: str = "") -> SignedReport:
    """Sign an addendum to the last signed report, which stays as it is.

    Raises:
        OutdatedError: If the study is not signed, or another addendum was signed meanwhile.
        ReviewError: If the addendum says nothing.
    """
    if not wish.text.strip() or len(wish.text) > 20_000:
        raise ReviewError("An addendum needs a text of at most 20000 letters.")
    with reading(room.database) as connection:
        study = connection.execute(select(studies).where(studies.c.study_uid == study_uid)).one_or_none()
        earlier = last_signature(connection, study.id) if study else None
    review = None if earlier is None else load(room, study_uid, earlier.read_version)
    if earlier is None or review is None:
        raise OutdatedError("This study is not signed, so there is nothing to add to. Sign the report first.")
    _check_next(earlier, wish.number)
    now = room.clock().astimezone()
    before = _signed_before(room, review, earlier)
    signer = Signer(person.display_name, person.organisation, person.name)
    signed = before.with_addendum(wish.text.strip(), signer, now.isoformat(timespec="seconds"))
    return _settled(room, person, review, signed, wish, earlier, address)


def _check_next(earlier: Earlier | None, number: int) -> None:
    after = 1 if earlier is None else earlier.number + 1
    if number != after:
        raise OutdatedError(
            f"Addendum {after - 1 if number < after else after} is the next one or was signed meanwhile; this page "
            f"would write number {number}. Load the page again; your text stays in it until then."
        )


def _signed_before(room: Room, review: Review, earlier: Earlier) -> SignedReport:
    """The report that was signed last, as it was. The review it was made of has not changed since."""
    known: dict[str, Any] = json.loads(
        (room.folders.results / earlier.folder / "report.json").read_text(encoding="utf-8")
    )
    draft = whole_draft(room, review)
    held, rejected = held_of(review.content, draft)
    return SignedReport(
        draft=draft,
        number=known["number"],
        signer=Signer(**known["signer"]),
        signed_at=known["signed_at"],
        held=held,
        rejected=rejected,
        findings_text=known["findings_text"],
        impression=known["impression"],
        addenda=tuple((one["name"], one["at"], one["text"]) for one in known["addenda"]),
        language=known["language"],
        amends=known["status"] == "amended",
    )


def _settled(
    room: Room, person: Person, review: Review, signed: SignedReport, wish: Wish, earlier: Earlier | None, address: str
) -> SignedReport:
    """Write every form, make the signature known, file the objects."""
    name = f"{review.folder}/signed-{signed.number}"
    work = room.folders.results / AT_WORK / room.draw()
    work.mkdir(parents=True, mode=0o700)
    try:
        uid = uid_source(f"signature {room.draw()}")
        papers, now = papers_of(room, review, signed, earlier), datetime.fromisoformat(signed.signed_at)
        made = write_signed(signed, papers, work, uid=uid, now=now)
        with writing(room.database) as connection:
            _check_again(connection, review, wish, earlier)
            signature = _signature(connection, person, review, signed, name, made, text(room.clock()))
            final = room.folders.results / name
            if final.exists():  # of an attempt that broke off before it was known
                shutil.rmtree(final)
            _settle(room, work, final)
            add_events(connection, room, person, review, (_change(signed),), seconds=wish.seconds, ai_shown=True)
            if not signed.number:
                note_signed(connection, review)
            enqueue(
                connection, room, study_id=review.study_id, folder=name, when="signed", read_id=review.read_id,
                signature_id=signature,
            )  # fmt: skip
            record(
                room,
                actor=person.name,
                action="addendum" if signed.number else "sign",
                study_uid=review.study_uid,
                address=address,
                detail={"read": review.read_version, "number": signed.number, "sr": made},
                connection=connection,
            )
    except IntegrityError as error:
        raise OutdatedError("Somebody signed this study at the same moment. Load the page again.") from error
    finally:
        shutil.rmtree(work, ignore_errors=True)
    file_signed(room, review.study_uid, name)
    return signed


def _change(signed: SignedReport) -> Change:
    """What the review's own history says of it."""
    said = signed.addenda[-1][2] if signed.number else signed.impression
    after = {"number": signed.number, "status": signed.status, "text": said}
    return Change("addendum" if signed.number else "signed", after=after)


def _settle(room: Room, work: Path, final: Path) -> None:
    """Move the forms to their place, where the room's durability asks for it so that they outlive a power cut."""
    durable = room.settings.storage.durable
    for path in (*work.iterdir(), work) if durable else ():
        sync(path)
    work.rename(final)
    if durable:
        sync(final.parent)


def _check_again(connection: Connection, review: Review, wish: Wish, earlier: Earlier | None) -> None:
    """Whether all is still as it was when the forms were made; the study stays locked until the transaction ends."""
    if wish.number:
        connection.execute(select(studies.c.id).where(studies.c.id == review.study_id).with_for_update()).one()
    else:
        stored = locked(connection, review.study_uid)
        connection.execute(select(studies.c.id).where(studies.c.id == review.study_id).with_for_update()).one()
        check_current(connection, stored, wish.read_version, wish.revision)
    if last_signature(connection, review.study_id) != earlier:
        raise OutdatedError("Somebody signed this study meanwhile. Load the page again.")


def _signature(
    connection: Connection, person: Person, review: Review, signed: SignedReport, folder: str, sr: str, now: str
) -> int:
    """The row of the signature; the study is signed with it."""
    key = connection.execute(
        signatures.insert().values(
            study_id=review.study_id,
            read_id=review.read_id,
            number=signed.number,
            user_id=person.id,
            at=now,
            folder=folder,
            sr_sop_instance_uid=sr,
        )
    ).inserted_primary_key
    assert key is not None
    changed = {"changed_at": now} if signed.number else {"state": "signed", "signed_at": now, "changed_at": now}
    connection.execute(update(studies).where(studies.c.id == review.study_id).values(**changed))
    return int(key[0])
