"""``python -m secondread`` and the ``secondread`` program."""

import sys

from secondread.cli import run


def main() -> None:
    """Run the command line and leave with its exit code."""
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
