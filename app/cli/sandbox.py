"""relief sandbox: play the other side, a stand-in insurer as a real HTTP server."""

import argparse

from app.sandbox.command import add_commands


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = subparsers.add_parser("sandbox", help="模拟保险公司 / a stand-in insurer")
    add_commands(parser)
