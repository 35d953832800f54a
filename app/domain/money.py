"""Money in whole fen: reading and writing yuan, one rounding, one splitting."""

import re
from collections.abc import Sequence

from app.domain.errors import Fault, Invalid

_YUAN = re.compile(r"[0-9]{1,13}(?:\.[0-9]{1,2})?", re.ASCII)
BP = 10_000  # basis points in one whole


def parse_yuan(text: str, pointer: str = "") -> int:
    """Read a yuan string such as `1600.00` as fen.

    Only plain digits with at most two decimals are money; anything else raises Invalid with one
    Fault `money.precision` at `pointer`. The text itself is never repeated in the fault.
    """
    if _YUAN.fullmatch(text) is None:
        raise Invalid(
            Fault(
                pointer,
                "money.precision",
                "金额须为不带符号的数字，最多两位小数。",
                "An amount is a string of digits with at most two decimals.",
                "例如 1600.00",
            )
        )
    whole, _, cents = text.partition(".")
    return int(whole) * 100 + int(cents.ljust(2, "0"))


def yuan(fen: int) -> str:
    """Write fen as yuan with exactly two decimals: 160000 gives `1600.00`."""
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100}.{abs(fen) % 100:02d}"


def yuan_zh(fen: int) -> str:
    """Write fen for reading: 160000 gives `1,600.00 元`."""
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100:,}.{abs(fen) % 100:02d} 元"


def half_up(numerator: int, denominator: int) -> int:
    """Divide a non-negative numerator and round half up to a whole number.

    The house's only rounding. No source states one; half up to the fen, once per cover, gives the
    published Yishui payment (155.0685 -> 155.07) that half-even would also give, and 84.525 ->
    84.53 in favour of the family (Insurance Law article 30).
    """
    return (2 * numerator + denominator) // (2 * denominator)


def share_fen(base_fen: int, rate_bp: int) -> int:
    """Give `rate_bp` basis points of a base, both non-negative, rounded half up to the fen."""
    return half_up(base_fen * rate_bp, BP)


def split_fen(total_fen: int, weights: Sequence[int]) -> tuple[int, ...]:
    """Split fen in proportion to non-negative weights; the parts always sum to the whole.

    Floors first, then one fen each to the largest remainders, earlier positions first. When all
    weights are zero the first part takes everything. At least one weight is needed.
    """
    if len(weights) == 1:
        return (total_fen,)
    whole = sum(weights)
    if whole == 0:
        return (total_fen, *(0 for _ in weights[1:]))
    parts = [total_fen * weight // whole for weight in weights]
    rests = [total_fen * weight % whole for weight in weights]
    by_rest = sorted(range(len(weights)), key=lambda i: (-rests[i], i))
    for position in by_rest[: total_fen - sum(parts)]:
        parts[position] += 1
    return tuple(parts)
