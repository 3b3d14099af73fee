import json

import pytest
from sqlalchemy import delete, insert, select, update

from secondread.core.errors import TrailError, UsageError
from secondread.serve.database.connect import reading, writing
from secondread.serve.database.tables import audit_events
from secondread.serve.trail.checkpoint import make_checkpoint, open_checkpoints
from secondread.serve.trail.record import GENESIS, canonical, chained, record
from secondread.serve.trail.verify import verify

SEQ = audit_events.c.seq


@pytest.fixture
def trail(room):
    for number in range(1, 13):
        record(room, actor="dr1", action="view", study_uid=f"1.2.{number % 3}", detail={"number": number})
    return room


def verdict(room, *lines):
    with reading(room.database) as connection:
        return verify(connection, open_checkpoints("\n".join(lines), room))


def tamper(room, statement):
    with writing(room.database) as connection:
        connection.execute(statement)


def test_a_trail_as_it_was_written_is_whole(trail):
    found = verdict(trail)
    assert (found.entries, found.broken_at, found.why) == (12, None, "")


def test_an_empty_trail_is_whole(room):
    assert verdict(room).entries == 0


@pytest.mark.parametrize("seq", [1, 7, 12])
def test_a_changed_word_is_found_where_it_stands(trail, seq):
    with reading(trail.database) as connection:
        entry = connection.execute(select(audit_events.c.entry).where(seq == SEQ)).scalar_one()
    tamper(trail, update(audit_events).where(seq == SEQ).values(entry=entry.replace("dr1", "dr2"), actor="dr2"))
    found = verdict(trail)
    assert (found.entries, found.broken_at) == (seq - 1, seq)


def test_a_changed_word_with_a_new_hash_breaks_the_next_entry(trail):
    with reading(trail.database) as connection:
        rows = {row.seq: row for row in connection.execute(select(audit_events))}
    entry = rows[7].entry.replace("dr1", "dr2")
    tamper(
        trail,
        update(audit_events).where(SEQ == 7).values(entry=entry, actor="dr2", hash=chained(rows[6].hash, entry)),
    )
    assert verdict(trail).broken_at == 8


@pytest.mark.parametrize(("column", "value"), [("actor", "dr2"), ("action", "sign"), ("subject", ""), ("at", "2027")])
def test_a_changed_column_is_found_though_it_is_only_there_to_search_by(trail, column, value):
    tamper(trail, update(audit_events).where(SEQ == 5).values({column: value}))
    found = verdict(trail)
    assert found.broken_at == 5
    assert column in found.why


def test_a_missing_entry_is_found(trail):
    tamper(trail, delete(audit_events).where(SEQ == 4))
    found = verdict(trail)
    assert (found.broken_at, found.why) == (4, "the entry is missing; the next is 5")


def test_only_a_checkpoint_tells_that_the_end_is_cut_off(trail):
    line = make_checkpoint(trail)
    assert verdict(trail, line).broken_at is None
    tamper(trail, delete(audit_events).where(SEQ > 9))
    assert verdict(trail).broken_at is None
    found = verdict(trail, line)
    assert found.broken_at == 10
    assert "cut off" in found.why


def test_only_a_checkpoint_tells_that_all_was_written_anew(trail):
    line = make_checkpoint(trail)
    with writing(trail.database) as connection:
        rows = connection.execute(select(audit_events).order_by(SEQ)).mappings().all()
        connection.execute(delete(audit_events))
        previous = GENESIS
        for row in rows:
            entry = canonical({**json.loads(row["entry"]), "actor": "dr2"})
            previous = chained(previous, entry)
            connection.execute(insert(audit_events).values({**row, "entry": entry, "actor": "dr2", "hash": previous}))
    assert verdict(trail).broken_at is None
    assert verdict(trail, line).broken_at == 12


def test_a_checkpoint_that_is_changed_or_of_another_room_is_not_believed(trail):
    line = make_checkpoint(trail)
    changed = json.dumps({**json.loads(line), "seq": 3})
    with pytest.raises(TrailError, match="checkpoint 1"):
        open_checkpoints(changed, trail)
    (trail.folders.top / "trail.key").unlink()
    with pytest.raises(TrailError, match="not signed with this room's key"):
        open_checkpoints(line, trail)


def test_the_key_is_for_the_owner_of_the_room_alone(trail):
    make_checkpoint(trail)
    assert (trail.folders.top / "trail.key").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("line", ["x", "{}", '{"seq":1}', "[1]", '{"seq":1,"hash":"a","at":"b","signature":"%"}'])
def test_what_is_no_checkpoint_is_said_to_be_none(trail, line):
    with pytest.raises(UsageError, match="checkpoint 1: is none"):
        open_checkpoints(line, trail)


def test_a_signature_is_ed25519_as_another_program_checks_it(trail):
    import base64

    from joserfc.jwk import OKPKey

    found = json.loads(make_checkpoint(trail))
    signed = canonical({name: found[name] for name in ("seq", "hash", "at")}).encode()
    public = base64.urlsafe_b64encode(base64.b64decode(found["key"])).decode().rstrip("=")
    key = OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": public})
    key.public_key.verify(base64.b64decode(found["signature"]), signed)
