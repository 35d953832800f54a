"""relief retention: remove what has outlived its purpose and the law's keeping time."""

import argparse
import asyncio

from app.cli._desk import open_database
from app.outside.documents import open_store
from app.services.retention import Removed, run_retention
from app.settings import Settings, load_settings


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser(
        "retention", help="按保存期限清理 / remove what is past its keeping time"
    )
    acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
    acts.add_parser("run", help="清理一遍 / one round").set_defaults(run=_run)


def _run(_arguments: argparse.Namespace) -> int:
    removed = asyncio.run(_round(load_settings()))
    for label, count in (
        ("到期的幂等答复 kept answers", removed.answers),
        ("已完成的任务 jobs done", removed.jobs),
        ("查看记录 records of access", removed.accesses),
        ("事件通知 messages told", removed.told),
        ("回调原文 bodies of callbacks", removed.callbacks),
        ("变更流 news of the feed", removed.news),
        ("未提交的草稿 drafts", removed.drafts),
        ("个人资料 people erased", removed.people),
        ("材料文件 papers", len(removed.papers)),
    ):
        print(f"  {count:>9,}  {label}")
    return 0


async def _round(settings: Settings) -> Removed:
    database = open_database(settings)
    try:
        removed = await run_retention(
            database,
            case_days=settings.retention_case_days,
            log_days=settings.retention_log_days,
            draft_days=settings.retention_draft_days,
        )
        store = open_store(settings, database.keyring)
        for key in removed.papers:
            await store.discard(key)
    finally:
        await database.close()
    return removed
