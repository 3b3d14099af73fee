"""Who is let in, how many, for how long; with TLS too."""

import socket
import ssl
import struct
import subprocess
import time

import pytest

import rooms
from dicom_factory import chest_xray
from nodes import eventually
from ports import free_port
from secondread.core.errors import NetworkError, UsageError
from secondread.dicom.node import proposal
from secondread.dicom.node.call import associated
from secondread.dicom.node.client import Caller, Tls, echo, store
from secondread.dicom.node.connection import HEADER
from secondread.dicom.node.proposal import Context, Proposal
from secondread.dicom.node.services import IDENTIFIER_SYNTAXES, VERIFICATION
from secondread.serve.config.room import DicomSettings, Peer, RoomSettings
from secondread.serve.node.service import Node
from witness import need

ECHO = [(VERIFICATION, IDENTIFIER_SYNTAXES)]


def wait_on(caller, meanwhile=lambda: None):
    """Have an association and say nothing."""
    with associated(caller, ECHO) as association:
        meanwhile()
        association.receive()


def test_everybody_may_echo_and_store_unless_the_settings_say_otherwise(start, tmp_path):
    reached = start(Peer("KNOWN"))
    reached.run("echoscu", calling="STRANGER")
    assert store(reached.caller("STRANGER"), [chest_xray(tmp_path / "a.dcm")])[0].ok


def test_strangers_are_refused_by_a_node_that_knows_its_callers(start):
    reached = start(Peer("KNOWN"), accept_unknown=False)
    reached.run("echoscu", calling="KNOWN")
    refused = reached.try_run("echoscu", calling="STRANGER")
    assert refused.returncode != 0
    assert "Calling AE Title Not Recognized" in refused.stdout + refused.stderr
    assert any('"action":"denied"' in entry and "STRANGER" in entry for entry in reached.trail())
    reached.try_run("echoscu", calling="STRANGER")
    assert len([entry for entry in reached.trail() if '"denied"' in entry]) == 1  # no flood


def test_a_known_title_from_another_address_is_no_peer(start):
    reached = start(Peer("KNOWN", "192.0.2.7", 104), Peer("HERE", "localhost", 104))
    with pytest.raises(NetworkError, match="our AE title is not known there"):
        echo(reached.caller("KNOWN"))
    echo(reached.caller("HERE"))


def test_who_calls_somebody_else_is_told_so(reached):
    refused = reached.try_run("echoscu", called="OTHER")
    assert "Called AE Title Not Recognized" in refused.stdout + refused.stderr


def test_a_right_that_is_not_given_is_not_offered(start, tmp_path):
    reached = start(Peer("KNOWN", may=("echo",)))
    echo(reached.caller("KNOWN"))
    assert store(reached.caller("KNOWN"), [chest_xray(tmp_path / "a.dcm")])[0].status == -1
    assert reached.stored() == []


def test_one_association_too_many_is_refused_for_now_and_let_in_later(start):
    reached = start(max_associations=1)
    with (
        associated(reached.caller(), [(VERIFICATION, IDENTIFIER_SYNTAXES)]),
        pytest.raises(NetworkError, match="too many"),
    ):
        echo(reached.caller())
    assert eventually(lambda: reached.try_run("echoscu").returncode == 0)


def test_silence_ends_an_association(start):
    reached = start(max_associations=1, idle_seconds=0.3)
    with socket.create_connection(("127.0.0.1", reached.port)) as silent:
        silent.settimeout(60)
        assert silent.recv(100)[:1] in {b"\x07", b""}  # A-ABORT, or closed
    with pytest.raises(NetworkError):
        wait_on(reached.caller())
    assert eventually(lambda: echoes(reached.caller()))  # its place is free when its thread has ended


def echoes(caller):
    try:
        echo(caller)
    except NetworkError:
        return False
    return True


@pytest.mark.parametrize(
    "rubbish",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        struct.pack(">BxI", 1, 2**31) + b"x" * 100,
        struct.pack(">BxI", 1, 68) + b"\0" * 68,
        struct.pack(">BxI", 1, 80) + b"\0\1\0\0" + b" " * 32 + b"\0" * 32 + b"\x10\0\xff\xff" + b"x" * 8,
        struct.pack(">BxI", 4, 10) + b"\0" * 10,
        struct.pack(">BxI", 5, 4) + b"\0" * 4,
    ],
    ids=["http", "endless", "nothing", "item too long", "data first", "release first"],
)
def test_rubbish_ends_its_own_connection_only(reached, rubbish):
    with socket.create_connection(("127.0.0.1", reached.port)) as sock:
        sock.settimeout(60)
        sock.sendall(rubbish)
        first = sock.recv(100)
        assert first[:1] in {b"\x03", b"\x07", b""}
    echo(reached.caller())


def test_more_than_was_agreed_at_once_ends_the_association(start):
    reached = start(max_pdu_bytes=4096)
    with pytest.raises(NetworkError):
        send_raw(reached.caller(), struct.pack(">BxI", 4, 4097) + b"\0" * 4097)
    echo(reached.caller())


def test_a_caller_that_takes_next_to_nothing_at_once_is_sent_away(reached):
    body = proposal.encode_request(Proposal("SECONDREAD", "PEER", (Context(1, *ECHO[0]),), 7))
    with socket.create_connection(("127.0.0.1", reached.port)) as sock:
        sock.settimeout(60)
        sock.sendall(HEADER.pack(1, len(body)) + body)
        received = b""
        while piece := sock.recv(1000):
            received += piece
    assert received[-10:-4] == HEADER.pack(7, 4)


@pytest.mark.parametrize(
    "message",
    [
        b"",
        struct.pack(">IBB", 2, 1, 3),
        struct.pack(">IBB", 2, 99, 3),
        struct.pack(">IBB", 99, 1, 3),
        struct.pack(">IBB", 6, 1, 2) + b"data",
        struct.pack(">IBB", 10, 1, 3) + b"rubbish!",
    ],
    ids=["no fragment", "no command", "no such context", "longer than itself", "data first", "rubbish"],
)
def test_a_message_that_cannot_be_read_ends_its_association_only(reached, message):
    with pytest.raises(NetworkError):
        send_raw(reached.caller(), HEADER.pack(4, len(message)) + message + HEADER.pack(9, 0))
    echo(reached.caller())


def send_raw(caller, data):
    with associated(caller, ECHO) as association:
        association._connection.write(data)
        association.receive()


def test_a_port_that_is_taken_is_said(start, tmp_path):
    reached = start()
    (tmp_path / "other").mkdir()
    room = rooms.make_room(tmp_path / "other", RoomSettings(dicom=DicomSettings(port=reached.port)))
    with pytest.raises(UsageError, match=r"\[dicom\] port"):
        Node(room).start()
    room.database.dispose()


def test_stopping_ends_associations_that_are_open(start, tmp_path):
    (tmp_path / "own").mkdir()
    room = rooms.make_room(tmp_path / "own", RoomSettings(dicom=DicomSettings(port=0, idle_seconds=600.0)))
    node = Node(room)
    node.start()
    caller = Caller("SECONDREAD", "127.0.0.1", node.port, "PEER")
    begin = time.monotonic()
    with pytest.raises(NetworkError):
        wait_on(caller, node.stop)
    assert time.monotonic() - begin < 60  # far less than its idle time
    with pytest.raises(NetworkError, match="not reached"):
        echo(caller)
    room.database.dispose()


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    """An authority, and a certificate of it for this machine."""
    folder = tmp_path_factory.mktemp("tls")
    openssl = need("openssl", "openssl")

    def run(*arguments):
        subprocess.run([openssl, *arguments], cwd=folder, check=True, capture_output=True)

    run("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "9",
        "-keyout", "authority.key", "-out", "authority.pem", "-subj", "/CN=authority")  # fmt: skip
    run("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
        "-keyout", "node.key", "-out", "node.csr", "-subj", "/CN=node")  # fmt: skip
    (folder / "names").write_text("subjectAltName=IP:127.0.0.1,DNS:localhost")
    run("x509", "-req", "-in", "node.csr", "-CA", "authority.pem", "-CAkey", "authority.key", "-CAcreateserial",
        "-days", "9", "-extfile", "names", "-out", "node.pem")  # fmt: skip
    return folder


def test_with_tls_images_come_and_plain_callers_and_unknown_certificates_do_not(start, certificates, tmp_path):
    reached = start(
        certificate=certificates / "node.pem", certificate_key=certificates / "node.key",
        client_certificates=certificates / "authority.pem",
    )  # fmt: skip
    ours = Tls(certificates / "authority.pem", certificates / "node.pem", certificates / "node.key")
    secure = Caller("SECONDREAD", "127.0.0.1", reached.port, "PEER", ours)
    assert store(secure, [chest_xray(tmp_path / "a.dcm")])[0].ok
    told = reached.try_run(
        "echoscu", "+tls", certificates / "node.key", certificates / "node.pem", "+cf", certificates / "authority.pem"
    )
    assert told.returncode == 0, told.stdout + told.stderr
    with pytest.raises(NetworkError):
        echo(reached.caller())
    without = Caller("SECONDREAD", "127.0.0.1", reached.port, "PEER", Tls(certificates / "authority.pem"))
    with pytest.raises(NetworkError):
        echo(without)
    stranger = Caller("SECONDREAD", "127.0.0.1", reached.port, "PEER", Tls())
    with pytest.raises(NetworkError, match="no TLS"):
        echo(stranger)
    assert ssl.OPENSSL_VERSION  # the handshake is OpenSSL's
    assert len(reached.stored()) == 1


def test_nobody_at_the_port_is_said(tmp_path):
    with pytest.raises(NetworkError, match="not reached"):
        echo(Caller("X", "127.0.0.1", free_port(), "Y"))
