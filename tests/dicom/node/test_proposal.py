"""A-ASSOCIATE: what we write pynetdicom reads, and the other way round."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pynetdicom.pdu import A_ASSOCIATE_AC, A_ASSOCIATE_RQ

from secondread.dicom.node import proposal
from secondread.dicom.node.connection import HEADER
from secondread.dicom.node.guest import COMMIT, ECHO, RETRIEVE, STORE
from secondread.dicom.node.negotiate import negotiated
from secondread.dicom.node.proposal import Context, Proposal

CT, COMMITMENT, ECHO_CLASS = "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.1.20.1", "1.2.840.10008.1.1"
EXPLICIT, IMPLICIT, JPEG = "1.2.840.10008.1.2.1", "1.2.840.10008.1.2", "1.2.840.10008.1.2.4.70"
REQUEST = Proposal(
    "SECONDREAD",
    "SCANNER",
    (Context(1, CT, (EXPLICIT, IMPLICIT)), Context(3, COMMITMENT, (IMPLICIT,))),
    16384,
    {CT: (False, True)},
)


def test_our_request_is_read_by_pynetdicom():
    body = proposal.encode_request(REQUEST)
    pdu = A_ASSOCIATE_RQ()
    pdu.decode(HEADER.pack(1, len(body)) + body)
    told = pdu.to_primitive()
    assert (told.called_ae_title, told.calling_ae_title) == ("SECONDREAD", "SCANNER")
    assert [(one.context_id, one.abstract_syntax, tuple(one.transfer_syntax)) for one in
            told.presentation_context_definition_list] == [
        (1, CT, (EXPLICIT, IMPLICIT)), (3, COMMITMENT, (IMPLICIT,))
    ]  # fmt: skip
    assert told.maximum_length_received == 16384
    (role,) = pdu.user_information.role_selection.values()
    assert (role.sop_class_uid, role.scu_role, role.scp_role) == (CT, False, True)


def test_our_answer_is_read_by_pynetdicom():
    answer = negotiated(REQUEST, frozenset({ECHO, STORE}), 65536)
    body = proposal.encode_acceptance(answer)
    pdu = A_ASSOCIATE_AC()
    pdu.decode(HEADER.pack(2, len(body)) + body)
    results = pdu.to_primitive().presentation_context_definition_results_list
    assert [(one.context_id, one.result) for one in results] == [(1, 0), (3, 1)]
    assert list(results[0].transfer_syntax) == [EXPLICIT]


def test_what_is_written_is_read_again():
    assert proposal.decode(proposal.encode_request(REQUEST)) == REQUEST


@given(st.binary(max_size=300), st.integers(0, 200))
def test_damage_is_an_error_and_nothing_else(rubbish, at):
    body = proposal.encode_request(REQUEST)
    damaged = body[:at] + rubbish + body[at + len(rubbish) :]
    for data in (damaged, rubbish, damaged[:at]):
        try:
            found = proposal.decode(data)
        except ValueError:
            continue
        assert isinstance(found, Proposal)


@pytest.mark.parametrize(
    ("offered", "rights", "result"),
    [
        ((CT, (JPEG, EXPLICIT)), {STORE}, (0, JPEG)),
        ((CT, (IMPLICIT, EXPLICIT)), {STORE}, (0, EXPLICIT)),
        ((CT, ("1.2.3", IMPLICIT)), {STORE}, (0, IMPLICIT)),
        ((CT, ("1.2.3",)), {STORE}, (4, None)),
        ((CT, (EXPLICIT,)), {ECHO}, (1, None)),
        (("1.2.840.10008.5.1.1.9", (EXPLICIT,)), {STORE, ECHO}, (3, None)),
        ((ECHO_CLASS, (JPEG, IMPLICIT)), {ECHO}, (0, IMPLICIT)),
        ((COMMITMENT, (EXPLICIT,)), {COMMIT}, (0, EXPLICIT)),
    ],
)
def test_a_context_is_judged_by_right_and_syntax(offered, rights, result):
    asked = Proposal("A", "B", (Context(1, *offered),), 0)
    (one,) = negotiated(asked, frozenset(rights), 0).contexts
    assert one.result == result[0]
    assert result[1] is None or one.transfer == (result[1],)


def test_who_may_only_retrieve_may_be_the_provider_of_storage_and_not_its_user():
    asked = Proposal("A", "B", (Context(1, CT, (EXPLICIT,)),), 0, {CT: (True, True)})
    answer = negotiated(asked, frozenset({RETRIEVE}), 0)
    assert answer.contexts[0].result == 0
    assert answer.roles == {CT: (False, True)}
