"""Which of the proposed presentation contexts and roles are accepted. Source: DICOM PS3.8 9.3.3, PS3.7 D.3.3.4."""

from pydicom.uid import ExplicitVRBigEndian

from secondread.dicom.node.guest import COMMIT, ECHO, QUERY, RETRIEVE, STORE
from secondread.dicom.node.proposal import (
    ABSTRACT_UNKNOWN,
    ACCEPTED,
    TRANSFER_UNKNOWN,
    USER_REJECTION,
    Context,
    Proposal,
)
from secondread.dicom.node.services import (
    COMMITMENT,
    FIND,
    GET,
    IDENTIFIER_SYNTAXES,
    MOVE,
    STORAGE_SYNTAXES,
    UNCOMPRESSED,
    VERIFICATION,
    is_storage,
)

_PLAIN = (*UNCOMPRESSED, ExplicitVRBigEndian)
_RIGHT_OF = {VERIFICATION: ECHO, FIND: QUERY, MOVE: RETRIEVE, GET: RETRIEVE, COMMITMENT: COMMIT}


def negotiated(proposal: Proposal, rights: frozenset[str], max_length: int) -> Proposal:
    """The answer to a proposal, by what the caller may do."""
    roles = {
        uid: _roles(uid, wanted, rights)
        for uid, wanted in proposal.roles.items()
        if is_storage(uid) or uid == COMMITMENT
    }
    contexts = tuple(_judged(one, rights, roles) for one in proposal.contexts)
    return Proposal(proposal.called, proposal.calling, contexts, max_length, roles)


def _roles(uid: str, wanted: tuple[bool, bool], rights: frozenset[str]) -> tuple[bool, bool]:
    """(user, provider) as the caller may be: a provider of storage is sent what it retrieves."""
    user, provider = (COMMIT, COMMIT) if uid == COMMITMENT else (STORE, RETRIEVE)
    return wanted[0] and user in rights, wanted[1] and provider in rights


def _judged(one: Context, rights: frozenset[str], roles: dict[str, tuple[bool, bool]]) -> Context:
    storage = is_storage(one.abstract)
    right = STORE if storage else _RIGHT_OF.get(one.abstract)
    syntax = _chosen(one.transfer, STORAGE_SYNTAXES if storage else IDENTIFIER_SYNTAXES)
    if right is None:
        result = ABSTRACT_UNKNOWN
    elif right not in rights and not any(roles.get(one.abstract, ())):
        result = USER_REJECTION
    elif syntax is None:
        result = TRANSFER_UNKNOWN
    else:
        result = ACCEPTED
    # The syntax of a context that is not accepted has no meaning, but must stand there.
    return Context(one.number, one.abstract, (syntax or UNCOMPRESSED[-1],), result)


def _chosen(offered: tuple[str, ...], known: tuple[str, ...]) -> str | None:
    """The first that we know; Explicit VR rather than Implicit VR, which loses the types of private elements.

    >>> _chosen(("1.2.840.10008.1.2", "1.2.840.10008.1.2.1"), IDENTIFIER_SYNTAXES)
    '1.2.840.10008.1.2.1'
    """
    fit = [syntax for syntax in offered if syntax in known]
    if fit and fit[0] in _PLAIN:
        return next(syntax for syntax in _PLAIN if syntax in fit)
    return fit[0] if fit else None
