"""relief estimate: what every policy would pay, from a file; no server and no database."""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from app.catalogue.situations import answer_file
from app.domain.assessment import Assessment
from app.domain.errors import Invalid
from app.domain.explanation import LimitUse
from app.domain.lifecycle import OUTCOME_ZH
from app.domain.limits import LimitUnit
from app.domain.money import yuan, yuan_zh
from app.domain.sentences import reason_zh, sentence_zh
from app.domain.situation import PolicyAnswer, SituationAnswer


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser(
        "estimate", help="试算一个文件，不需要服务和数据库 / estimate a file, without a server"
    )
    parser.add_argument("file", type=Path, help="YAML 或 JSON 文件 / a YAML or JSON file")
    parser.add_argument("--json", action="store_true", help="输出 JSON / print JSON")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Exit status 0, or 1 with every fault of the file by line and path."""
    try:
        found = answer_file(arguments.file)
    except OSError as wrong:
        print(f"无法读取 {arguments.file} / cannot be read: {wrong.strerror}", file=sys.stderr)
        return 1
    except Invalid as wrong:
        for fault in wrong.faults:
            print(f"{fault.message_zh}{fault.hint_zh}", file=sys.stderr)
            print(f"  {fault.message_en}", file=sys.stderr)
        return 1
    if arguments.json:
        print(json.dumps(as_json(found), ensure_ascii=False, indent=1))
    else:
        print("\n".join(as_text(found)))
    return 0


def as_text(found: SituationAnswer) -> Iterator[str]:
    """Give the answer as lines for a reader of Chinese."""
    for one in found.policies:
        yield from _policy_text(one)
        yield ""
    yield f"各保单合计应赔 {yuan_zh(found.total_fen)}"
    yield f"所有支付方之后，单据费用中由家庭承担 {yuan_zh(found.left_fen)}"


def _policy_text(one: PolicyAnswer) -> Iterator[str]:
    terms = one.terms
    number = f" {one.policy_no}" if one.policy_no else ""
    yield f"{terms.place_zh} {terms.name_zh}（{terms.scheme_code} {terms.version}{number}）"
    if one.assessment is None:
        yield f"  {one.remark_zh}"
        return
    yield from _covers_text(one.assessment)
    for use in one.limits:
        yield f"  限额 {_limit_text(use)}"
    if one.missing:
        yield "  缺材料：" + "、".join(document.label_zh for document in one.missing)
    if one.nearest is not None:
        yield f"  最近的变化：{one.nearest.sentence_zh}"


def _covers_text(assessment: Assessment) -> Iterator[str]:
    for cover in assessment.covers:
        yield f"  {cover.name_zh} {yuan_zh(cover.amount_fen)}"
        for line in cover.lines:
            yield f"    {sentence_zh(line)}" + (f"〔{line.clause}〕" if line.clause else "")
    for reason in assessment.reasons:
        yield f"  说明：{reason_zh(reason.code, reason.about_zh)}"
    outcome = OUTCOME_ZH[assessment.outcome]
    yield f"  应赔 {yuan_zh(assessment.amount_fen)}（预计结论：{outcome}）"


def _limit_text(use: LimitUse) -> str:
    figures = [_units(use, units) for units in (use.bound, use.used, use.taken, use.left)]
    return "{}：{}，此前已用 {}，本次用 {}，剩余 {}".format(use.name_zh, *figures)


def _units(use: LimitUse, units: int) -> str:
    match use.unit:
        case LimitUnit.FEN:
            return yuan_zh(units)
        case LimitUnit.DAYS:
            return f"{units} 天"
        case LimitUnit.COUNT:
            return f"{units} 次"
        case LimitUnit.MINUTES:
            return f"{units} 分钟"


def as_json(found: SituationAnswer) -> dict[str, object]:
    """Give the answer with the names that `POST /v1/estimates` uses."""
    return {
        "policies": [_policy_json(one) for one in found.policies],
        "total": yuan(found.total_fen),
        "self_borne_left": yuan(found.left_fen),
        "currency": "CNY",
    }


def _policy_json(one: PolicyAnswer) -> dict[str, object]:
    shown: dict[str, object] = {
        "policy_no": one.policy_no or None,
        "scheme": one.terms.scheme_code,
        "scheme_version": one.terms.version,
        "scheme_name_zh": one.terms.name_zh,
        "remark_zh": one.remark_zh or None,
    }
    if one.assessment is None:
        return {**shown, "amount": yuan(0)}
    nearest = one.nearest
    return {
        **shown,
        "amount": yuan(one.assessment.amount_fen),
        "expected_outcome": one.assessment.outcome.value,
        "covers": _covers_json(one.assessment),
        "reasons": [
            {"code": why.code.value, "sentence_zh": reason_zh(why.code, why.about_zh)}
            for why in one.assessment.reasons
        ],
        "limits": [_limit_json(use) for use in one.limits],
        "missing": [{"code": paper.code, "label_zh": paper.label_zh} for paper in one.missing],
        "nearest_change": None
        if nearest is None
        else {
            "kind": nearest.kind.value,
            "amount": yuan(nearest.amount_fen),
            "difference": yuan(nearest.difference_fen),
            "sentence_zh": nearest.sentence_zh,
        },
    }


def _covers_json(assessment: Assessment) -> list[dict[str, object]]:
    return [
        {
            "code": cover.cover,
            "name_zh": cover.name_zh,
            "amount": yuan(cover.amount_fen),
            "lines": [
                {
                    "rule": line.rule.value,
                    "amount": yuan(line.amount_fen),
                    "sentence_zh": sentence_zh(line),
                    "clause": line.clause or None,
                    "unconfirmed": line.unconfirmed or None,
                }
                for line in cover.lines
            ],
        }
        for cover in assessment.covers
    ]


def _limit_json(use: LimitUse) -> dict[str, str]:
    money = use.unit is LimitUnit.FEN
    written = yuan if money else str
    return {
        "code": use.key.code,
        "name_zh": use.name_zh,
        "unit": "yuan" if money else use.unit.value,
        "bound": written(use.bound),
        "used": written(use.used),
        "taken": written(use.taken),
        "left": written(use.left),
    }
