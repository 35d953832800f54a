"""relief key: issue and revoke API keys."""

import argparse
import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from app.cli._desk import in_transaction
from app.db.session import Tx
from app.domain.caller import Role
from app.services.keys import Binding, issue_key, revoke_key
from app.settings import Settings


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser("key", help="签发和吊销 API 密钥 / issue and revoke API keys")
    acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
    issue = acts.add_parser("issue", help="签发；密钥只显示一次 / issue; the key is shown once")
    issue.add_argument("--role", required=True, choices=[role.value for role in Role])
    issue.add_argument(
        "--area", type=int, default=0, help="12 位区划代码，0 为全国 / 12 digits, 0: the country"
    )
    issue.add_argument("--insurer", help="保险公司代码 / code of the insurer")
    issue.add_argument("--label", default="", help="用途，不写人名 / its use, no person's name")
    issue.add_argument("--days", type=int, help="有效天数 / days it is valid; default: no end")
    issue.add_argument(
        "--holder", help="持有人工号或系统编号，不写姓名 / staff or system number, no name"
    )
    issue.add_argument(
        "--network",
        action="append",
        default=[],
        help="只可从此网段使用，CIDR，可多次 / may be used from there only; may be repeated",
    )
    issue.add_argument(
        "--jwks",
        type=Path,
        help="客户端公钥集文件（private_key_jwt）；不再发密钥 / public keys; no secret is issued",
    )
    issue.set_defaults(run=_issue)
    revoke = acts.add_parser("revoke", help="吊销 / revoke")
    revoke.add_argument("prefix", help="密钥开头，如签发时所示 / the key's beginning, as issued")
    revoke.set_defaults(run=_revoke)


def _issue(arguments: argparse.Namespace) -> int:
    try:
        jwks = _read_keys(arguments.jwks)
    except (OSError, ValueError) as error:
        print(f"读不了公钥集 / the key set cannot be read: {error}", file=sys.stderr)
        return 1

    async def act(tx: Tx, settings: Settings) -> None:
        ends = None if arguments.days is None else datetime.now(UTC) + timedelta(arguments.days)
        key = await issue_key(
            tx,
            Role(arguments.role),
            arguments.area,
            arguments.insurer,
            arguments.label,
            ends,
            bound=Binding(arguments.holder, arguments.network, jwks),
            test=settings.sandbox,
        )
        if not key.token:
            print(f"client_id {key.id}")
            return
        print(key.token)
        print(f"client_id {key.id}")
        print(f"请妥善保存，不再显示；吊销时用 {key.prefix} / keep it, it is not shown again")

    return in_transaction(Role.SECURITY, act)


def _read_keys(path: Path | None) -> list[dict[str, object]]:
    """Read a key set (RFC 7517). Raises OSError, ValueError."""
    if path is None:
        return []
    told = json.loads(path.read_bytes())
    listed = told.get("keys") if isinstance(told, dict) else None
    if not isinstance(listed, list) or not all(isinstance(key, dict) for key in listed):
        raise ValueError('{"keys": [...]}')
    return listed


def _revoke(arguments: argparse.Namespace) -> int:
    async def act(tx: Tx, _settings: Settings) -> None:
        await revoke_key(tx, arguments.prefix)
        print(f"已吊销 {arguments.prefix} / revoked")

    return in_transaction(Role.SECURITY, act)
