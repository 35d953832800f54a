"""relief login: keep a service's address and a key, for the commands that speak to it."""

import argparse
import getpass
import sys

from app.cli._office import DEFAULT, keep_login, refused
from client import Problem, Relief, Unanswered


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser(
        "login", help="登录一个服务：密钥由标准输入读取 / keep a key, read from standard input"
    )
    parser.add_argument("url", help="服务网址 / the service's address")
    parser.add_argument("--as", dest="name", default=DEFAULT, help="登录名 / a name for it")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Exit status 0 when the service knows the key, 1 when not; then nothing is kept."""
    if not arguments.name.isidentifier():
        print("登录名只用字母、数字、下划线 / letters, digits and _ only", file=sys.stderr)
        return 2
    # Never as an argument: those stand in the list of processes and in the shell's history.
    ask = getpass.getpass if sys.stdin.isatty() else lambda _: sys.stdin.readline()
    key = ask("密钥 key: ").strip()
    try:
        with Relief(arguments.url, key, patience_seconds=5) as relief:
            relief.list_claims(limit=1)
    except Problem as problem:
        # An administrator's key reads no claims; it is a key all the same.
        if problem.code != "auth.forbidden":
            refused(problem)
            return 1
    except Unanswered as silent:
        print(f"服务没有应答 / the service does not answer: {silent}", file=sys.stderr)
        return 1
    print(f"已登录 / logged in: {keep_login(arguments.name, arguments.url, key)}")
    return 0
