"""Take an insurer on: where it is reached, the secrets shared with it, its lane for jobs."""

import re
from collections.abc import Sequence

from app.db import insurers, jobs
from app.db.events import COUNTED, EVERYWHERE, NewEvent, write_act
from app.db.insurers import Insurer
from app.db.session import Tx
from app.domain.errors import Fault, Invalid
from app.outside.addresses import AddressRefused, Network
from app.outside.insurers import DIALECTS

LANE_LIMIT = 4  # instructions under way at once; a lane's row may be given another limit later
ADDRESS_WORDS = {
    "address_malformed": (
        "地址应为 http(s):// 加主机和路径（批量方式为 drop: 加目录名），不含账号、参数和片段",
        "an address is http(s):// with host and path, without user and query; or drop: and a name",
    ),
    "address_unresolved": ("地址的主机名无法解析", "the address's host cannot be resolved"),
    "address_inside": (
        "地址指向内部网络；确需调用时，请将该网段列入 RELIEF_INSURER_NETWORKS",
        "the address leads to an inside network; list it in RELIEF_INSURER_NETWORKS if it is meant",
    ),
}
_CODE = re.compile(r"[a-z][a-z0-9-]{0,39}")


async def add_insurer(
    tx: Tx,
    insurer: Insurer,
    secret_in: str | None,
    secret_out: str | None,
    allowed: Sequence[Network] = (),
) -> Insurer:
    """Store an insurer with its keys and open its lane; for the system administrator.

    `secret_in` vouches for its callbacks, `secret_out` signs our instructions; their form is the
    dialect's. `allowed` are the inside networks that may be called. Raises Invalid for a bad code,
    address or key, or a code in use.

    Its abilities are taken as given: they are set by `keep_conformance` for real insurers, and by
    hand only for the demo's stand-in, which is built to pass.
    """
    faults = [
        *_faults(insurer),
        *await _address_faults(insurer, allowed),
        *key_faults(insurer.dialect, "in", secret_in, "/secret_in"),
        *key_faults(insurer.dialect, "out", secret_out, "/secret_out"),
    ]
    if faults:
        raise Invalid(*faults)
    if not await insurers.add_insurer(tx, insurer):
        raise Invalid(
            Fault("/code", "validation.failed", "保险公司代码已被使用", "the code is in use")
        )
    for direction, secret in (("in", secret_in), ("out", secret_out)):
        if secret is not None:
            await insurers.add_secret(tx, insurer.code, direction, secret)
    await jobs.open_lane(tx, jobs.insurer_lane(insurer.code), LANE_LIMIT)
    await write_act(
        tx,
        NewEvent(
            "insurer",
            insurer.code,
            COUNTED,
            "insurer.added",
            EVERYWHERE,
            detail={"dialect": insurer.dialect},
        ),
    )
    return insurer


def _faults(insurer: Insurer) -> list[Fault]:
    faults = []
    if not _CODE.fullmatch(insurer.code):
        faults.append(
            Fault(
                "/code",
                "validation.failed",
                "代码须以小写字母开头，只含小写字母、数字和短横，最长 40 位",
                "a code is lower-case letters, digits and dashes, at most 40",
            )
        )
    return faults


async def _address_faults(insurer: Insurer, allowed: Sequence[Network]) -> list[Fault]:
    try:
        await DIALECTS[insurer.dialect].check_address(insurer.base_url, allowed)
    except AddressRefused as refused:
        zh, en = ADDRESS_WORDS[refused.reason]
        return [Fault("/base_url", "validation.failed", zh, en)]
    return []


def key_faults(dialect: str, direction: str, key: str | None, pointer: str) -> list[Fault]:
    """Give what is wrong with a key for a dialect; `direction` is `in` or `out`."""
    wanted = DIALECTS[dialect].key_in if direction == "in" else DIALECTS[dialect].key_out
    if (wanted is None and key is None) or (wanted and key and wanted.usable(key)):
        return []
    if wanted is None:
        return [Fault(pointer, "validation.failed", "此接口方式不用密钥", "no key is used here")]
    return [Fault(pointer, "validation.failed", wanted.words_zh, wanted.words_en)]
