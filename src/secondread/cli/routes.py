"""``secondread routes explain STUDY``: what a reading room would do with a study; nothing is changed."""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from secondread.cli.arguments import Parser, command
from secondread.cli.room_options import add_room, opened_room, room_settings
from secondread.cli.show import show, show_json, table
from secondread.settings import Settings

if TYPE_CHECKING:
    from secondread.serve.reading.explain import Explanation


def add(commands: "argparse._SubParsersAction[Parser]") -> None:
    """Add the command."""
    parser = command(commands, "routes", "What a reading room would do with a study.", run)
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True, parser_class=Parser)
    explain = command(actions, "explain", "Which route matches, who would read, where results would go.", run)
    explain.add_argument("study", metavar="STUDY", help="file or folder, or the UID of a study in the room")
    explain.add_argument("--source", metavar="NAME", default="", help="AE title or user that would send the files")
    add_room(explain)


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Explain, and change nothing.

    Raises:
        InputError: If there is no usable study.
        UsageError: If the settings cannot be used, or there is no such room.
    """
    wanted = room_settings(args, settings)
    from secondread.serve.reading.explain import check_uid, explain_files, explain_stored

    file = Path(args.study)
    if file.exists():
        explanation = explain_files(wanted, file, args.source)
    else:
        check_uid(args.study)
        with opened_room(args, settings) as room:
            explanation = explain_stored(room, args.study)
    if args.json:
        show_json(_plain(explanation))
    else:
        show("\n".join(_told(explanation)))
    return 0


def _told(explanation: "Explanation") -> Iterator[str]:
    facts, decision = explanation.facts, explanation.decision
    rows = [
        ("modality", " ".join(sorted(facts.modalities))),
        ("body part", " ".join(sorted(facts.body_parts))),
        ("source", " ".join(sorted(facts.sources))),
    ]
    yield table([(name, value or "not stated") for name, value in rows])
    yield ""
    yield from (f"{sentence[:1].upper()}{sentence[1:]}." for sentence in decision.why)
    if decision.ignore:
        yield "The study is kept and not read."
        return
    yield f"Its read is {decision.priority} in the queue."
    yield ""
    yield table(
        [("READER", "READS", "WHAT"), *((a.reader, "yes" if a.reads else "no", a.told) for a in explanation.asked)]
    )
    yield ""
    for name, kind, when in explanation.sends:
        yield f"Results go to {name!r} ({kind}), {'draft and signed' if when == 'both' else when}."
    if not explanation.sends:
        yield "Results go nowhere."


def _plain(explanation: "Explanation") -> dict[str, object]:
    facts, decision = explanation.facts, explanation.decision
    return {
        "facts": {
            "modalities": sorted(facts.modalities),
            "body_parts": sorted(facts.body_parts),
            "descriptions": sorted(facts.descriptions),
            "sources": sorted(facts.sources),
        },
        "route": decision.route,
        "why": list(decision.why),
        "ignore": decision.ignore,
        "priority": decision.priority,
        "readers": [{"name": one.reader, "reads": one.reads, "told": one.told} for one in explanation.asked],
        "destinations": [{"name": name, "kind": kind, "when": when} for name, kind, when in explanation.sends],
    }
