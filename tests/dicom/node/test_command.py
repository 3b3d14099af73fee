"""Command sets: ours are pydicom's, byte for byte."""

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.filereader import read_dataset
from pynetdicom.dsutils import encode as encode_by_pynetdicom

from secondread.dicom.node import command as commands

STORE = {
    "CommandField": commands.C_STORE, "MessageID": 7, "AffectedSOPClassUID": "1.2.840.10008.5.1.4.1.1.2",
    "AffectedSOPInstanceUID": "1.2.3", "Priority": 0, "MoveOriginatorApplicationEntityTitle": "MOVER",
    "MoveOriginatorMessageID": 9,
}  # fmt: skip


def test_a_command_set_is_the_one_that_pydicom_writes():
    written = commands.encode(commands.with_data_set(STORE))
    parsed = read_dataset(BytesIO(written), is_implicit_VR=True, is_little_endian=True)
    assert parsed.CommandGroupLength == len(written) - 12
    del parsed[0x00000000]
    assert encode_by_pynetdicom(parsed, True, True) == written[12:]
    assert parsed.MoveOriginatorApplicationEntityTitle == "MOVER"


def test_what_is_written_is_read_again():
    assert commands.decode(commands.encode(STORE)) == {**STORE, "CommandDataSetType": commands.NO_DATA_SET}
    assert commands.has_data_set(commands.with_data_set(STORE))
    assert not commands.has_data_set(commands.decode(commands.encode(STORE)))


def test_an_answer_names_what_it_answers():
    told = commands.answer(STORE, commands.MISMATCH, ErrorComment="no")
    assert told["CommandField"] == 0x8001
    assert told["MessageIDBeingRespondedTo"] == 7
    assert told["AffectedSOPInstanceUID"] == "1.2.3"
    assert (told["Status"], told["ErrorComment"]) == (0xA900, "no")


@given(st.binary(max_size=200), st.integers(0, 120))
def test_damage_is_an_error_and_nothing_else(rubbish, at):
    whole = commands.encode(STORE)
    for data in (rubbish, whole[:at] + rubbish + whole[at + len(rubbish) :], whole[:at]):
        try:
            found = commands.decode(data)
        except ValueError:
            continue
        assert {"CommandField", "CommandDataSetType"} <= found.keys()


def test_a_command_set_that_says_nothing_is_refused():
    with pytest.raises(ValueError, match="CommandField"):
        commands.decode(b"")
