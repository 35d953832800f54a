"""Number events after their commit into one feed, and give lists the indexes of their filters.

The numbers are given by a single tail: see `app/db/feed.py` for why, and for what a life of the
feed is.

Revision ID: 0019
Revises: 0018
"""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

INDEXES = (
    # The news since a snapshot are found by transaction; by area nobody asks for events any more.
    "CREATE INDEX ix_event_txid ON event (txid)",
    "DROP INDEX ix_event_area_code",
    """
    CREATE INDEX ix_claim_waiting ON claim (status, updated_at, id)
        WHERE status NOT IN ('closed', 'withdrawn')
    """,
    "CREATE INDEX ix_claim_due_on ON claim (due_on) WHERE due_on IS NOT NULL",
    """
    CREATE INDEX ix_claim_insurer_case_no ON claim (insurer_case_no)
        WHERE insurer_case_no IS NOT NULL
    """,
    """
    CREATE INDEX ix_instruction_platform_case_no ON instruction (platform_case_no)
        WHERE platform_case_no IS NOT NULL
    """,
    "CREATE INDEX ix_notice_client_ref ON notice (client_ref) WHERE client_ref IS NOT NULL",
    # In the place of the one on the policy alone: a policy's claims are listed, too.
    "CREATE INDEX ix_claim_policy_updated ON claim (policy_id, updated_at, id)",
    "DROP INDEX ix_claim_policy_id",
)

TABLES = (
    """
    CREATE TABLE feed (
        position BIGINT NOT NULL,
        event_seq BIGINT NOT NULL,
        county_code BIGINT NOT NULL,
        area_code BIGINT NOT NULL,
        insurer_code TEXT,
        resource TEXT NOT NULL,
        number TEXT NOT NULL,
        version INTEGER NOT NULL,
        type TEXT NOT NULL,
        at TIMESTAMP WITH TIME ZONE NOT NULL,
        told_at TIMESTAMP WITH TIME ZONE DEFAULT business_now() NOT NULL,
        CONSTRAINT pk_feed PRIMARY KEY (position)
    )
    """,
    "CREATE INDEX ix_feed_county_code ON feed (county_code, position)",
    """
    CREATE INDEX ix_feed_insurer_code ON feed (insurer_code, position)
        WHERE insurer_code IS NOT NULL
    """,
    """
    CREATE TABLE feed_tail (
        one BOOLEAN DEFAULT true NOT NULL,
        done TEXT NOT NULL,
        doing TEXT,
        doing_seq BIGINT DEFAULT 0 NOT NULL,
        floor_seq BIGINT DEFAULT 0 NOT NULL,
        position BIGINT DEFAULT 0 NOT NULL,
        forgotten BIGINT DEFAULT 0 NOT NULL,
        cluster TEXT NOT NULL,
        lives JSONB DEFAULT jsonb_build_array(jsonb_build_array(gen_random_uuid(), 0)) NOT NULL,
        CONSTRAINT pk_feed_tail PRIMARY KEY (one),
        CONSTRAINT ck_feed_tail_only_one CHECK (one)
    )
    """,
)

# What is told outside are the cases, their contracts and their accounts. What only this house does
# (keys, people, lanes) is in no feed.

# Where transaction ids are counted: another server, another history or another database is another
# counter, and what was learnt of the last one says nothing.
CLUSTER = """
CREATE FUNCTION feed_cluster() RETURNS text LANGUAGE sql STABLE AS $$
    SELECT c.system_identifier || '/' || left(pg_walfile_name(pg_current_wal_lsn()), 8)
        || '/' || (SELECT d.oid FROM pg_database AS d WHERE d.datname = current_database())
    FROM pg_control_system() AS c
$$
"""

# A life of the feed begins. On the same server (a clone, another time line, a dump brought back) the
# transaction ids go on, so what `done` says still holds. On another they begin anew: what was left
# to number when the copy was made is numbered at once, by the old ids, and from there on the new
# ones count. No event is being written meanwhile: as the owner, because the service's role may not
# lock a table against writers, and not waiting long, because they would wait behind.
BEGIN_AGAIN = """
CREATE FUNCTION feed_begin_again() RETURNS void LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp AS $$
DECLARE t feed_tail; told bigint; here text := feed_cluster();
BEGIN
    SELECT * INTO STRICT t FROM feed_tail FOR UPDATE;
    UPDATE feed_tail SET cluster = here,
        lives = t.lives || jsonb_build_array(jsonb_build_array(gen_random_uuid(), t.position));
    IF split_part(t.cluster, '/', 1) = split_part(here, '/', 1) THEN
        RETURN;
    END IF;
    PERFORM set_config('lock_timeout', '1s', true);
    LOCK TABLE event IN SHARE MODE;
    INSERT INTO feed (position, event_seq, county_code, area_code, insurer_code, resource, number,
                      version, type, at)
    SELECT t.position + row_number() OVER (ORDER BY e.seq), e.seq, e.area_code / 1000000,
           e.area_code, e.insurer_code, e.resource, e.number, e.version, e.type, e.at
    FROM event AS e
    WHERE e.txid >= pg_snapshot_xmin(t.done::pg_snapshot)
      AND NOT pg_visible_in_snapshot(e.txid, t.done::pg_snapshot)
      AND NOT (t.doing IS NOT NULL AND e.seq <= t.doing_seq
               AND pg_visible_in_snapshot(e.txid, coalesce(t.doing, t.done)::pg_snapshot))
      AND e.seq > t.floor_seq
      AND e.resource IN ('notice', 'claim', 'payout', 'policy', 'reconciliation');
    GET DIAGNOSTICS told = ROW_COUNT;
    UPDATE feed_tail SET done = pg_current_snapshot()::text, doing = NULL, doing_seq = 0,
        floor_seq = coalesce((SELECT max(e.seq) FROM event AS e), 0),
        position = t.position + told;
END $$
"""

# One round of the tail: at most so many events, -1 when another tail is at work. What is new is
# exactly what the last round's snapshot did not see and this one does; so a transaction that stays
# open holds nobody back, and is found when it commits. Materialised: by the order of `seq` the
# planner would read the whole table to find the few.
ADVANCE = """
CREATE FUNCTION feed_advance(
    lo bigint, hi bigint, insurer text, role text, actor text, request_id text, most integer
) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE t feed_tail; fresh bigint; last_seq bigint; told bigint;
BEGIN
    PERFORM set_context(lo, hi, insurer, role, actor, request_id);
    SELECT * INTO t FROM feed_tail FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
        RETURN -1;
    END IF;
    IF t.cluster <> feed_cluster() THEN
        PERFORM feed_begin_again();
        SELECT * INTO STRICT t FROM feed_tail;
    END IF;
    IF t.doing IS NULL THEN
        t.doing := pg_current_snapshot()::text;
        t.doing_seq := 0;
    END IF;
    WITH unseen AS MATERIALIZED (
        SELECT e.seq FROM event AS e
        WHERE e.txid >= pg_snapshot_xmin(t.done::pg_snapshot)
          AND e.txid < pg_snapshot_xmax(t.doing::pg_snapshot)
          AND NOT pg_visible_in_snapshot(e.txid, t.done::pg_snapshot)
          AND pg_visible_in_snapshot(e.txid, t.doing::pg_snapshot)
          AND e.seq > greatest(t.doing_seq, t.floor_seq)
    ), taken AS MATERIALIZED (
        SELECT seq FROM unseen ORDER BY seq LIMIT most
    ), told AS (
        INSERT INTO feed (position, event_seq, county_code, area_code, insurer_code, resource,
                          number, version, type, at)
        SELECT t.position + row_number() OVER (ORDER BY e.seq), e.seq, e.area_code / 1000000,
               e.area_code, e.insurer_code, e.resource, e.number, e.version, e.type, e.at
        FROM taken JOIN event AS e ON e.seq = taken.seq
        WHERE e.resource IN ('notice', 'claim', 'payout', 'policy', 'reconciliation')
        RETURNING position
    )
    SELECT (SELECT count(*) FROM taken), (SELECT max(seq) FROM taken), (SELECT count(*) FROM told)
    INTO fresh, last_seq, told;
    IF fresh > 0 THEN
        UPDATE feed_tail SET position = t.position + told,
            done = CASE WHEN fresh < most THEN t.doing ELSE t.done END,
            doing = CASE WHEN fresh < most THEN NULL ELSE t.doing END,
            doing_seq = CASE WHEN fresh < most THEN 0 ELSE last_seq END;
    ELSIF t.doing_seq > 0 THEN
        UPDATE feed_tail SET done = t.doing, doing = NULL, doing_seq = 0;
    END IF;
    RETURN fresh;
END $$
"""

# One page for one caller, then where the feed stands; what is forgotten is read last, so that
# nobody takes for nothing what was removed while he read. A county's page and an
# insurer's follow an index of their own. A wider one reads the feed as it lies, and so may whoever
# asks for rare types: both look at so many positions and no more, `reached` tells how far.
PAGE = """
CREATE FUNCTION feed_page(
    lo bigint, hi bigint, insurer text, role text, actor text, request_id text,
    after bigint, wanted text[], most integer, looked_at_most bigint
) RETURNS TABLE (
    tail bigint, forgotten bigint, lives jsonb, reached bigint,
    "position" bigint, type text, at timestamptz, resource text, number text, version integer
) LANGUAGE plpgsql AS $$
DECLARE t feed_tail; until bigint; from_position bigint;
BEGIN
    PERFORM set_context(lo, hi, insurer, role, actor, request_id);
    SELECT * INTO STRICT t FROM feed_tail;
    from_position := coalesce(after, t.forgotten);
    until := CASE WHEN hi - lo <= 1000000 AND insurer IS NULL THEN t.position
                  ELSE least(t.position, from_position + looked_at_most) END;
    IF insurer IS NOT NULL THEN
        RETURN QUERY
        SELECT t.position, t.forgotten, t.lives, until,
               f.position, f.type, f.at, f.resource, f.number, f.version
        FROM feed AS f
        WHERE f.insurer_code = insurer AND f.position > from_position AND f.position <= until
          AND f.area_code >= lo AND f.area_code < hi
          AND (wanted IS NULL OR f.type = ANY(wanted) OR f.resource = ANY(wanted))
        ORDER BY f.position LIMIT most;
    ELSIF hi - lo <= 1000000 THEN
        RETURN QUERY
        SELECT t.position, t.forgotten, t.lives, until,
               f.position, f.type, f.at, f.resource, f.number, f.version
        FROM feed AS f
        WHERE f.county_code = lo / 1000000 AND f.position > from_position AND f.position <= until
          AND f.area_code >= lo AND f.area_code < hi
          AND (wanted IS NULL OR f.type = ANY(wanted) OR f.resource = ANY(wanted))
        ORDER BY f.position LIMIT most;
    ELSE
        RETURN QUERY
        SELECT t.position, t.forgotten, t.lives, until,
               f.position, f.type, f.at, f.resource, f.number, f.version
        FROM feed AS f
        WHERE f.position > from_position AND f.position <= until
          AND f.area_code >= lo AND f.area_code < hi
          AND (wanted IS NULL OR f.type = ANY(wanted) OR f.resource = ANY(wanted))
        ORDER BY f.position LIMIT most;
    END IF;
    RETURN QUERY SELECT t.position, l.forgotten, t.lives, until, NULL::bigint, NULL::text,
        NULL::timestamptz, NULL::text, NULL::text, NULL::integer FROM feed_tail AS l;
END $$
"""

# What one process asks a few times a second, to know which of its remembered answers still hold:
# what has moved since the snapshot it knows, committed or not in what order, and how far the feed
# has come for whom. NULL in the place of what is too much to tell.
NEWS = """
CREATE FUNCTION look_for_news(
    lo bigint, hi bigint, insurer text, role text, actor text, request_id text,
    since text, since_position bigint, most integer
) RETURNS TABLE (
    seen text, cluster text, today date, ahead interval, tail bigint, moved jsonb, told jsonb
) LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_context(lo, hi, insurer, role, actor, request_id);
    RETURN QUERY
    WITH moves AS MATERIALIZED (
        SELECT e.resource, e.number, e.area_code FROM event AS e
        WHERE e.txid >= pg_snapshot_xmin(since::pg_snapshot)
          AND e.txid < pg_snapshot_xmax(pg_current_snapshot())
          AND NOT pg_visible_in_snapshot(e.txid, since::pg_snapshot)
        LIMIT most + 1
    ), named AS (
        SELECT m.resource, m.area_code, CASE
            WHEN m.resource = 'payout' THEN (
                SELECT c.claim_no FROM payout AS p JOIN claim AS c ON c.id = p.claim_id
                WHERE p.id = m.number::uuid)
            WHEN m.resource IN ('notice', 'claim') THEN m.number
        END AS number
        FROM moves AS m
    ), steps AS MATERIALIZED (
        SELECT f.county_code, f.insurer_code, f.position FROM feed AS f
        WHERE f.position > since_position ORDER BY f.position LIMIT most + 1
    )
    SELECT pg_current_snapshot()::text, feed_cluster(), business_today(),
        coalesce((SELECT s.ahead FROM sandbox_clock AS s), interval '0'),
        (SELECT t.position FROM feed_tail AS t),
        CASE WHEN (SELECT count(*) FROM moves) <= most THEN (
            SELECT coalesce(jsonb_agg(jsonb_build_array(n.resource, n.area_code, n.number)), '[]')
            FROM named AS n) END,
        CASE WHEN (SELECT count(*) FROM steps) <= most THEN (
            SELECT coalesce(jsonb_agg(jsonb_build_array(g.county_code, g.insurer_code, g.newest)),
                            '[]')
            FROM (SELECT s.county_code, s.insurer_code, max(s.position) AS newest
                  FROM steps AS s GROUP BY s.county_code, s.insurer_code) AS g) END;
END $$
"""

# Nothing is changed, and removed only when the 90 days are over, by the keeper.
KEPT = """
CREATE FUNCTION feed_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND ctx_role() = 'retention'
       AND OLD.told_at < business_now() - interval '90 days' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'rows of % are never changed, nor deleted within 90 days', TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$
"""

WALLS = (
    """
    CREATE TRIGGER feed_kept BEFORE UPDATE OR DELETE ON feed
        FOR EACH ROW EXECUTE FUNCTION feed_kept()
    """,
    """
    CREATE TRIGGER feed_never_emptied BEFORE TRUNCATE ON feed
        FOR EACH STATEMENT EXECUTE FUNCTION forbid_change()
    """,
    "ALTER TABLE feed ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE feed FORCE ROW LEVEL SECURITY",
    """
    CREATE POLICY feed_scope ON feed
        USING (area_code >= ctx_lo() AND area_code < ctx_hi()
               AND (ctx_insurer() IS NULL OR insurer_code = ctx_insurer()))
        WITH CHECK (ctx_role() = 'system')
    """,
    "ALTER TABLE feed_tail ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE feed_tail FORCE ROW LEVEL SECURITY",
    "CREATE POLICY feed_tail_seen ON feed_tail FOR SELECT USING (true)",
    """
    CREATE POLICY feed_tail_moved ON feed_tail FOR UPDATE
        USING (ctx_role() IN ('system', 'retention'))
    """,
    "GRANT SELECT, INSERT, DELETE ON feed TO relief_app",
    "GRANT SELECT, UPDATE ON feed_tail TO relief_app",
)


def upgrade() -> None:
    """Build it. The feed begins here: what was before is in the lists, and was never in a feed."""
    for statement in (*INDEXES, *TABLES, CLUSTER, BEGIN_AGAIN, ADVANCE, PAGE, NEWS, KEPT):
        op.execute(statement)
    op.execute(
        "INSERT INTO feed_tail (done, cluster) VALUES (pg_current_snapshot()::text, feed_cluster())"
    )
    for statement in WALLS:
        op.execute(statement)


def downgrade() -> None:
    """Take it away again."""
    op.execute("DROP FUNCTION look_for_news, feed_page, feed_advance, feed_begin_again")
    op.execute("DROP TABLE feed, feed_tail")
    op.execute("DROP FUNCTION feed_kept, feed_cluster")
    op.execute("CREATE INDEX ix_claim_policy_id ON claim (policy_id)")
    op.execute("CREATE INDEX ix_event_area_code ON event (area_code, seq)")
    op.execute(
        "DROP INDEX ix_event_txid, ix_claim_waiting, ix_claim_due_on, ix_claim_insurer_case_no, "
        "ix_instruction_platform_case_no, ix_notice_client_ref, ix_claim_policy_updated"
    )
