"""Every noun of the core is frozen, and what it holds cannot be changed from outside."""

import pkgutil
from dataclasses import FrozenInstanceError, fields, is_dataclass, replace
from importlib import import_module
from pathlib import Path
from types import UnionType
from typing import get_args, get_origin

import numpy as np
import pytest

import fakes
from secondread import core
from secondread.core import (
    card,
    cine,
    clinical,
    code,
    facts,
    finding,
    geometry,
    illustration,
    mask,
    measurement,
    output,
    reader,
    report,
    ruling,
    signature,
    study,
    trust,
)
from secondread.core import image as images
from secondread.core import volume as volumes
from secondread.core.arrays import frozen
from secondread.core.prepare_step import PrepareStep
from secondread.readers.chest_xray_pneumonia import READER

CODE = code.Code(code.SCT, "233604007", "Pneumonia")
GRID = geometry.Geometry((2, 2, 2), np.eye(4))


def square(*shape):
    """New, writeable float32 of this shape."""
    return np.zeros(shape or (2, 2), np.float32)


def parts():
    """Kind to what an example of it is made of, arrays being writeable and new."""
    return {
        geometry.Geometry: {"shape": (2, 2, 2), "affine": np.eye(4)},
        images.Image: {"values": square(), "padding": np.zeros((2, 2), bool), "rgb": np.zeros((2, 2, 3), np.uint8)},
        illustration.Illustration: {"title": "Slices", "rgb": np.zeros((2, 2, 3), np.uint8), "caption": "Lines."},
        clinical.Clinical: {"age_years": 40.0},
        ruling.Ruling: {"guideline": "A score", "edition": "1", "source": "A journal", "value": 1.0, "unit": "{score}"},
        finding.Limit: {"value": 1.0, "rule": "a rule"},
        reader.Standing: {"level": "not validated", "on": "nothing"},
        reader.Case: {"study": fakes.study(), "series": (fakes.series(),), "pixels": (fakes.image(),)},
        reader.Answer: {"warnings": ("One.",)},
        volumes.Volume: {"values": square(2, 2, 2), "geometry": GRID, "unit": "HU"},
        cine.Cine: {"frames": np.zeros((2, 2, 2), np.uint8), "frame_time_ms": 40.0},
        mask.Mask: {"inside": np.zeros((2, 2, 2), bool), "grid": GRID, "code": CODE},
        finding.Map: {"values": square(), "peak": 1.0, "quantity": CODE},
        output.Output: {
            "logits": square(1, 2),
            "cam": square(1, 2, 3, 3),
            "embedding": square(1, 4),
            "mask_logits": square(1, 2, 3, 3),
        },
        reader.Prepared: {"tensor": square(1, 1, 2, 2), "to_source": lambda values: values},
        code.Code: {"system": code.SCT, "value": "1", "display": "One"},
        measurement.Measurement: {"name": "length", "value": 1.0, "unit": "mm", "method": "by hand"},
        finding.Finding: {"code": CODE, "probability": 0.5, "threshold": 0.5},
        reader.GateView: {"probabilities": {"frontal": 1.0}, "thresholds": {"frontal": 0.5}},
        reader.Reader: content(READER),
        card.ModelCard: content(fakes.card()),
        card.InputContract: content(fakes.card().input),
        PrepareStep: {"step": "clahe", "values": (("clip", 2.0),)},
        card.Threshold: content(fakes.card().thresholds[0]),
        card.Calibration: content(fakes.card().calibration),
        study.Study: content(fakes.study()),
        study.Series: content(fakes.series()),
        facts.SeriesFacts: {"slices": 30},
        study.FileRef: {"path": Path("a.dcm"), "sop_class_uid": "", "sop_instance_uid": "1.2"},
        signature.Outline: {"series_uid": "1", "sop_instance_uid": "2", "frame": 0, "points": ((0, 0), (1, 0), (1, 1))},
        signature.Held: {"code": CODE, "present": True, "verdict": signature.Verdict.ADDED},
        signature.Rejected: {"source": (0, 0), "reason": "artefact"},
        signature.Signer: {"name": "Dr Kim", "organisation": "", "login": "kim"},
        signature.SignedReport: {
            "draft": report.Report("1", "p", (), "unread", "2026-03-04T10:00:00Z"),
            "number": 0,
            "signer": signature.Signer("Dr Kim", "", "kim"),
            "signed_at": "2026-03-04T10:00:00+00:00",
            "held": (),
            "rejected": (),
            "findings_text": "None.",
            "impression": "None.",
        },
        trust.Check: {"name": "view", "verdict": "passed"},
        trust.Distance: {"bundle": "b", "value": 0.5},
        trust.SimilarCase: {"bundle": "b", "answer": "normal", "distance": 0.5, "source": "a set"},
        trust.MapRating: {"point": "pneumonia", "rating": "faithful", "told": "It falls by 0.2."},
        trust.Outside: {"method": "distance", "acceptance": 0.95, "fitted_on": "validation split"},
        report.Refusal: {"reason": "view", "message": "Found one.", "next_step": "Send another."},
        report.Evidence: {"series": fakes.series(), "image": fakes.image()},
        report.Read: {"reader": "r", "question": "q", "outcome": report.Outcome.FAILED, "failure": "It stopped."},
        report.Report: {
            "study_uid": "1",
            "patient_key": "p",
            "reads": (),
            "priority": report.Priority.UNREAD,
            "created_at": "2026-03-04T10:22:05+09:00",
        },
    }


def content(example):
    return {field.name: getattr(example, field.name) for field in fields(example)}


def every_kind():
    for module in pkgutil.iter_modules(core.__path__, f"{core.__name__}."):
        for member in vars(import_module(module.name)).values():
            if isinstance(member, type) and is_dataclass(member) and member.__module__ == module.name:
                yield member


def title(kind):
    return kind.__name__


HOLDERS = [(kind, name) for kind, made in parts().items() for name in made if isinstance(made[name], np.ndarray)]


def test_the_examples_here_are_of_every_kind_there_is():
    assert set(parts()) == set(every_kind())


@pytest.mark.parametrize("kind", parts(), ids=title)
def test_no_field_of_a_noun_can_be_set_again_and_none_added(kind):
    example = kind(**parts()[kind])
    for field in fields(kind):
        with pytest.raises(FrozenInstanceError):
            setattr(example, field.name, None)
        with pytest.raises(FrozenInstanceError):
            delattr(example, field.name)
    assert not hasattr(example, "__dict__")


@pytest.mark.parametrize(("kind", "name"), HOLDERS, ids=str)
def test_an_array_is_a_private_copy_that_cannot_be_written(kind, name):
    made = parts()[kind]
    given = made[name]
    held = getattr(kind(**made), name)
    before = held.copy()
    given[...] = ~given if given.dtype == bool else 7
    assert not np.array_equal(given, before)
    assert np.array_equal(held, before)
    with pytest.raises(ValueError, match="read-only"):
        held[...] = 0


@pytest.mark.parametrize(("kind", "name"), HOLDERS, ids=str)
def test_an_array_that_is_frozen_already_is_not_copied(kind, name):
    made = parts()[kind]
    given = frozen(made[name], made[name].dtype, (made[name].ndim,))
    example = kind(**(made | {name: given}))
    assert getattr(example, name) is given
    assert getattr(replace(example), name) is given


def test_every_noun_that_holds_an_array_was_tried():
    assert {(kind, field.name) for kind in every_kind() for field in fields(kind) if is_array(field.type)} == set(
        HOLDERS
    )


def is_array(annotation):
    choices = get_args(annotation) if isinstance(annotation, UnionType) else (annotation,)
    return np.ndarray in map(get_origin, choices)
