"""relief insurer: take an insurer on, renew its keys, prove what its system can do."""

import argparse
import asyncio
import json
import sys
from dataclasses import asdict
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

from app.cli._desk import in_transaction
from app.db.insurers import Abilities, Insurer, active_secrets, find_insurer
from app.db.session import Tx
from app.domain.caller import Role
from app.domain.errors import NotFound
from app.outside.addresses import Network
from app.outside.conformance import Report, run_kit
from app.outside.insurers import DIALECTS, Endpoint, open_client
from app.services.insurers import add_insurer, keep_conformance, rotate_secret
from app.settings import Settings, load_settings

ANYWHERE = (ip_network("0.0.0.0/0"), ip_network("::/0"))  # an insurer tries its own system
DEADLINE_SECONDS = 20.0


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser("insurer", help="接入保险公司 / take an insurer on")
    acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
    add = acts.add_parser("add", help="登记一家 / register one")
    add.add_argument("code", help="代码 / code")
    add.add_argument("--name", required=True, help="中文名 / Chinese name")
    add.add_argument("--base-url", required=True, help="接口地址 / where it is reached")
    add.add_argument("--dialect", default="rest", choices=sorted(DIALECTS))
    add.add_argument(
        "--secret-in", type=Path, help="回调验签密钥文件 / file: vouches for callbacks"
    )
    add.add_argument("--secret-out", type=Path, help="指令签名密钥文件 / file: signs our sends")
    add.set_defaults(run=_add)

    rotate = acts.add_parser("rotate-secret", help="更换密钥 / take a new key into use")
    rotate.add_argument("code", help="代码 / code")
    rotate.add_argument("--direction", required=True, choices=["in", "out"])
    rotate.add_argument("--secret", type=Path, required=True, help="新密钥文件 / file: the new key")
    rotate.add_argument(
        "--overlap-hours", type=_hours, default=24, help="旧密钥继续有效的小时数 / of the old key"
    )
    rotate.set_defaults(run=_rotate)

    kit = acts.add_parser(
        "conformance", help="检验其测试系统 / try its test system; an insurer needs no NAME"
    )
    kit.add_argument("code", nargs="?", help="代码；结果记入其能力 / whose abilities are set")
    kit.add_argument("--base-url", required=True, help="测试系统地址 / its test system, never live")
    kit.add_argument(
        "--secret", type=Path, help="签名密钥文件；无代码时必填 / file: signs our sends"
    )
    kit.add_argument("--json", action="store_true")
    kit.set_defaults(run=_conformance)


def _hours(text: str) -> int:
    hours = int(text)
    if not 0 <= hours <= 720:  # noqa: PLR2004 - 30 days
        raise argparse.ArgumentTypeError("0..720")
    return hours


def _read(path: Path | None) -> str | None:
    return None if path is None else path.read_text(encoding="ascii").strip()


def _unreadable(error: Exception) -> int:
    print(f"读不了密钥文件 / a key file cannot be read: {error}", file=sys.stderr)
    return 1


def _add(arguments: argparse.Namespace) -> int:
    try:
        secret_in, secret_out = _read(arguments.secret_in), _read(arguments.secret_out)
    except (OSError, UnicodeError) as error:
        return _unreadable(error)

    async def act(tx: Tx, settings: Settings) -> None:
        insurer = Insurer(
            code=arguments.code,
            name_zh=arguments.name,
            dialect=arguments.dialect,
            base_url=arguments.base_url,
            honours_key=False,  # until proven, see `conformance`
            can_be_asked=False,
        )
        await add_insurer(tx, insurer, secret_in, secret_out, settings.networks())
        print(f"已登记 {insurer.code} / registered")

    return in_transaction(Role.SYSTEM, act)


def _rotate(arguments: argparse.Namespace) -> int:
    try:
        secret = arguments.secret.read_text(encoding="ascii").strip()
    except (OSError, UnicodeError) as error:
        return _unreadable(error)

    async def act(tx: Tx, _settings: Settings) -> None:
        overlap = timedelta(hours=arguments.overlap_hours)
        await rotate_secret(tx, arguments.code, arguments.direction, secret, overlap)
        print(f"已更换 {arguments.code} / the new key is in use")

    return in_transaction(Role.SECURITY, act)


def _conformance(arguments: argparse.Namespace) -> int:
    try:
        secret = _read(arguments.secret)
    except (OSError, UnicodeError) as error:
        return _unreadable(error)
    if arguments.code is not None:
        return _conformance_of(arguments, secret)
    if (
        secret is None
        or not DIALECTS["rest"].key_out
        or not DIALECTS["rest"].key_out.usable(secret)
    ):
        print("需要 --secret：whsec_ 密钥文件 / --secret is needed: a whsec_ file", file=sys.stderr)
        return 2
    endpoint = Endpoint("", arguments.base_url, secret, DEADLINE_SECONDS)
    report = asyncio.run(_try("rest", endpoint, ANYWHERE))
    _print(report, as_json=arguments.json)
    return 0 if report.passed else 1


def _conformance_of(arguments: argparse.Namespace, secret: str | None) -> int:
    code, settings = arguments.code, load_settings()
    found: list[tuple[str, Endpoint]] = []

    async def look_up(tx: Tx, _settings: Settings) -> None:
        insurer = await find_insurer(tx, code)
        if insurer is None:
            raise NotFound("没有这家保险公司。", "There is no such insurer.")
        keys = (secret,) if secret else await active_secrets(tx, code, "out")
        endpoint = Endpoint(
            code,
            arguments.base_url,
            *(keys[0] if keys else "", settings.insurer_deadline_seconds),
            peer_keys=await active_secrets(tx, code, "in"),
        )
        found.append((insurer.dialect, endpoint))

    if in_transaction(Role.SYSTEM, look_up):
        return 1
    report = asyncio.run(_try(*found[0], settings.networks()))
    _print(report, as_json=arguments.json)
    if not report.reached:
        return 1

    async def keep(tx: Tx, _settings: Settings) -> None:
        await keep_conformance(
            tx,
            code,
            _proven(report),
            {finding.code: finding.held for finding in report.findings},
        )

    return in_transaction(Role.SYSTEM, keep) or (0 if report.passed else 1)


async def _try(dialect: str, endpoint: Endpoint, allowed: tuple[Network, ...]) -> Report:
    async with open_client(allowed) as client:
        return await run_kit(client, dialect, endpoint)


def _print(report: Report, *, as_json: bool) -> None:
    if as_json:
        told = {
            "passed": report.passed,
            **asdict(_proven(report)),
            "slowest_seconds": round(report.slowest_seconds, 3),
            "findings": [
                {"code": one.code, "held": one.held, "seen": one.seen} for one in report.findings
            ],
        }
        print(json.dumps(told, ensure_ascii=False))
        return
    for one in report.findings:
        seen = f"    {one.seen}" if one.seen else ""
        mark = "✓" if one.held else "✗" if one.wanted else "—"
        print(f"{mark} {one.title_zh} / {one.title_en}{seen}")
    print(f"最慢应答 / slowest answer: {report.slowest_seconds:.2f} s")
    for held, words in (
        (report.honours_key, "认幂等号，可重发 / honours keys"),
        (report.can_be_asked, "可查询结果 / can be asked"),
        (report.gives_statements, "可按日取对账单 / gives statements"),
        (report.can_check_account, "可核验户名与账号 / can check accounts"),
    ):
        print(f"{'✓' if held else '✗'} {words}")


def _proven(report: Report) -> Abilities:
    return Abilities(
        honours_key=report.honours_key,
        can_be_asked=report.can_be_asked,
        gives_statements=report.gives_statements,
        can_check_account=report.can_check_account,
    )
