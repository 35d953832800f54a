"""The sums a settlement should keep: warnings for a draft, refusals only where a cover needs them.

Identities of the national settlement form (output 2303), as our reference reads it.
"""

from collections.abc import Iterable

from app.domain.errors import Fault
from app.domain.facts import Bill
from app.domain.words import FIELD_ZH

_FUNDS = ("hifp_pay", "cvlserv_pay", "hifes_pay", "hifmi_pay", "hifob_pay", "maf_pay", "oth_pay")
_PERSON = ("acct_pay", "psn_cash_pay", "acct_mulaid_pay")
_WHO_PAID = ("fund_pay_sumamt", "psn_part_amt", "hosp_part_amt")
_SCOPE = ("fulamt_ownpay_amt", "overlmt_selfpay", "preselfpay_amt", "inscp_scp_amt")
_OUTSIDE = _SCOPE[:3]

# (what should be the sum, its parts, parts that a settlement may leave out when they are nothing)
_IDENTITIES = (
    ("fund_pay_sumamt", _FUNDS, frozenset(_FUNDS)),
    ("psn_part_amt", _PERSON, frozenset({"acct_mulaid_pay", "acct_pay"})),
    ("total", _WHO_PAID, frozenset({"hosp_part_amt"})),
    ("total", _SCOPE, frozenset({"overlmt_selfpay"})),
)


def warnings(bill: Bill, pointer: str = "") -> tuple[Fault, ...]:
    """Give the identities that the bill breaks, among those whose parts it states.

    Also: the stated total differs from medfee_sumamt, and 自负 would come out below zero.
    """
    found = [
        _differs(whole, parts, pointer)
        for whole, parts, optional in _IDENTITIES
        if _stated(bill, whole, parts, optional) and _fen(bill, whole) != _sum(bill, parts)
    ]
    if "medfee_sumamt" in bill.amounts and bill.amounts["medfee_sumamt"] != bill.total_fen:
        found.append(_differs("total", ("medfee_sumamt",), pointer))
    if _borne_below_zero(bill):
        found.append(_negative_borne(pointer))
    return tuple(found)


def mismatches(bill: Bill, used_fields: Iterable[str], pointer: str = "") -> tuple[Fault, ...]:
    """Give what must stop `:submit`, as money.sum_mismatch.

    `used_fields` are the parts that the responding covers use (`Part.field`). Refused: payers
    exceed the total; a used part exceeds the total; the used parts together exceed the total; an
    identity that holds a used part is broken.
    """
    used = frozenset(used_fields)
    found = []
    if bill.settled_fen + bill.later_fen > bill.total_fen:
        found.append(_payers_exceed(pointer))
    if used & {"self_borne"} and _borne_below_zero(bill):
        found.append(_negative_borne(pointer))
    touched = used | ({"psn_part_amt", *_OUTSIDE} if "self_borne" in used else frozenset())
    if sum(_fen(bill, name) for name in touched & {*_SCOPE}) > bill.total_fen:
        found.append(_differs("total", tuple(sorted(touched & {*_SCOPE})), pointer))
    if "psn_part_amt" in touched and _fen(bill, "psn_part_amt") > bill.total_fen:
        found.append(_differs("total", ("psn_part_amt",), pointer))
    for whole, parts, optional in _IDENTITIES:
        held = touched & {whole, *parts} and _stated(bill, whole, parts, optional)
        if held and _fen(bill, whole) != _sum(bill, parts):
            found.append(_differs(whole, parts, pointer))
    return tuple(dict.fromkeys(found))


def _fen(bill: Bill, name: str) -> int:
    return bill.total_fen if name == "total" else bill.amounts.get(name, 0)


def _sum(bill: Bill, names: tuple[str, ...]) -> int:
    return sum(_fen(bill, name) for name in names)


def _stated(bill: Bill, whole: str, parts: tuple[str, ...], optional: frozenset[str]) -> bool:
    """Tell whether the bill states enough of an identity to hold it against the bill."""
    needed = [part for part in parts if part not in optional]
    some = any(part in bill.amounts for part in parts)
    return (
        some
        and (whole == "total" or whole in bill.amounts)
        and all(part in bill.amounts for part in needed)
    )


def _borne_below_zero(bill: Bill) -> bool:
    return "psn_part_amt" in bill.amounts and _sum(bill, _OUTSIDE) > bill.amounts["psn_part_amt"]


def _differs(whole: str, parts: tuple[str, ...], pointer: str) -> Fault:
    whole_zh = "总费用" if whole == "total" else FIELD_ZH[whole]
    parts_zh = "、".join(FIELD_ZH[part] for part in parts)
    return Fault(
        pointer,
        "money.sum_mismatch",
        f"{parts_zh}与{whole_zh}对不上。",
        f"{', '.join(parts)} do not agree with {whole}.",
        "请对照结算单逐项核对。",
    )


def _payers_exceed(pointer: str) -> Fault:
    return Fault(
        pointer,
        "money.sum_mismatch",
        "各支付方已付金额合计超过总费用。",
        "What the payers have paid exceeds the total.",
        "请核对基金支付和其他支付方金额。",
    )


def _negative_borne(pointer: str) -> Fault:
    return Fault(
        pointer,
        "money.sum_mismatch",
        "自费、超限价和先行自付合计超过个人负担总额，自负为负数，按 0 计。",
        "The parts outside the catalogue exceed psn_part_amt; what is self-borne counts as 0.",
        "请核对个人负担总额。",
    )
