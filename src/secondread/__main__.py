"""``python -m secondread`` and the ``secondread`` program."""

import signal
import sys

from secondread.cli import run


def main() -> None:
    """Run the command line and leave with its exit code.

    A request to stop is taken as Ctrl-C is: what was unpacked or half written is removed before leaving.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
