"""A poll and a submission as one would write them first: objects in a session, row by row.

Kept as a permanent case of comparison. The tables are those of the house (read as their owner) and
of the plain form; nothing is hidden, nobody is asked for a key, no rule is applied.
"""

import os
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Annotated, Any
from uuid import UUID, uuid4

import uvicorn
from fastapi import Depends, FastAPI, HTTPException
from pydantic import BaseModel, ConfigDict
from sqlalchemy import Connection, MetaData, Table, inspect, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import registry, relationship

from app.db.session import driver_url
from benchmarks import plain_form

ENGINE = create_async_engine(driver_url(os.environ["RELIEF_DATABASE_URL"]), pool_size=10)
SESSIONS = async_sessionmaker(ENGINE, expire_on_commit=False)
TABLES = {
    "plain": plain_form.TABLES,
    "public": ("claim", "policy", "decision", "payout"),
}
MAPPED: dict[str, Any] = {}


async def get_session() -> AsyncGenerator[AsyncSession]:
    """One session for each request."""
    async with SESSIONS() as session:
        yield session


Session = Annotated[AsyncSession, Depends(get_session)]


class DecisionShown(BaseModel):
    """A decision."""

    model_config = ConfigDict(from_attributes=True)

    outcome: str
    amount_fen: int
    clause: str | None
    reason_zh: str | None
    decided_by: str


class PayoutShown(BaseModel):
    """A payout."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    status: str
    amount_fen: int
    account_last4: str | None


class ClaimShown(BaseModel):
    """A claim with what hangs on it: less than the house shows."""

    model_config = ConfigDict(from_attributes=True)

    claim_no: str
    status: str
    outcome: str | None
    assessed_fen: int | None
    decided_fen: int | None
    paid_fen: int
    insurer_case_no: str | None
    updated_at: datetime
    version: int
    decisions: list[DecisionShown]
    payouts: list[PayoutShown]


class Submitted(BaseModel):
    """A notice that was submitted."""

    notice_no: str
    status: str
    version: int


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
    """Map the tables as they are."""
    del app
    async with ENGINE.connect() as connection:
        await connection.run_sync(_map)
    yield
    await ENGINE.dispose()


app = FastAPI(openapi_url=None, lifespan=lifespan)


@app.get("/v1/claims/{claim_no}")
async def read_claim(claim_no: str, session: Session) -> ClaimShown:
    """Read a claim."""
    claim = MAPPED["public.claim"]
    found = (await session.scalars(select(claim).where(claim.claim_no == claim_no))).one_or_none()
    if found is None:
        raise HTTPException(404)
    return ClaimShown.model_validate(found)


@app.post("/v1/notices/{notice_no}:submit")
async def submit(notice_no: str, session: Session) -> Submitted:
    """Submit a draft: the rows of the plain form, each from an object."""
    notice = MAPPED["plain.notice"]
    wanted = select(notice).where(notice.notice_no == notice_no).with_for_update()
    found = (await session.scalars(wanted)).one()
    now, person = datetime.now(UTC), UUID(os.environ["BENCH_PERSON"])
    found.status, found.person_id, found.version = "submitted", person, found.version + 1
    found.coverage, found.submitted_at, found.updated_at = [], now, now
    session.add(_row("notice_settlement", notice_id=found.id, area_code=found.area_code,
                     settlement_index=sha256(notice_no.encode()).digest(), live=True))  # fmt: skip
    policy = (await session.scalars(select(MAPPED["public.policy"]))).first()
    assert policy is not None
    claim_no = f"{notice_no}-1"
    session.add(_row("claim", id=uuid4(), claim_no=claim_no, notice_id=found.id,
                     policy_id=policy.id, insurer_code="demo-insurer", area_code=found.area_code,
                     status="submitted", event_on=now.date()))  # fmt: skip
    session.add(_row("claim_delta", policy_id=policy.id, area_code=found.area_code,
                     insurer_code="demo-insurer", event_month=now.date().replace(day=1),
                     status="submitted", claims=1, assessed_fen=0, decided_fen=0,
                     paid_fen=0))  # fmt: skip
    for number, kind, version in ((notice_no, "notice", 2), (claim_no, "claim", 1)):
        session.add(_row("event", area_code=found.area_code, resource=kind, number=number,
                         version=version, type=f"{kind}.submit", now="submitted",
                         actor="naive", detail={}))  # fmt: skip
    session.add(_row("job", kind="assess", lane="desk", subject=notice_no))
    session.add(_row("idempotency", principal="naive", route="POST", key=str(uuid4()),
                     fingerprint=b"f" * 32, status=200, body_sealed=b"z" * 2000,
                     expires_at=now + timedelta(days=30)))  # fmt: skip
    head = MAPPED["plain.audit_head"]
    chain = plain_form.CLIENTS + int(notice_no.split("-")[1])
    last = (await session.scalars(select(head).where(head.chain == chain).with_for_update())).one()
    for number in (notice_no, claim_no):
        last.seq += 1
        last.hash = sha256(last.hash + number.encode()).digest()
        session.add(_row("audit", chain=chain, seq=last.seq, at=now, actor="naive",
                         action="submit", object=number, detail="[]", prev=b"p",
                         hash=last.hash))  # fmt: skip
    await session.commit()
    return Submitted(notice_no=notice_no, status=found.status, version=found.version)


def _row(table: str, **columns: Any) -> Any:
    return MAPPED[f"plain.{table}"](**columns)


def _map(connection: Connection) -> None:
    """Make a class for each table that is there; a claim knows its decisions and payouts."""
    metadata, mapper = MetaData(), registry()
    there = {schema: set(inspect(connection).get_table_names(schema)) for schema in TABLES}
    for schema, names in TABLES.items():
        for name in there[schema].intersection(names):
            table = Table(name, metadata, schema=schema, autoload_with=connection)
            MAPPED[table.fullname] = type(f"{schema}_{name}", (object,), {})
    tables = metadata.tables
    claim = tables["public.claim"]
    hanging = {
        f"{name}s": relationship(
            MAPPED[f"public.{name}"],
            primaryjoin=claim.c.id == tables[f"public.{name}"].c.claim_id,
            foreign_keys=tables[f"public.{name}"].c.claim_id,
            lazy="selectin",
        )
        for name in ("decision", "payout")
    }
    for name, mapped in MAPPED.items():
        mapper.map_imperatively(
            mapped, tables[name], properties=hanging if name == "public.claim" else {}
        )


if __name__ == "__main__":
    uvicorn.run(app, port=int(sys.argv[1]), log_config=None, access_log=False)
