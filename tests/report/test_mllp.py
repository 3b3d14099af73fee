"""A message is sent over a real socket, and every kind of answer is told apart."""

import re
import socket
import threading
from contextlib import suppress

import pytest
from hl7apy.mllp import AbstractHandler, MLLPServer
from hl7apy.parser import parse_message

from ports import free_port, serving
from secondread.core.errors import OutputError, UsageError
from secondread.report import mllp
from secondread.report.mllp import Ack, send

MESSAGE = "MSH|^~\\&|A||B||20260304||ORU^R01^ORU_R01|MSG1|P|2.5.1\rPID|1||12345||홍^길동\r"
SECRETS = re.compile("12345|홍|길동|HONG")


def answer(code="AA", its_id="MSG1", rest=""):
    return f"MSH|^~\\&|B||A||20260304||ACK^R01^ACK|1|P|2.5.1\rMSA|{code}|{its_id}|unknown patient HONG 12345\r{rest}"


def framed(text):
    return b"\x0b" + text.encode() + b"\x1c\x0d"


class Receiver:
    """An HL7 receiver on loopback that takes one message and does with the line what the test says."""

    def __init__(self, behave):
        self.behave, self.received = behave, b""
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.finished = threading.Event()
        self.thread = threading.Thread(target=self.serve)

    def serve(self):
        line, _ = self.listener.accept()
        with line:
            while not self.received.endswith(b"\x1c\x0d"):
                piece = line.recv(1000)
                if not piece:
                    return
                self.received += piece
            with suppress(BrokenPipeError, ConnectionResetError):  # a sender that has had enough
                self.behave(line, self)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.finished.set()
        self.thread.join(60)
        self.listener.close()
        assert not self.thread.is_alive()


def says(data):
    return lambda line, _: line.sendall(data)


def ask(behave, message=MESSAGE, timeout_s=60.0):
    with Receiver(behave) as receiver:
        ack = send(message, "127.0.0.1", receiver.port, timeout_s=timeout_s)
    return ack, receiver.received


def refused(behave, words, timeout_s=60.0):
    with pytest.raises(OutputError, match=words) as caught:
        ask(behave, timeout_s=timeout_s)
    assert not SECRETS.search(str(caught.value))
    assert str(caught.value).startswith("127.0.0.1:")


@pytest.mark.parametrize("code", ["AA", "CA"])
def test_an_accepted_message_arrives_whole_in_its_frame(code):
    ack, received = ask(says(framed(answer(code))))
    assert ack == Ack(code, "MSG1")
    assert received == framed(MESSAGE)


def test_an_answer_in_single_bytes_is_put_together():
    def drop_by_drop(line, _):
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in framed(answer()):
            line.sendall(bytes([byte]))

    assert ask(drop_by_drop)[0].code == "AA"


def test_an_end_that_comes_in_two_pieces_is_seen():
    def halved(line, receiver):
        whole = framed(answer())
        line.sendall(whole[:-1])
        receiver.finished.wait(0.05)
        line.sendall(whole[-1:])

    assert ask(halved)[0].code == "AA"


def test_a_long_message_arrives_whole():
    message = MESSAGE + "NTE|1||" + "ㄱ" * 200_000 + "\r"
    assert ask(says(framed(answer())), message)[1] == framed(message)


def test_delimiters_of_the_answers_own_choosing_are_understood():
    assert ask(says(framed(answer().replace("|", "$"))))[0].code == "AA"


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_an_answer_with_other_line_ends_is_understood(end):
    assert ask(says(framed(answer().replace("\r", end))))[0].code == "AA"


@pytest.mark.parametrize("code", ["AE", "AR", "CE", "CR"])
def test_a_refusal_is_told_by_its_code_and_not_in_its_words(code):
    refused(says(framed(answer(code))), f"answered {code}")


def test_a_refusals_standard_condition_is_told_in_words():
    refused(says(framed(answer("AE", rest="ERR|||101^HONG^HL70357|E\r"))), "101, required field missing")
    refused(says(framed(answer("AE", rest="ERR|||12345^HONG|E\r"))), "processed. It")


def test_an_answer_about_another_message_is_no_answer():
    refused(says(framed(answer(its_id="MSG2"))), "another message")
    refused(says(framed(answer(its_id=""))), "another message")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "0x0B"),
        (framed(""), "no HL7"),
        (framed("MSH"), "no HL7"),
        (framed("hello HONG 12345"), "no HL7"),
        (framed("MSH|^~\\&|B\r"), "MSA-1"),
        (framed("MSH|^~\\&|B\rMSA\r"), "MSA-1"),
        (framed("MSH|^~\\&|B\rMSA|XX|MSG1\r"), "MSA-1"),
        (b"\x0bMSH|\xff\xfe\xb1\x1c\x0d", "MSA-1"),
    ],
)
def test_garbage_is_no_answer(data, words):
    refused(says(data), words)


def test_an_endless_answer_is_cut_off():
    def endless(line, receiver):
        line.sendall(b"\x0b")
        while not receiver.finished.is_set():
            line.sendall(b"x" * 10_000)

    refused(endless, f"longer than {mllp.MAX_ANSWER_BYTES} bytes")


def test_a_line_closed_before_or_amid_the_answer_is_told():
    refused(says(b""), "closed after 0 bytes")
    refused(says(framed(answer())[:20]), "closed after 20 bytes")


def test_a_receiver_that_never_answers_is_given_up():
    refused(lambda _, receiver: receiver.finished.wait(60), "no complete answer within 0.2 s", timeout_s=0.2)


def test_a_receiver_that_answers_too_slowly_does_not_stretch_the_time():
    def slowly(line, receiver):
        for byte in framed(answer()):
            line.sendall(bytes([byte]))
            if receiver.finished.wait(0.05):
                return

    refused(slowly, "no complete answer within 0.3 s", timeout_s=0.3)


def test_nobody_listening_is_told_with_host_and_port():
    port = free_port()
    with pytest.raises(OutputError, match=f"127.0.0.1:{port}: the connection failed"):
        send(MESSAGE, "127.0.0.1", port, timeout_s=5.0)


@pytest.mark.parametrize("host", ["no such host", "a\0b", "x" * 300])
def test_a_host_that_is_none_is_told(host):
    with pytest.raises(OutputError, match="connection failed"):
        send(MESSAGE, host, 2575, timeout_s=5.0)


@pytest.mark.parametrize(
    "message",
    [
        "",
        "PID|1||12345",
        "MSH|^~\\&|A\r",
        MESSAGE.replace("MSG1", ""),
        MESSAGE + "\x1c",
        MESSAGE + "\x0b",
        MESSAGE + "\udc80",
    ],
)
def test_what_cannot_be_framed_or_answered_is_not_sent(message):
    with pytest.raises(UsageError, match="message:") as caught:
        send(message, "127.0.0.1", 1, timeout_s=1.0)
    assert not SECRETS.search(str(caught.value))


@pytest.mark.parametrize(("port", "timeout_s"), [(0, 1.0), (65_536, 1.0), (2575, 0.0), (2575, float("nan"))])
def test_a_port_or_time_that_cannot_be_is_a_fault_of_the_call(port, timeout_s):
    with pytest.raises(UsageError, match="needed seconds above 0"):
        send(MESSAGE, "127.0.0.1", port, timeout_s=timeout_s)


def test_another_programs_receiver_takes_the_message_and_its_answer_is_understood():
    class Accept(AbstractHandler):
        def reply(self):
            head = parse_message(self.incoming_message).msh
            seen.append(head.msh_10.to_er7())
            return f"\x0bMSH|^~\\&|B||A||20260304||ACK|1|P|2.5.1\rMSA|AA|{seen[-1]}\r\x1c\r"

    seen = []
    server = MLLPServer("127.0.0.1", 0, {"ORU^R01^ORU_R01": (Accept,)}, timeout=60)
    with serving(server):
        assert send(MESSAGE, "127.0.0.1", server.server_address[1], timeout_s=60.0) == Ack("AA", "MSG1")
    assert seen == ["MSG1"]
