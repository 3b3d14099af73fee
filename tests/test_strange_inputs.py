"""A read of an input unlike the training, through the whole path."""

from pathlib import Path

import numpy as np
import pytest

import dicom_factory
import fakes
from fakes import READER, FakeBundles
from secondread import pipeline
from secondread.core.report import Outcome, Read
from secondread.core.trust import Outside
from secondread.engine.outside import MEASURED
from secondread.engine.reference import Reference
from secondread.readers.chest_xray_pneumonia import READER as PNEUMONIA
from secondread.report.json import to_dict

NOW = "2025-01-31T09:30:00+09:00"
NUMBERS = {"embedding": 2, "greys": 12, "grain": 14, "layout": 64}


class Remembering(FakeBundles):
    """Fakes whose reader's network has a reference with one threshold for every part."""

    def __init__(self, threshold: float, scale: float = 1.0) -> None:
        super().__init__(cards={READER: fakes.card(READER, outside=Outside("a test", 0.95, "a test", scale))})
        gauges = {f"{name}.reach": np.ones(1, np.float32) for name in MEASURED}
        for name, count in NUMBERS.items():
            gauges |= {
                f"{name}.mean": np.zeros(count, np.float32),
                f"{name}.spread": np.ones(count, np.float32),
                f"{name}.centres": np.zeros((1, count), np.float32),
                f"{name}.whiten": np.eye(count, dtype=np.float32),
            }
        rows, points = np.arange(5, dtype=np.int32), np.ones((5, 2), np.float32)
        limits = dict.fromkeys(MEASURED, threshold)
        self._reference = Reference(
            np.ones(2, np.float32), np.eye(2, dtype=np.float32), points, rows, rows.astype(np.int16), limits, gauges
        )

    def reference(self, name: str) -> Reference | None:
        return self._reference if name == READER else None


def read(folder: Path, bundles: FakeBundles, **options) -> Read:
    folder.mkdir()
    dicom_factory.chest_xray(folder / "chest.dcm", fakes.dicom_pixels())
    return pipeline.read(folder, [PNEUMONIA], bundles, created_at=NOW, **options).reads[0]


def test_a_strange_input_is_refused_and_keeps_its_distance_and_picture(tmp_path):
    one = read(tmp_path / "study", Remembering(0.05))
    assert (one.outcome, one.refusal.reason) == (Outcome.REFUSED, "out-of-distribution")
    assert "unlike those that the network chest-xray-pneumonia was trained on" in one.refusal.message
    assert one.distances[0].outside
    assert dict(one.distances[0].parts).keys() == set(MEASURED)
    assert one.illustrations[0].title == "Why the input is strange to the network"
    assert one.checks


def test_where_the_site_wants_a_warning_the_answer_stays(tmp_path):
    one = read(tmp_path / "study", Remembering(0.05), outside="warn")
    assert one.outcome is Outcome.FOUND
    assert any("was trained on" in warning for warning in one.warnings)
    assert one.distances[0].outside


def test_an_input_like_the_training_is_read_and_its_distance_told(tmp_path):
    one = read(tmp_path / "study", Remembering(1e3))
    assert one.outcome is Outcome.FOUND
    assert [(each.bundle, each.outside) for each in one.distances] == [(READER, False)]
    assert not any("was trained on" in warning for warning in one.warnings)


def test_the_factor_of_a_site_moves_the_distance(tmp_path):
    plain = read(tmp_path / "a", Remembering(0.05)).distances[0]
    halved = read(tmp_path / "b", Remembering(0.05, scale=0.5)).distances[0]
    assert halved.value == pytest.approx(plain.value / 2)


def test_networks_without_a_reference_tell_no_distance(tmp_path):
    assert read(tmp_path / "study", FakeBundles()).distances == ()


def test_the_report_tells_the_distance_of_a_refused_read(tmp_path):
    folder = tmp_path / "study"
    folder.mkdir()
    dicom_factory.chest_xray(folder / "chest.dcm", fakes.dicom_pixels())
    report = pipeline.read(folder, [PNEUMONIA], Remembering(0.05), created_at=NOW)
    assert to_dict(report)["reads"][0]["distances"][0]["outside"] is True
