import pytest
from pydicom.sr._cid_dict import cid_concepts
from pydicom.sr._concepts_dict import concepts

from secondread.core.code import LOCAL, Code
from secondread.dicom.results import parametric_map, seg, segment_references, segments

USED = [
    value
    for module in (parametric_map, seg, segment_references, segments)
    for value in vars(module).values()
    if isinstance(value, Code) and value.system != LOCAL
]


def published(context_group: int) -> set[tuple[str, str]]:
    names = ((scheme, name) for scheme, group in cid_concepts[context_group].items() for name in group)
    return {(scheme, value) for scheme, name in names for value in concepts[scheme][name]}


@pytest.mark.parametrize("code", USED)
def test_every_published_code_means_what_the_dictionary_says(code):
    assert code.display in {entry[code.value][0] for entry in concepts[code.system].values() if code.value in entry}


@pytest.mark.parametrize(
    ("group", "code"),
    [
        (7150, segments.ABNORMAL),
        (7150, segments.ANATOMICAL),
        (7203, seg.SEGMENTATION),
        (9000, parametric_map.QUANTITY),
        (7181, parametric_map.NO_UNITS),
    ],
)
def test_codes_come_from_the_context_group_the_standard_names(group, code):
    assert (code.system, code.value) in published(group)


def test_every_structure_may_be_the_type_of_an_anatomical_segment():
    assert {("SCT", value) for value in segments.STRUCTURES} <= published(7192)
