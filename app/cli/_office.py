"""What sub-commands that speak to a running service share: whose key, and refusals in words."""

import argparse
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from client import Problem, Relief, Unanswered

DEFAULT = "default"


class NotLoggedIn(Exception):
    """No service and key are kept under this name."""


def logins() -> Path:
    """Where services and keys are kept, one file per name, readable by their owner alone."""
    configured = os.environ.get("XDG_CONFIG_HOME")
    return (Path(configured) if configured else Path.home() / ".config") / "relief"


def keep_login(name: str, url: str, key: str) -> Path:
    """Keep a service's address and a key under a name."""
    folder = logins()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"{name}.json"
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text(json.dumps({"url": url, "key": key}))
    return path


def add_office(parser: argparse.ArgumentParser) -> None:
    """Let a sub-command say whose key it takes, and whether it prints JSON."""
    parser.add_argument("--as", dest="name", default=DEFAULT, help="登录名 / kept by relief login")
    parser.add_argument("--json", action="store_true", help="输出 JSON / print the answer as JSON")


def at_work(arguments: argparse.Namespace, act: Callable[[Relief], int]) -> int:
    """Run one act with the kept key; exit status 1 with the refusal in both languages."""
    try:
        with _relief(arguments.name) as relief:
            return act(relief)
    except Problem as problem:
        refused(problem)
    except Unanswered as silent:
        print(f"服务没有应答 / the service does not answer: {silent}", file=sys.stderr)
    except NotLoggedIn:
        told = f"请先运行 relief login 网址 --as {arguments.name} / log in first"
        print(told, file=sys.stderr)
    except OSError as error:
        print(f"读不了文件 / a file cannot be read: {error.strerror}", file=sys.stderr)
    return 1


def _relief(name: str) -> Relief:
    try:
        kept = json.loads((logins() / f"{name}.json").read_text())
    except FileNotFoundError:
        raise NotLoggedIn(name) from None
    return Relief(kept["url"], kept["key"])


def refused(problem: Problem) -> None:
    """Tell a refusal: its words in Chinese and English, and every place that is wrong."""
    body = problem.body
    print(f"{body.get('detail') or body.get('title') or problem}", file=sys.stderr)
    print(
        f"{body.get('detail_en', '')} [{problem.status} {problem.code}]".lstrip(), file=sys.stderr
    )
    for error in problem.errors:
        place = error.get("pointer") or error.get("parameter") or ""
        words = (error.get("message"), error.get("hint"), error.get("message_en"))
        print(f"  {place}  {' '.join(word for word in words if word)}", file=sys.stderr)
    for paper in body.get("missing") or ():
        print(f"  缺 / missing：{paper['label_zh']} ({paper['code']})", file=sys.stderr)


def form_of(path: Path) -> Any:
    """Read a form from a JSON file. Raises Problem, as the service would for what is no JSON."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as wrong:
        detail = {
            "detail": f"{path.name} 不是有效的 JSON。",
            "detail_en": f"{path.name} is no JSON: {wrong}",
            "code": "request.malformed",
        }
        raise Problem(path.name, 400, detail) from None
