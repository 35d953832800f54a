"""What was found out about accounts that notices name: one row per notice, insurer and account.

An account is kept as a keyed digest and its last four digits, never in clear.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from app.crypto import Keyring
from app.db.ids import new_id
from app.db.notices import NoticeRow
from app.db.purposes import ACCOUNT
from app.db.rows import sql
from app.db.session import Tx
from app.domain.account_check import AccountCheck, account_text
from app.domain.notice import Payee

_OF_NOTICE = sql(
    """
    SELECT account_index, result FROM account_check
    WHERE notice_id = :notice_id AND insurer_code = :insurer_code
    """
)
_KEEP = sql(
    """
    INSERT INTO account_check (id, area_code, insurer_code, notice_id, account_index,
                               account_last4, result, reason)
    VALUES (:id, :area_code, :insurer_code, :notice_id, :account_index, :last4, :result, :reason)
    ON CONFLICT (notice_id, insurer_code, account_index) DO NOTHING
    """
)
# Asked about, and whoever was to ask is gone for good: a job that failed too often, a restore.
_LEFT = sql(
    """
    SELECT o.id, o.insurer_code FROM payout AS o
    WHERE o.account_check = 'asked' AND o.updated_at < business_now() - CAST(:age AS interval)
      AND NOT EXISTS (SELECT FROM job AS j WHERE j.kind = :kind AND j.subject = o.id::text
                      AND j.state IN ('ready', 'running'))
    ORDER BY o.id LIMIT 500
    """
)


@dataclass(frozen=True, slots=True)
class Checked:
    """What one insurer's channel said of one account of a notice; `index` is its digest."""

    index: bytes
    result: AccountCheck


@dataclass(frozen=True, slots=True)
class Finding:
    """What a channel said of an account; `reason` is a word of ours where nothing was said."""

    payee: Payee
    result: AccountCheck
    reason: str | None = None


def indexes(keyring: Keyring, payee: Payee) -> tuple[bytes, ...]:
    """Give every digest under which an account may be filed, today's first."""
    return keyring.blind_indexes(ACCOUNT, account_text(payee))


async def checks_of(tx: Tx, notice_id: UUID, insurer_code: str) -> list[Checked]:
    """Give what an insurer's channel said of the accounts of a notice."""
    rows = await tx.sql.execute(_OF_NOTICE, {"notice_id": notice_id, "insurer_code": insurer_code})
    return [Checked(row.account_index, AccountCheck(row.result)) for row in rows]


async def keep_findings(
    tx: Tx, notice: NoticeRow, insurer_code: str, findings: Sequence[Finding]
) -> None:
    """Keep what was said of the accounts of a held notice; what was said first stands."""
    for finding in findings:
        await tx.sql.execute(
            _KEEP,
            {
                "id": new_id(),
                "area_code": notice.area_code,
                "insurer_code": insurer_code,
                "notice_id": notice.id,
                "account_index": indexes(tx.keyring, finding.payee)[0],
                "last4": finding.payee.account[-4:],
                "result": finding.result.value,
                "reason": finding.reason,
            },
        )


async def left_unasked(tx: Tx, age: timedelta, kind: str) -> list[tuple[UUID, str]]:
    """Give (payout, insurer) of accounts to be asked about that no job of this kind looks after."""
    rows = await tx.sql.execute(_LEFT, {"age": age, "kind": kind})
    return [(row.id, row.insurer_code) for row in rows]
