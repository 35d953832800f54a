"""Insurers, schemes and policies for tests: small functions with defaults."""

import base64

from app.db.insurers import Insurer
from app.db.session import Database
from app.domain.caller import AREA_END, Caller, Role
from app.services.insurers import add_insurer

SYSTEM = Caller(Role.SYSTEM, 0, AREA_END, "test")
SECRET_IN = "whsec_" + base64.b64encode(bytes(range(32))).decode()
SECRET_OUT = "whsec_" + base64.b64encode(bytes(range(32, 64))).decode()


def insurer(code: str = "demo-insurer", **changed: object) -> Insurer:
    fields: dict[str, object] = {
        "code": code,
        "name_zh": "示范保险公司",
        "dialect": "rest",
        "base_url": "http://127.0.0.1:9",
        "honours_key": True,
        "can_be_asked": True,
    }
    return Insurer(**(fields | changed))  # type: ignore[arg-type]


async def take_on(database: Database, code: str = "demo-insurer", **changed: object) -> Insurer:
    """An insurer with both secrets and its lane."""
    async with database.transaction(SYSTEM) as tx:
        return await add_insurer(tx, insurer(code, **changed), SECRET_IN, SECRET_OUT)
