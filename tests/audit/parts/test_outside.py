from types import SimpleNamespace

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs the extra `learn`")

from secondread.audit.parts.outside import to_damage

PATIENTS = np.repeat([f"p{n}" for n in range(10)], 4)


def seen(picture: str) -> SimpleNamespace:
    part = SimpleNamespace(patients=PATIENTS, labels=np.zeros(40))
    item = SimpleNamespace(picture=picture, stack=())
    trial = SimpleNamespace(recipe=SimpleNamespace(data=(item,)), splits={"test": _Sized(part)})
    return SimpleNamespace(trial=trial, bundle=SimpleNamespace(card=SimpleNamespace(role="reader", labels=("yes",))))


class _Sized:
    def __init__(self, part: SimpleNamespace) -> None:
        self.patients = part.patients

    def __len__(self) -> int:
        return len(self.patients)


def test_of_slices_whole_examinations_are_damaged():
    chosen = to_damage(seen("head"), 5, 3)
    owners, counts = np.unique(PATIENTS[chosen], return_counts=True)
    assert (len(owners), counts.tolist()) == (3, [4, 4, 4])
    assert np.array_equal(chosen, to_damage(seen("head"), 5, 3))


def test_of_single_pictures_so_many_are_damaged_whoever_they_are_of():
    chosen = to_damage(seen("grey"), 5, 3)
    assert len(chosen) == len(set(chosen.tolist())) == 5
    assert len(to_damage(seen("grey"), 100, 3)) == 40
