"""The command line of the stand-in: what it is told, and how it is started."""

import argparse
import socket
import sys
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

from app.sandbox.gateway import Gateway
from app.sandbox.insurer import Insurer, Ways
from app.sandbox.mischief import Mischief
from app.sandbox.server import build_app

HOST = "127.0.0.1"
STOP_SECONDS = 1  # answers that hang on purpose are not waited for


def add_commands(parser: argparse.ArgumentParser) -> None:
    """Add `insurer` and its options below a parser."""
    commands = parser.add_subparsers(dest="role", required=True)
    insurer = commands.add_parser("insurer", help="模拟保险公司 / play an insurer")
    insurer.add_argument("--port", type=int, default=9090, help="0: any free port, printed")
    insurer.add_argument("--state", type=Path, required=True, help="folder of its own records")
    insurer.add_argument("--callback-url", default="", help="the service's address")
    insurer.add_argument(
        "--dialect", choices=("rest", "form", "batch"), default="rest", help="how it deals with us"
    )
    insurer.add_argument("--drop", type=Path, help="batch: its folder, with out/ and in/")
    insurer.add_argument("--insurer", default="demo-insurer", help="the insurer's code")
    insurer.add_argument(
        "--secret-in",
        type=Path,
        help="file: secrets the service signs with; form: the service's RSA public key in PEM",
    )
    insurer.add_argument(
        "--secret-out",
        type=Path,
        help="file: secret it signs callbacks with, default the same; form: its RSA key in PEM",
    )
    insurer.add_argument(
        "--delay-seconds", type=float, default=0.3, help="pause before each step it takes"
    )
    insurer.add_argument(
        "--misbehave",
        type=_share,
        default=0.0,
        help="share of what it says that goes wrong, 0..1 (rest)",
    )
    insurer.add_argument("--seed", type=int, default=0, help="of what goes wrong")
    insurer.add_argument(
        "--ignores-keys", action="store_true", help="a repeated key is a new case, and new money"
    )
    insurer.add_argument(
        "--answers-no-questions", action="store_true", help="says nothing of what became of a key"
    )
    insurer.set_defaults(run=run)


def _share(text: str) -> float:
    share = float(text)
    if not 0 <= share < 1:
        raise argparse.ArgumentTypeError("0..1")
    return share


def run(arguments: argparse.Namespace) -> int:
    """Serve until stopped. The first line printed is the address it listens on."""
    arguments.state.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        app = _app(arguments)
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    with socket.create_server((HOST, arguments.port), backlog=256) as listener:
        sys.stdout.write(f"http://{HOST}:{listener.getsockname()[1]}\n")
        sys.stdout.flush()
        config = uvicorn.Config(
            app,
            log_level="warning",
            access_log=False,
            timeout_graceful_shutdown=STOP_SECONDS,
        )
        uvicorn.Server(config).run(sockets=[listener])
    return 0


def _app(arguments: argparse.Namespace) -> ASGIApp:
    """Give the insurer of a dialect. Raises ValueError for keys or folders that are missing."""
    told = {
        "code": arguments.insurer,
        "state": arguments.state / "insurer.sqlite3",
        "callback_url": arguments.callback_url,
        "ways": Ways(
            delay_seconds=arguments.delay_seconds,
            honours_keys=not arguments.ignores_keys,
            answers_questions=not arguments.answers_no_questions,
            mischief=Mischief(arguments.misbehave, arguments.seed),
        ),
    }
    if arguments.dialect == "batch":
        if arguments.drop is None:
            raise ValueError("须指定 --drop / --drop is needed")
        return build_app(Insurer(**told), folder=arguments.drop)
    if not arguments.callback_url or arguments.secret_in is None:
        raise ValueError("须指定 --callback-url 和 --secret-in / both are needed")
    if arguments.dialect == "form":
        own = arguments.secret_out or arguments.secret_in
        gateway = Gateway(own.read_text("ascii"), arguments.secret_in.read_text("ascii"))
        return build_app(Insurer(**told, write=gateway.letter), gateway=gateway)
    secrets_in = _secrets(arguments.secret_in)
    secrets_out = _secrets(arguments.secret_out or arguments.secret_in)
    if not (secrets_in and secrets_out):
        raise ValueError("密钥文件为空 / a secret file is empty")
    return build_app(Insurer(**told, secrets_in=secrets_in, secret_out=secrets_out[0]))


def _secrets(path: Path) -> tuple[str, ...]:
    return tuple(path.read_text(encoding="ascii").split())
