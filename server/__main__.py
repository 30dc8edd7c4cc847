"""`python -m server` and `workbay`: the command line. See `server.cli`."""

import sys


def main() -> None:
    """Run the command that the arguments name."""
    from server.cli.main import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
