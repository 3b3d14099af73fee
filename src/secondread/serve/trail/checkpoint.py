"""Checkpoints: the last entry of the trail, signed, to be kept elsewhere. Who cuts the trail cannot cut them too.

Signatures: Ed25519, RFC 8032. The key lies in the room's folder, so a checkpoint proves something only where nobody who
can change the room can change it.
"""

import base64
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy import select

from secondread.core.errors import TrailError, UsageError
from secondread.serve.database.connect import reading
from secondread.serve.database.tables import audit_events
from secondread.serve.room import Room
from secondread.serve.trail.record import canonical

KEY_FILE = "trail.key"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What is signed for.

    Attributes:
        seq: Number of the entry.
        hash: Its hash, which stands for all entries before it too.
        at: When the checkpoint was made.
    """

    seq: int
    hash: str
    at: str


def make_checkpoint(room: Room) -> str:
    """The end of the trail as one line of JSON, signed.

    Raises:
        UsageError: If the trail is empty, or there is no key and none can be made.
    """
    with reading(room.database) as connection:
        last = connection.execute(
            select(audit_events.c.seq, audit_events.c.hash).order_by(audit_events.c.seq.desc()).limit(1)
        ).one_or_none()
    if last is None:
        raise UsageError("audit trail: it is empty. Make a checkpoint when something was done.")
    key = _key(room.folders.top / KEY_FILE)
    content = asdict(Checkpoint(last.seq, last.hash, room.now()))
    signature = key.sign(canonical(content).encode())
    public = base64.b64encode(key.public_key().public_bytes_raw()).decode()
    return canonical({**content, "key": public, "signature": base64.b64encode(signature).decode()})


def open_checkpoints(text: str, room: Room) -> list[Checkpoint]:
    """Checkpoints, one a line, that were signed with this room's key.

    Raises:
        UsageError: If a line is no checkpoint.
        TrailError: If a signature is not this room's.
    """
    key = _key(room.folders.top / KEY_FILE).public_key()
    return [_opened(line, number, key) for number, line in enumerate(text.splitlines(), 1) if line.strip()]


def _opened(line: str, number: int, key: Ed25519PublicKey) -> Checkpoint:
    try:
        found = json.loads(line)
        checkpoint = Checkpoint(int(found["seq"]), str(found["hash"]), str(found["at"]))
        signature = base64.b64decode(found["signature"], validate=True)
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError(
            f"checkpoint {number}: is none. Needed what 'secondread audit-log checkpoint' wrote."
        ) from error
    try:
        key.verify(signature, canonical(asdict(checkpoint)).encode())
    except InvalidSignature as error:
        raise TrailError(
            f"checkpoint {number}: was not signed with this room's key {KEY_FILE}, or was changed. "
            "Compare with the copy that is kept elsewhere."
        ) from error
    return checkpoint


def _key(file: Path) -> Ed25519PrivateKey:
    """The room's key, made at the first checkpoint; a new one would make earlier checkpoints worthless."""
    if not file.exists():
        part = file.with_suffix(".part")
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as stream:
            stream.write(Ed25519PrivateKey.generate().private_bytes_raw())
        part.replace(file)
    try:
        return Ed25519PrivateKey.from_private_bytes(file.read_bytes())
    except ValueError as error:
        raise UsageError(f"{KEY_FILE}: holds no key of 32 bytes. Bring it back from a backup.") from error
