"""Issue an API key, bound to a role and an area or an insurer."""

from dataclasses import dataclass
from datetime import datetime

from app.crypto import new_api_key
from app.db.ids import new_id
from app.db.insurers import find_insurer
from app.db.keys import NewKey, add_key
from app.db.session import Tx
from app.domain.caller import AREA_END, LEVEL_DIGITS, Role, area_range
from app.domain.errors import Fault, Invalid

PREFIX_CHARACTERS = 16  # `rk_live_` and eight random characters: enough to name it, not to guess it
_WIDTHS = {level: 10 ** (12 - digits) for level, digits in LEVEL_DIGITS.items()}
_EVERYWHERE = frozenset({Role.SYSTEM, Role.SECURITY, Role.AUDIT, Role.INSURER})
_LEVELS = {
    Role.TOWNSHIP: "township",
    Role.COUNTY: "county",
    Role.PREFECTURE: "prefecture",
    Role.PROVINCE: "province",
}


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """A new key: `token` is shown this once and kept nowhere; `prefix` names the key later."""

    token: str
    prefix: str
    role: Role
    area_code: int
    insurer_code: str | None
    expires_at: datetime | None


async def issue_key(
    tx: Tx,
    role: Role,
    area_code: int,
    insurer_code: str | None = None,
    label: str = "",
    expires_at: datetime | None = None,
    *,
    test: bool = False,
) -> IssuedKey:
    """Make a key for a role over an area (12 digits; 0 is the whole country) or for an insurer.

    `test` marks keys of a sandbox (`rk_test_`). Raises Invalid when role, area and insurer do not
    belong together or the insurer is unknown.
    """
    await _check(tx, role, area_code, insurer_code)
    token = new_api_key("rk_test" if test else "rk_live")
    area_lo, area_hi = area_range(area_code)
    key = NewKey(
        id=new_id(),
        prefix=token[:PREFIX_CHARACTERS],
        digest=tx.keyring.key_digest(token),
        label=label,
        role=role.value,
        area_lo=area_lo,
        area_hi=area_hi,
        insurer_code=insurer_code,
        expires_at=expires_at,
    )
    await add_key(tx, key)
    return IssuedKey(token, key.prefix, role, area_code, insurer_code, expires_at)


async def _check(tx: Tx, role: Role, area_code: int, insurer_code: str | None) -> None:
    if (role is Role.INSURER) != (insurer_code is not None):
        raise Invalid(
            Fault(
                "/insurer",
                "validation.failed",
                "保险公司的密钥须指明保险公司，其他角色不得指明",
                "an insurer's key names its insurer, no other key does",
            )
        )
    if insurer_code is not None and await find_insurer(tx, insurer_code) is None:
        raise Invalid(Fault("/insurer", "validation.failed", "没有这家保险公司", "no such insurer"))
    if not _fits(role, area_code):
        raise Invalid(
            Fault(
                "/area",
                "validation.failed",
                "行政区划的级别与角色不符",
                "the area's level does not suit the role",
                "乡镇角色用 9 位有效区划（补足 12 位），县为 6 位；保险公司和管理员为 0（全国）",
            )
        )


def _fits(role: Role, area_code: int) -> bool:
    if not 0 <= area_code < AREA_END:
        return False
    if role in _EVERYWHERE:
        return area_code == 0
    lo, hi = area_range(area_code)
    level = _LEVELS.get(role)
    return level is None or hi - lo == _WIDTHS[level]
