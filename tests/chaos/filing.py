"""One claim from notice to money, as a township and its county see it through."""

from datetime import date, timedelta
from typing import Any

from app.demo.papers import paper
from tests.chaos.clerk import Clerk, Json
from tests.chaos.plan import Ending, Plan, yuan
from tests.contracts import TOWN

WRONG, RIGHT = "9900123456780018", "9900123456789999"
BANK = "示范农商银行"


async def see_through(plan: Plan, township: Clerk, county: Clerk, today: date) -> str:
    """File, follow, do what is asked for, until it is closed; gives the claim's number."""
    drafted = await township.write("/v1/notices", json=notice(plan, today))
    notice_no = drafted["notice_no"]
    await attach(township, notice_no, "settlement")
    submitted = await township.write(f"/v1/notices/{notice_no}:submit")
    [claim] = submitted["claims"]
    path = f"/v1/claims/{claim['claim_no']}"
    if plan.story == "papers":
        await township.follow(path, lambda seen: _status(seen) == "evidence_required")
        await attach(township, notice_no, "itemised_list")
    if plan.corrected:
        stopped = "failed" if plan.story == "bank_failure" else "returned"
        seen = await township.follow(path, lambda seen: _payouts(seen) == [stopped])
        payout = f"/v1/payouts/{seen['payouts'][0]['id']}:correct-account"
        account = {"name": plan.name, "account": RIGHT, "bank": BANK}
        await township.write(payout, json=account)
        await county.write(payout, json=account)
    await township.follow(path, lambda seen: _ended(seen, plan))
    return str(claim["claim_no"])


async def attach(clerk: Clerk, notice_no: str, kind: str) -> None:
    """Attach a paper of a kind."""
    files = {"file": (f"{kind}.pdf", paper(kind, notice_no), "application/pdf")}
    await clerk.write(f"/v1/notices/{notice_no}/documents", data={"kind": kind}, files=files)


def notice(plan: Plan, today: date) -> dict[str, Any]:
    """The notice of a plan: one stay in hospital."""
    fund, own = yuan(plan.fund_fen), yuan(plan.self_borne_fen)
    bill = {
        "kind": "inpatient",
        "total": yuan(plan.total_fen),
        "hospital": "示范县人民医院",
        "hospital_level": "county",
        "settlement_id": f"CHAOS-{plan.number}",
        "amounts": {
            "medfee_sumamt": yuan(plan.total_fen),
            "fund_pay_sumamt": fund,
            "hifp_pay": fund,
            "psn_part_amt": own,
            "psn_cash_pay": own,
            "inscp_scp_amt": yuan(plan.total_fen),
        },
    }
    return {
        "area_code": str(TOWN),
        "person": {"name": plan.name, "id_type": "resident_id", "id_number": plan.id_number},
        "event": {
            "kind": "illness",
            "cause": "disease",
            "on": (today - timedelta(days=9)).isoformat(),
            "place": "示范县",
        },
        "bills": [bill],
        "filed_by": {"name": "演示经办", "relation": "village_cadre", "authorised": True},
        "payees": [
            {"name": plan.name, "account": WRONG, "bank": BANK, "relation": "self"}
            | {"share_bp": 10_000}
        ],
    }


def _status(claim: Json) -> str:
    return str(claim["status"]["code"])


def _payouts(claim: Json) -> list[str]:
    return [one["status"]["code"] for one in claim["payouts"]]


def _ended(claim: Json, plan: Plan) -> bool:
    if _status(claim) != "closed":
        return False
    return plan.ending is Ending.NOTHING or _payouts(claim) == ["paid"]
