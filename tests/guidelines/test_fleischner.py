"""What the Fleischner Society advises, row by row. Source: clinical reference, section 1.4."""

from dataclasses import replace

import pytest

from secondread.guidelines.fleischner import Incidental, fleischner, size_by_diameter, size_by_volume
from secondread.measure.nodule_size import sphere_volume_mm3

GIVEN = Incidental(
    age_years=60,
    kind="solid",
    mean_diameter_mm=7,
    multiple=False,
    high_risk=False,
    known_cancer=False,
    immunosuppressed=False,
    screening=False,
)


@pytest.mark.parametrize(
    ("mm", "size"),
    [(5.4, "under 6 mm"), (5.5, "6 to 8 mm"), (6.4, "6 to 8 mm"), (8.4, "6 to 8 mm"), (8.5, "over 8 mm")],
)
def test_diameters_are_whole_millimetres_with_halves_up(mm, size):
    assert size_by_diameter(mm) == size


@pytest.mark.parametrize(
    ("mm3", "size"),
    [(99.9, "under 6 mm"), (100, "6 to 8 mm"), (250, "6 to 8 mm"), (250.1, "over 8 mm")],
)
def test_volumes_have_limits_of_their_own(mm3, size):
    assert size_by_volume(mm3) == size


def test_the_volumes_of_the_table_are_not_those_of_spheres():
    assert size_by_diameter(8) == "6 to 8 mm"
    assert size_by_volume(sphere_volume_mm3(8)) == "over 8 mm"
    ruling = fleischner(replace(GIVEN, mean_diameter_mm=8, volume_mm3=sphere_volume_mm3(8)))
    assert "6 to 8 mm" in ruling.value
    assert ruling.warnings == ("by its volume of 268 mm3 the size would be over 8 mm; the diameter decided",)


ROWS = [
    ("solid", False, False, 4, "No routine"),
    ("solid", False, True, 4, "CT at 12 months is optional"),
    ("solid", False, False, 7, "CT at 6 to 12 months, then consider CT at 18 to 24"),
    ("solid", False, True, 7, "CT at 6 to 12 months, then CT at 18 to 24"),
    ("solid", False, False, 9, "Consider CT at 3 months, PET-CT or tissue"),
    ("solid", False, True, 9, "Consider CT at 3 months, PET-CT or tissue"),
    ("solid", True, False, 4, "No routine"),
    ("solid", True, True, 4, "CT at 12 months is optional"),
    ("solid", True, False, 7, "CT at 3 to 6 months, then consider CT at 18 to 24"),
    ("solid", True, True, 7, "CT at 3 to 6 months, then CT at 18 to 24"),
    ("solid", True, False, 9, "CT at 3 to 6 months, then consider CT at 18 to 24"),
    ("solid", True, True, 9, "CT at 3 to 6 months, then CT at 18 to 24"),
    ("non-solid", False, None, 5, "No routine"),
    ("non-solid", False, None, 6, "CT at 6 to 12 months; if it persists, CT every 2 years until 5 years"),
    ("part-solid", False, None, 5, "No routine"),
    ("part-solid", False, None, 6, "CT at 3 to 6 months; if it is unchanged and its solid part is under 6 mm"),
    ("non-solid", True, None, 5, "CT at 3 to 6 months; if stable, consider CT at 2 and 4 years"),
    ("part-solid", True, None, 5, "CT at 3 to 6 months; if stable, consider CT at 2 and 4 years"),
    ("non-solid", True, None, 9, "CT at 3 to 6 months; after that the most suspicious nodule decides"),
    ("part-solid", True, None, 9, "CT at 3 to 6 months; after that the most suspicious nodule decides"),
]


@pytest.mark.parametrize(("kind", "multiple", "high_risk", "mm", "advice"), ROWS)
def test_every_row_of_the_table(kind, multiple, high_risk, mm, advice):
    ruling = fleischner(replace(GIVEN, kind=kind, multiple=multiple, high_risk=high_risk, mean_diameter_mm=mm))
    assert ruling.advice.startswith(advice)
    assert ruling.value.startswith(f"{kind}, {'multiple' if multiple else 'single'}, ")


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"age_years": 34}, "under 35"),
        ({"known_cancer": True}, "known primary cancer"),
        ({"immunosuppressed": True}, "immune system"),
        ({"screening": True}, "Lung-RADS"),
    ],
)
def test_outside_its_scope_it_says_nothing_even_where_more_is_unknown(change, why):
    for case in (replace(GIVEN, **change), Incidental(**change)):
        ruling = fleischner(case)
        assert ruling.value is None
        assert ruling.reason.startswith("not applicable: ")
        assert why in ruling.reason


def test_from_35_years_on_it_holds():
    assert fleischner(replace(GIVEN, age_years=35)).value == "solid, single, 6 to 8 mm, low risk"


@pytest.mark.parametrize(
    "name",
    [
        "age_years", "kind", "mean_diameter_mm", "multiple", "high_risk",
        "known_cancer", "immunosuppressed", "screening",
    ],
)  # fmt: skip
def test_what_is_missing_is_named(name):
    assert fleischner(replace(GIVEN, **{name: None})).reason == f"not computable: {name} is not known"


def test_the_risk_is_asked_for_only_where_it_matters():
    assert fleischner(replace(GIVEN, high_risk=None, mean_diameter_mm=9)).value == "solid, single, over 8 mm"
    assert fleischner(replace(GIVEN, high_risk=None, kind="non-solid")).value == "non-solid, single, 6 mm or more"


def test_a_large_solid_part_is_highly_suspicious():
    nodule = replace(GIVEN, kind="part-solid", mean_diameter_mm=12)
    assert any("highly suspicious" in text for text in fleischner(replace(nodule, solid_part_mm=5.5)).warnings)
    assert fleischner(replace(nodule, solid_part_mm=5.4)).warnings == ()
    assert fleischner(nodule).warnings == ("the size of the solid part is not known",)


def test_a_mass_is_called_one():
    assert "mass" in fleischner(replace(GIVEN, mean_diameter_mm=31)).warnings[0]


@pytest.mark.parametrize(
    "change",
    [{"age_years": 150}, {"mean_diameter_mm": 0}, {"mean_diameter_mm": float("nan")}, {"kind": "ground glass"}],
)
def test_what_cannot_be_true_is_refused(change):
    with pytest.raises(ValueError, match=next(iter(change))):
        fleischner(replace(GIVEN, **change))


def test_no_part_is_larger_than_the_whole():
    with pytest.raises(ValueError, match="solid_part_mm: found 8"):
        fleischner(replace(GIVEN, kind="part-solid", solid_part_mm=8))
