"""Issue an API key, bound to a role, an area or an insurer, and to whoever holds it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import ip_network
from uuid import UUID

from app.crypto import new_api_key
from app.crypto.tokens import UnusableKeySet, public_keys
from app.db.events import COUNTED, EVERYWHERE, NewEvent, write_act
from app.db.ids import new_id
from app.db.insurers import find_insurer
from app.db.keys import NewKey, SeatsCollide, add_key
from app.db.session import Tx
from app.domain.caller import AREA_END, LEVEL_DIGITS, Role, area_range
from app.domain.errors import Fault, Invalid
from app.domain.seats import HOLDER

PREFIX_CHARACTERS = 16  # `rk_live_` and eight random characters: enough to name it, not to guess it
NETWORKS_MAX = 16
_WIDTHS = {level: 10 ** (12 - digits) for level, digits in LEVEL_DIGITS.items()}
_EVERYWHERE = frozenset({Role.SYSTEM, Role.SECURITY, Role.AUDIT, Role.INSURER})
_LEVELS = {
    Role.TOWNSHIP: "township",
    Role.COUNTY: "county",
    Role.PREFECTURE: "prefecture",
    Role.PROVINCE: "province",
}


@dataclass(frozen=True, slots=True)
class Binding:
    """What a key is bound to beside its role and place.

    `holder` is a staff or system number of the bureau; `networks` are CIDR ranges to call from,
    none: anywhere; `jwks` the public keys (RFC 7517) of a client that signs its assertions.
    """

    holder: str | None = None
    networks: Sequence[str] = ()
    jwks: Sequence[Mapping[str, object]] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """A new key: `token` is shown this once and kept nowhere; `prefix` names the key later.

    Empty for a client that signs assertions. `id` is the client's id at the token endpoint.
    """

    token: str
    prefix: str
    role: Role
    area_code: int
    insurer_code: str | None
    expires_at: datetime | None
    id: UUID


async def issue_key(  # noqa: PLR0913 - whose, where, how long: each is said by name
    tx: Tx,
    role: Role,
    area_code: int,
    insurer_code: str | None = None,
    label: str = "",
    expires_at: datetime | None = None,
    *,
    bound: Binding | None = None,
    test: bool = False,
) -> IssuedKey:
    """Make a key for a role over an area (12 digits; 0 is the whole country) or for an insurer.

    `test` marks keys of a sandbox (`rk_test_`). Raises Invalid when role, area and insurer do not
    belong together, the insurer is unknown, or the holder has a key of another seat.
    """
    bound = bound or Binding()
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
        holder=_holder(bound.holder),
        networks=_networks(bound.networks),
        public_keys=_public_keys(bound.jwks),
    )
    try:
        await add_key(tx, key)
    except SeatsCollide:
        raise _collision() from None
    await write_act(tx, _told(key))
    # Who signs assertions has no secret of ours: what was made for the digest is thrown away.
    token = "" if bound.jwks else token
    return IssuedKey(token, key.prefix, role, area_code, insurer_code, expires_at, key.id)


def _told(key: NewKey) -> NewEvent:
    detail = {"role": key.role, "area_lo": key.area_lo, "bound": bool(key.networks)}
    return NewEvent(
        "key", str(key.id), COUNTED, "key.issue", EVERYWHERE, None, "live", detail=detail
    )


def _holder(holder: str | None) -> str | None:
    if holder is not None and not HOLDER.fullmatch(holder):
        raise Invalid(
            Fault(
                "/holder",
                "validation.failed",
                "持有人请填单位内部的工号或系统编号，不填姓名或证件号",
                "the holder is a staff or system number, no name and no ID number",
            )
        )
    return holder


def _networks(networks: Sequence[str]) -> str | None:
    try:
        listed = [str(ip_network(network)) for network in networks]
    except ValueError:
        listed = ["" for _ in range(NETWORKS_MAX + 1)]
    if len(listed) > NETWORKS_MAX:
        raise Invalid(
            Fault(
                "/networks",
                "validation.failed",
                f"地址范围应为 CIDR，例如 10.8.0.0/16，最多 {NETWORKS_MAX} 个",
                f"networks are CIDR ranges as 10.8.0.0/16, at most {NETWORKS_MAX}",
            )
        )
    return ",".join(listed) or None


def _public_keys(jwks: Sequence[Mapping[str, object]]) -> str | None:
    if not jwks:
        return None
    try:
        return json.dumps(public_keys(jwks), separators=(",", ":"))
    except UnusableKeySet:
        raise Invalid(
            Fault(
                "/jwks",
                "validation.failed",
                "公钥应为带 kid 的 JWK（RSA ≥ 2048 位、P-256、P-384 或 Ed25519），不得含私钥",
                "public JWKs with a kid: RSA of 2048 bits or more, P-256, P-384 or Ed25519",
            )
        ) from None


def _collision() -> Invalid:
    return Invalid(
        Fault(
            "/holder",
            "auth.roles_apart",
            "该持有人已持有不得兼任的角色的密钥（系统、安全、审计管理员与业务人员、保险公司相互独立）",
            "the holder has a key of a role that must be kept apart from this one",
            "先吊销原密钥，或换一位持有人",
        )
    )


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
    if not suits(role, area_code):
        raise Invalid(
            Fault(
                "/area",
                "validation.failed",
                "行政区划的级别与角色不符",
                "the area's level does not suit the role",
                "乡镇角色用 9 位有效区划（补足 12 位），县为 6 位；保险公司和管理员为 0（全国）",
            )
        )


def suits(role: Role, area_code: int) -> bool:
    """Tell whether an area's level (12-digit code; 0: the country) suits a role."""
    if not 0 <= area_code < AREA_END:
        return False
    if role in _EVERYWHERE:
        return area_code == 0
    lo, hi = area_range(area_code)
    level = _LEVELS.get(role)
    return level is None or hi - lo == _WIDTHS[level]
