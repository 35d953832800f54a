"""What must hold of payouts and premiums: the queries of two invariants, by what breaks them."""

from app.db.rows import sql

# What is paid, on its way, or still to fall due is what was decided; beyond it only advances go.
PAYOUTS_AGREE = sql(
    """
    SELECT c.claim_no AS place, c.policy_id FROM claim AS c LEFT JOIN LATERAL (
        SELECT sum(o.amount_fen - o.reversed_fen) AS opened,
            sum(o.amount_fen - o.reversed_fen) FILTER (WHERE o.kind = 'advance') AS advanced
        FROM payout AS o WHERE o.claim_id = c.id AND o.status <> 'cancelled'
    ) AS p ON true LEFT JOIN LATERAL (
        SELECT sum(i.amount_fen) AS planned FROM instalment AS i
        WHERE i.claim_id = c.id AND i.state = 'planned'
    ) AS i ON true CROSS JOIN LATERAL (
        SELECT coalesce(p.opened, 0) + coalesce(i.planned, 0) - coalesce(c.decided_fen, 0) AS over
    ) AS b
    WHERE c.status IN ('paying', 'paid', 'closed')
      AND (b.over < 0 OR b.over > coalesce(p.advanced, 0))
    UNION ALL
    SELECT o.id::text, c.policy_id FROM payout AS o JOIN claim AS c ON c.id = o.claim_id
    WHERE o.reversed_fen <> (
        SELECT coalesce(sum(r.amount_fen), 0) FROM payout_reversal AS r
        WHERE r.payout_id = o.id AND r.amount_fen < o.amount_fen)
    UNION ALL
    SELECT c.claim_no || ' instalment ' || i.seq, c.policy_id
    FROM instalment AS i JOIN claim AS c ON c.id = i.claim_id LEFT JOIN LATERAL (
        SELECT sum(o.amount_fen - o.reversed_fen) AS opened FROM payout AS o
        WHERE o.instalment_id = i.id AND o.status <> 'cancelled'
    ) AS p ON true
    WHERE coalesce(p.opened, 0) <> CASE WHEN i.state = 'opened' THEN i.amount_fen ELSE 0 END
    UNION ALL
    SELECT c.claim_no || ' advance ' || a.seq, c.policy_id
    FROM advance AS a JOIN claim AS c ON c.id = a.claim_id JOIN LATERAL (
        SELECT sum(o.amount_fen - o.reversed_fen) AS opened FROM payout AS o
        WHERE o.advance_id = a.id AND o.status <> 'cancelled'
    ) AS p ON true
    WHERE p.opened > CASE WHEN a.state IN ('granted', 'asked') THEN a.amount_fen ELSE 0 END
    """
)
# The books show the premium as the policy does, what is owed back as its demands do, and nothing is
# counted that was never advanced.
BOOKS_AGREE = sql(
    """
    SELECT p.policy_no || ' premium' AS place, p.id AS policy_id
    FROM policy AS p LEFT JOIN LATERAL (
        SELECT -sum(l.amount_fen) FILTER (WHERE l.account = 'premium') AS due,
            sum(l.amount_fen) FILTER (WHERE l.account = 'premium_paid') AS paid
        FROM ledger_entry AS l WHERE l.policy_id = p.id AND l.claim_id IS NULL
    ) AS l ON true
    WHERE EXISTS (SELECT FROM policy_payer AS y WHERE y.policy_id = p.id)
      AND (coalesce(l.due, 0) <> p.premium_due_fen OR coalesce(l.paid, 0) <> p.premium_paid_fen)
    UNION ALL
    SELECT r.id::text, c.policy_id FROM recovery AS r
    JOIN payout AS o ON o.id = r.payout_id JOIN claim AS c ON c.id = o.claim_id
    WHERE r.received_fen <> (
        SELECT coalesce(sum(t.amount_fen), 0) FROM recovery_receipt AS t
        WHERE t.recovery_id = r.id)
    UNION ALL
    SELECT c.claim_no || ' recovery', c.policy_id FROM claim AS c JOIN LATERAL (
        SELECT sum(r.received_fen) AS received,
            sum(r.amount_fen - r.received_fen) FILTER (WHERE r.state = 'demanded') AS open
        FROM recovery AS r JOIN payout AS o ON o.id = r.payout_id WHERE o.claim_id = c.id
    ) AS r ON r.received IS NOT NULL JOIN LATERAL (
        SELECT sum(l.amount_fen) FILTER (WHERE l.account = 'recovered') AS recovered,
            sum(l.amount_fen) FILTER (WHERE l.account = 'receivable') AS receivable
        FROM ledger_entry AS l WHERE l.claim_id = c.id
    ) AS l ON true
    WHERE coalesce(l.recovered, 0) <> r.received OR coalesce(l.receivable, 0) <> coalesce(r.open, 0)
    UNION ALL
    SELECT c.claim_no || ' advance', c.policy_id
    FROM ledger_entry AS l JOIN claim AS c ON c.id = l.claim_id
    WHERE l.account = 'advance' GROUP BY c.claim_no, c.policy_id HAVING sum(l.amount_fen) < 0
    """
)
