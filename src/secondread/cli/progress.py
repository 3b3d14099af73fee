"""Long work, as a person or a program follows it."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

Say = Callable[[dict[str, Any]], None]


@contextmanager
def progress(as_json: bool) -> Iterator[Say]:
    """Something to tell events to: lines of JSON, a bar on a terminal, or plain lines elsewhere."""
    if as_json:
        yield lambda event: print(json.dumps(event, sort_keys=True, allow_nan=False), flush=True)
    elif sys.stdout.isatty():
        with bar() as say:
            yield say
    else:
        yield lambda event: print(sentence(event), flush=True)


@contextmanager
def bar() -> Iterator[Say]:
    """One bar a seed; other events as lines above it."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns) as shown:
        tasks: dict[int, Any] = {}

        def say(event: dict[str, Any]) -> None:
            if event["event"] != "epoch":
                shown.console.print(sentence(event))
                return
            seed = event["seed"]
            if seed not in tasks:
                tasks[seed] = shown.add_task("", total=event["of"])
            shown.update(tasks[seed], completed=event["epoch"], description=f"seed {seed}, loss {event['loss']:.3f}")

        yield say


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
    """An event in one line.

    >>> sentence({"event": "epoch", "seed": 1, "epoch": 3, "of": 9, "loss": 0.25})
    'epoch: seed 1, epoch 3, of 9, loss 0.25'
    """
    rest = (f"{key} {value}" for key, value in event.items() if key != "event")
    return f"{event['event']}: {', '.join(rest)}"
