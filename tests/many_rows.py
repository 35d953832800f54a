"""A database that has had many claims: the rows of one, multiplied under the owner's hand."""

import asyncpg

# What tells one row from another, by table; every other column is that of the row there is. `g` is
# the number of the copy. Tables in which a row of the same claim has the same number of copies.
OWN = {
    "person": "'id', md5('person' || g)::uuid, 'id_index', '\\x' || md5('number' || g),"
    " 'name_index', '\\x' || md5('name' || g)",
    "enrolment": "'id', md5('enrolment' || g)::uuid, 'person_id', md5('person' || g)::uuid",
    "notice": "'id', md5('notice' || g)::uuid, 'notice_no', '990127-2025-' || g,"
    " 'person_id', md5('person' || g)::uuid",
    "notice_settlement": "'notice_id', md5('notice' || g)::uuid,"
    " 'settlement_index', '\\x' || md5('settlement' || g)",
    "document": "'id', md5('document' || g)::uuid, 'notice_id', md5('notice' || g)::uuid",
    "claim": "'id', md5('claim' || g)::uuid, 'claim_no', '990127-2025-' || g || '-1',"
    " 'notice_id', md5('notice' || g)::uuid",
    "assessment": "'id', md5('assessment' || g)::uuid, 'claim_id', md5('claim' || g)::uuid",
    "instruction": "'id', md5('instruction' || g)::uuid, 'claim_id', md5('claim' || g)::uuid",
    "decision": "'id', md5('decision' || g)::uuid, 'claim_id', md5('claim' || g)::uuid",
    "payout": "'id', md5('payout' || g)::uuid, 'claim_id', md5('claim' || g)::uuid,"
    " 'reference', 'PAY-X' || g",
    "usage_entry": "'id', 1000000 + g, 'claim_id', md5('claim' || g)::uuid,"
    " 'subject_id', md5('person' || g)::uuid",
    "usage_counter": "'subject_id', md5('person' || g)::uuid",
    "event": "'seq', 1000000 + g, 'number', '990127-2025-' || g || '-1'",
    "job": "'id', 1000000 + g, 'subject', '990127-2025-' || g, 'state', 'done'",
    "callback_event": "'id', 1000000 + g, 'event_id', 'evt_x' || g, 'claim_no',"
    " '990127-2025-' || g || '-1', 'state', 'applied'",
}
_MULTIPLY = """
INSERT INTO {table} OVERRIDING SYSTEM VALUE
SELECT (jsonb_populate_record(one, jsonb_build_object({own}))).*
FROM {table} AS one, generate_series(1, {count}) AS g
WHERE one.ctid = (SELECT ctid FROM {table} LIMIT 1)
"""
_READ = """
SELECT relname, seq_scan, seq_tup_read + coalesce(idx_tup_fetch, 0) AS read
FROM pg_stat_user_tables WHERE relname = ANY($1)
"""


async def multiply(url: str, count: int) -> None:
    """Give every table of a claim's way so many rows more, with the planner told of them.

    Constraints between tables are not asked, but they hold.
    """
    owner = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        await owner.execute("SET session_replication_role = replica")
        for table, own in OWN.items():
            await owner.execute(_MULTIPLY.format(table=table, own=own, count=count))
        await owner.execute("ANALYZE")
    finally:
        await owner.close()


async def reads(url: str) -> dict[str, tuple[int, int]]:
    """How often each of these tables was read from end to end, and how many rows were read of it.

    Connections that are open still may not have told all they did.
    """
    owner = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        rows = await owner.fetch(_READ, list(OWN))
    finally:
        await owner.close()
    return {row["relname"]: (row["seq_scan"], row["read"]) for row in rows}
