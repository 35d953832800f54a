"""relief schemes: list and show the catalogue, check a folder of terms, load one."""

import argparse
import sys
from pathlib import Path

from app.catalogue import load_all, load_folder
from app.cli._desk import in_transaction
from app.db.session import Tx
from app.domain.caller import Role
from app.domain.errors import TermsInvalid
from app.domain.origins import unconfirmed
from app.domain.terms import Terms
from app.domain.terms_warnings import terms_warnings
from app.domain.terms_zh import KIND_ZH, terms_lines
from app.services.schemes import load_scheme
from app.settings import Settings


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser("schemes", help="救助保险项目目录 / the catalogue of schemes")
    acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
    listing = acts.add_parser("list", help="列出目录 / list the catalogue")
    listing.set_defaults(run=_list)
    show = acts.add_parser("show", help="用中文说明一个项目 / tell one scheme in Chinese")
    show.add_argument("code", help="项目编码 / code of the scheme")
    show.set_defaults(run=_show)
    check = acts.add_parser("check", help="检查一个目录的条款 / check a folder of terms")
    check.add_argument("folder", type=Path, help="放有 *.yaml 的目录 / folder with *.yaml")
    check.set_defaults(run=_check)
    load = acts.add_parser("load", help="载入数据库 / load a folder into the database")
    load.add_argument("folder", type=Path, help="放有 *.yaml 的目录 / folder with *.yaml")
    load.set_defaults(run=_load)


def _list(_arguments: argparse.Namespace) -> int:
    found = load_all()
    for terms in found.values():
        print(_row(terms))
    marked = sum(bool(unconfirmed(terms)) for terms in found.values())
    print(
        f"共 {len(found)} 个项目，{marked} 个含未经证实的数字 / schemes, with unconfirmed numbers"
    )
    return 0


def _row(terms: Terms) -> str:
    doubts = len(unconfirmed(terms))
    mark = f"未证实 {doubts} 处" if doubts else "全部有出处"
    place = f"{terms.place_zh} {terms.name_zh}（{KIND_ZH[terms.kind]}，{terms.version}）"
    told = f"责任 {len(terms.covers)} 项，{mark}；来源：{terms.source.title_zh}"
    return f"{terms.scheme_code:<32} {place} {told}"


def _show(arguments: argparse.Namespace) -> int:
    terms = load_all().get(arguments.code)
    if terms is None:
        print(f"目录中没有 {arguments.code} / not in the catalogue", file=sys.stderr)
        return 1
    print("\n".join(terms_lines(terms)))
    return 0


def _check(arguments: argparse.Namespace) -> int:
    found = _read(arguments.folder)
    if found is None:
        return 1
    for code, terms in found.items():
        for warning in terms_warnings(terms):
            print(f"提醒 {code}: {warning.pointer} {warning.message_zh}")
            print(f"  {warning.message_en}")
    print(f"{len(found)} 个项目，条款无误 / schemes, no fault found")
    return 0


def _load(arguments: argparse.Namespace) -> int:
    found = _read(arguments.folder)
    if found is None:
        return 1

    async def act(tx: Tx, _settings: Settings) -> None:
        for terms in found.values():
            stored = await load_scheme(tx, terms)
            print(f"{stored.scheme_code} {stored.version} {stored.terms_sha256}")

    return in_transaction(Role.COUNTY, act)


def _read(folder: Path) -> dict[str, Terms] | None:
    """Read a folder; None, with every fault told, when it has one or holds no terms at all."""
    try:
        found = load_folder(folder)
    except TermsInvalid as wrong:
        for fault in wrong.faults:
            print(fault.message_zh, file=sys.stderr)
            print(f"  {fault.message_en}", file=sys.stderr)
        return None
    if not found:
        print(f"{folder} 中没有 *.yaml / no *.yaml there", file=sys.stderr)
        return None
    return found
