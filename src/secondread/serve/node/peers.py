"""Who may call, what they may do, and how they are called. Everything stands in the settings."""

import ipaddress
import socket
from contextlib import suppress

from secondread.dicom.node.call import Caller, Tls
from secondread.dicom.node.guest import ECHO, STORE
from secondread.dicom.node.proposal import CALLED_UNKNOWN, CALLING_UNKNOWN, Rejection
from secondread.serve.room import Room

OF_STRANGERS = frozenset({ECHO, STORE})


def rights_of(room: Room, called: str, calling: str, address: str) -> frozenset[str] | Rejection:
    """What a caller may do.

    A known AE title from another address than its own is refused: it is not the one that was allowed.
    """
    settings = room.settings.dicom
    if called != settings.ae_title:
        return CALLED_UNKNOWN
    peer = next((one for one in settings.peers if one.ae_title == calling), None)
    if peer is None:
        return OF_STRANGERS if settings.accept_unknown and calling else CALLING_UNKNOWN
    if peer.host and not _is_at(peer.host, address):
        return CALLING_UNKNOWN
    return frozenset(peer.may)


def caller_of(room: Room, ae_title: str) -> Caller | None:
    """How a peer is called; None for one that is not, or that the settings do not name."""
    settings = room.settings.dicom
    for peer in settings.peers:
        if peer.ae_title == ae_title and peer.host and peer.port:
            tls = (
                Tls(settings.client_certificates, settings.certificate, settings.certificate_key) if peer.tls else None
            )
            return Caller(peer.ae_title, peer.host, peer.port, settings.ae_title, tls)
    return None


def _is_at(host: str, address: str) -> bool:
    """Whether a host of the settings has an address, by its name where it is one.

    >>> _is_at("127.0.0.1", "127.0.0.1"), _is_at("10.0.0.7", "127.0.0.1"), _is_at("::1", "0:0:0:0:0:0:0:1")
    (True, False, True)
    """
    with suppress(ValueError):
        return ipaddress.ip_address(host) == ipaddress.ip_address(address)
    try:
        found = {entry[4][0] for entry in socket.getaddrinfo(host, None)}
    except OSError:
        return False
    return address in found
