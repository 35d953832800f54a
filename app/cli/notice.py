"""relief notice: what a township does: estimate, draft, papers, submit. Over REST, with its key."""

import argparse
import json
import mimetypes
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from app.cli._office import add_office, at_work, form_of
from app.demo.cases import inpatient
from app.demo.papers import paper
from app.demo.population import residents
from client import Relief, Upload
from client.schemas import EstimateForm, EstimateView, NoticeView

SHANGHAI = ZoneInfo("Asia/Shanghai")
SAMPLE_PEOPLE = 60  # the samples come first
_OF_A_DRAFT = ("client_ref", "area_code")
Act = Callable[[argparse.Namespace, Relief], int]


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser(
        "notice", help="报案：试算、起草、材料、提交 / a township's notice"
    )
    acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
    for name, act, places, told in (
        ("example", None, (), "一份示例（演示县的一位示例人员）/ an example for the demo's county"),
        ("estimate", _estimate, ("file",), "试算，不留痕 / what would every cover pay"),
        ("new", _draft, ("file",), "起草 / draft one from a JSON file"),
        ("attach", _attach, ("notice_no", "kind", "file"), "上传材料 / attach a paper"),
        ("checklist", _checklist, ("notice_no",), "还缺什么 / what is missing"),
        ("submit", _submit, ("notice_no",), "提交报案 / submit it"),
        ("show", _show, ("notice_no",), "查看 / show it"),
    ):
        one = acts.add_parser(name, help=told)
        for place in places:
            one.add_argument(place, type=Path if place == "file" else str)
        if act is None:
            one.add_argument("--paper", metavar="KIND", help="改为一份示例 PDF / a sample paper")
            one.set_defaults(run=_example)
        else:
            add_office(one)
            one.set_defaults(run=_running(act))


def _running(act: Act) -> Callable[[argparse.Namespace], int]:
    return lambda arguments: at_work(arguments, lambda relief: act(arguments, relief))


def _example(arguments: argparse.Namespace) -> int:
    """Print a notice for one of the demo's sample people, nine days after it happened."""
    if arguments.paper:
        sys.stdout.buffer.write(paper(arguments.paper, "example"))
        return 0
    person = next(one.person for one in residents(people=SAMPLE_PEOPLE) if one.purpose == "901")
    form = inpatient(person, f"EXAMPLE-{uuid4().hex[:8].upper()}", datetime.now(SHANGHAI).date())
    form["area_code"] = f"{person.area_code:012d}"
    print(json.dumps(form, ensure_ascii=False, indent=1))
    return 0


def _estimate(arguments: argparse.Namespace, relief: Relief) -> int:
    form: EstimateForm = _asked(form_of(arguments.file))
    found = relief.estimate_notice(form).body
    print(json.dumps(found, ensure_ascii=False) if arguments.json else _estimated(found))
    return 0


def _asked(form: Any) -> Any:
    """Give the form without what only a draft has, so that one file serves both."""
    if not isinstance(form, dict):
        return form  # the service says what is wrong with it
    return {name: value for name, value in form.items() if name not in _OF_A_DRAFT}


def _estimated(found: EstimateView) -> str:
    lines = []
    for policy in found["policies"]:
        lines.append(f"{policy['scheme_name_zh']}（{policy['policy_no']}）{policy['amount']} 元")
        for cover in policy["assessment"]["covers"]:
            lines += [f"  {line['sentence_zh']}" for line in cover["lines"]]
    lines += [remark["sentence_zh"] for remark in found["remarks"]]
    lines += [f"合计 {found['total']} 元；赔付后家庭自担 {found['self_borne_left']} 元"]
    missing = "、".join(paper["label_zh"] for paper in found["missing"])
    return "\n".join([*lines, f"还缺：{missing or '无'}"])


def _draft(arguments: argparse.Namespace, relief: Relief) -> int:
    return _tell(arguments, relief.draft_notice(form_of(arguments.file)).body)


def _show(arguments: argparse.Namespace, relief: Relief) -> int:
    return _tell(arguments, relief.read_notice(arguments.notice_no).body)


def _submit(arguments: argparse.Namespace, relief: Relief) -> int:
    return _tell(arguments, relief.submit_notice(arguments.notice_no).body)


def _tell(arguments: argparse.Namespace, notice: NoticeView) -> int:
    if arguments.json:
        print(json.dumps(notice, ensure_ascii=False))
        return 0
    print(f"{notice['notice_no']} {notice['status']['label_zh']}")
    for claim in notice["claims"]:
        print(f"  赔案 {claim['claim_no']} {claim['scheme_name_zh']} {claim['status']['label_zh']}")
    for remark in notice["coverage"]:  # who is not covered is told why, at once
        print(f"  {remark['sentence_zh']}")
    return 0


def _attach(arguments: argparse.Namespace, relief: Relief) -> int:
    file: Path = arguments.file
    media_type = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    sent = Upload(file.name, file.read_bytes(), media_type)
    kept = relief.attach_document(arguments.notice_no, {"kind": arguments.kind, "file": sent}).body
    print(json.dumps(kept, ensure_ascii=False) if arguments.json else f"已上传 {kept['kind']}")
    return 0


def _checklist(arguments: argparse.Namespace, relief: Relief) -> int:
    found = relief.read_checklist(arguments.notice_no).body
    if arguments.json:
        print(json.dumps(found, ensure_ascii=False))
    else:
        for item in found["items"]:
            mark = {"present": "✓", "missing": "✗"}.get(item["state"], "·")
            print(f"{mark} {item['label_zh']} ({item['code']}) {item['source_zh']}")
    return 0
