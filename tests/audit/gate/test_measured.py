from dataclasses import replace

import numpy as np
import pytest

import fakes
from secondread.audit.gate.measured import counted, entry_of, over, said
from secondread.audit.gate.pictures import case_of, chosen
from secondread.audit.parts import gate as part
from secondread.core.trust import Check
from secondread.readers import all_readers
from secondread.stats.proportion import wilson

READERS = all_readers()
CHEST = READERS["chest-xray-pneumonia"]


def test_a_picture_counts_once_however_many_checks_warn_of_it():
    warned, passed = Check("noise", "warned", "Noisy."), Check("motion", "passed")
    both = (warned, Check("motion", "warned", "Blurred."))
    refused = (warned, Check("view", "refused", "Found LL."))
    told = counted([both, (passed,), refused, (passed,)])
    assert (told.n, told.refused, told.found) == (4, 1, 2)
    assert told.warned_by == {"motion": 1, "noise": 2}
    assert told.refused_by == {"view": 1}
    entry = entry_of(told)
    assert entry["found"] == {
        "count": 2,
        "share": 0.5,
        "low": pytest.approx(wilson(2, 4).low, abs=1e-6),
        "high": pytest.approx(wilson(2, 4).high, abs=1e-6),
    }


def test_the_tags_and_the_person_of_a_measured_picture_fit_so_that_its_pixels_decide():
    checks = {check.name: check for check in said(CHEST, fakes.chest(160, 160), fakes.FakeBundles())}
    for name in ("body-part", "view", "laterality", "person", "tags", "acquisition"):
        assert checks[name].verdict == "passed", checks[name]


def test_every_change_is_told_and_a_refusing_network_refuses_them_all():
    refusing = fakes.FakeBundles({fakes.GATE: (0.0, 0.0, 0.0, 0.0, 9.0)})
    found = over(CHEST, [fakes.chest(160, 160)], refusing, seed=1)
    assert all(told.refused == told.n == 1 for told in found.values())
    assert "mirrored" in found


def test_of_slices_only_what_a_slice_can_show_is_looked_at():
    tumour = READERS["brain-mr-tumour"]
    values = np.pad(fakes.chest(120, 120), 20)
    assert {check.name for check in said(tumour, values, fakes.FakeBundles())} == {"inversion", "motion", "noise"}
    assert case_of(values, tumour.area, tumour.method).series[0].modality == "MR"


def test_pictures_made_by_a_program_are_not_drawn_and_the_draw_is_the_same_each_time():
    names = np.array([f"cxr-nih:{number}.png" for number in range(20)])
    first = chosen(names, 5, 8, seed=1)
    assert first == chosen(names, 5, 8, seed=1)
    assert len(first) == 8
    assert not set(first) & set(names[-5:])


def test_a_gate_network_is_measured_in_front_of_the_readers_that_it_guards():
    guarded = part.behind_gate("chest-xray-gate", READERS)
    assert {reader.area for reader in guarded} == {"chest X-ray"}
    assert [reader.name for reader in part.behind_gate("tuberculosis", READERS)] == ["chest-xray-tuberculosis"]
    assert "no reader of its own" in part.why_not(part.behind_gate("pneumoniamnist-28", READERS))


def test_only_pictures_of_the_reader_s_kind_of_examination_are_looked_at():
    names = ["cxr-nih:a.png", "gate-mednist:b.jpg", "breast-us-busi:c.jpg", "brain-mr-hippocampus:d.nii.gz"]
    assert part.files_of("chest X-ray", names) == ["cxr-nih:a.png"]
    assert part.files_of("brain MR", names) == []


def test_the_lines_of_the_card_name_counts_and_intervals():
    told = counted([(Check("noise", "passed"),)] * 3 + [(Check("noise", "warned", "Noisy."),)])
    rows = part.rows(replace(CHEST), {"as it is": told, "noisy": told})
    assert len(rows) <= 6
    assert "0.250 (0.046 to 0.699), 1 of 4" in rows.values()
    assert all("noisy" in text for name, text in rows.items() if "altered" in name)
