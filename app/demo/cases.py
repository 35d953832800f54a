"""What happens to people in the story: notices as a township would fill them in.

Amounts are yuan; a settlement's parts add up as on a real one (national names, output 2303).
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from app.domain.person import NewPerson
from client.schemas import AccountForm

Json = dict[str, Any]

HOSPITAL = "示范县人民医院"
BANK = "示范农商银行"


def inpatient(person: NewPerson, settlement_id: str, today: date) -> Json:
    """Chun'an: 20,000.00 in hospital, of which 8,000.00 stay with the person."""
    bill = {
        "kind": "inpatient",
        "total": "20000.00",
        "hospital": HOSPITAL,
        "hospital_level": "county",
        "settlement_id": settlement_id,
        "amounts": {
            "medfee_sumamt": "20000.00",
            "fund_pay_sumamt": "12000.00",
            "hifp_pay": "12000.00",
            "psn_part_amt": "8000.00",
            "psn_cash_pay": "8000.00",
            "preselfpay_amt": "2500.00",
            "fulamt_ownpay_amt": "1500.00",
            "inscp_scp_amt": "16000.00",
        },
    }
    return _notice(person, today, [bill])


def outpatient(person: NewPerson, settlement_id: str, today: date) -> Json:
    """Chun'an: a chronic illness, 900.00 as an outpatient, 600.00 with the person."""
    bill = {
        "kind": "outpatient",
        "category": "chronic",
        "total": "900.00",
        "hospital": HOSPITAL,
        "hospital_level": "county",
        "settlement_id": settlement_id,
        "amounts": {
            "medfee_sumamt": "900.00",
            "fund_pay_sumamt": "300.00",
            "hifp_pay": "300.00",
            "psn_part_amt": "600.00",
            "psn_cash_pay": "600.00",
            "inscp_scp_amt": "900.00",
        },
    }
    return _notice(person, today, [bill])


def jiangjin(person: NewPerson, settlement_id: str, today: date) -> Json:
    """The published case of Jiangjin: bill 50,000.00, self-borne 25,000.00, paid 7,000.00."""
    bill = {
        "kind": "inpatient",
        "total": "50000.00",
        "hospital": HOSPITAL,
        "hospital_level": "city",
        "settlement_id": settlement_id,
        "amounts": {
            "medfee_sumamt": "50000.00",
            "fund_pay_sumamt": "25000.00",
            "hifp_pay": "25000.00",
            "psn_part_amt": "25000.00",
            "psn_cash_pay": "25000.00",
            "inscp_scp_amt": "50000.00",
        },
    }
    return _notice(person, today, [bill])


def two_covers(person: NewPerson, settlement_id: str, today: date) -> Json:
    """20,000.00 self-borne, of which a charity has paid 13,000.00: 7,000.00 is left for two."""
    bill = {
        "kind": "inpatient",
        "total": "60000.00",
        "hospital": HOSPITAL,
        "hospital_level": "city",
        "settlement_id": settlement_id,
        "amounts": {
            "medfee_sumamt": "60000.00",
            "fund_pay_sumamt": "40000.00",
            "hifp_pay": "40000.00",
            "psn_part_amt": "20000.00",
            "psn_cash_pay": "20000.00",
            "preselfpay_amt": "3000.00",
            "fulamt_ownpay_amt": "5000.00",
            "inscp_scp_amt": "52000.00",
        },
        "paid_by": [{"payer": "charity", "amount": "13000.00"}],
    }
    return _notice(person, today, [bill])


def account(person: NewPerson, last4: str = "0018") -> AccountForm:
    """An account in the person's name; the number belongs to no bank."""
    return {"name": person.name, "account": f"990012345678{last4}", "bank": BANK}


def _notice(person: NewPerson, today: date, bills: Sequence[Json]) -> Json:
    return {
        "person": {"name": person.name, "id_type": "resident_id", "id_number": person.id_number},
        "event": {
            "kind": "illness",
            "cause": "disease",
            "on": (today - timedelta(days=9)).isoformat(),
            "place": "示范县",
        },
        "bills": list(bills),
        "filed_by": {"name": "演示经办", "relation": "village_cadre", "authorised": True},
        "payees": [{**account(person), "relation": "self", "share_bp": 10_000}],
    }
