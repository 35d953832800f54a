"""Notices held with their claims, and what these stand on: read at once, with every limit held.

The worker does this for every claim there is. It may be one statement because the notice's lock
guards everything here but the counters, and those are read as they are locked.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID

from app.db.account_checks import Checked
from app.db.claims import CLAIM_COLUMNS, CLAIM_JOINS, ClaimRow, claim_row
from app.db.notices import COLUMNS as NOTICE_COLUMNS
from app.db.notices import NoticeRow, notice_row
from app.db.people import PERSON_COLUMNS
from app.db.person_seals import PersonRow, open_person
from app.db.rows import fields_of, plain, sql
from app.db.session import Tx
from app.db.usage import Counter
from app.domain.account_check import AccountCheck
from app.domain.facts import Override, ScaleBack
from app.domain.limits import LimitKey, Scope

T = TypeVar("T")

# Each row locks the notice first and then its claim: the one order that cannot deadlock. It is the
# order of FROM that counts, not that of FOR UPDATE: behind the first wall both are sub-selects.
_HOLD = sql(
    f"""
    SELECT {NOTICE_COLUMNS}, {CLAIM_COLUMNS}
    FROM notice AS n JOIN claim AS c ON c.notice_id = n.id {CLAIM_JOINS}
    WHERE n.notice_no = :notice_no
    ORDER BY p.payer_rank, c.claim_no FOR UPDATE OF n, c
    """
)
# Counters are locked in the order of `Counter.place`, those that are wanted and those still held.
_TAKE_UP = sql(
    f"""
    WITH held AS MATERIALIZED (
        SELECT claim_id, owner_id, scope, subject_id, code, period, sum(units)::bigint AS units,
               min(area_code) AS area_code
        FROM usage_entry WHERE claim_id = ANY(:claims)
        GROUP BY claim_id, owner_id, scope, subject_id, code, period HAVING sum(units) <> 0
    ), wanted AS (
        SELECT * FROM jsonb_to_recordset(CAST(:wanted AS jsonb)) AS w (
            owner_id uuid, scope text, subject_id uuid, code text, period text, area_code bigint)
        UNION ALL
        SELECT owner_id, scope, subject_id, code, period, area_code FROM held
    ), locked AS (
        -- A counter belongs to the range of its policy: other townships share it. A bill's belongs
        -- to the place of its notice.
        INSERT INTO usage_counter AS u (
            owner_id, scope, subject_id, code, period, area_lo, area_hi)
        SELECT w.owner_id, w.scope, w.subject_id, w.code, w.period,
            min(coalesce(p.area_lo, w.area_code)), min(coalesce(p.area_hi, w.area_code + 1))
        FROM wanted AS w LEFT JOIN policy AS p ON p.id = w.owner_id
        GROUP BY w.owner_id, w.scope, w.subject_id, w.code, w.period
        ORDER BY array_position(CAST(:scopes AS text[]), w.scope), w.owner_id, w.subject_id,
                 w.code COLLATE "C", w.period COLLATE "C"
        ON CONFLICT (owner_id, scope, subject_id, code, period) DO UPDATE SET used = u.used
        RETURNING owner_id, scope, subject_id, code, period, used
    ), latest AS (
        SELECT DISTINCT ON (claim_id) claim_id, usage_before, result, amount_fen
        FROM assessment WHERE claim_id = ANY(:claims) ORDER BY claim_id, seq DESC
    )
    SELECT (SELECT jsonb_agg(to_jsonb(l)) FROM locked AS l) AS counters,
        (SELECT jsonb_agg(to_jsonb(h)) FROM held AS h) AS held,
        (SELECT jsonb_agg(to_jsonb(a)) FROM latest AS a) AS latest,
        (SELECT jsonb_agg(to_jsonb(v)) FROM (
            SELECT DISTINCT ON (o.claim_id, o.cover) o.claim_id, o.cover, o.amount_fen,
                o.reason_zh, o.basis_zh, c.claim_no, o.seq, o.settled_on
            FROM claim_override AS o JOIN claim AS c ON c.id = o.claim_id
            WHERE o.claim_id = ANY(:claims) AND o.state = 'confirmed'
            ORDER BY o.claim_id, o.cover, o.seq DESC) AS v) AS overrides,
        (SELECT jsonb_agg(to_jsonb(b)) FROM (
            SELECT DISTINCT ON (h.claim_id, s.limit_code, s.period) h.claim_id, s.limit_code,
                s.period, h.share_fen, s.due_fen, s.limit_fen - s.kept_fen AS left_fen,
                p.policy_no, s.seq
            FROM scale_back_share AS h JOIN scale_back AS s ON s.id = h.scale_back_id
            JOIN policy AS p ON p.id = s.policy_id
            WHERE h.claim_id = ANY(:claims)
            ORDER BY h.claim_id, s.limit_code, s.period, s.seq DESC) AS b) AS scale_backs,
        ARRAY(SELECT i.claim_id FROM instruction AS i
              WHERE i.claim_id = ANY(:claims) AND i.kind = 'refer_claim'
                AND i.state <> 'rejected') AS referred,
        ARRAY(SELECT y.claim_id FROM approval AS y
              WHERE y.claim_id = ANY(:claims) AND y.act = 'pass') AS passed,
        (SELECT jsonb_object_agg(n.code, (
            SELECT coalesce(jsonb_agg(jsonb_build_array(
                encode(k.account_index, 'hex'), k.result)), '[]')
            FROM account_check AS k
            WHERE k.notice_id = :notice_id AND k.insurer_code = n.code))
         FROM insurer AS n
         WHERE n.can_check_account AND n.code = ANY(CAST(:insurers AS text[]))) AS checks,
        (SELECT jsonb_agg(jsonb_build_array(d.kind, d.sha256) ORDER BY d.created_at, d.id)
         FROM document AS d
         WHERE d.notice_id = :notice_id AND d.removed_at IS NULL) AS papers,
        business_now() AS business_now, business_today() AS business_today,
        {PERSON_COLUMNS}
    FROM person WHERE id = :person_id
    """
)
_SCOPES = [scope.value for scope in Scope]


def _names(columns: str) -> tuple[str, ...]:
    """Give the names by which a list of columns is read."""
    return tuple(column.split()[-1].rpartition(".")[2] for column in columns.split(","))


# Both tables have an id, an area and more in common: their columns are told apart by place.
_NOTICE_NAMES = _names(NOTICE_COLUMNS)
_CLAIM_NAMES = _names(CLAIM_COLUMNS)


@dataclass(frozen=True, slots=True)
class Latest:
    """The newest assessment of a claim, as JSON values; the amount is in fen."""

    usage_before: Any
    result: Mapping[str, Any]
    amount_fen: int


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the claims of a held notice, with every counter they touch held.

    `used` is what is used of each counter, `held` what each claim holds of it. `referred` were sent
    to their insurer and not turned away, `passed` their county check. `papers` are (kind, SHA-256).
    `overrides` are the latest confirmed ones by cover, `scale_backs` the latest share by limit.
    `checks` has an entry for each insurer that can check accounts: what it said of the notice's.
    """

    used: dict[Counter, int]
    held: dict[UUID, dict[Counter, int]]
    latest: dict[UUID, Latest]
    referred: frozenset[UUID]
    passed: frozenset[UUID]
    papers: tuple[tuple[str, str], ...]
    overrides: dict[UUID, tuple[Override, ...]]
    scale_backs: dict[UUID, tuple[ScaleBack, ...]]
    checks: dict[str, tuple[Checked, ...]]
    person: PersonRow
    now: datetime
    today: date


async def hold_with_claims(tx: Tx, notice_no: str) -> tuple[NoticeRow, list[ClaimRow]] | None:
    """Hold a notice and its claims, payers in order; None for a notice that has no claims.

    The first locks of every act on it: until the transaction ends nobody else changes either.
    """
    rows = (await tx.sql.execute(_HOLD, {"notice_no": notice_no})).all()
    if not rows:
        return None
    width = len(_NOTICE_NAMES)
    notice = dict(zip(_NOTICE_NAMES, rows[0][:width], strict=True))
    claims = [dict(zip(_CLAIM_NAMES, row[width:], strict=True)) for row in rows]
    return notice_row(tx, notice), [claim_row(claim) for claim in claims]


async def take_up(
    tx: Tx,
    notice_id: UUID,
    person_id: UUID,
    claims: Sequence[ClaimRow],
    counters: Sequence[Counter],
) -> Known:
    """Lock counters in their fixed order and read what the claims of a held notice stand on."""
    areas = {claim.area_code for claim in claims}
    wanted = [{**counter.words(), "area_code": min(areas)} for counter in set(counters)]
    values = {
        "notice_id": notice_id,
        "person_id": person_id,
        "claims": [claim.id for claim in claims],
        "wanted": plain(wanted),
        "scopes": _SCOPES,
        "insurers": [claim.insurer_code for claim in claims if claim.insurer_code],
    }
    row = (await tx.sql.execute(_TAKE_UP, values)).one()
    fields = fields_of(row)
    held: dict[UUID, dict[Counter, int]] = {claim.id: {} for claim in claims}
    for one in fields.pop("held") or ():
        held[UUID(one["claim_id"])][_counter(one)] = one["units"]
    return Known(
        used={_counter(one): one["used"] for one in fields.pop("counters") or ()},
        held=held,
        latest={UUID(one.pop("claim_id")): Latest(**one) for one in fields.pop("latest") or ()},
        referred=frozenset(fields.pop("referred")),
        passed=frozenset(fields.pop("passed")),
        papers=tuple((kind, digest) for kind, digest in fields.pop("papers") or ()),
        overrides=_by_claim(fields.pop("overrides"), _override),
        scale_backs=_by_claim(fields.pop("scale_backs"), _scale_back),
        checks={
            code: tuple(Checked(bytes.fromhex(index), AccountCheck(word)) for index, word in said)
            for code, said in (fields.pop("checks") or {}).items()
        },
        now=fields.pop("business_now"),
        today=fields.pop("business_today"),
        person=open_person(tx.keyring, fields),
    )


def _by_claim(
    rows: Sequence[Mapping[str, Any]] | None, made: Callable[[Mapping[str, Any]], T]
) -> dict[UUID, tuple[T, ...]]:
    found: dict[UUID, list[T]] = {}
    for row in rows or ():
        found.setdefault(UUID(row["claim_id"]), []).append(made(row))
    return {claim_id: tuple(ones) for claim_id, ones in found.items()}


def _override(row: Mapping[str, Any]) -> Override:
    """Name the approval by the claim and its number, as the county's file does."""
    return Override(
        row["cover"],
        row["amount_fen"],
        f"{row['reason_zh']}，依据：{row['basis_zh']}",
        f"{row['claim_no']} 特批第 {row['seq']} 号",
        date.fromisoformat(row["settled_on"]),
    )


def _scale_back(row: Mapping[str, Any]) -> ScaleBack:
    return ScaleBack(
        row["limit_code"],
        row["period"],
        row["share_fen"],
        row["due_fen"],
        row["left_fen"],
        f"{row['policy_no']} 回调第 {row['seq']} 号",
    )


def _counter(one: Mapping[str, Any]) -> Counter:
    key = LimitKey(Scope(one["scope"]), one["code"], one["period"])
    return Counter(UUID(one["owner_id"]), UUID(one["subject_id"]), key)
