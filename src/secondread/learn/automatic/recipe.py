"""The one call: from a folder and minutes to a recipe on disk."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch

from secondread.learn.automatic.facts import look_at
from secondread.learn.automatic.plan import plan
from secondread.learn.automatic.timing import Timer, seconds
from secondread.learn.automatic.write import write

Say = Callable[[dict[str, Any]], None]


def automatic_recipe(  # noqa: PLR0913 - every option of the command is a keyword
    data: Path,
    out: Path,
    minutes: float,
    *,
    modality: str = "",
    labels: Sequence[str] = (),
    threads: int = 2,
    say: Say = lambda _event: None,
    timer: Timer | None = None,
) -> Path:
    """Look at a data set, time a few networks, and write a recipe that fits both.

    Args:
        data: Folder with ``manifest.csv``.
        out: File to write.
        minutes: For the whole training with its evaluation.
        modality: DICOM modality, if a person knows it.
        labels: Columns of labels; guessed if none are named.
        threads: CPU threads.
        say: Told what was picked and why, as events ``picked``.
        timer: Seconds a step of a recipe takes; measured without one.

    Returns:
        ``out``.

    Raises:
        ManifestError: If the data do not fit.
        RecipeError: If the time is too short.
        UsageError: If the modality is not known.
        OutputError: If the file cannot be written.
    """
    torch.set_num_threads(threads)
    made = plan(look_at(data, lambda _event: None, labels), minutes, modality, timer or seconds, out.stem)
    for choice in made.choices:
        say({"event": "picked", "table": choice.part, "taken": choice.taken, "why": choice.why})
    write(made, out)
    say({"event": "recipe", "file": str(out)})
    return out
