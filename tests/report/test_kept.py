"""What is kept of a report is the report: every field, every pixel, every read of the phantoms."""

import json
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as Pillow

import fakes
from phantoms.every import CLINICAL, EXAMINATIONS, PRIORS, SHOWS, clinical_of
from report_desk import Desk, corner_map
from secondread import pipeline
from secondread.core.errors import FormatError, InputError, OutputError
from secondread.core.finding import Map
from secondread.core.geometry import Geometry
from secondread.core.illustration import Illustration
from secondread.core.image import Image
from secondread.core.mask import Mask
from secondread.core.report import Evidence, Report
from secondread.core.study import Study
from secondread.core.trust import Check, Distance, SimilarCase
from secondread.core.urgency import most_urgent
from secondread.engine.bundle import shipped
from secondread.engine.bundles import Bundles
from secondread.readers import all_readers
from secondread.report.json import to_dict
from secondread.report.kept import keep, open_kept, rebuild
from secondread.sources import load_colour, open_examination

NOW = datetime(2026, 3, 4, 10, 22, 5, tzinfo=UTC)
READERS = all_readers()
BUNDLES = Bundles([shipped()], engine="onnxruntime", threads=1)
# One of each shape: a picture with a map, one without a network, colours, and a volume; the others take longer.
QUICK = ("chest-xray-pneumonia", "chest-xray-heart-size", "breast-ultrasound", "head-ct-haemorrhage")
every_reader = pytest.mark.parametrize(
    "name", [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in READERS]
)


def same(one: object, other: object, where: str = "report") -> None:
    """Every field alike: types of nouns, texts, numbers to the last bit, arrays with their kind."""
    if is_dataclass(one) and not isinstance(one, type):
        assert type(one) is type(other), where
        for part in fields(one):
            same(getattr(one, part.name), getattr(other, part.name), f"{where}.{part.name}")
    elif isinstance(one, np.ndarray):
        assert isinstance(other, np.ndarray), where
        assert one.dtype == other.dtype, where
        assert one.shape == other.shape, where
        assert one.tobytes() == other.tobytes(), where
    elif isinstance(one, tuple):
        assert isinstance(other, tuple), where
        assert len(one) == len(other), where
        for number, (left, right) in enumerate(zip(one, other, strict=True)):
            same(left, right, f"{where}[{number}]")
    else:
        assert one == other, where


def read_of_phantom(name: str, folder: Path) -> tuple[Report, Study]:
    def study(of: str) -> Study:
        place = folder / of
        if not place.exists():
            place.mkdir(parents=True)
            EXAMINATIONS[of](place)
        return open_examination(place)

    now, prior = study(SHOWS[name]), study(PRIORS[name]) if name in PRIORS else None
    answers = [pipeline.ask(READERS[name], now, BUNDLES, clinical_of(name), prior, pipeline.Held("warn"))]
    answers += [
        pipeline.ask(
            READERS["spine" if name != "spine" else "mammogram"], now, BUNDLES, CLINICAL, held=pipeline.Held("warn")
        )
    ]
    priority = most_urgent([READERS[name]], answers[:1])
    return Report(now.uid, now.patient_key, tuple(answers), priority, NOW.isoformat(), unread=(("CT", "late"),)), now


@every_reader
def test_a_report_comes_back_from_its_folder_with_every_field_and_every_pixel(name, tmp_path):
    report, study = read_of_phantom(name, tmp_path / "studies")
    keep(report, tmp_path / "kept")
    same(report, rebuild(tmp_path / "kept", study, load_colour))
    kept = open_kept(tmp_path / "kept")
    assert kept.report == json.loads(json.dumps(to_dict(report)))
    for number, read in enumerate(report.reads):
        grid = kept.grid(number)
        assert (grid is None) == (read.evidence is None)
        for finding_number, finding in enumerate(read.findings):
            mask, support = kept.mask(number, finding_number), kept.map(number, finding_number)
            assert (mask is None) == (finding.mask is None)
            assert mask is None or (mask.shape == grid.shape and np.array_equal(mask, finding.mask.inside))
            assert (support is None) == (finding.map is None)
            assert support is None or np.array_equal(support, finding.map.values)


def test_each_slice_of_a_volume_is_named_by_the_image_that_lies_there(tmp_path):
    import pydicom

    report, _ = read_of_phantom("head-ct-haemorrhage", tmp_path / "studies")
    keep(report, tmp_path / "kept")
    grid = open_kept(tmp_path / "kept").grid(0)
    headers = {
        header.SOPInstanceUID: header
        for header in (pydicom.dcmread(file) for file in (tmp_path / "studies").rglob("*.dcm"))
    }
    assert len(grid.sop_instance_uids) == grid.shape[0] == len(headers)
    assert set(grid.frames) == {0}
    for k, uid in enumerate(grid.sop_instance_uids):
        first_pixel = grid.affine @ (k, 0, 0, 1)
        assert np.allclose(first_pixel[:3], [float(n) for n in headers[uid].ImagePositionPatient], atol=0.1)
    volume = report.reads[0].evidence.volume.values
    middle = headers[grid.sop_instance_uids[20]]
    shown = middle.pixel_array * float(middle.RescaleSlope) + float(middle.RescaleIntercept)
    assert np.array_equal(shown.astype(np.float32), volume[20])


@given(
    shape=st.tuples(st.integers(1, 5), st.integers(1, 9), st.integers(1, 9)),
    seed=st.integers(0, 2**16),
    flat=st.booleans(),
)
def test_masks_and_maps_of_any_shape_come_back_bit_for_bit(tmp_path_factory, shape, seed, flat):
    random, folder = np.random.default_rng(seed), tmp_path_factory.mktemp("kept")
    desk, shape = Desk(fakes.card()), shape[1:] if flat else shape
    affine = np.diag([*random.uniform(-3, -0.1, 3), 1.0])
    affine[:3, 3] = random.normal(size=3)
    grid = tuple(random.uniform(0.1, 2, 2)) if flat else Geometry(shape, affine)
    mask = Mask(random.random(shape) < 0.5, grid, desk.finding().code)
    support = Map(random.random(shape[-2:], dtype=np.float32), float(random.random()), mask.code)
    drawn = Illustration("Drawn", random.integers(0, 256, (*shape[-2:], 3), np.uint8), "Colours")
    finding = desk.finding(float(random.uniform(0.5, 1)), mask=mask, map=support)
    report = desk.report(desk.found(findings=(finding,), illustrations=(drawn,), evidence=None))
    keep(report, folder / "kept")
    study = Study(report.study_uid, report.patient_key, (fakes.series(),))
    same(report, rebuild(folder / "kept", study, load_colour))


def test_every_outcome_comes_back(everyone, tmp_path):
    study = Study("1.2.3", "p-1", (fakes.series(),))
    for number, report in enumerate(everyone.values()):
        bare = replace(report, reads=tuple(replace(read, evidence=None) for read in report.reads))
        keep(bare, tmp_path / str(number))
        same(bare, rebuild(tmp_path / str(number), study, load_colour))


TRUST = {
    "checks": (Check("view", "passed"), Check("quality", "warned", "It is dark."), Check("age", "not checked")),
    "distances": (Distance("fake", 0.5, (("embedding", 0.5), ("neighbours", 0.25)), 3),),
    "similar": (
        SimilarCase("fake", "pneumonia", 0.125, "A data set", (("age", "5"),), b"\xff\xd8 a small picture \xff\xd9"),
        SimilarCase("fake", "normal", 0.25, "Another data set"),
    ),
}


def test_what_an_answer_can_be_trusted_on_comes_back_with_the_small_pictures(desk, tmp_path):
    finding = desk.unsure(point=("fake", "pneumonia"))
    report = desk.report(desk.undecided(findings=(finding,), evidence=None, **TRUST))
    keep(report, tmp_path / "kept")
    same(report, rebuild(tmp_path / "kept", Study("1.2.3", "p-1", (fakes.series(),)), load_colour))
    assert open_kept(tmp_path / "kept").thumbnails(0) == {0: TRUST["similar"][0].thumbnail}


def test_the_picture_of_an_answer_is_kept_small_with_what_was_found_on_it(desk, tmp_path):
    large = Evidence(fakes.series(), Image(fakes.chest(900, 1200)))
    found = desk.found(findings=(desk.finding(map=corner_map(900, 1200), mask=None),), evidence=large)
    reads = (found, replace(desk.refused(evidence=large), reader="other"))
    keep(desk.report(*reads), tmp_path / "kept")
    with Pillow.open(BytesIO(open_kept(tmp_path / "kept").shown(0))) as small:
        rgb = np.asarray(small)
    assert rgb.shape == (288, 384, 3)
    coloured = np.ptp(rgb.astype(int), axis=2) > 25
    assert coloured[10:50, 10:90].all()
    assert not coloured[70:].any()
    assert open_kept(tmp_path / "kept").shown(1) is None


def test_a_report_kept_before_there_was_any_of_this_still_opens(desk, tmp_path):
    report = desk.report(desk.found(evidence=None), desk.refused())
    keep(report, tmp_path / "kept")
    index = tmp_path / "kept" / "kept.json"
    entry = json.loads(index.read_text(encoding="utf-8"))
    entry["report"]["schema_version"] = 2
    for read in entry["report"]["reads"]:
        for field in ("checks", "distances", "similar"):
            del read[field]
        for finding in read["findings"]:
            for field in ("undecided", "unsure", "point"):
                del finding[field]
    for read in entry["reads"]:
        del read["thumbnails"]
    index.write_text(json.dumps(entry), encoding="utf-8")
    same(report, rebuild(tmp_path / "kept", Study("1.2.3", "p-1", (fakes.series(),)), load_colour))


def test_nothing_that_is_kept_can_be_a_program(desk, tmp_path):
    keep(desk.report(desk.found(evidence=None, **TRUST)), tmp_path / "kept")
    assert {file.suffix for file in (tmp_path / "kept").iterdir()} <= {".json", ".npz", ".png", ".jpg"}
    with np.load(tmp_path / "kept" / "arrays.npz", allow_pickle=False) as arrays:
        assert all(arrays[name].dtype.kind in "uf" for name in arrays)


def test_images_that_are_gone_are_named_and_not_guessed(tmp_path):
    report, study = read_of_phantom("breast-ultrasound", tmp_path / "studies")
    keep(report, tmp_path / "kept")
    fewer = replace(study, series=(fakes.series(),))
    with pytest.raises(InputError, match="no longer in the study"):
        rebuild(tmp_path / "kept", fewer, load_colour)


def test_a_kept_report_is_never_replaced_and_a_foreign_one_is_refused(desk, tmp_path):
    report = desk.report(desk.found(evidence=None))
    keep(report, tmp_path / "kept")
    with pytest.raises(OutputError, match="never replaced"):
        keep(report, tmp_path / "kept")
    with pytest.raises(InputError, match="no report is kept here"):
        open_kept(tmp_path / "elsewhere")
    index = tmp_path / "kept" / "kept.json"
    index.write_text(index.read_text().replace('"version": 1', '"version": 99', 1))
    with pytest.raises(FormatError, match="version 99"):
        open_kept(tmp_path / "kept")
    index.write_text("{")
    with pytest.raises(FormatError, match="cannot be read"):
        open_kept(tmp_path / "kept")
