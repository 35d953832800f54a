"""relief claim: where a claim is, why the money is not there yet, and what happened to it."""

import argparse
import json
import time

from app.cli._office import add_office, at_work
from client import Answer, Relief
from client.schemas import ClaimView

POLL_SECONDS = 1.0


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser("claim", help="查询赔案 / where a claim is, and what happened")
    parser.add_argument("claim_no", help="赔案号 / claim number")
    parser.add_argument(
        "--follow", type=int, metavar="SECONDS", help="等到结案，至多几秒 / until it is closed"
    )
    add_office(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Exit status 0 when found (with --follow: when closed in time), else 1."""
    return at_work(arguments, lambda relief: _show(arguments, relief))


def _show(arguments: argparse.Namespace, relief: Relief) -> int:
    answer = relief.read_claim(arguments.claim_no)
    claim = answer.body
    if arguments.follow:
        claim = _follow(relief, answer, time.monotonic() + arguments.follow)
    if arguments.json:
        print(json.dumps(claim, ensure_ascii=False))
    else:
        _tell(relief, claim)
    return 1 if arguments.follow and claim["status"]["code"] != "closed" else 0


def _follow(relief: Relief, answer: Answer[ClaimView], until: float) -> ClaimView:
    """Poll with the ETag at hand: an answer of nothing new costs the service next to nothing."""
    claim = answer.body
    while claim["status"]["code"] != "closed" and time.monotonic() < until:
        time.sleep(POLL_SECONDS)
        again = relief.read_claim(claim["claim_no"], if_none_match=answer.etag)
        if not again.unchanged:
            answer, claim = again, again.body
    return claim


def _tell(relief: Relief, claim: ClaimView) -> None:
    amounts = claim["amounts"]
    print(f"{claim['claim_no']} {claim['status']['label_zh']}：{claim['sentence_zh']}")
    print(f"  核定 {amounts['decided'] or '—'} 元，已到账 {amounts['paid']} 元")
    for event in relief.read_timeline(claim["claim_no"]).body["items"]:
        print(f"  {event['at']} {event['text_zh']}")
