"""An ORU^R01 that another parser reads back to the letter, and that is never more than preliminary."""

import re
import string
from dataclasses import replace
from decimal import Decimal

import pytest
from hl7apy.parser import parse_message
from hypothesis import given, settings
from hypothesis import strategies as st

import fakes
from hl7_witness import obx, parse, rows, unescape
from report_desk import Desk
from secondread.core.code import LOCAL, Code
from secondread.core.errors import UsageError
from secondread.core.measurement import Measurement
from secondread.core.report import NOTICE, Outcome, Refusal
from secondread.report import hl7_text
from secondread.report.hl7 import PatientFields, Route, to_oru

KOREAN = PatientFields(
    id="12345",
    assigner="HOSP",
    name="Hong^Gildong^^Dr^Jr=洪^吉洞=홍^길동",
    birth_date="19600101",
    sex="M",
    accession="ACC|1",
)
TEXT = st.text(st.characters(codec=None), max_size=30)
DELIMITED = st.text(st.sampled_from("ab \\|^~&\r\n가EFSTR."), max_size=30)


@pytest.fixture
def say(desk):
    def make(*reads, patient=None, **changes):
        return to_oru(desk.report(*reads, **changes), desk.cards, message_id="MSG00001", patient=patient)

    return make


@pytest.mark.parametrize("patient", [None, KOREAN, PatientFields("1")])
@pytest.mark.parametrize("outcome", ["found", "nothing found", "undecided", "refused", "failed"])
def test_a_message_of_every_outcome_is_valid(everyone, desk, outcome, patient):
    message = to_oru(everyone[outcome], desk.cards, message_id="MSG00001", patient=patient)
    parse(message)
    flat = message.replace("\\.br\\", " ").removesuffix("\r")  # which hl7apy knows in FT only, see above
    assert parse_message(flat, find_groups=True).to_er7() == flat


def test_the_witness_refuses_a_message_without_its_required_fields(everyone, desk):
    message = to_oru(everyone["found"], desk.cards, message_id="MSG00001")
    broken = re.sub(r"(OBR\|1\|\|[^|]*\|)[^|]*", r"\1", message)
    assert broken != message
    with pytest.raises(Exception, match="Missing required child"):
        parse(broken)


def test_the_head_says_what_it_is_in_which_letters_and_when(say, desk):
    head = parse(say(desk.found())).msh
    assert head.msh_9.to_er7() == "ORU^R01^ORU_R01"
    assert (head.msh_10.value, head.msh_12.to_er7(), head.msh_18.to_er7()) == ("MSG00001", "2.5.1", "UNICODE UTF-8")
    assert head.msh_7.to_er7() == "20260304102205+0900"
    assert (head.msh_15.to_er7(), head.msh_16.to_er7()) == ("", "")


def test_the_route_is_the_callers(desk):
    route = Route("READER", "A&E", "RIS", "HOSP")
    message = to_oru(desk.report(desk.found()), desk.cards, message_id="1", route=route)
    parse(message)
    assert message.split("|")[2:6] == ["READER", r"A\T\E", "RIS", "HOSP"]


def test_segments_end_with_a_carriage_return_and_hold_no_other_line_end(say, desk):
    message = say(desk.found(), desk.refused())
    assert message.endswith("\r")
    assert "\n" not in message
    assert all(re.match(r"(MSH|SFT|PID|OBR|OBX|NTE)\|", line) for line in message.split("\r")[:-1])


def test_without_patient_fields_the_message_knows_a_pseudonym_only(say, desk):
    (pid,) = rows(say(desk.found()), "PID")
    assert pid[3] == "p-0123456789abcdef^^^SECONDREAD^PI"
    assert pid[5] == "^^^^^^S"
    assert (pid[7], pid[8]) == ("", "U")


def test_a_korean_patient_comes_back_in_three_spellings(say, desk):
    message = say(desk.found(), patient=KOREAN)
    assert message.encode("utf-8").decode("utf-8") == message
    patient = parse(message).children[-1].oru_r01_patient.pid
    assert patient.pid_3.to_er7() == "12345^^^HOSP^MR"
    names = [name.to_er7() for name in patient.pid_5]
    assert names == ["Hong^Gildong^^Jr^Dr^^L^A", "洪^吉洞^^^^^L^I", "홍^길동^^^^^L^P"]
    assert (patient.pid_7.to_er7(), patient.pid_8.to_er7()) == ("19600101", "M")
    assert "p-0123456789abcdef" not in message


def test_a_name_in_hangul_alone_keeps_its_place(say, desk):
    (pid,) = rows(say(desk.found(), patient=PatientFields("1", name="Hong^Gildong==홍^길동")), "PID")
    assert pid[5] == "Hong^Gildong^^^^^L^A~홍^길동^^^^^L^P"


def test_the_accession_number_names_the_order(say, desk):
    (order,) = rows(say(desk.found(), patient=KOREAN), "OBR")
    assert order[3] == r"ACC\F\1"
    (order,) = rows(say(desk.found()), "OBR")
    assert re.fullmatch(r"s-[0-9a-f]{16}\^SECONDREAD", order[3])
    assert order[4] == "43468-8^XR unspecified body region^LN"
    assert (order[22], order[24], order[25]) == ("20260304102205+0900", "RAD", "P")


@pytest.mark.parametrize(
    "wrong", [{"id": " "}, {"birth_date": "1960-01-01"}, {"birth_date": "19600101|X"}, {"sex": "male"}, {"sex": "M^"}]
)
def test_patient_fields_that_are_written_otherwise_are_refused_without_repeating_them(wrong):
    with pytest.raises(UsageError) as caught:
        PatientFields(**{"id": "12345", "name": "Hong^Gildong", **wrong})
    assert str(caught.value).startswith(f"patient: {next(iter(wrong))}")
    assert not re.search("Hong|12345|1960", str(caught.value))


@pytest.mark.parametrize("wrong", ["", "a|b", "a" * 21, "a\r", "하나"])
def test_a_message_id_that_an_answer_could_not_repeat_is_refused(everyone, desk, wrong):
    with pytest.raises(UsageError, match="message_id"):
        to_oru(everyone["found"], desk.cards, message_id=wrong)


def test_nothing_is_ever_final(say, desk):
    message = say(desk.found(), desk.nothing_found(), desk.refused(), desk.failed())
    assert {row[11] for row in rows(message)} == {"P", "X", "O"}
    assert [row[3] for row in rows(message) if row[11] == "O"] == ["113014^DICOM Study^DCM"]
    (order,) = rows(message, "OBR")
    assert order[25] == "P"


def test_results_are_counted_from_one(say, desk):
    message = say(desk.found(), desk.nothing_found(), desk.refused())
    assert [row[1] for row in rows(message)] == [str(place) for place in range(1, len(rows(message)) + 1)]


def test_a_finding_comes_back_with_its_numbers_and_units(say, desk):
    message = say(desk.found())
    (seen,) = [row for row in rows(message) if row[2] == "CWE"]
    assert (seen[3], seen[5], seen[8]) == ("233604007^Pneumonia^SCT", "52101004^Present^SCT", "A")
    certainty = obx(message, "111012")
    assert (certainty[2], certainty[5], certainty[6], certainty[7]) == ("NM", "94", "%^%^UCUM", "<50")
    width = obx(message, "width")
    assert (width[2], width[5], width[6]) == ("NM", "41.27", "mm^mm^UCUM")
    assert obx(message, "uncertainty-95")[5] == "3"
    assert obx(message, "bacterial")[5] == "70"
    assert {row[4] for row in (seen, certainty, width)} == {"1"}
    assert seen[18] == f"{fakes.READER} 1.2.3^SECONDREAD"
    assert seen[19] == "20260304102205+0900"
    notes = " ".join(row[3] for row in rows(message, "NTE"))
    for words in ("Of 100 pictures", "in the upper half", "by hand"):
        assert words in notes


def test_two_findings_are_told_apart_by_their_group(say, desk):
    message = say(desk.found(findings=(desk.finding(), desk.finding(0.6))))
    percents = {row[4]: row[5] for row in rows(message) if row[3].startswith("111012")}
    assert percents == {"1": "94", "2": "60"}


def test_undecided_is_flagged_as_indeterminate_and_says_that_a_person_decides(say, desk):
    message = say(desk.undecided())
    (seen,) = [row for row in rows(message) if row[2] == "CWE"]
    assert (seen[5], seen[8]) == ("373068000^Undetermined^SCT", "IND")
    assert "A" not in [row[8] for row in rows(message)]
    assert "a person has to decide" in " ".join(row[3] for row in rows(message, "NTE"))
    assert "bacterial" not in message.lower()


def test_absent_is_not_flagged_as_normal_and_says_what_it_does_not_mean(say, desk):
    message = say(desk.nothing_found())
    (seen,) = [row for row in rows(message) if row[2] == "CWE"]
    assert (seen[5], seen[8]) == ("272519000^Absent^SCT", "")
    assert "does not rule out disease" in " ".join(row[3] for row in rows(message, "NTE"))
    assert not re.search(r"\bnormal\b", message, re.IGNORECASE)


@pytest.mark.parametrize(
    ("outcome", "sentence", "status"),
    [
        (
            "refused",
            "Refused: not read. Found view LL; needed a frontal view. Next step: Send the frontal picture.",
            "111225",
        ),
        ("failed", "Failed: not read. The reader stopped (RuntimeError).", "111224"),
    ],
)
def test_a_read_without_an_answer_cannot_be_obtained_and_says_why(everyone, desk, outcome, sentence, status):
    message = to_oru(everyone[outcome], desk.cards, message_id="1")
    asked = obx(message, fakes.READER)
    assert (asked[2], asked[5], asked[11]) == ("FT", sentence, "X")
    told = obx(message, "111064")
    assert (told[5].split("^")[0], told[11]) == (status, "X")
    assert not [row for row in rows(message) if row[2] == "NM" or row[5].split("^")[0] in {"52101004", "272519000"}]


def test_the_impression_begins_with_the_notice_and_keeps_its_lines(say, desk):
    impression = obx(say(desk.found(), desk.failed()), "19005-8")
    lines = unescape(impression[5]).split("\n")
    assert lines[0] == NOTICE
    assert any("Found: Pneumonia" in line for line in lines)
    assert any("Failed: not read" in line for line in lines)


def test_the_program_and_each_network_stand_with_their_version_and_hash(say, desk):
    gate = {"gate_bundle": fakes.GATE, "gate_version": "2.0", "gate_sha256": "f" * 64}
    message = say(desk.found(provenance={"bundle": fakes.READER, "sha256": fakes.NO_HASH, **gate}), desk.refused())
    parse(message)
    assert [row[1:5] for row in rows(message, "SFT")] == [
        ["secondread", "0.1.0", "secondread", "secondread 0.1.0"],
        ["secondread", "1.2.3", fakes.READER, fakes.NO_HASH],
        ["secondread", "2.0", fakes.GATE, "f" * 64],
    ]


def test_the_same_report_gives_the_same_message(say, desk):
    assert say(desk.found()) == say(desk.found())


def test_a_missing_card_or_a_time_without_offset_is_refused(desk):
    with pytest.raises(UsageError, match="no model card"):
        to_oru(desk.report(desk.found()), {}, message_id="1")
    with pytest.raises(UsageError, match="created_at"):
        to_oru(desk.report(desk.found(), created_at="2026-03-04T10:22:05"), desk.cards, message_id="1")


@given(DELIMITED | TEXT)
def test_escaped_text_holds_no_delimiter_and_comes_back(text):
    as_it_travels = re.sub("\r\n|[\r\n\x85\u2028\u2029]", "\n", text)
    for make, kept in ((hl7_text.escape, as_it_travels.replace("\n", " ")), (hl7_text.formatted, as_it_travels)):
        written = make(text)
        assert not set(written) & set("|^~&\r\n\x0b\x1c")
        assert unescape(written) == hl7_text.clean(kept).replace("\t", " ")
        written.encode("utf-8")


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e9, max_value=1e9))
def test_a_number_is_written_without_an_exponent_and_comes_back(value):
    written = hl7_text.number(value)
    assert re.fullmatch(r"-?\d+(\.\d+)?", written)
    assert float(written) == pytest.approx(value, rel=1e-5, abs=1e-300)
    if abs(value) >= 1e-8:
        assert len(written) <= 16
    whole = Decimal(f"{value:.15g}")
    assert Decimal(written) == whole or len(format(whole.normalize(), "f")) > 16


def test_a_long_number_below_one_is_a_valid_value(say, desk):
    ratio = Measurement("ratio", 0.943491637656628, "1", "by hand")
    parse(say(desk.found(findings=(desk.finding(measurements=(ratio,)),))))
    parse(say(desk.read(Outcome.NOTHING_FOUND, findings=(replace(desk.finding(), probability=0.00123456789012345),))))


@settings(max_examples=15, deadline=None)
@given(st.text(st.characters(codec=None), min_size=1, max_size=12) | DELIMITED.filter(bool), st.floats(0.5, 1.0))
def test_any_text_makes_a_valid_message_of_the_same_segments(text, probability):
    desk = Desk(fakes.card())
    finding = replace(
        desk.finding(probability),
        code=Code(LOCAL, text, text),
        location=text,
        measurements=(Measurement(text, 1.5, "mm", text),),
    )
    report = desk.report(
        desk.found(findings=(finding,), warnings=(text,)),
        desk.refused(refusal=Refusal(text, text, text)),
        patient_key="p-1",
    )
    patient = PatientFields("1" + text, "A&B", text, accession=text)
    message = to_oru(report, desk.cards, message_id="1", patient=patient)
    message.encode("utf-8")
    assert "\x0b" not in message
    parse(message)
    assert {line[:3] for line in message.split("\r")} == {"MSH", "SFT", "PID", "OBR", "OBX", "NTE", ""}
    assert len(rows(message)) == 8  # study, finding, probability, width, detail, refusal and its status, impression


def test_every_letter_that_can_be_printed_survives_the_witness(say, desk):
    sentence = string.printable.split("\t")[0] + " 폐렴 肺炎 ñ ü"
    message = say(desk.refused(refusal=Refusal("view", sentence, "none")))
    (group,) = [child for child in parse(message).children if child.name == "ORU_R01_PATIENT_RESULT"]
    results = group.oru_r01_order_observation.oru_r01_observation
    (told,) = [one.obx.obx_5.to_er7() for one in results if one.obx.obx_3.to_er7().startswith(fakes.READER)]
    assert sentence in unescape(told)


def test_a_warning_is_called_one_with_and_without_an_answer(desk):
    for read in (desk.found(warnings=("View AP.",)), desk.refused(warnings=("View AP.",))):
        message = to_oru(desk.report(read), desk.cards, message_id="1")
        assert [line for line in message.split("\r") if line.startswith("NTE") and line.endswith("||Warning: View AP.")]
