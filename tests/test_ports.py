"""Ports for tests."""

import socket

from ports import free_port, handed_out_from


def test_a_free_port_is_none_that_a_connection_or_another_program_could_be_given():
    found = [free_port() for _ in range(50)]
    assert max(found) < handed_out_from()
    assert len(set(found)) == 50
    with socket.create_server(("127.0.0.1", found[0])):
        pass
