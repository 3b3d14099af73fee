import pytest

from secondread.dicom.web.query import Match, parse, path_of
from secondread.dicom.web.refusals import WebRequestError


def test_an_attribute_is_named_by_keyword_or_tag_alike():
    assert parse([("PatientID", "A1")]).filters == parse([("00100020", "A1")]).filters


def test_a_path_leads_into_sequences_by_either_name():
    assert path_of("OtherPatientIDsSequence.00100020") == "00101002.00100020"


@pytest.mark.parametrize(
    ("name", "value", "match"),
    [
        ("PatientName", "Do?^J*", Match(pattern="Do?^J*")),
        ("StudyDate", "20130509-20130510", Match(between=("20130509", "20130510"))),
        ("StudyDate", "-20130510", Match(between=("", "20130510"))),
        ("StudyDate", "20130509", Match(one_of=("20130509",))),
        ("StudyTime", "10-1130", Match(between=("10", "1130"))),
        ("StudyInstanceUID", "1.2,1.3", Match(one_of=("1.2", "1.3"))),
        ("SeriesNumber", "007", Match(one_of=("7",))),
    ],
)
def test_a_value_is_understood_by_the_kind_of_its_attribute(name, value, match):
    assert list(parse([(name, value)]).filters.values()) == [match]


def test_an_empty_value_or_a_lone_star_asks_for_nothing():
    assert parse([("PatientName", "*"), ("StudyDate", "")]).filters == {}


def test_fields_come_by_comma_or_again():
    query = parse([("includefield", "StudyDescription,00080060"), ("includefield", "PatientSex")])
    assert query.include == {"00081030", "00080060", "00100040"}
    assert parse([("includefield", "all")]).include_all


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("NoSuchAttribute", "1"), ("StudyDate", "2013-05-09"), ("StudyDate", "-"), ("limit", "-1"), ("offset", "x"),
        ("fuzzymatching", "yes"), ("StudyInstanceUID", "1.2'; drop"), ("SeriesNumber", "three"),
    ],
)  # fmt: skip
def test_what_cannot_be_understood_is_refused(name, value):
    with pytest.raises(WebRequestError):
        parse([(name, value)])


def test_a_message_quotes_no_value():
    with pytest.raises(WebRequestError) as error:
        parse([("Doe^Jane born 1950", "x")])
    assert "Doe" not in str(error.value)
