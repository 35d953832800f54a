"""relief insurer: take an insurer on."""

import argparse
import sys
from pathlib import Path

from app.cli._desk import in_transaction
from app.db.insurers import Insurer
from app.db.session import Tx
from app.domain.caller import Role
from app.services.insurers import add_insurer
from app.settings import Settings


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser("insurer", help="接入保险公司 / take an insurer on")
    acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
    add = acts.add_parser("add", help="登记一家 / register one")
    add.add_argument("code", help="代码 / code")
    add.add_argument("--name", required=True, help="中文名 / Chinese name")
    add.add_argument("--base-url", required=True, help="接口地址 / where it is reached")
    add.add_argument("--dialect", default="rest", choices=["rest"])
    add.add_argument(
        "--secret-in", type=Path, required=True, help="回调签名密钥文件 / file: signs its callbacks"
    )
    add.add_argument(
        "--secret-out", type=Path, required=True, help="指令签名密钥文件 / file: signs our sends"
    )
    add.add_argument(
        "--honours-key", action="store_true", help="认幂等号，可重发 / a resent key is safe"
    )
    add.add_argument("--can-be-asked", action="store_true", help="可查询结果 / answers questions")
    add.set_defaults(run=_add)


def _add(arguments: argparse.Namespace) -> int:
    try:
        secret_in = arguments.secret_in.read_text(encoding="ascii").strip()
        secret_out = arguments.secret_out.read_text(encoding="ascii").strip()
    except (OSError, UnicodeError) as error:
        print(f"读不了密钥文件 / a secret file cannot be read: {error}", file=sys.stderr)
        return 1

    async def act(tx: Tx, _settings: Settings) -> None:
        insurer = Insurer(
            code=arguments.code,
            name_zh=arguments.name,
            dialect=arguments.dialect,
            base_url=arguments.base_url,
            honours_key=arguments.honours_key,
            can_be_asked=arguments.can_be_asked,
        )
        await add_insurer(tx, insurer, secret_in, secret_out)
        print(f"已登记 {insurer.code} / registered")

    return in_transaction(Role.SYSTEM, act)
