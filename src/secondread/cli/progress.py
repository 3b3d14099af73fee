"""Long work, as a person or a program follows it."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

Say = Callable[[dict[str, Any]], None]


@contextmanager
def progress(as_json: bool, *, silent: bool = False) -> Iterator[Say]:
    """Something to tell events to: lines of JSON, a bar on a terminal, plain lines elsewhere, or nothing."""
    if silent:
        yield lambda _event: None
    elif as_json:
        yield lambda event: print(json.dumps(event, sort_keys=True, allow_nan=False), flush=True)
    elif sys.stdout.isatty():
        with bar() as say:
            yield say
    else:
        yield lambda event: print(sentence(event), flush=True)


@contextmanager
def bar() -> Iterator[Say]:
    """One bar a seed, with its losses and when it will end; other events as lines above it.

    Before the first epoch is done there is no bar, but the time that runs.
    """
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    left = TextColumn("{task.fields[left]}")
    with Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), left
    ) as shown:
        tasks: dict[str | None, Any] = {}
        paces: dict[str, Pace] = {}

        def say(event: dict[str, Any]) -> None:
            if event["event"] != "epoch":
                shown.console.print(sentence(event))
                if event["event"] == "data":
                    tasks[None] = shown.add_task("learning", total=None, left="")
                return
            if None in tasks:
                shown.remove_task(tasks.pop(None))
            name = f"fold {event['fold']}" if "fold" in event else f"seed {event['seed']}"
            if name not in tasks:
                tasks[name], paces[name] = shown.add_task("", total=event["of"], left=""), Pace()
            words = f"{name}, {losses(event)}"
            rest = paces[name].remaining(event)
            shown.update(tasks[name], completed=event["epoch"], description=words, left=rest)

        yield say


@dataclass(slots=True)
class Pace:
    """How long the epochs of one training take; those of before a training was continued do not count."""

    seconds: float = 0.0
    epochs: int = 0

    def remaining(self, event: dict[str, Any]) -> str:
        """What is left at the mean pace.

        >>> Pace().remaining({"epoch": 8, "of": 10, "seconds": 1800.0})
        '1:00:00 left'
        """
        self.seconds, self.epochs = self.seconds + event.get("seconds", 0.0), self.epochs + 1
        rest = (event["of"] - event["epoch"]) * self.seconds / self.epochs
        return f"{timedelta(seconds=round(rest))} left" if rest else ""


def losses(event: dict[str, Any]) -> str:
    """The losses of an epoch.

    >>> losses({"loss": 0.25, "validation_loss": 0.3})
    'loss 0.250, validation 0.300'
    """
    judged = event.get("validation_loss")
    return f"loss {event['loss']:.3f}" + ("" if judged is None else f", validation {judged:.3f}")


@contextmanager
def scanning() -> Iterator[Say]:
    """A bar on standard error while many files are looked through; nothing where that is no terminal.

    Standard output stays free for the result. What was scanned in no time leaves no trace.
    """
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("Looking through the files"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        tasks: list[Any] = []

        def say(event: dict[str, Any]) -> None:
            if not tasks:
                tasks.append(shown.add_task("", total=event["of"]))
            shown.update(tasks[0], completed=event["done"], total=event["of"])
            if event["done"] == event["of"]:
                shown.stop()  # what comes next is another kind of work

        yield say


def sentence(event: dict[str, Any]) -> str:
    """An event in one line; a name stands by itself.

    >>> sentence({"event": "epoch", "seed": 1, "epoch": 3, "of": 9, "loss": 0.25})
    'epoch: seed 1, epoch 3, of 9, loss 0.25'
    >>> sentence({"event": "probed", "name": "border blanked"})
    'probed: border blanked'
    """
    rest = (str(value) if key == "name" else f"{key} {value}" for key, value in event.items() if key != "event")
    return f"{event['event']}: {', '.join(rest)}"
