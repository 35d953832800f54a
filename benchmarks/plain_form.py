"""The limit of a submission: pgbench writing the same rows, one statement for each of them.

Tables of the same shape in a schema of their own, with the same keys, checks and indexes. What ours
has on top it has not: row security, triggers, keys to look up, rules to apply, a person to find.
"""

from pathlib import Path

import asyncpg

from benchmarks.county import County

CLIENTS = 8
TABLES = (
    "notice",
    "notice_settlement",
    "claim",
    "claim_delta",
    "event",
    "audit",
    "audit_head",
    "job",
    "idempotency",
)
_KEYS = """
ALTER TABLE plain.notice ADD FOREIGN KEY (person_id) REFERENCES public.person (id);
ALTER TABLE plain.notice_settlement ADD FOREIGN KEY (notice_id) REFERENCES plain.notice (id);
ALTER TABLE plain.claim ADD FOREIGN KEY (notice_id) REFERENCES plain.notice (id);
ALTER TABLE plain.claim ADD FOREIGN KEY (policy_id) REFERENCES public.policy (id);
INSERT INTO plain.audit_head SELECT g, 0, '\\x00' FROM generate_series(0, 15) AS g;
"""
_DRAFTS = """
INSERT INTO plain.notice (id, notice_no, area_code, status, content, personal_sealed, created_by)
SELECT gen_random_uuid(), 'P-' || client || '-' || n, d.area_code, 'draft', d.content,
       d.personal_sealed, d.created_by
FROM generate_series(0, $1::integer - 1) AS client, generate_series($2::integer, $3::integer) AS n,
     (SELECT * FROM public.notice WHERE status = 'draft' LIMIT 1) AS d
"""
# Every client has a county of its own: its head of the audit chain is never waited for. Ours waits.
_SCRIPT = """
\\set n :n + 1
\\set big random(1, 1000000000000000)
BEGIN;
UPDATE plain.notice SET status = 'submitted', person_id = '{person}', coverage = '[]', \
version = version + 1, submitted_at = business_now(), updated_at = business_now() \
WHERE notice_no = 'P-' || :client_id || '-' || :n AND status = 'draft' \
RETURNING id AS notice_id \\gset
INSERT INTO plain.notice_settlement (notice_id, settlement_index, area_code, live) \
VALUES (:notice_id, sha256(('S' || :big)::bytea), {area}, true);
INSERT INTO plain.claim (id, claim_no, notice_id, policy_id, insurer_code, area_code, status, \
event_on) VALUES (gen_random_uuid(), 'P-' || :client_id || '-' || :n || '-1', :notice_id, \
'{policy}', 'demo-insurer', {area}, 'submitted', '2026-03-02');
INSERT INTO plain.claim_delta (policy_id, area_code, insurer_code, event_month, status, claims, \
assessed_fen, decided_fen, paid_fen) VALUES ('{policy}', {area}, 'demo-insurer', '2026-03-01', \
'submitted', 1, 0, 0, 0);
INSERT INTO plain.event (area_code, resource, number, version, type, was, now, actor, request_id) \
VALUES ({area}, 'notice', 'P-' || :client_id || '-' || :n, 2, 'notice.submit', 'draft', \
'submitted', '{actor}', '{request}');
INSERT INTO plain.event (area_code, insurer_code, resource, number, version, type, now, actor, \
request_id) VALUES ({area}, 'demo-insurer', 'claim', 'P-' || :client_id || '-' || :n || '-1', 1, \
'claim.open', 'submitted', '{actor}', '{request}');
INSERT INTO plain.job (kind, lane, subject) \
VALUES ('assess', 'desk', 'P-' || :client_id || '-' || :n);
INSERT INTO plain.idempotency (principal, route, key, fingerprint, status, body_sealed, etag, \
expires_at) VALUES ('{actor}', 'POST /v1/notices/{{notice_no}}/submit', 'K' || :big, \
sha256(('F' || :big)::bytea), 200, decode(repeat('5a', 2000), 'hex'), '"2.AAAAAAAAAAAAAAAA"', \
now() + interval '30 days');
INSERT INTO plain.audit (chain, seq, at, actor, action, object, request_id, detail, prev, hash) \
VALUES (:client_id, 2 * :n, now(), '{actor}', 'notice.submit', 'notice P v2', '{request}', \
'[1, "2", "draft", "submitted", {{}}]', sha256('a'), sha256('b'));
INSERT INTO plain.audit (chain, seq, at, actor, action, object, request_id, detail, prev, hash) \
VALUES (:client_id, 2 * :n + 1, now(), '{actor}', 'claim.open', 'claim P-1 v1', '{request}', \
'[1, "2", null, "submitted", {{}}]', sha256('a'), sha256('b'));
UPDATE plain.audit_head SET seq = seq + 2, hash = sha256('b') WHERE chain = :client_id;
COMMIT;
"""
# The same rows as one statement, as ours has it: what the combining alone is worth.
_SETS = ("\\set n :n + 1", "\\set big random(1, 1000000000000000)")
_COMBINED = """
WITH filed AS (
    UPDATE plain.notice SET status = 'submitted', person_id = '{person}', coverage = '[]',
        version = version + 1, submitted_at = business_now(), updated_at = business_now()
    WHERE notice_no = 'P-' || :client_id || '-' || :n AND status = 'draft'
    RETURNING id, notice_no
), settled AS (
    INSERT INTO plain.notice_settlement (notice_id, settlement_index, area_code, live)
    SELECT id, sha256(('S' || :big)::bytea), {area}, true FROM filed
), opened AS (
    INSERT INTO plain.claim (id, claim_no, notice_id, policy_id, insurer_code, area_code, status,
                             event_on)
    SELECT gen_random_uuid(), notice_no || '-1', id, '{policy}', 'demo-insurer', {area},
           'submitted', '2026-03-02' FROM filed
), counted AS (
    INSERT INTO plain.claim_delta (policy_id, area_code, insurer_code, event_month, status, claims,
                                   assessed_fen, decided_fen, paid_fen)
    SELECT '{policy}', {area}, 'demo-insurer', '2026-03-01', 'submitted', 1, 0, 0, 0 FROM filed
), told AS (
    INSERT INTO plain.event (area_code, insurer_code, resource, number, version, type, was, now,
                             actor, request_id)
    SELECT {area}, insurer_code, resource, notice_no || ending, version, type, was, 'submitted',
           '{actor}', '{request}'
    FROM filed, (VALUES (NULL, 'notice', '', 2, 'notice.submit', 'draft'),
                        ('demo-insurer', 'claim', '-1', 1, 'claim.open', NULL))
        AS e (insurer_code, resource, ending, version, type, was)
), queued AS (
    INSERT INTO plain.job (kind, lane, subject) SELECT 'assess', 'desk', notice_no FROM filed
), kept AS (
    INSERT INTO plain.idempotency (principal, route, key, fingerprint, status, body_sealed, etag,
                                   expires_at)
    VALUES ('{actor}', 'POST /v1/notices/{{notice_no}}/submit', 'K' || :big,
            sha256(('F' || :big)::bytea), 200, decode(repeat('5a', 2000), 'hex'),
            '"2.AAAAAAAAAAAAAAAA"', now() + interval '30 days')
), linked AS (
    INSERT INTO plain.audit (chain, seq, at, actor, action, object, request_id, detail, prev, hash)
    SELECT :client_id, 2 * :n + place, now(), '{actor}', action, object, '{request}',
           '[1, "2", "draft", "submitted", {{}}]', sha256('a'), sha256('b')
    FROM (VALUES (0, 'notice.submit', 'notice P v2'), (1, 'claim.open', 'claim P-1 v1'))
        AS l (place, action, object)
)
UPDATE plain.audit_head SET seq = seq + 2, hash = sha256('b') WHERE chain = :client_id;
"""
ROWS = 10  # of one submission, plainly or ours; the head of the audit chain is updated on top


async def lay(county: County, drafts: int) -> None:
    """Make the tables and `drafts` drafts for each client."""
    connection = await asyncpg.connect(county.url)
    await connection.execute("CREATE SCHEMA plain")
    for table in TABLES:
        await connection.execute(f"CREATE TABLE plain.{table} (LIKE public.{table} INCLUDING ALL)")
    await connection.execute(_KEYS)
    await connection.execute(_DRAFTS, CLIENTS, 1, drafts)
    await connection.close()


def write_scripts(county: County, folder: Path) -> tuple[Path, Path]:
    """Write the script for pgbench, one statement per row, and the one of a single statement.

    `n` is given on the command line: the last draft used.
    """
    return _write(county, folder / "plain_form.sql", _SCRIPT), _write(
        county, folder / "combined_form.sql", _COMBINED, *_SETS
    )


def _write(county: County, script: Path, text: str, *before: str) -> Path:
    text = "\n".join((*before, text))
    script.write_text(
        text.format(
            person=county.people[0],
            policy=county.policy_id,
            area=990127101000,
            actor="key:00000000-0000-7000-8000-000000000000",
            request="0" * 32,
        )
    )
    script.chmod(0o644)
    return script
