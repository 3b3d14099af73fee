"""Which parts of an assessment are measured, and that those of what ships agree with each other."""

import json

import pytest

from secondread.audit.assess import all_parts, chosen
from secondread.core.errors import UsageError
from secondread.engine.bundle import find_bundles, shipped


def test_a_part_is_measured_again_with_the_one_it_takes_its_limits_from():
    assert list(chosen(["conformal"])) == ["conformal", "selective"]
    assert list(chosen(["selective"])) == ["selective"]
    assert list(chosen([])) == list(all_parts())
    with pytest.raises(UsageError, match="conformal"):
        chosen(["conformity"])


@pytest.mark.parametrize("name", sorted(find_bundles([shipped()])))
def test_what_is_undecided_is_the_same_in_both_parts_that_tell_it(name):
    """One draws a picture of each patient, the other takes all pictures, so the shares differ a little."""
    trust = json.loads((shipped() / name / "evaluation.json").read_text(encoding="utf-8"))["trust"]
    left = {one["name"]: one["decided"]["undecided"] for one in trust["selective"]["questions"] if "decided" in one}
    said = {one["name"]: one["undecided"] for one in trust["conformal"]["questions"] if one["range"] is not None}
    assert {one: left[one] for one in said.keys() & left.keys()} == {
        one: pytest.approx(said[one], rel=0.5, abs=0.02) for one in said.keys() & left.keys()
    }
    assert not any(left[one] for one in left.keys() - said.keys())
