"""relief restoration: after the database was restored, hear every party before anything leaves."""

import argparse
import asyncio
import json
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path

from app.cli._desk import in_transaction, open_database, operator
from app.db.insurers import active_secrets, find_insurer
from app.db.restorations import list_cases, open_restoration, unheard
from app.db.session import Database, Tx
from app.domain.caller import Role
from app.domain.errors import IllegalMove, NotFound, ReliefError
from app.outside.insurers import Speaker, open_client
from app.outside.insurers.register import Listed, Unreadable, read_register
from app.outside.trail_roots import published_roots
from app.services.restorations.begin_restoration import SKIPPED, begin_restoration
from app.services.restorations.end_restoration import dismiss_case, end_restoration
from app.services.restorations.hear_insurer import hear_by_word, hear_insurer
from app.settings import Settings, load_settings

SKIP_HELP = "跳过的报案序号数，须多于丢失期间的报案 / serials to skip, more than were lost"
# Clocks differ, and an instruction may have been on its way when the copy was made.
MARGIN = timedelta(hours=1)
AFTERWARDS = (
    "另请复核（恢复带回了当时的状态）：此后吊销的密钥须再次吊销，轮换的密钥须再次轮换，"
    "应请求删除的个人信息须再次删除 / what was revoked, rotated or erased since must be so again"
)


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser(
        "restoration", help="恢复后的核对 / after a restoration: hear every party, then go on"
    )
    acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
    begun = acts.add_parser("begin", help="开始：暂停一切报送与发放 / hold whatever leaves")
    begun.add_argument("--reason", required=True, help="原因 / why")
    begun.add_argument("--skip", type=int, default=SKIPPED, help=SKIP_HELP)
    begun.set_defaults(run=begin)
    acts.add_parser("show", help="进展 / how far it has come").set_defaults(run=_show)
    hear = acts.add_parser("hear", help="核对一方收到的指令 / take a party's register")
    hear.add_argument("party", help="保险公司代码，或 bank / an insurer's code, or bank")
    hear.add_argument("--file", type=Path, help="其登记文件 JSON；不填则按接口询问 / a file")
    hear.add_argument("--word", help="凭人工核对：说明如何核对 / by a person's word: how")
    hear.set_defaults(run=_hear)
    dismissed = acts.add_parser("dismiss", help="处理一件丢失的赔案 / settle a lost case")
    dismissed.add_argument("claim_no")
    dismissed.add_argument("--reason", required=True)
    dismissed.set_defaults(run=_dismiss)
    ended = acts.add_parser("end", help="结束：继续报送 / let go on what leaves")
    ended.add_argument("--reason", required=True)
    ended.set_defaults(run=_end)


def begin(arguments: argparse.Namespace) -> int:
    """Exit status 0 once nothing leaves any more."""

    async def act(tx: Tx, settings: Settings) -> None:
        roots = published_roots(settings.roots_folder())
        begun = await begin_restoration(tx, arguments.reason, roots, skipped=arguments.skip)
        print(
            f"数据停在 {begun.back_to_at:%Y-%m-%d %H:%M:%S} UTC；报送与发放已暂停，"
            f"报案序号跳过 {begun.skipped} / nothing leaves until the restoration has ended"
        )
        print(AFTERWARDS)

    return in_transaction(Role.SYSTEM, act)


def _show(_arguments: argparse.Namespace) -> int:
    """Exit status 1 while a restoration is open."""
    open_: list[bool] = []

    async def act(tx: Tx, _settings: Settings) -> None:
        held = await open_restoration(tx)
        open_.append(held is not None)
        if held is None:
            print("没有进行中的恢复核对 / no restoration is open")
            return
        print(f"{held.began_at:%Y-%m-%d %H:%M:%S} UTC  {held.reason}")
        for party, source in held.heard.items():
            print(f"  已核对 heard     {party}  {source}")
        for party in await unheard(tx):
            print(f"  待核对 unheard   {party}")
        for case in await list_cases(tx):
            print(
                f"  {case.state:<10} {case.claim_no}  {case.insurer_code}"
                f"  {case.insurer_case_no or '-'}  {case.kind}"
            )

    return in_transaction(Role.SYSTEM, act) or int(any(open_))


def _hear(arguments: argparse.Namespace) -> int:
    """Exit status 0 when the party was heard and nothing of it is lost here."""
    if arguments.word is not None:

        async def act(tx: Tx, _settings: Settings) -> None:
            await hear_by_word(tx, arguments.party, f"word: {arguments.word}")

        return in_transaction(Role.SYSTEM, act)
    settings = load_settings()
    try:
        read = arguments.file.read_text(encoding="utf-8") if arguments.file else None
        found = asyncio.run(_take(settings, arguments.party, read))
    except (ReliefError, Unreadable, OSError, ValueError) as refusal:
        print(getattr(refusal, "detail_zh", ""), refusal, file=sys.stderr)
        return 1
    print(
        f"{arguments.party}：已知 known {found['known']}，并入 adopted {found['adopted']}，"
        f"丢失 lost {found['lost']}，备查 noted {found['noted']}"
    )
    return 1 if found["lost"] else 0


async def _take(settings: Settings, party: str, told: str | None) -> Counter[str]:
    database = open_database(settings)
    try:
        if told is not None:
            listed, source = read_register(json.loads(told), party), "file"
        else:
            listed, source = await _ask(settings, database, party), "asked"
        return await hear_insurer(database, operator(Role.SYSTEM), party, listed, source)
    finally:
        await database.close()


async def _ask(settings: Settings, database: Database, party: str) -> list[Listed]:
    async with database.transaction(operator(Role.SYSTEM)) as tx:
        held = await open_restoration(tx)
        if held is None:
            raise IllegalMove("没有进行中的恢复核对", ("begin",))
        insurer = await find_insurer(tx, party)
        if insurer is None:
            raise NotFound("没有这家保险公司。", "There is no such insurer.")
        secrets = await active_secrets(tx, party, "out")
    async with open_client(settings.networks()) as client:
        speaker = Speaker(client, settings.insurer_deadline_seconds, settings.drop_folder())
        endpoint = speaker.endpoint(party, insurer.base_url, secrets)
        told = await speaker.fetch_register(endpoint, held.back_to_at - MARGIN)
    if not isinstance(told, list):
        raise Unreadable(
            f"没有得到 {party} 的登记（{told.reason}）；可用 --file 或 --word"
            " / no register was given: take a file, or a person's word"
        )
    return told


def _dismiss(arguments: argparse.Namespace) -> int:
    async def act(tx: Tx, _settings: Settings) -> None:
        settled = await dismiss_case(tx, arguments.claim_no, arguments.reason)
        print(f"已处理 {settled} 项 / settled")

    return in_transaction(Role.SYSTEM, act)


def _end(arguments: argparse.Namespace) -> int:
    async def act(tx: Tx, _settings: Settings) -> None:
        await end_restoration(tx, arguments.reason)
        print("核对完毕，继续报送 / what leaves may leave again")

    return in_transaction(Role.SYSTEM, act)
