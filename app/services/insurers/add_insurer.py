"""Take an insurer on: where it is reached, the secrets shared with it, its lane for jobs."""

import base64
import binascii
import re

from app.db import insurers, jobs
from app.db.insurers import Insurer
from app.db.session import Tx
from app.domain.errors import Fault, Invalid

LANE_LIMIT = 4  # instructions under way at once; a lane's row may be given another limit later
SECRET_BYTES_MIN = 24  # Standard Webhooks: 24 to 64 random bytes
SECRET_BYTES_MAX = 64
_CODE = re.compile(r"[a-z][a-z0-9-]{0,39}")


async def add_insurer(tx: Tx, insurer: Insurer, secret_in: str, secret_out: str) -> Insurer:
    """Store an insurer with its secrets and open its lane; for the system administrator.

    The secrets are `whsec_` and base64 of 24 to 64 bytes: `secret_in` signs its callbacks,
    `secret_out` our instructions. Raises Invalid for a bad code or secret, or a code in use.
    """
    faults = [*_faults(insurer), *_secret_faults(secret_in, "/secret_in")]
    faults += _secret_faults(secret_out, "/secret_out")
    if faults:
        raise Invalid(*faults)
    if not await insurers.add_insurer(tx, insurer):
        raise Invalid(
            Fault("/code", "validation.failed", "保险公司代码已被使用", "the code is in use")
        )
    await insurers.add_secret(tx, insurer.code, "in", secret_in)
    await insurers.add_secret(tx, insurer.code, "out", secret_out)
    await jobs.open_lane(tx, jobs.insurer_lane(insurer.code), LANE_LIMIT)
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
    if not insurer.base_url.startswith(("http://", "https://")):
        faults.append(
            Fault(
                "/base_url",
                "validation.failed",
                "网址须以 http:// 或 https:// 开头",
                "the address begins with http:// or https://",
            )
        )
    return faults


def _secret_faults(secret: str, pointer: str) -> list[Fault]:
    try:
        raw = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except binascii.Error:
        raw = b""
    if secret.startswith("whsec_") and SECRET_BYTES_MIN <= len(raw) <= SECRET_BYTES_MAX:
        return []
    return [
        Fault(
            pointer,
            "validation.failed",
            "密钥须为 whsec_ 加 24 至 64 字节的 base64",
            "a secret is whsec_ and the base64 of 24 to 64 bytes",
        )
    ]
