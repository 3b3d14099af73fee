"""Commands: one file each, found in ``COMMANDS``. The only room that prints."""

import argparse
import logging
import os
import sys
import traceback
import warnings
from collections.abc import Sequence

from secondread.cli import (
    assess,
    audit,
    audit_log,
    backup,
    bundles,
    calibrate,
    card,
    compare,
    database,
    deidentify,
    doctor,
    dossier,
    drift,
    echo,
    erase,
    evaluate,
    export,
    import_,
    inspect,
    preview,
    probe,
    query,
    read,
    reader_study,
    readers,
    reset_password,
    restore,
    retrieve,
    routes,
    send,
    serve,
    train,
    worker,
)
from secondread.cli.arguments import Parser
from secondread.core.errors import SecondreadError
from secondread.core.report import NOTICE
from secondread.core.version import __version__
from secondread.settings import from_environment

COMMANDS = (
    read,
    deidentify,
    readers,
    bundles,
    calibrate,
    card,
    echo,
    query,
    retrieve,
    send,
    serve,
    worker,
    routes,
    database,
    backup,
    restore,
    reset_password,
    audit_log,
    erase,
    doctor,
    inspect,
    preview,
    train,
    evaluate,
    assess,
    audit,
    probe,
    drift,
    compare,
    reader_study,
    dossier,
    export,
    import_,
)
EXIT_INTERNAL = 1
EXIT_INTERRUPTED = 130  # 128 + SIGINT, as shells report it
EXIT_UNHEARD = 141  # 128 + SIGPIPE


def parser() -> argparse.ArgumentParser:
    """Every command with its options."""
    top = Parser(prog="secondread", description=f"An AI second reader for medical imaging. {NOTICE}")
    top.add_argument("--version", action="version", version=f"secondread {__version__}")
    commands = top.add_subparsers(title="commands", metavar="COMMAND", required=True, parser_class=Parser)
    for command in COMMANDS:
        command.add(commands)
    return top


def run(argv: Sequence[str]) -> int:
    """Run one command and return its exit code; an error becomes one line on stderr."""
    debug = "--debug" in argv
    logging.basicConfig(level=logging.DEBUG if debug else logging.ERROR, format="%(levelname)s %(name)s: %(message)s")
    try:
        with warnings.catch_warnings():
            if not debug:
                warnings.simplefilter("ignore")  # other libraries' warnings may quote tags of the patient
            args = parser().parse_args(argv)
            code = int(args.run(args, from_environment(os.environ)))
            sys.stdout.flush()
            return code
    except SystemExit as leave:  # --help and --version
        return int(leave.code or 0)
    except BrokenPipeError:
        return _unheard()
    except KeyboardInterrupt:
        return _complain("Interrupted: what was not finished was not written.", EXIT_INTERRUPTED)
    except SecondreadError as error:
        if debug:
            traceback.print_exc()
        return _complain(f"{type(error).__name__}: {error}", error.exit_code)
    except Exception as error:  # noqa: BLE001 - the last door: a fault of our own becomes one sentence too
        if debug:
            traceback.print_exc()
        return _complain(
            f"InternalError: the program stopped at a fault of its own ({type(error).__name__}). "
            "Run the command again with --debug and report what it prints, without patient data.",
            EXIT_INTERNAL,
        )


def _unheard() -> int:
    """Nobody listens any more, as with ``| head``: the work is done, and the rest of the text is dropped.

    Source: Python documentation, module signal, "Note on SIGPIPE".
    """
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return EXIT_UNHEARD


def _complain(sentence: str, code: int) -> int:
    print(" ".join(sentence.split()), file=sys.stderr)
    return code
