"""relief openapi: write the description of the interface, or tell that it is out of date."""

import argparse
import json
import sys
from pathlib import Path

from app.main import create_app
from app.settings import Settings

CONTRACT = Path(__file__).parents[2] / "openapi" / "openapi.json"


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser(
        "openapi", help="生成接口描述 / write openapi/openapi.json from the routes"
    )
    parser.add_argument(
        "--check", action="store_true", help="只检查是否最新 / only tell whether it is up to date"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Exit status 0 when the file is (now) up to date, 1 when `--check` finds a difference."""
    made = contract()
    if not arguments.check:
        CONTRACT.write_text(made)
        return 0
    if CONTRACT.read_text() == made:
        return 0
    print(
        "openapi/openapi.json 已过期，请运行 relief openapi / out of date: run relief openapi",
        file=sys.stderr,
    )
    return 1


def contract() -> str:
    """Give the description as the file holds it; depends on the code alone, not on settings."""
    document = create_app(Settings.model_construct()).openapi()
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"
