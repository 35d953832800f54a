"""Totals that dashboards read: changes are appended where they happen, and folded in later.

Triggers append what an act changed, in its own transaction and without touching any row that
another act may want. Folding takes appended rows and adds them to the totals, both in one
statement: each counts once, whoever dies. Readers add up both (the views `claim_count` and
`ledger_count`), so it is never of interest how far the folding has come.
"""

from dataclasses import dataclass

from sqlalchemy.sql.elements import TextClause

from app.db.rows import sql
from app.db.session import Tx
from app.db.tables.summaries import CLAIM_FIGURES, CLAIM_KEY, LEDGER_FIGURES, LEDGER_KEY

MOST = 20_000  # appended rows that one fold takes
_MONTH = "{0} - (extract(day FROM {0})::integer - 1)"


@dataclass(frozen=True, slots=True)
class Summary:
    """One kind of totals: its name, what it counts by, its figures, and the full count."""

    name: str
    key: tuple[str, ...]
    figures: tuple[str, ...]
    full: str

    @property
    def fold(self) -> TextClause:
        """The statement that folds some appended rows in and gives how many.

        Two folds never wait for the same appended row; they lock totals in the same order.
        """
        key, figures = ", ".join(self.key), ", ".join(self.figures)
        sums = ", ".join(f"sum({name})::bigint AS {name}" for name in self.figures)
        added = ", ".join(f"{name} = s.{name} + excluded.{name}" for name in self.figures)
        return sql(
            f"""
            WITH taken AS (
                DELETE FROM {self.name}_delta WHERE id = ANY(ARRAY(
                    SELECT id FROM {self.name}_delta ORDER BY id LIMIT :most
                    FOR UPDATE SKIP LOCKED))
                RETURNING *
            ), folded AS (
                INSERT INTO {self.name}_summary AS s ({key}, {figures})
                SELECT {key}, {sums} FROM taken GROUP BY {key} ORDER BY {key}
                ON CONFLICT ({key}) DO UPDATE SET {added}
            )
            SELECT count(*) FROM taken
            """
        )

    @property
    def differences(self) -> str:
        """The query that gives what the full count has more than the totals, group by group.

        One statement, so both are as of one moment, whoever writes meanwhile.
        """
        key = ", ".join(self.key)
        minus = ", ".join(f"-{name}" for name in self.figures)
        sums = ", ".join(f"sum({name})::bigint AS {name}" for name in self.figures)
        some = " OR ".join(f"sum({name}) <> 0" for name in self.figures)
        return f"""
            SELECT {key}, {sums} FROM (
                {self.full} UNION ALL SELECT {key}, {minus} FROM {self.name}_count
            ) AS both_ways GROUP BY {key} HAVING {some}
        """

    @property
    def mend(self) -> TextClause:
        """The statement that appends what the totals lack, and gives how many groups.

        Nothing is locked: what others append meanwhile is right by itself.
        """
        names = ", ".join((*self.key, *self.figures))
        return sql(
            f"""
            WITH mended AS (
                INSERT INTO {self.name}_delta ({names}) {self.differences} RETURNING 1
            )
            SELECT count(*) FROM mended
            """
        )


CLAIMS = Summary(
    "claim",
    CLAIM_KEY,
    CLAIM_FIGURES,
    f"""
    SELECT policy_id, area_code, insurer_code, {_MONTH.format("event_on")} AS event_month, status,
        outcome, count(*) AS claims, coalesce(sum(assessed_fen), 0) AS assessed_fen,
        coalesce(sum(decided_fen), 0) AS decided_fen, sum(paid_fen) AS paid_fen
    FROM claim GROUP BY 1, 2, 3, 4, 5, 6
    """,
)
LEDGER = Summary(
    "ledger",
    LEDGER_KEY,
    LEDGER_FIGURES,
    f"""
    SELECT l.policy_id, l.area_code, l.insurer_code, {_MONTH.format("c.event_on")} AS event_month,
        l.account, sum(l.amount_fen) AS amount_fen
    FROM ledger_entry AS l LEFT JOIN claim AS c ON c.id = l.claim_id GROUP BY 1, 2, 3, 4, 5
    """,
)
SUMMARIES = (CLAIMS, LEDGER)


async def fold(tx: Tx, summary: Summary, most: int = MOST) -> int:
    """Fold at most so many appended rows into the totals; give how many there were."""
    folded: int = (await tx.sql.execute(summary.fold, {"most": most})).scalar_one()
    return folded


async def count_differences(tx: Tx, summary: Summary) -> int:
    """Count the groups in which the totals are not what the full count gives; should be 0."""
    asked = sql(f"SELECT count(*) FROM ({summary.differences}) AS d")
    found: int = (await tx.sql.execute(asked)).scalar_one()
    return found


async def mend(tx: Tx, summary: Summary) -> int:
    """Append what the totals lack by the full count; give how many groups were mended."""
    mended: int = (await tx.sql.execute(summary.mend)).scalar_one()
    return mended
