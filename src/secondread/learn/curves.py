"""How a training went, epoch by epoch: ``history.csv``, a file that TensorBoard shows, and a picture at the end."""

import csv
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from secondread.core.errors import OutputError
from secondread.learn import event_file

CSV_FILE, PICTURE_FILE = "history.csv", "history.png"


@dataclass(frozen=True, slots=True)
class Point:
    """One epoch.

    Attributes:
        epoch: Its number, from 1.
        loss: Mean over the batches, while it learnt.
        validation_loss: Of the averaged network after it; None where it was not measured.
        learning_rate: At its end, of what learns fastest.
        seconds: That it took, with what was measured after it.
        images_per_second: While it learnt.
        finished: Seconds since 1970.
    """

    epoch: int
    loss: float
    validation_loss: float | None
    learning_rate: float
    seconds: float
    images_per_second: float
    finished: float

    @property
    def curves(self) -> dict[str, float]:
        """Every number that is known, by its name."""
        every = {key: value for key, value in asdict(self).items() if key not in {"epoch", "finished"}}
        return {key: value for key, value in every.items() if value is not None}


@contextmanager
def keeping(folder: Path, epoch: int, now: float) -> Iterator[Callable[[Point], None]]:
    """Keep the curves of one training; what is given back takes the next point.

    The curves go on after ``epoch``: points of a later epoch, which was lost before its checkpoint was written, are
    taken away, in the file for TensorBoard too. A point stands in the files when the call that gave it returns. The
    picture is drawn when all went well.

    Args:
        folder: Of the training; made where it is missing.
        epoch: Whole epochs that are done.
        now: Seconds since 1970.

    Raises:
        OutputError: If a file cannot be written.
    """
    with told(folder):
        folder.mkdir(parents=True, exist_ok=True)
        points = [point for point in read(folder / CSV_FILE) if point.epoch <= epoch]
        write(folder / CSV_FILE, points)
        events = event_file.begin(folder, now)
        for point in points:
            event_file.add(events, point.epoch, point.finished, point.curves)

    def take(point: Point) -> None:
        with told(folder):
            points.append(point)
            write(folder / CSV_FILE, points)
            event_file.add(events, point.epoch, point.finished, point.curves)

    yield take
    with told(folder):
        draw(folder / PICTURE_FILE, points)


@contextmanager
def told(folder: Path) -> Iterator[None]:
    """Tell a fault of the disk in our words."""
    try:
        yield
    except OSError as error:
        raise OutputError(
            f"{folder.name}: the curves of this training cannot be written ({error.strerror}). Make room or choose "
            "another --out, and continue with --resume."
        ) from error


def read(path: Path) -> list[Point]:
    """The points of a ``history.csv``; none where there is no such file, and what is no point is left out."""
    if not path.exists():
        return []
    found = []
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            try:
                rest = {item.name: float(row[item.name]) for item in fields(Point)[3:]}
                known = float(row["validation_loss"]) if row["validation_loss"] else None
                found.append(Point(int(row["epoch"]), float(row["loss"]), known, **rest))
            except (KeyError, TypeError, ValueError):
                continue
    return found


def write(path: Path, points: list[Point]) -> None:
    """Replace the file in one move; numbers stand in it with all their digits."""
    text = io.StringIO()
    rows = csv.DictWriter(text, [item.name for item in fields(Point)], lineterminator="\n")
    rows.writeheader()
    rows.writerows(asdict(point) for point in points)
    part = path.with_suffix(".part")
    part.write_text(text.getvalue(), encoding="utf-8")
    part.replace(path)


def draw(path: Path, points: list[Point]) -> None:
    """The losses, and the learning rate beside them."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    figure = Figure(figsize=(9, 3.6), layout="constrained")
    left, right = figure.subplots(1, 2)
    epochs = [point.epoch for point in points]
    left.plot(epochs, [point.loss for point in points], ".-", color="#1f4e79", label="training")
    judged = [(point.epoch, point.validation_loss) for point in points if point.validation_loss is not None]
    if judged:
        left.plot(*zip(*judged, strict=True), ".-", color="#b3541e", label="validation")
    left.set(xlabel="epoch", ylabel="loss")
    right.plot(epochs, [point.learning_rate for point in points], ".-", color="#1f4e79")
    right.set(xlabel="epoch", ylabel="learning rate")
    for part in (left, right):
        part.xaxis.set_major_locator(MaxNLocator(integer=True))
    if points:
        left.legend()
    figure.savefig(path, dpi=110)
