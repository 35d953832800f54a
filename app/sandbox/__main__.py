"""`python -m app.sandbox`: the same as `relief sandbox`, without the rest of the house."""

import argparse
import sys

from app.sandbox.command import add_commands


def main() -> int:
    """Run the stand-in; answer its exit status."""
    parser = argparse.ArgumentParser(prog="python -m app.sandbox")
    add_commands(parser)
    arguments = parser.parse_args()
    status: int = arguments.run(arguments)
    return status


if __name__ == "__main__":
    sys.exit(main())
