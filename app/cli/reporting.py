"""relief reporting: logins for Grafana, Metabase or Superset, each over one area."""

import argparse
import asyncio
import sys
from collections.abc import Callable, Coroutine
from typing import Any

from app.db.reporting import LOGIN, OwnerRefused, Reader, grant_reader, list_readers, revoke_reader
from app.domain.caller import area_range
from app.launcher import database_url
from app.settings import load_settings

DIGITS = 12


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser("reporting", help="看板的数据库账号 / logins for chart programs")
    acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
    grant = acts.add_parser("grant", help="准许读取一个辖区 / let a login read an area")
    grant.add_argument("login", type=_login, help="chart_ 开头 / begins with chart_")
    grant.add_argument("--area", type=_area, required=True, help="12 位区划代码 / 12 digits")
    grant.set_defaults(run=_grant)
    revoke = acts.add_parser("revoke", help="收回 / take it back")
    revoke.add_argument("login", type=_login)
    revoke.set_defaults(run=_revoke)
    acts.add_parser("list", help="列出 / list them").set_defaults(run=_list)


def _login(text: str) -> str:
    if LOGIN.fullmatch(text) is None:
        raise argparse.ArgumentTypeError("应为 chart_ 加小写字母、数字 / chart_ and small letters")
    return text


def _area(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) == DIGITS):
        raise argparse.ArgumentTypeError("应为 12 位区划代码 / 12 digits")
    return int(text)


def _grant(arguments: argparse.Namespace) -> int:
    """Exit status 0 with the password of a new login printed once; 1 where it cannot be done."""

    async def act(url: str) -> int:
        lo, hi = area_range(arguments.area)
        password = await grant_reader(url, Reader(arguments.login, lo, hi))
        told = (
            "原密码不变 / its password stays"
            if password is None
            else f"密码 / password: {password}"
        )
        print(f"{arguments.login} 可读 {arguments.area:012d}，{told}")
        return 0

    return _as_owner(act)


def _revoke(arguments: argparse.Namespace) -> int:
    """Exit status 0, or 1 when it was no reader."""

    async def act(url: str) -> int:
        if await revoke_reader(url, arguments.login):
            print(f"{arguments.login} 已收回 / taken back")
            return 0
        print("没有这个账号 / no such login", file=sys.stderr)
        return 1

    return _as_owner(act)


def _list(_arguments: argparse.Namespace) -> int:
    """Exit status 0."""

    async def act(url: str) -> int:
        for reader in await list_readers(url):
            print(f"{reader.login}  {reader.area_lo:012d} – {reader.area_hi - 1:012d}")
        return 0

    return _as_owner(act)


def _as_owner(act: Callable[[str], Coroutine[Any, Any, int]]) -> int:
    settings = load_settings()
    url = database_url(settings.migration_url(), settings.data_dir, settings.pg_bindir)
    try:
        return asyncio.run(act(url))
    except OwnerRefused as error:
        print(f"数据库不允许或连不上 / the database refuses or is away: {error}", file=sys.stderr)
        return 1
