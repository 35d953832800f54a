"""The `relief` command, one sub-command per file."""

import argparse
import gc
import importlib
import pkgutil
import sys
from collections.abc import Sequence

from app.cli._refusals import CannotStart
from app.launcher import LauncherError
from app.settings import SettingsInvalid


def main(argv: Sequence[str] | None = None) -> int:
    """Run one sub-command; answer its exit status (0 done, 1 refused, 2 wrong call).

    Every module in this folder is one sub-command: `register(subparsers)` adds its parser and sets
    `run`, a function from the parsed arguments to the exit status.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    own_process = argv is None
    if own_process:  # what is imported stays: looking for garbage in it is a sixth of the start
        gc.disable()
    parser = argparse.ArgumentParser(prog="relief", description="救助保险理赔 / relief claims")
    subparsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name in _wanted(words):
        importlib.import_module(f"{__name__}.{name}").register(subparsers)
    arguments = parser.parse_args(words)
    if own_process:
        gc.freeze()
        gc.enable()
    try:
        status: int = arguments.run(arguments)
    except (LauncherError, SettingsInvalid, CannotStart) as error:
        print(error, file=sys.stderr)
        return 1
    return status


def _wanted(words: Sequence[str]) -> list[str]:
    """Only the command that is called is imported, so that `relief migrate` starts quickly."""
    names = [found.name for found in pkgutil.iter_modules(__path__) if found.name[0] != "_"]
    called = [word.replace("-", "_") for word in words[:1]]
    return called if set(called) <= set(names) and called else names
