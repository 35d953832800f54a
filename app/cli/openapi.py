"""relief openapi: write the descriptions of the interface, or tell that they are out of date."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from app.api.insurer_side import insurer_side
from app.main import create_app
from app.settings import Settings

FOLDER = Path(__file__).parents[2] / "openapi"
CONTRACT = FOLDER / "openapi.json"
INSURER_SIDE = FOLDER / "insurer-callback.json"


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser(
        "openapi", help="生成接口描述 / write openapi/openapi.json from the routes"
    )
    parser.add_argument(
        "--check", action="store_true", help="只检查是否最新 / only tell whether it is up to date"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Exit status 0 when the files are (now) up to date, 1 when `--check` finds a difference."""
    made = {CONTRACT: contract(), INSURER_SIDE: _written(insurer_side())}
    if not arguments.check:
        for path, text in made.items():
            path.write_text(text)
        return 0
    old = [path.name for path, text in made.items() if path.read_text() != text]
    for name in old:
        print(f"openapi/{name} 已过期 / out of date; run: relief openapi", file=sys.stderr)
    return 1 if old else 0


def contract() -> str:
    """Give the description as the file holds it; depends on the code alone, not on settings."""
    return _written(create_app(Settings.model_construct()).openapi())


def _written(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"
