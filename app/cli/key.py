"""relief key: issue and revoke API keys."""

import argparse
from datetime import UTC, datetime, timedelta

from app.cli._desk import in_transaction
from app.db.session import Tx
from app.domain.caller import Role
from app.services.keys import issue_key, revoke_key
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
    issue.set_defaults(run=_issue)
    revoke = acts.add_parser("revoke", help="吊销 / revoke")
    revoke.add_argument("prefix", help="密钥开头，如签发时所示 / the key's beginning, as issued")
    revoke.set_defaults(run=_revoke)


def _issue(arguments: argparse.Namespace) -> int:
    async def act(tx: Tx, settings: Settings) -> None:
        ends = None if arguments.days is None else datetime.now(UTC) + timedelta(arguments.days)
        key = await issue_key(
            tx,
            Role(arguments.role),
            arguments.area,
            arguments.insurer,
            arguments.label,
            ends,
            test=settings.sandbox,
        )
        print(key.token)
        print(f"请妥善保存，不再显示；吊销时用 {key.prefix} / keep it, it is not shown again")

    return in_transaction(Role.SECURITY, act)


def _revoke(arguments: argparse.Namespace) -> int:
    async def act(tx: Tx, _settings: Settings) -> None:
        await revoke_key(tx, arguments.prefix)
        print(f"已吊销 {arguments.prefix} / revoked")

    return in_transaction(Role.SECURITY, act)
