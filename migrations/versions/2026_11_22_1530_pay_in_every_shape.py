"""Pay in every shape: reversals, recoveries, advances, instalments; premiums in the ledger.

Revision ID: 0005
Revises: 0004
"""

from collections.abc import Sequence
from uuid import uuid4

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE advance (
    id UUID NOT NULL,
    area_code BIGINT NOT NULL,
    insurer_code TEXT,
    claim_id UUID NOT NULL,
    seq INTEGER NOT NULL,
    amount_fen BIGINT NOT NULL,
    basis TEXT NOT NULL,
    state TEXT NOT NULL,
    reason_zh TEXT,
    proposed_by TEXT NOT NULL,
    confirmed_by TEXT,
    instruction_id UUID,
    version INTEGER DEFAULT 1 NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT business_now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT business_now() NOT NULL,
    CONSTRAINT pk_advance PRIMARY KEY (id),
    CONSTRAINT ck_advance_basis_known CHECK (basis IN ('terms', 'law')),
    CONSTRAINT ck_advance_state_known CHECK (state IN ('proposed', 'granted', 'asked', 'refused', 'cancelled')),
    CONSTRAINT ck_advance_pays_something CHECK (amount_fen > 0),
    CONSTRAINT ck_advance_two_persons CHECK (confirmed_by <> proposed_by),
    CONSTRAINT uq_advance_claim_id_seq UNIQUE (claim_id, seq),
    CONSTRAINT fk_advance_claim_id FOREIGN KEY(claim_id) REFERENCES claim (id)
);
CREATE UNIQUE INDEX uq_advance_proposed ON advance (claim_id) WHERE state = 'proposed';

CREATE TABLE instalment (
    id UUID NOT NULL,
    area_code BIGINT NOT NULL,
    insurer_code TEXT,
    claim_id UUID NOT NULL,
    seq INTEGER NOT NULL,
    due_on DATE NOT NULL,
    amount_fen BIGINT NOT NULL,
    state TEXT NOT NULL,
    ended_by TEXT,
    reason_zh TEXT,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT business_now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT business_now() NOT NULL,
    CONSTRAINT pk_instalment PRIMARY KEY (id),
    CONSTRAINT ck_instalment_state_known CHECK (state IN ('planned', 'opened', 'stopped')),
    CONSTRAINT ck_instalment_ended_by_known CHECK (ended_by IN ('died', 'withdrawn', 'cover_ended')),
    CONSTRAINT ck_instalment_stopped_for_a_reason CHECK ((state = 'stopped') = (ended_by IS NOT NULL)),
    CONSTRAINT ck_instalment_pays_something CHECK (amount_fen > 0),
    CONSTRAINT uq_instalment_claim_id_seq UNIQUE (claim_id, seq),
    CONSTRAINT fk_instalment_claim_id FOREIGN KEY(claim_id) REFERENCES claim (id)
);
CREATE INDEX ix_instalment_planned ON instalment (due_on) WHERE state = 'planned';

ALTER TABLE payout ADD COLUMN kind TEXT DEFAULT 'benefit' NOT NULL;
ALTER TABLE payout ADD COLUMN reversed_fen BIGINT DEFAULT 0 NOT NULL;
ALTER TABLE payout ADD COLUMN advance_id UUID;
ALTER TABLE payout ADD COLUMN instalment_id UUID;
ALTER TABLE payout ADD COLUMN receipt TEXT;
ALTER TABLE payout ADD COLUMN receipt_way TEXT;
ALTER TABLE payout ADD COLUMN receipt_note_zh TEXT;
ALTER TABLE payout ADD COLUMN receipt_by TEXT;
ALTER TABLE payout ADD COLUMN receipt_at TIMESTAMP WITH TIME ZONE;
ALTER TABLE payout ADD CONSTRAINT ck_payout_kind_known CHECK (kind IN ('benefit', 'top_up', 'repeat', 'advance', 'instalment'));
ALTER TABLE payout ADD CONSTRAINT ck_payout_reversed_in_part CHECK (reversed_fen >= 0 AND reversed_fen < amount_fen);
ALTER TABLE payout ADD CONSTRAINT ck_payout_receipt_known CHECK (receipt IN ('received', 'not_received'));
ALTER TABLE payout ADD CONSTRAINT ck_payout_receipt_way_known CHECK (receipt_way IN ('recipient', 'sample'));
ALTER TABLE payout ADD CONSTRAINT fk_payout_advance_id FOREIGN KEY(advance_id) REFERENCES advance (id);
ALTER TABLE payout ADD CONSTRAINT fk_payout_instalment_id FOREIGN KEY(instalment_id) REFERENCES instalment (id);

ALTER TABLE payout_attempt DROP CONSTRAINT ck_payout_attempt_failure_code_known;
ALTER TABLE payout_attempt ADD CONSTRAINT ck_payout_attempt_failure_code_known CHECK (failure_code IN ('name_mismatch', 'account_wrong', 'account_closed', 'account_frozen', 'other', 'reversed'));

CREATE TABLE payout_reversal (
    id UUID NOT NULL,
    area_code BIGINT NOT NULL,
    insurer_code TEXT,
    payout_id UUID NOT NULL,
    attempt_seq INTEGER NOT NULL,
    amount_fen BIGINT NOT NULL,
    reason_zh TEXT NOT NULL,
    actor TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT business_now() NOT NULL,
    CONSTRAINT pk_payout_reversal PRIMARY KEY (id),
    CONSTRAINT ck_payout_reversal_undoes_something CHECK (amount_fen > 0),
    CONSTRAINT uq_payout_reversal_payout_id_attempt_seq UNIQUE (payout_id, attempt_seq),
    CONSTRAINT fk_payout_reversal_payout_id FOREIGN KEY(payout_id) REFERENCES payout (id)
);

CREATE TABLE recovery (
    id UUID NOT NULL,
    area_code BIGINT NOT NULL,
    insurer_code TEXT,
    payout_id UUID NOT NULL,
    amount_fen BIGINT NOT NULL,
    received_fen BIGINT DEFAULT 0 NOT NULL,
    state TEXT NOT NULL,
    reason_zh TEXT NOT NULL,
    demanded_by TEXT NOT NULL,
    waived_by TEXT,
    waived_reason_zh TEXT,
    version INTEGER DEFAULT 1 NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT business_now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT business_now() NOT NULL,
    CONSTRAINT pk_recovery PRIMARY KEY (id),
    CONSTRAINT ck_recovery_state_known CHECK (state IN ('demanded', 'received', 'waived')),
    CONSTRAINT ck_recovery_never_more_than_demanded CHECK (received_fen BETWEEN 0 AND amount_fen),
    CONSTRAINT ck_recovery_demands_something CHECK (amount_fen > 0),
    CONSTRAINT ck_recovery_received_in_full CHECK ((state = 'received') = (received_fen = amount_fen)),
    CONSTRAINT ck_recovery_two_persons CHECK (waived_by <> demanded_by),
    CONSTRAINT fk_recovery_payout_id FOREIGN KEY(payout_id) REFERENCES payout (id)
);
CREATE INDEX ix_recovery_payout_id ON recovery (payout_id);

CREATE TABLE recovery_receipt (
    id UUID NOT NULL,
    area_code BIGINT NOT NULL,
    insurer_code TEXT,
    recovery_id UUID NOT NULL,
    amount_fen BIGINT NOT NULL,
    received_on DATE NOT NULL,
    reference TEXT NOT NULL,
    actor TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT business_now() NOT NULL,
    CONSTRAINT pk_recovery_receipt PRIMARY KEY (id),
    CONSTRAINT ck_recovery_receipt_brings_something CHECK (amount_fen > 0),
    CONSTRAINT uq_recovery_receipt_recovery_id_reference UNIQUE (recovery_id, reference),
    CONSTRAINT fk_recovery_receipt_recovery_id FOREIGN KEY(recovery_id) REFERENCES recovery (id)
);

ALTER TABLE instruction DROP CONSTRAINT ck_instruction_kind_known;
ALTER TABLE instruction ADD CONSTRAINT ck_instruction_kind_known CHECK (kind IN ('refer_claim', 'supply_papers', 'withdraw_claim', 'correct_account', 'request_advance'));

ALTER TABLE ledger_entry ALTER COLUMN claim_id DROP NOT NULL;
ALTER TABLE ledger_entry ADD COLUMN payer TEXT;
ALTER TABLE ledger_entry DROP CONSTRAINT ck_ledger_entry_booking_known;
ALTER TABLE ledger_entry ADD CONSTRAINT ck_ledger_entry_booking_known CHECK (booking IN ('decided', 'paid', 'returned', 'reversed', 'advanced', 'advance_returned', 'advance_counted', 'demanded', 'recovered', 'waived', 'stopped', 'premium_due', 'premium_paid'));
ALTER TABLE ledger_entry DROP CONSTRAINT ck_ledger_entry_account_known;
ALTER TABLE ledger_entry ADD CONSTRAINT ck_ledger_entry_account_known CHECK (account IN ('incurred', 'payable', 'paid', 'advance', 'receivable', 'wrongly_paid', 'recovered', 'premium_due', 'premium_paid', 'premium'));
ALTER TABLE ledger_entry ADD CONSTRAINT ck_ledger_entry_of_a_claim_or_a_payer CHECK ((claim_id IS NULL) = (payer IS NOT NULL));
"""

APPEND_ONLY = ("payout_reversal", "recovery_receipt")
CASES = ("advance", "instalment", "payout_reversal", "recovery", "recovery_receipt")
IN_AREA = "area_code >= ctx_lo() AND area_code < ctx_hi()"
OWN = "(ctx_insurer() IS NULL OR insurer_code = ctx_insurer())"


def run(script: str) -> None:
    """Execute a script statement by statement: the driver prepares, so it takes one at a time."""
    statement: list[str] = []
    for line in script.splitlines():
        statement.append(line)
        if line.rstrip().endswith(";"):
            op.execute("\n".join(statement))
            statement = []


def upgrade() -> None:
    """Add what payouts need, and book the premiums that are known."""
    run(TABLES)
    for table in CASES:
        verbs = "SELECT, INSERT" if table in APPEND_ONLY else "SELECT, INSERT, UPDATE"
        op.execute(f"GRANT {verbs} ON {table} TO relief_app")
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        scope = f"{IN_AREA} AND {OWN}"
        op.execute(f"CREATE POLICY {table}_scope ON {table} USING ({scope}) WITH CHECK ({scope})")
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION forbid_change()"
        )
    book_premiums()


def book_premiums() -> None:
    """Book what is due and paid of premiums so far, as the code does with every change after this.

    The two splits are those of the code of this revision: over payers, then over insurers.
    """
    bind = op.get_bind()
    bind.execute(sa.text("SELECT set_context(0, 1000000000000, NULL, 'system', 'migration', NULL)"))
    for policy in bind.execute(
        sa.text(
            "SELECT id, area_lo, premium_due_fen FROM policy "
            "WHERE premium_due_fen <> 0 OR premium_paid_fen <> 0"
        )
    ).all():
        _book_premium(bind, policy)


def _book_premium(bind: sa.Connection, policy: sa.Row[tuple[object, int, int]]) -> None:
    named = {"policy": policy[0]}
    payers = bind.execute(
        sa.text(
            "SELECT y.code, y.share_bp, coalesce((SELECT sum(m.amount_fen) FROM premium_payment AS m "
            "WHERE m.policy_id = y.policy_id AND m.payer = y.code), 0)::bigint AS paid "
            "FROM policy_payer AS y WHERE y.policy_id = :policy ORDER BY y.place"
        ),
        named,
    ).all()
    insurers = bind.execute(
        sa.text(
            "SELECT insurer_code, share_bp FROM policy_share WHERE policy_id = :policy "
            "ORDER BY lead DESC, insurer_code"
        ),
        named,
    ).all()
    due = _split(policy[2], [payer.share_bp for payer in payers])
    for payer, due_fen in zip(payers, due, strict=True):
        for booking, debit, credit, fen in (
            ("premium_due", "premium_due", "premium", due_fen),
            ("premium_paid", "premium_paid", "premium_due", payer.paid),
        ):
            parts = _split(abs(fen), [insurer.share_bp for insurer in insurers])
            set_id = uuid4()
            for insurer, part in zip(insurers, parts, strict=True):
                for account, amount in ((debit, part), (credit, -part)):
                    if part:
                        bind.execute(
                            sa.text(
                                "INSERT INTO ledger_entry (set_id, area_code, insurer_code, "
                                "policy_id, payer, booking, account, amount_fen, actor) VALUES "
                                "(:set_id, :area, :insurer, :policy, :payer, :booking, :account, "
                                ":amount, 'migration')"
                            ),
                            {
                                **named,
                                "set_id": set_id,
                                "area": policy[1],
                                "insurer": insurer.insurer_code,
                                "payer": payer.code,
                                "booking": booking,
                                "account": account,
                                "amount": amount if fen > 0 else -amount,
                            },
                        )


def _split(total: int, weights: Sequence[int]) -> list[int]:
    """Largest remainder, earlier places first."""
    whole = sum(weights)
    parts = [total * weight // whole for weight in weights]
    by_rest = sorted(range(len(weights)), key=lambda i: (-(total * weights[i] % whole), i))
    for place in by_rest[: total - sum(parts)]:
        parts[place] += 1
    return parts


def downgrade() -> None:
    """Take it away again; what only these tables and words can say is lost.

    Refused by the checks where such entries are in the ledger: a ledger is never cut.
    """
    run(
        """
        ALTER TABLE ledger_entry DROP CONSTRAINT ck_ledger_entry_of_a_claim_or_a_payer;
        ALTER TABLE ledger_entry DROP COLUMN payer;
        ALTER TABLE ledger_entry ALTER COLUMN claim_id SET NOT NULL;
        ALTER TABLE ledger_entry DROP CONSTRAINT ck_ledger_entry_booking_known;
        ALTER TABLE ledger_entry ADD CONSTRAINT ck_ledger_entry_booking_known CHECK (booking IN ('decided', 'paid', 'returned'));
        ALTER TABLE ledger_entry DROP CONSTRAINT ck_ledger_entry_account_known;
        ALTER TABLE ledger_entry ADD CONSTRAINT ck_ledger_entry_account_known CHECK (account IN ('incurred', 'payable', 'paid'));
        ALTER TABLE instruction DROP CONSTRAINT ck_instruction_kind_known;
        ALTER TABLE instruction ADD CONSTRAINT ck_instruction_kind_known CHECK (kind IN ('refer_claim', 'supply_papers', 'withdraw_claim', 'correct_account'));
        DROP TABLE recovery_receipt, recovery, payout_reversal;
        ALTER TABLE payout_attempt DROP CONSTRAINT ck_payout_attempt_failure_code_known;
        ALTER TABLE payout_attempt ADD CONSTRAINT ck_payout_attempt_failure_code_known CHECK (failure_code IN ('name_mismatch', 'account_wrong', 'account_closed', 'account_frozen', 'other'));
        ALTER TABLE payout DROP COLUMN kind, DROP COLUMN reversed_fen, DROP COLUMN advance_id,
            DROP COLUMN instalment_id, DROP COLUMN receipt, DROP COLUMN receipt_way,
            DROP COLUMN receipt_note_zh, DROP COLUMN receipt_by, DROP COLUMN receipt_at;
        DROP TABLE instalment, advance;
        """
    )
