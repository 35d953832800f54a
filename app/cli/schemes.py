"""relief schemes: list and show the catalogue, check a folder of terms, load one."""

import argparse
import sys
from itertools import chain
from pathlib import Path

from app.catalogue import find_versions, load_folder, load_standards, load_versions
from app.cli._desk import in_transaction
from app.db.session import Tx
from app.domain.caller import Role
from app.domain.errors import TermsInvalid
from app.domain.origins import unconfirmed
from app.domain.standards import PREMIUM, Standard, standards_needed
from app.domain.terms import Terms
from app.domain.terms_warnings import terms_warnings
from app.domain.terms_zh import KIND_ZH, terms_lines
from app.domain.versions import days_zh
from app.services.schemes import load_scheme, load_standard
from app.settings import Settings


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser("schemes", help="救助保险项目目录 / the catalogue of schemes")
    acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
    listing = acts.add_parser("list", help="列出目录 / list the catalogue")
    listing.set_defaults(run=_list)
    show = acts.add_parser("show", help="用中文说明一个项目 / tell one scheme in Chinese")
    show.add_argument("code", help="项目编码 / code of the scheme")
    show.add_argument("--version", help="版本，默认最新 / version; default: the newest")
    show.set_defaults(run=_show)
    check = acts.add_parser("check", help="检查一个目录的条款 / check a folder of terms")
    check.add_argument("folder", type=Path, help="放有 *.yaml 的目录 / folder with *.yaml")
    check.set_defaults(run=_check)
    load = acts.add_parser("load", help="载入数据库 / load a folder into the database")
    load.add_argument("folder", type=Path, help="放有 *.yaml 的目录 / folder with *.yaml")
    load.set_defaults(run=_load)


def _list(_arguments: argparse.Namespace) -> int:
    found = load_versions()
    for versions in found.values():
        *earlier, newest = versions
        print(_row(newest))
        for terms in reversed(earlier):
            print(f"  {'':<30} 早先版本 {terms.version}（{days_zh(terms)}）{_told(terms)}")
    marked = sum(any(map(unconfirmed, versions)) for versions in found.values())
    count = sum(map(len, found.values()))
    print(
        f"共 {len(found)} 个项目（{count} 个版本），{marked} 个含未经证实的数字"
        " / schemes, versions, with unconfirmed numbers"
    )
    return 0


def _row(terms: Terms) -> str:
    place = f"{terms.place_zh} {terms.name_zh}（{KIND_ZH[terms.kind]}，{terms.version}）"
    return f"{terms.scheme_code:<32} {place} {_told(terms)}"


def _told(terms: Terms) -> str:
    doubts = len(unconfirmed(terms))
    mark = f"未证实 {doubts} 处" if doubts else "全部有出处"
    return f"责任 {len(terms.covers)} 项，{mark}；来源：{terms.source.title_zh}"


def _show(arguments: argparse.Namespace) -> int:
    versions = find_versions(arguments.code)
    if not versions:
        print(f"目录中没有 {arguments.code} / not in the catalogue", file=sys.stderr)
        return 1
    known = "；".join(f"{terms.version}（{days_zh(terms)}）" for terms in versions)
    wanted = arguments.version or versions[-1].version
    terms = next((each for each in versions if each.version == wanted), None)
    if terms is None:
        print(f"没有版本 {wanted}，已有：{known} / no such version", file=sys.stderr)
        return 1
    if len(versions) > 1:
        print(f"版本：{known}")
    print("\n".join(terms_lines(terms)))
    return 0


def _check(arguments: argparse.Namespace) -> int:
    found = _read(arguments.folder)
    if found is None:
        return 1
    schemes, standards = found
    known = {PREMIUM, *standards, *load_standards()}
    for terms in chain.from_iterable(schemes.values()):
        named = f"提醒 {terms.scheme_code} {terms.version}:"
        for warning in terms_warnings(terms):
            print(f"{named} {warning.pointer} {warning.message_zh}")
            print(f"  {warning.message_en}")
        for code in sorted(standards_needed(terms) - known):
            print(f"{named} 引用的当地标准 {code} 不在 standards/ 中，须另行载入，否则无法理算。")
            print("  The terms refer to a local standard that no table here has.")
    count = sum(map(len, schemes.values()))
    print(
        f"{len(schemes)} 个项目、{count} 个版本、{len(standards)} 个当地标准，没有错误"
        " / schemes, versions, standards: no fault found"
    )
    return 0


def _load(arguments: argparse.Namespace) -> int:
    found = _read(arguments.folder)
    if found is None:
        return 1

    schemes, standards = found

    async def act(tx: Tx, _settings: Settings) -> None:
        for standard in standards.values():
            added = await load_standard(tx, standard)
            print(f"{standard.code} {standard.name_zh}：新增或更正 {added} 行")
        for terms in chain.from_iterable(schemes.values()):
            stored = await load_scheme(tx, terms)
            print(f"{stored.scheme_code} {stored.version} {stored.terms_sha256}")

    return in_transaction(Role.COUNTY, act)


def _read(
    folder: Path,
) -> tuple[dict[str, tuple[Terms, ...]], dict[str, Standard]] | None:
    """Read a folder and its `standards/`; None, with every fault told, when it has one or nothing.

    A folder may hold standards alone.
    """
    try:
        found = load_folder(folder), load_standards(folder / "standards")
    except TermsInvalid as wrong:
        for fault in wrong.faults:
            print(fault.message_zh, file=sys.stderr)
            print(f"  {fault.message_en}", file=sys.stderr)
        return None
    if not any(found):
        print(f"{folder} 中没有 *.yaml / no *.yaml there", file=sys.stderr)
        return None
    return found
