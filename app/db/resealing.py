"""Bring what is sealed and indexed over to the keys that write now, a few rows at a time, online.

Every row is readable and found before, while and after: who reads holds the older keys as well.
"""

import json
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.crypto import Keyring
from app.db.notice_content import open_content
from app.db.people import PERSON_COLUMNS
from app.db.person_seals import SEALED_FIELDS, name_indexes, number_indexes, place
from app.db.purposes import ACCOUNT, NEAR_RELATIVE, SETTLEMENT
from app.db.rows import fields_of, sql
from app.db.session import Database, Tx
from app.domain.caller import AREA_END, Caller, Role
from app.domain.notice_facts import settlement_names

CHUNK = 200
_NOBODY = Caller(Role.SECURITY, 0, AREA_END, "cli")
_AS_KEYS = sql("SELECT set_context(0, :end, NULL, 'keys', 'cli', NULL)")
# Not erased, and sealed by another suite or another master key.
_OLD = "{c} <> '' AND substring({c} FROM 1 FOR 2) <> :head"
_OLD_PEOPLE = (
    "erased_at IS NULL AND (key_sealed IS NULL OR substring(key_sealed FROM 1 FOR 2) <> :head)"
)
_PEOPLE = sql(
    f"SELECT {PERSON_COLUMNS} FROM person WHERE {_OLD_PEOPLE} "
    "ORDER BY id LIMIT :limit FOR UPDATE SKIP LOCKED"
)
_PEOPLE_COLUMNS = (
    "key_sealed",
    "name_sealed",
    "id_sealed",
    "phone_sealed",
    "id_index",
    "name_index",
)
_RENEW_PEOPLE = sql(
    "UPDATE person AS p SET "
    + ", ".join(f"{column} = n.{column}" for column in _PEOPLE_COLUMNS)
    + " FROM unnest(CAST(:id AS uuid[]), "
    + ", ".join(f"CAST(:{column} AS bytea[])" for column in _PEOPLE_COLUMNS)
    + f") AS n (id, {', '.join(_PEOPLE_COLUMNS)}) WHERE p.id = n.id"
)
_DECLARERS = sql("SELECT DISTINCT declared_by FROM near_relative WHERE withdrawn_at IS NULL")
_RENEW_RELATIVES = sql(
    """
    UPDATE near_relative AS r SET digest = n.digest
    FROM unnest(CAST(:old AS bytea[]), CAST(:new AS bytea[])) AS n (old, digest)
    WHERE r.digest = n.old AND r.withdrawn_at IS NULL
    """
)
_ADD_SETTLEMENTS = sql(
    """
    INSERT INTO notice_settlement (notice_id, settlement_index, area_code, live)
    SELECT s.notice_id, n.index, s.area_code, s.live
    FROM (SELECT notice_id, area_code, bool_or(live) AS live FROM notice_settlement
          WHERE notice_id = :id GROUP BY notice_id, area_code) AS s,
         unnest(CAST(:indexes AS bytea[])) AS n (index)
    ON CONFLICT DO NOTHING
    """
)
_ACCOUNT_INDEX = sql("UPDATE account_proposal SET account_index = :index WHERE id = :id")
_OLD_API_KEYS = sql(
    """
    SELECT count(*) FROM api_key WHERE length(digest) = 32 AND revoked_at IS NULL
      AND (expires_at IS NULL OR expires_at > now())
    """
)

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """One column that holds seals of the master key; `place` says what a row's seal is bound to."""

    table: str
    column: str
    keys: Mapping[str, str]  # the primary key's columns and their types
    place: Callable[[Row], str]
    more: tuple[str, ...] = ()


def _by_id(table: str, column: str, *more: str, type_: str = "uuid") -> SealedColumn:
    return SealedColumn(
        table, column, {"id": type_}, lambda row: f"{table}.{column}.{row['id']}", more
    )


# Every column whose name ends in `_sealed` stands here or is one of a person's: a test compares.
COLUMNS = (
    _by_id("notice", "personal_sealed", "content", "person_id", "status"),
    _by_id("payout", "payee_sealed"),
    _by_id("account_proposal", "payee_sealed"),
    _by_id("instruction", "body_sealed"),
    _by_id("insurer_secret", "secret_sealed"),
    _by_id("webhook_secret", "secret_sealed"),
    SealedColumn(
        "document",
        "key_sealed",
        {"id": "uuid"},
        lambda row: f"document.key_sealed.{row['storage_key']}",
        ("storage_key",),
    ),
    SealedColumn(
        "callback_event",
        "body_sealed",
        {"id": "bigint"},
        lambda row: f"callback_event.body_sealed.{row['insurer_code']}|{row['event_id']}",
        ("insurer_code", "event_id"),
    ),
    SealedColumn(
        "idempotency",
        "body_sealed",
        {"principal": "text", "route": "text", "key": "text"},
        lambda row: f"idempotency.body_sealed.{row['principal']}|{row['route']}|{row['key']}",
    ),
)


@asynccontextmanager
async def keeper(database: Database) -> AsyncGenerator[Tx]:
    """Open a transaction in the context that may seal anew; no caller of the door has it."""
    async with database.bare(_NOBODY) as tx:
        await tx.sql.execute(_AS_KEYS, {"end": AREA_END})
        yield tx


async def old_rows(tx: Tx) -> dict[str, int]:
    """Count by column what is not sealed by the key that writes now."""
    head = {"head": tx.keyring.head}
    people = sql(f"SELECT count(*) FROM person WHERE {_OLD_PEOPLE}")
    counted = {"person": (await tx.sql.execute(people, head)).scalar_one()}
    for one in COLUMNS:
        count = sql(f"SELECT count(*) FROM {one.table} WHERE {_OLD.format(c=one.column)}")
        counted[f"{one.table}.{one.column}"] = (await tx.sql.execute(count, head)).scalar_one()
    return counted


async def keyed_api_keys(tx: Tx) -> int:
    """Count live API keys of before, whose digest needs the master key they were issued under."""
    counted: int = (await tx.sql.execute(_OLD_API_KEYS)).scalar_one()
    return counted


async def renew_people(tx: Tx) -> int:
    """Wrap keys anew and index anew a few people; gives how many, zero when none is left."""
    values = {"head": tx.keyring.head, "limit": CHUNK}
    rows = [fields_of(row) for row in await tx.sql.execute(_PEOPLE, values)]
    if rows:
        renewed = [_renewed_person(tx.keyring, row) for row in rows]
        columns = ("id", *_PEOPLE_COLUMNS)
        await tx.sql.execute(
            _RENEW_PEOPLE, {name: [row[name] for row in renewed] for name in columns}
        )
        await _renew_relatives(tx, [row["id"] for row in rows])
    return len(rows)


async def renew_column(tx: Tx, one: SealedColumn) -> int:
    """Seal a few rows of a column anew; gives how many, zero when none is left."""
    names = ", ".join((*one.keys, one.column, *one.more))
    found = sql(
        f"SELECT {names} FROM {one.table} WHERE {_OLD.format(c=one.column)} "
        f"ORDER BY {', '.join(one.keys)} LIMIT :limit FOR UPDATE SKIP LOCKED"
    )
    values = {"head": tx.keyring.head, "limit": CHUNK}
    rows = [fields_of(row) for row in await tx.sql.execute(found, values)]
    if not rows:
        return 0
    for row in rows:
        await _renew_indexes(tx, one, row)
    arrays = ", ".join(f"CAST(:{name} AS {type_}[])" for name, type_ in one.keys.items())
    same = " AND ".join(f"t.{name} = n.{name}" for name in one.keys)
    write = sql(
        f"UPDATE {one.table} AS t SET {one.column} = n.fresh "
        f"FROM unnest({arrays}, CAST(:fresh AS bytea[])) AS n ({', '.join(one.keys)}, fresh) "
        f"WHERE {same}"
    )
    fresh = [_again(tx.keyring, row[one.column], one.place(row)) for row in rows]
    keys = {name: [row[name] for row in rows] for name in one.keys}
    await tx.sql.execute(write, {**keys, "fresh": fresh})
    return len(rows)


def _again(keyring: Keyring, blob: bytes, where: str) -> bytes:
    return keyring.seal(keyring.open_sealed(blob, where), where)


def _renewed_person(keyring: Keyring, row: dict[str, Any]) -> dict[str, Any]:
    """Wrap a person's key anew; one of another suite, or none, is replaced and all sealed anew."""
    row_id: UUID = row["id"]
    where = place("key_sealed", row_id)
    own = None if row["key_sealed"] is None else keyring.open_data_key(row["key_sealed"], where)
    opened = {
        column: None
        if row[column] is None
        else (own or keyring).open_sealed(row[column], place(column, row_id))
        for _, column in SEALED_FIELDS
    }
    fresh: dict[str, bytes | None]
    if own is not None and keyring.is_current_data_key(own):
        fresh = {"key_sealed": _again(keyring, row["key_sealed"], where)}
    else:
        wrapped, key = keyring.new_data_key(where)
        fresh = {
            column: None if text is None else key.seal(text, place(column, row_id))
            for column, text in opened.items()
        }
        fresh["key_sealed"] = wrapped
    number, name = opened["id_sealed"], opened["name_sealed"]
    assert name is not None, "everybody has a name"
    return {
        **row,
        **fresh,
        "id_index": None if number is None else number_indexes(keyring, number.decode())[0],
        "name_index": name_indexes(keyring, name.decode())[0],
    }


async def _renew_relatives(tx: Tx, people: Sequence[UUID]) -> None:
    """A declaration keeps no person, only a digest: the old one is made again for everybody."""
    declarers = list((await tx.sql.execute(_DECLARERS)).scalars())
    renewed = {
        old: today
        for declarer in declarers
        for person_id in people
        for today, *older in [tx.keyring.blind_indexes(NEAR_RELATIVE, f"{declarer}|{person_id}")]
        for old in older
    }
    if renewed:
        values = {"old": list(renewed), "new": list(renewed.values())}
        await tx.sql.execute(_RENEW_RELATIVES, values)


async def _renew_indexes(tx: Tx, one: SealedColumn, row: Row) -> None:
    """Index anew what the seal of a row tells: settlements of a notice, a proposed account."""
    if one.table == "account_proposal":
        payee = json.loads(tx.keyring.open_sealed(row["payee_sealed"], one.place(row)))
        text = f"{payee['name']}|{payee['account']}|{payee['bank']}"
        index = tx.keyring.blind_index(ACCOUNT, text)
        await tx.sql.execute(_ACCOUNT_INDEX, {"id": row["id"], "index": index})
    if one.table == "notice" and row["status"] != "draft":
        content = open_content(tx.keyring, row["id"], row["content"], row["personal_sealed"])
        whose = str(row["person_id"]) if row["person_id"] else content.person.id_number or ""
        indexes = [
            tx.keyring.blind_index(SETTLEMENT, name) for name in settlement_names(content, whose)
        ]
        await tx.sql.execute(_ADD_SETTLEMENTS, {"id": row["id"], "indexes": indexes})
