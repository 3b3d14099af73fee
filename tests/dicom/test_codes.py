import pytest
from pydicom.sr._cid_dict import cid_concepts
from pydicom.sr._concepts_dict import concepts

from secondread.core.code import LOCAL, Code
from secondread.core.report import Outcome
from secondread.dicom import codes


def used() -> dict[str, Code]:
    found = {}
    for name, value in vars(codes).items():
        if isinstance(value, Code):
            found[name] = value
        elif isinstance(value, dict) and not name.startswith("__"):
            found |= {f"{name}[{key}]": code for key, code in value.items() if isinstance(code, Code)}
    return found


def published(context_group: int) -> set[tuple[str, str]]:
    names = ((scheme, name) for scheme, group in cid_concepts[context_group].items() for name in group)
    return {(scheme, value) for scheme, name in names for value in concepts[scheme][name]}


@pytest.mark.parametrize(("name", "code"), [(n, c) for n, c in used().items() if c.system != LOCAL])
def test_every_published_code_means_what_the_dictionary_says(name, code):
    # the dictionary keeps the places where the printed standard may break a long word
    meanings = {
        entry[code.value][0].replace("\u200b", "") for entry in concepts[code.system].values() if code.value in entry
    }
    assert code.display in meanings


@pytest.mark.parametrize(
    ("group", "chosen"),
    [
        (6047, codes.SUMMARIES.values()),
        (6042, codes.STATUSES.values()),
        (241, [codes.PRESENT, codes.ABSENT]),
        (29, codes.MODALITIES.values()),
        (100, [*codes.PROCEDURES.values(), codes.ANY_PROCEDURE]),
        (7202, [codes.SOURCE_IMAGE]),
        (7010, [codes.OF_INTEREST]),
        (7000, [codes.IMAGING_REPORT]),
        (6034, [codes.PRESENT_IT]),
        (6022, codes.SIDES_OF_BREAST.values()),
        (4014, codes.MAMMOGRAPHY_VIEWS.values()),
        (6014, codes.ON_ONE_IMAGE.values()),
        (6017, [codes.MAMMOGRAPHIC_MASS]),
    ],
)
def test_answers_come_from_the_context_group_the_template_names(group, chosen):
    assert {(code.system, code.value) for code in chosen} <= published(group)


def test_the_four_ways_a_read_ends_are_told_apart_by_their_codes():
    assert len({(codes.SUMMARIES[outcome], codes.STATUSES[outcome]) for outcome in Outcome}) == 4


def test_a_meaning_too_long_for_dicom_is_cut_and_a_long_value_is_kept_whole():
    item = codes.concept(codes.local("A very long name " * 10))
    assert len(item.CodeMeaning) == 64
    assert item.LongCodeValue.endswith("a-very-long-name")
    assert codes.item(codes.local("A very long name " * 10)) == item


def test_a_finding_that_implies_an_organ_lies_there_and_others_in_the_examined_part():
    pneumonia, opacity = Code("SCT", "233604007", "Pneumonia"), Code("DCM", "112001", "Opacity")
    assert codes.site(pneumonia, "") == codes.LUNG
    assert codes.site(opacity, "CHEST") == codes.CHEST
    assert codes.site(opacity, "HAND") is None
