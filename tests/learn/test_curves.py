"""The curves of a training: whole, without double epochs, and readable by others."""

import csv
import struct

import pytest

import tiny_trainings as tiny

torch = pytest.importorskip("torch")

from secondread.core.errors import OutputError  # noqa: E402 - torch decides whether this file runs
from secondread.learn import checkpoint, curves, loop  # noqa: E402
from secondread.learn.curves import Point, keeping  # noqa: E402
from secondread.learn.loop import fit  # noqa: E402

POINTS = [Point(n, 1 / n, 0.3 * n if n > 1 else None, 0.1, 2.5, 100.0, 1000.0 + n) for n in range(1, 6)]


class PowerCutError(Exception):
    """Stands for a power cut."""


def keep(folder, points, epoch=0, now=5000.0):
    with keeping(folder, epoch, now) as take:
        for point in points:
            take(point)


def rows(folder):
    with (folder / "history.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def events(folder):
    """Tag to (step, value): what TensorBoard's own reader finds; it checks the sums of every record."""
    reader = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    found = reader.EventAccumulator(str(folder))
    found.Reload()
    return {tag: [(e.step, e.value) for e in found.Scalars(tag)] for tag in found.Tags()["scalars"]}


def as_float32(value):
    return struct.unpack("<f", struct.pack("<f", value))[0]


def test_tensorboard_reads_every_curve(tmp_path):
    keep(tmp_path, POINTS)
    found = events(tmp_path)
    assert set(found) == {"loss", "validation_loss", "learning_rate", "seconds", "images_per_second"}
    assert found["loss"] == [(p.epoch, as_float32(p.loss)) for p in POINTS]
    assert found["validation_loss"] == [(p.epoch, as_float32(p.validation_loss)) for p in POINTS[1:]]


def test_a_reader_gets_the_time_at_which_an_epoch_ended(tmp_path):
    reader = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    keep(tmp_path, POINTS)
    found = reader.EventAccumulator(str(tmp_path))
    found.Reload()
    assert [e.wall_time for e in found.Scalars("loss")] == [p.finished for p in POINTS]


def test_a_point_is_in_the_files_as_soon_as_it_was_given(tmp_path):
    with keeping(tmp_path, 0, 5000.0) as take:
        take(POINTS[0])
        assert [row["epoch"] for row in rows(tmp_path)] == ["1"]
        assert events(tmp_path)["loss"] == [(1, 1.0)]


def test_the_table_holds_all_digits(tmp_path):
    keep(tmp_path, POINTS)
    assert curves.read(tmp_path / "history.csv") == POINTS
    assert rows(tmp_path)[0]["validation_loss"] == ""


def test_a_continued_training_takes_up_its_curves_where_its_checkpoint_stopped(tmp_path):
    """The fourth epoch was told but lost; the second time it went otherwise."""
    keep(tmp_path, POINTS[:4])
    again = [Point(4, 0.7, 0.6, 0.1, 2.5, 100.0, 6001.0), POINTS[4]]
    keep(tmp_path, again, epoch=3, now=6000.0)
    assert [(row["epoch"], float(row["loss"])) for row in rows(tmp_path)] == [
        (str(p.epoch), p.loss) for p in [*POINTS[:3], *again]
    ]
    assert events(tmp_path)["loss"] == [(p.epoch, as_float32(p.loss)) for p in [*POINTS[:3], *again]]
    assert len(list(tmp_path.glob("events.*"))) == 1


def test_a_damaged_table_loses_only_what_is_damaged(tmp_path):
    keep(tmp_path, POINTS)
    text = (tmp_path / "history.csv").read_text(encoding="utf-8")
    (tmp_path / "history.csv").write_text(text.replace("\n2,", "\ntwo,")[:-30], encoding="utf-8")
    assert [point.epoch for point in curves.read(tmp_path / "history.csv")] == [1, 3, 4]


def test_the_picture_is_drawn_when_the_training_ends_and_not_when_it_breaks(tmp_path):
    def broken():
        yield POINTS[0]
        raise PowerCutError

    with pytest.raises(PowerCutError):
        keep(tmp_path, broken())
    assert not (tmp_path / "history.png").exists()
    keep(tmp_path, POINTS[1:], epoch=1)
    assert (tmp_path / "history.png").read_bytes().startswith(b"\x89PNG")


def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "seed-1").write_text("in the way")
    with pytest.raises(OutputError, match=r"seed-1: the curves of this training cannot be written .*--resume"):
        keep(tmp_path / "seed-1", POINTS)


def test_a_training_that_was_cut_and_continued_has_every_epoch_once(tmp_path, monkeypatch):
    recipe = tiny.change(train={"patience": 3})

    def cut(state, *arguments):
        if state.epoch == 2:
            raise PowerCutError
        checkpoint.save(state, *arguments)

    with monkeypatch.context() as broken:
        broken.setattr(loop, "save", cut)
        with pytest.raises(PowerCutError):
            fit(recipe, 1, tiny.splits(), tmp_path / "checkpoint.pt")
    assert [row["epoch"] for row in rows(tmp_path)] == ["1", "2"]
    told = []
    fit(recipe, 1, tiny.splits(), tmp_path / "checkpoint.pt", told.append)
    found = rows(tmp_path)
    assert [row["epoch"] for row in found] == ["1", "2", "3"]
    assert [(float(row["loss"]), float(row["validation_loss"])) for row in found[1:]] == [
        (event["loss"], event["validation_loss"]) for event in told
    ]
    assert [step for step, _ in events(tmp_path)["validation_loss"]] == [1, 2, 3]
    assert all(float(row["images_per_second"]) > 0 for row in found)


def test_the_learning_rate_rises_to_its_peak_and_falls(tmp_path):
    recipe = tiny.change(train={"epochs": 8, "backbone_rate": 0.1})
    fit(recipe, 1, tiny.splits(), tmp_path / "checkpoint.pt")
    rates = [float(row["learning_rate"]) for row in rows(tmp_path)]
    assert rates[1:] == sorted(rates[1:], reverse=True)
    assert 0.5 * recipe.train.learning_rate < max(rates) <= recipe.train.learning_rate
    assert rates[-1] < 0.01 * max(rates)
