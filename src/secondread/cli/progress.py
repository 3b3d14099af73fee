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


def sentence(event: dict[str, Any]) -> str:
    """An event in one line.

    >>> sentence({"event": "epoch", "seed": 1, "epoch": 3, "of": 9, "loss": 0.25})
    'epoch: seed 1, epoch 3, of 9, loss 0.25'
    """
    rest = (f"{key} {value}" for key, value in event.items() if key != "event")
    return f"{event['event']}: {', '.join(rest)}"
