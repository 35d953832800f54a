"""Lay the foundations: every table, row security, the application role, the audit chain.

Revision ID: 0001
Revises:
"""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

CLOCK = """
CREATE EXTENSION IF NOT EXISTS btree_gist;

-- Business time: the database clock, plus the offset that a sandbox may set. Read here and nowhere
-- else. clock_timestamp() and not now(): an event must never be older than its predecessor, also
-- when its transaction began first and waited for a lock.
CREATE FUNCTION business_now() RETURNS timestamptz LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN clock_timestamp() + coalesce((SELECT ahead FROM sandbox_clock), interval '0');
END $$;

CREATE FUNCTION business_today() RETURNS date LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (business_now() AT TIME ZONE 'Asia/Shanghai')::date;
END $$;
"""

TABLES = """
CREATE TABLE api_key (
    id UUID NOT NULL,
    prefix TEXT NOT NULL,
    digest BYTEA NOT NULL,
    label TEXT NOT NULL,
    role TEXT NOT NULL,
    area_lo BIGINT NOT NULL,
    area_hi BIGINT NOT NULL,
    insurer_code TEXT,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT business_now() NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE,
    revoked_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_api_key PRIMARY KEY (id),
    CONSTRAINT ck_api_key_role_known CHECK (role IN ('township', 'county', 'prefecture', 'province', 'dashboard', 'insurer', 'system', 'security', 'audit')),
    CONSTRAINT uq_api_key_digest UNIQUE (digest)
);

CREATE TABLE area (
    code BIGINT NOT NULL,
    name_zh TEXT NOT NULL,
    level TEXT NOT NULL,
    parent_code BIGINT,
    CONSTRAINT pk_area PRIMARY KEY (code),
    CONSTRAINT ck_area_level_known CHECK (level IN ('province', 'prefecture', 'county', 'township', 'village'))
);

CREATE TABLE audit (
    chain BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    object TEXT NOT NULL,
    request_id TEXT,
    detail TEXT NOT NULL,
    prev BYTEA NOT NULL,
    hash BYTEA NOT NULL,
    CONSTRAINT pk_audit PRIMARY KEY (chain, seq)
);

CREATE TABLE audit_head (
    chain BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    hash BYTEA NOT NULL,
    CONSTRAINT pk_audit_head PRIMARY KEY (chain)
);

CREATE TABLE event (
    seq BIGINT GENERATED ALWAYS AS IDENTITY,
    txid xid8 DEFAULT pg_current_xact_id() NOT NULL,
    area_code BIGINT NOT NULL,
    insurer_code TEXT,
    resource TEXT NOT NULL,
    number TEXT NOT NULL,
    version INTEGER NOT NULL,
    type TEXT NOT NULL,
    was TEXT,
    now TEXT,
    actor TEXT NOT NULL,
    request_id TEXT,
    detail JSONB DEFAULT '{}'::jsonb NOT NULL,
    at TIMESTAMP WITH TIME ZONE DEFAULT business_now() NOT NULL,
    CONSTRAINT pk_event PRIMARY KEY (seq),
    CONSTRAINT ck_event_resource_known CHECK (resource IN ('notice', 'claim', 'payout', 'policy', 'person', 'calendar', 'insurer', 'instruction', 'callback', 'lane')),
    CONSTRAINT uq_event_resource_number_version UNIQUE (resource, number, version)
);
CREATE INDEX ix_event_area_code ON event (area_code, seq);

CREATE TABLE household (
    id UUID NOT NULL,
    area_code BIGINT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT business_now() NOT NULL,
    CONSTRAINT pk_household PRIMARY KEY (id)
);

CREATE TABLE idempotency (
    principal TEXT NOT NULL,
    route TEXT NOT NULL,
    key TEXT NOT NULL,
    fingerprint BYTEA NOT NULL,
    status INTEGER NOT NULL,
    body_sealed BYTEA NOT NULL,
    etag TEXT,
    location TEXT,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT business_now() NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_idempotency PRIMARY KEY (principal, route, key)
);

CREATE TABLE insurer (
    code TEXT NOT NULL,
    name_zh TEXT NOT NULL,
    dialect TEXT NOT NULL,
    base_url TEXT NOT NULL,
    honours_key BOOLEAN DEFAULT false NOT NULL,
    can_be_asked BOOLEAN DEFAULT false NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT business_now() NOT NULL,
    CONSTRAINT pk_insurer PRIMARY KEY (code)
);

CREATE TABLE job (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    kind TEXT NOT NULL,
    lane TEXT NOT NULL,
    subject TEXT NOT NULL,
    payload JSONB DEFAULT '{}'::jsonb NOT NULL,
    state TEXT DEFAULT 'ready' NOT NULL,
    run_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    attempts INTEGER DEFAULT 0 NOT NULL,
    max_attempts INTEGER DEFAULT 20 NOT NULL,
    lease_until TIMESTAMP WITH TIME ZONE,
    fence BIGINT DEFAULT 0 NOT NULL,
    worker TEXT,
    last_error TEXT,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    done_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_job PRIMARY KEY (id),
    CONSTRAINT ck_job_state_known CHECK (state IN ('ready', 'running', 'done', 'dead'))
);
CREATE INDEX ix_job_due ON job (lane, run_at) WHERE state IN ('ready', 'running');
CREATE UNIQUE INDEX uq_job_ready ON job (kind, subject) WHERE state = 'ready';

CREATE TABLE lane (
    key TEXT NOT NULL,
    max_running INTEGER DEFAULT 4 NOT NULL,
    paused BOOLEAN DEFAULT false NOT NULL,
    failures INTEGER DEFAULT 0 NOT NULL,
    open_until TIMESTAMP WITH TIME ZONE,
    last_claim_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_lane PRIMARY KEY (key)
);

CREATE TABLE notice_serial (
    county BIGINT NOT NULL,
    year INTEGER NOT NULL,
    last INTEGER NOT NULL,
    CONSTRAINT pk_notice_serial PRIMARY KEY (county, year)
);

CREATE TABLE sandbox_clock (
    single BOOLEAN DEFAULT true NOT NULL,
    ahead INTERVAL DEFAULT interval '0' NOT NULL,
    CONSTRAINT pk_sandbox_clock PRIMARY KEY (single),
    CONSTRAINT ck_sandbox_clock_one_row CHECK (single)
);

CREATE TABLE scheme (
    code TEXT NOT NULL,
    name_zh TEXT NOT NULL,
    kind TEXT NOT NULL,
    CONSTRAINT pk_scheme PRIMARY KEY (code),
    CONSTRAINT ck_scheme_kind_known CHECK (kind IN ('insurance', 'fund'))
);

CREATE TABLE usage_counter (
    owner_id UUID NOT NULL,
    scope TEXT NOT NULL,
    subject_id UUID NOT NULL,
    code TEXT NOT NULL,
    period TEXT NOT NULL,
    area_lo BIGINT NOT NULL,
    area_hi BIGINT NOT NULL,
    used BIGINT DEFAULT 0 NOT NULL,
    CONSTRAINT pk_usage_counter PRIMARY KEY (owner_id, scope, subject_id, code, period),
    CONSTRAINT ck_usage_counter_not_negative CHECK (used >= 0)
);

CREATE TABLE callback_event (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    insurer_code TEXT NOT NULL,
    event_id TEXT NOT NULL,
    body_sha256 BYTEA NOT NULL,
    body_sealed BYTEA NOT NULL,
    type TEXT,
    claim_no TEXT,
    state TEXT NOT NULL,
    reason TEXT,
    received_at TIMESTAMP WITH TIME ZONE DEFAULT business_now() NOT NULL,
    settled_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_callback_event PRIMARY KEY (id),
    CONSTRAINT ck_callback_event_state_known CHECK (state IN ('received', 'applied', 'ignored_stale', 'parked', 'failed', 'discarded')),
    CONSTRAINT uq_callback_event_insurer_code_event_id UNIQUE (insurer_code, event_id),
    CONSTRAINT fk_callback_event_insurer_code FOREIGN KEY(insurer_code) REFERENCES insurer (code)
);
CREATE INDEX ix_callback_event_claim_no ON callback_event (claim_no, id);
CREATE INDEX ix_callback_event_open ON callback_event (id) WHERE state IN ('received', 'parked');

CREATE TABLE insurer_secret (
    id UUID NOT NULL,
    insurer_code TEXT NOT NULL,
    direction TEXT NOT NULL,
    secret_sealed BYTEA NOT NULL,
    active_from TIMESTAMP WITH TIME ZONE DEFAULT business_now() NOT NULL,
    active_to TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_insurer_secret PRIMARY KEY (id),
    CONSTRAINT ck_insurer_secret_direction_known CHECK (direction IN ('in', 'out')),
    CONSTRAINT fk_insurer_secret_insurer_code FOREIGN KEY(insurer_code) REFERENCES insurer (code)
);

CREATE TABLE person (
    id UUID NOT NULL,
    area_code BIGINT NOT NULL,
    household_id UUID,
    name_sealed BYTEA NOT NULL,
    name_index BYTEA NOT NULL,
    id_type TEXT NOT NULL,
    id_sealed BYTEA,
    id_index BYTEA,
    phone_sealed BYTEA,
    birth_on DATE NOT NULL,
    sex TEXT,
    died_on DATE,
    version INTEGER DEFAULT 1 NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT business_now() NOT NULL,
    CONSTRAINT pk_person PRIMARY KEY (id),
    CONSTRAINT ck_person_id_type_known CHECK (id_type IN ('resident_id', 'passport', 'none')),
    CONSTRAINT ck_person_sex_known CHECK (sex IN ('male', 'female')),
    CONSTRAINT ck_person_index_with_number CHECK ((id_type = 'none') = (id_index IS NULL)),
    CONSTRAINT ck_person_sealed_with_index CHECK ((id_sealed IS NULL) = (id_index IS NULL)),
    CONSTRAINT ck_person_life_in_order CHECK (died_on >= birth_on),
    CONSTRAINT fk_person_household_id FOREIGN KEY(household_id) REFERENCES household (id)
);
CREATE INDEX ix_person_area_code ON person (area_code, id);
CREATE INDEX ix_person_household_id ON person (household_id);
CREATE INDEX ix_person_name_index ON person (name_index, birth_on);
CREATE UNIQUE INDEX uq_person_id_index ON person (id_type, id_index);

CREATE TABLE scheme_version (
    id UUID NOT NULL,
    scheme_code TEXT NOT NULL,
    version TEXT NOT NULL,
    effective_from DATE NOT NULL,
    effective_to DATE,
    terms JSONB NOT NULL,
    terms_sha256 TEXT NOT NULL,
    unnamed BOOLEAN GENERATED ALWAYS AS (coalesce(terms ->> 'roster', '') = 'unnamed')
        STORED NOT NULL,
    source TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT business_now() NOT NULL,
    CONSTRAINT pk_scheme_version PRIMARY KEY (id),
    CONSTRAINT uq_scheme_version_scheme_code_version UNIQUE (scheme_code, version),
    CONSTRAINT ex_scheme_version_dates EXCLUDE USING gist (scheme_code WITH =, daterange(effective_from, effective_to, '[]') WITH &&),
    CONSTRAINT fk_scheme_version_scheme_code FOREIGN KEY(scheme_code) REFERENCES scheme (code)
);

CREATE TABLE notice (
    id UUID NOT NULL,
    notice_no TEXT NOT NULL,
    area_code BIGINT NOT NULL,
    status TEXT NOT NULL,
    person_id UUID,
    content JSONB NOT NULL,
    personal_sealed BYTEA NOT NULL,
    client_ref TEXT,
    coverage JSONB DEFAULT '[]'::jsonb NOT NULL,
    created_by TEXT NOT NULL,
    assigned_to TEXT,
    version INTEGER DEFAULT 1 NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT business_now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT business_now() NOT NULL,
    submitted_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_notice PRIMARY KEY (id),
    CONSTRAINT ck_notice_status_known CHECK (status IN ('draft', 'submitted', 'closed', 'withdrawn')),
    CONSTRAINT uq_notice_notice_no UNIQUE (notice_no),
    CONSTRAINT fk_notice_person_id FOREIGN KEY(person_id) REFERENCES person (id)
);
CREATE INDEX ix_notice_area_code ON notice (area_code, updated_at);
CREATE INDEX ix_notice_person_id ON notice (person_id);
CREATE INDEX ix_notice_updated_at ON notice (updated_at, id);

CREATE TABLE policy (
    id UUID NOT NULL,
    policy_no TEXT NOT NULL,
    scheme_version_id UUID NOT NULL,
    kind TEXT NOT NULL,
    insurer_code TEXT,
    area_lo BIGINT NOT NULL,
    area_hi BIGINT NOT NULL,
    period_from DATE NOT NULL,
    period_to DATE NOT NULL,
    status TEXT NOT NULL,
    approval TEXT NOT NULL,
    premium_per_person_fen BIGINT NOT NULL,
    payer_rank INTEGER NOT NULL,
    waiting_days INTEGER NOT NULL,
    check_days INTEGER NOT NULL,
    return_window_days INTEGER NOT NULL,
    exclusive_group TEXT,
    premium_by TEXT DEFAULT 'day' NOT NULL,
    premium_due_on DATE NOT NULL,
    premium_due_fen BIGINT DEFAULT 0 NOT NULL,
    premium_paid_fen BIGINT DEFAULT 0 NOT NULL,
    tolerance_fen BIGINT DEFAULT 0 NOT NULL,
    day_count TEXT DEFAULT 'calendar' NOT NULL,
    papers_stop_clock BOOLEAN DEFAULT true NOT NULL,
    decide_days INTEGER DEFAULT 30 NOT NULL,
    pay_days INTEGER DEFAULT 10 NOT NULL,
    limitation_years INTEGER DEFAULT 2 NOT NULL,
    cancelled_from DATE,
    renews_id UUID,
    version INTEGER DEFAULT 1 NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT business_now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT business_now() NOT NULL,
    CONSTRAINT pk_policy PRIMARY KEY (id),
    CONSTRAINT ck_policy_kind_known CHECK (kind IN ('insurance', 'fund')),
    CONSTRAINT ck_policy_status_known CHECK (status IN ('quoted', 'active', 'cancelled')),
    CONSTRAINT ck_policy_approval_known CHECK (approval IN ('none', 'county_check', 'ladder')),
    CONSTRAINT ck_policy_premium_by_known CHECK (premium_by IN ('day', 'month', 'none')),
    CONSTRAINT ck_policy_day_count_known CHECK (day_count IN ('calendar', 'working')),
    CONSTRAINT ck_policy_not_negative CHECK (premium_per_person_fen >= 0 AND payer_rank >= 0 AND waiting_days >= 0 AND check_days >= 0 AND return_window_days >= 0 AND premium_due_fen >= 0 AND tolerance_fen >= 0),
    CONSTRAINT ck_policy_days_to_do_it CHECK (decide_days > 0 AND pay_days > 0),
    CONSTRAINT ck_policy_limitation_of_law CHECK (limitation_years IN (2, 5)),
    CONSTRAINT ck_policy_fund_has_no_insurer CHECK ((kind = 'fund') = (insurer_code IS NULL)),
    CONSTRAINT ck_policy_fund_has_ladder CHECK (kind = 'insurance' OR approval = 'ladder'),
    CONSTRAINT ck_policy_period_in_order CHECK (period_from <= period_to),
    CONSTRAINT ck_policy_area_in_order CHECK (area_lo < area_hi),
    CONSTRAINT uq_policy_policy_no UNIQUE (policy_no),
    CONSTRAINT fk_policy_scheme_version_id FOREIGN KEY(scheme_version_id) REFERENCES scheme_version (id),
    CONSTRAINT fk_policy_insurer_code FOREIGN KEY(insurer_code) REFERENCES insurer (code),
    CONSTRAINT fk_policy_renews_id FOREIGN KEY(renews_id) REFERENCES policy (id)
);
CREATE UNIQUE INDEX uq_policy_renews_id ON policy (renews_id) WHERE status <> 'cancelled';

CREATE TABLE claim (
    id UUID NOT NULL,
    claim_no TEXT NOT NULL,
    notice_id UUID NOT NULL,
    policy_id UUID NOT NULL,
    insurer_code TEXT,
    area_code BIGINT NOT NULL,
    status TEXT NOT NULL,
    outcome TEXT,
    held_from TEXT,
    assessed_fen BIGINT,
    decided_fen BIGINT,
    paid_fen BIGINT DEFAULT 0 NOT NULL,
    insurer_case_no TEXT,
    papers_asked JSONB DEFAULT '[]'::jsonb NOT NULL,
    due_on DATE,
    waits_for TEXT,
    reopened_count INTEGER DEFAULT 0 NOT NULL,
    event_on DATE NOT NULL,
    milestones JSONB DEFAULT '[]'::jsonb NOT NULL,
    assigned_to TEXT,
    version INTEGER DEFAULT 1 NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT business_now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT business_now() NOT NULL,
    CONSTRAINT pk_claim PRIMARY KEY (id),
    CONSTRAINT ck_claim_status_known CHECK (status IN ('submitted', 'evidence_required', 'under_review', 'pending_approval', 'decided', 'paying', 'paid', 'closed', 'withdrawn')),
    CONSTRAINT ck_claim_outcome_known CHECK (outcome IN ('full', 'partial', 'goodwill', 'below_deductible', 'nil', 'declined')),
    CONSTRAINT ck_claim_held_from_known CHECK (held_from IN ('under_review', 'pending_approval')),
    CONSTRAINT ck_claim_not_negative CHECK (assessed_fen >= 0 AND decided_fen >= 0 AND paid_fen >= 0 AND reopened_count >= 0),
    CONSTRAINT ck_claim_held_from_somewhere CHECK ((status = 'evidence_required') = (held_from IS NOT NULL)),
    CONSTRAINT uq_claim_notice_id_policy_id UNIQUE (notice_id, policy_id),
    CONSTRAINT uq_claim_claim_no UNIQUE (claim_no),
    CONSTRAINT fk_claim_notice_id FOREIGN KEY(notice_id) REFERENCES notice (id),
    CONSTRAINT fk_claim_policy_id FOREIGN KEY(policy_id) REFERENCES policy (id)
);
CREATE INDEX ix_claim_area_code ON claim (area_code, updated_at);
CREATE INDEX ix_claim_insurer_code ON claim (insurer_code, updated_at);
CREATE INDEX ix_claim_policy_id ON claim (policy_id);
CREATE INDEX ix_claim_updated_at ON claim (updated_at, id);

CREATE TABLE delegation (
    id UUID NOT NULL,
    policy_id UUID NOT NULL,
    area_lo BIGINT NOT NULL,
    area_hi BIGINT NOT NULL,
    max_amount_fen BIGINT NOT NULL,
    valid_from DATE NOT NULL,
    valid_to DATE NOT NULL,
    sample_bp INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    version INTEGER DEFAULT 1 NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT business_now() NOT NULL,
    revoked_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_delegation PRIMARY KEY (id),
    CONSTRAINT ck_delegation_allows_something CHECK (max_amount_fen > 0),
    CONSTRAINT ck_delegation_period_in_order CHECK (valid_from <= valid_to),
    CONSTRAINT ck_delegation_sample_in_range CHECK (sample_bp BETWEEN 0 AND 10000),
    CONSTRAINT fk_delegation_policy_id FOREIGN KEY(policy_id) REFERENCES policy (id)
);
CREATE INDEX ix_delegation_policy_id ON delegation (policy_id);

CREATE TABLE document (
    id UUID NOT NULL,
    area_code BIGINT NOT NULL,
    notice_id UUID NOT NULL,
    kind TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    size BIGINT NOT NULL,
    media_type TEXT NOT NULL,
    storage_key TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT business_now() NOT NULL,
    removed_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_document PRIMARY KEY (id),
    CONSTRAINT fk_document_notice_id FOREIGN KEY(notice_id) REFERENCES notice (id)
);
CREATE INDEX ix_document_notice_id ON document (notice_id);

CREATE TABLE enrolment (
    id UUID NOT NULL,
    area_code BIGINT NOT NULL,
    policy_id UUID NOT NULL,
    person_id UUID NOT NULL,
    insurer_code TEXT,
    category TEXT NOT NULL,
    covered DATERANGE NOT NULL,
    certificate_no TEXT,
    premium_fen BIGINT NOT NULL,
    void BOOLEAN DEFAULT false NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT business_now() NOT NULL,
    CONSTRAINT pk_enrolment PRIMARY KEY (id),
    CONSTRAINT ck_enrolment_not_negative CHECK (premium_fen >= 0),
    CONSTRAINT ck_enrolment_spell_is_bounded CHECK (NOT isempty(covered) AND NOT lower_inf(covered) AND NOT upper_inf(covered)),
    CONSTRAINT ex_enrolment_spells EXCLUDE USING gist (policy_id WITH =, person_id WITH =, covered WITH &&) WHERE (NOT void),
    CONSTRAINT fk_enrolment_policy_id FOREIGN KEY(policy_id) REFERENCES policy (id),
    CONSTRAINT fk_enrolment_person_id FOREIGN KEY(person_id) REFERENCES person (id)
);
CREATE INDEX ix_enrolment_person_id ON enrolment (person_id);

CREATE TABLE fund_entry (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    policy_id UUID NOT NULL,
    area_lo BIGINT NOT NULL,
    area_hi BIGINT NOT NULL,
    kind TEXT NOT NULL,
    amount_fen BIGINT NOT NULL,
    claim_id UUID,
    note_zh TEXT,
    actor TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT business_now() NOT NULL,
    CONSTRAINT pk_fund_entry PRIMARY KEY (id),
    CONSTRAINT ck_fund_entry_kind_known CHECK (kind IN ('allot', 'commit', 'spend')),
    CONSTRAINT ck_fund_entry_moves_something CHECK (amount_fen <> 0),
    CONSTRAINT ck_fund_entry_for_a_claim CHECK (kind = 'allot' OR claim_id IS NOT NULL),
    CONSTRAINT fk_fund_entry_policy_id FOREIGN KEY(policy_id) REFERENCES policy (id)
);
CREATE INDEX ix_fund_entry_policy_id ON fund_entry (policy_id);

CREATE TABLE notice_settlement (
    notice_id UUID NOT NULL,
    settlement_index BYTEA NOT NULL,
    area_code BIGINT NOT NULL,
    live BOOLEAN NOT NULL,
    CONSTRAINT pk_notice_settlement PRIMARY KEY (notice_id, settlement_index),
    CONSTRAINT fk_notice_settlement_notice_id FOREIGN KEY(notice_id) REFERENCES notice (id)
);
CREATE UNIQUE INDEX uq_notice_settlement_live ON notice_settlement (settlement_index) WHERE live;

CREATE TABLE policy_share (
    policy_id UUID NOT NULL,
    insurer_code TEXT NOT NULL,
    share_bp INTEGER NOT NULL,
    lead BOOLEAN NOT NULL,
    area_lo BIGINT NOT NULL,
    area_hi BIGINT NOT NULL,
    CONSTRAINT pk_policy_share PRIMARY KEY (policy_id, insurer_code),
    CONSTRAINT ck_policy_share_share_in_range CHECK (share_bp BETWEEN 1 AND 10000),
    CONSTRAINT fk_policy_share_policy_id FOREIGN KEY(policy_id) REFERENCES policy (id),
    CONSTRAINT fk_policy_share_insurer_code FOREIGN KEY(insurer_code) REFERENCES insurer (code)
);

CREATE TABLE approval (
    id UUID NOT NULL,
    area_code BIGINT NOT NULL,
    insurer_code TEXT,
    claim_id UUID NOT NULL,
    act TEXT NOT NULL,
    actor TEXT NOT NULL,
    outcome TEXT,
    amount_fen BIGINT,
    reason_zh TEXT,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT business_now() NOT NULL,
    CONSTRAINT pk_approval PRIMARY KEY (id),
    CONSTRAINT ck_approval_act_known CHECK (act IN ('pass', 'propose', 'confirm', 'approve')),
    CONSTRAINT fk_approval_claim_id FOREIGN KEY(claim_id) REFERENCES claim (id)
);
CREATE INDEX ix_approval_claim_id ON approval (claim_id);

CREATE TABLE assessment (
    id UUID NOT NULL,
    area_code BIGINT NOT NULL,
    insurer_code TEXT,
    claim_id UUID NOT NULL,
    seq INTEGER NOT NULL,
    scheme_version_id UUID NOT NULL,
    terms_sha256 TEXT NOT NULL,
    facts JSONB NOT NULL,
    usage_before JSONB NOT NULL,
    result JSONB NOT NULL,
    amount_fen BIGINT NOT NULL,
    policy_version INTEGER NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT business_now() NOT NULL,
    CONSTRAINT pk_assessment PRIMARY KEY (id),
    CONSTRAINT ck_assessment_not_negative CHECK (amount_fen >= 0),
    CONSTRAINT uq_assessment_claim_id_seq UNIQUE (claim_id, seq),
    CONSTRAINT fk_assessment_claim_id FOREIGN KEY(claim_id) REFERENCES claim (id),
    CONSTRAINT fk_assessment_scheme_version_id FOREIGN KEY(scheme_version_id) REFERENCES scheme_version (id)
);

CREATE TABLE decision (
    id UUID NOT NULL,
    area_code BIGINT NOT NULL,
    insurer_code TEXT,
    claim_id UUID NOT NULL,
    seq INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    amount_fen BIGINT NOT NULL,
    clause TEXT,
    reason_zh TEXT,
    decided_on DATE NOT NULL,
    decided_by TEXT NOT NULL,
    policy_version INTEGER NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT business_now() NOT NULL,
    CONSTRAINT pk_decision PRIMARY KEY (id),
    CONSTRAINT ck_decision_outcome_known CHECK (outcome IN ('full', 'partial', 'goodwill', 'below_deductible', 'nil', 'declined')),
    CONSTRAINT ck_decision_not_negative CHECK (amount_fen >= 0),
    CONSTRAINT ck_decision_amount_with_outcome CHECK ((outcome IN ('full', 'partial', 'goodwill')) = (amount_fen > 0)),
    CONSTRAINT uq_decision_claim_id_seq UNIQUE (claim_id, seq),
    CONSTRAINT fk_decision_claim_id FOREIGN KEY(claim_id) REFERENCES claim (id)
);

CREATE TABLE instruction (
    id UUID NOT NULL,
    area_code BIGINT NOT NULL,
    insurer_code TEXT NOT NULL,
    claim_id UUID NOT NULL,
    kind TEXT NOT NULL,
    body_sealed BYTEA NOT NULL,
    supersedes UUID,
    state TEXT NOT NULL,
    attempts INTEGER DEFAULT 0 NOT NULL,
    fence BIGINT DEFAULT 0 NOT NULL,
    last_error TEXT,
    insurer_case_no TEXT,
    platform_case_no TEXT,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT business_now() NOT NULL,
    answered_at TIMESTAMP WITH TIME ZONE,
    asked_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_instruction PRIMARY KEY (id),
    CONSTRAINT ck_instruction_kind_known CHECK (kind IN ('refer_claim', 'supply_papers', 'withdraw_claim', 'correct_account')),
    CONSTRAINT ck_instruction_state_known CHECK (state IN ('ready', 'sent', 'accepted', 'rejected', 'unknown', 'parked')),
    CONSTRAINT fk_instruction_insurer_code FOREIGN KEY(insurer_code) REFERENCES insurer (code),
    CONSTRAINT fk_instruction_claim_id FOREIGN KEY(claim_id) REFERENCES claim (id)
);
CREATE INDEX ix_instruction_claim_id ON instruction (claim_id);
CREATE INDEX ix_instruction_open ON instruction (insurer_code, created_at) WHERE state IN ('ready', 'sent', 'unknown', 'parked');
CREATE UNIQUE INDEX uq_instruction_refer ON instruction (claim_id) WHERE kind = 'refer_claim' AND state <> 'rejected';

CREATE TABLE payout (
    id UUID NOT NULL,
    area_code BIGINT NOT NULL,
    insurer_code TEXT,
    claim_id UUID NOT NULL,
    seq INTEGER NOT NULL,
    reference TEXT,
    batch_id UUID,
    payee_sealed BYTEA,
    account_last4 TEXT,
    share_bp INTEGER NOT NULL,
    amount_fen BIGINT NOT NULL,
    status TEXT NOT NULL,
    version INTEGER DEFAULT 1 NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT business_now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT business_now() NOT NULL,
    CONSTRAINT pk_payout PRIMARY KEY (id),
    CONSTRAINT ck_payout_status_known CHECK (status IN ('pending', 'sent', 'paid', 'failed', 'returned', 'cancelled')),
    CONSTRAINT ck_payout_pays_something CHECK (amount_fen > 0),
    CONSTRAINT uq_payout_claim_id_seq UNIQUE (claim_id, seq),
    CONSTRAINT fk_payout_claim_id FOREIGN KEY(claim_id) REFERENCES claim (id)
);
CREATE INDEX ix_payout_batch_id ON payout (batch_id);
CREATE INDEX ix_payout_claim_id ON payout (claim_id);
CREATE UNIQUE INDEX uq_payout_reference ON payout (insurer_code, reference);

CREATE TABLE usage_entry (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    owner_id UUID NOT NULL,
    scope TEXT NOT NULL,
    subject_id UUID NOT NULL,
    code TEXT NOT NULL,
    period TEXT NOT NULL,
    area_code BIGINT NOT NULL,
    claim_id UUID,
    units BIGINT NOT NULL,
    reason TEXT NOT NULL,
    source TEXT,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT business_now() NOT NULL,
    CONSTRAINT pk_usage_entry PRIMARY KEY (id),
    CONSTRAINT ck_usage_entry_reason_known CHECK (reason IN ('reserve', 'replace', 'release', 'opening')),
    CONSTRAINT ck_usage_entry_opening_has_no_claim CHECK ((reason = 'opening') = (claim_id IS NULL)),
    CONSTRAINT ck_usage_entry_opening_has_source CHECK ((reason = 'opening') = (source IS NOT NULL)),
    CONSTRAINT ck_usage_entry_moves_something CHECK (units <> 0),
    CONSTRAINT fk_usage_entry_claim_id FOREIGN KEY(claim_id) REFERENCES claim (id)
);
CREATE INDEX ix_usage_entry_claim_id ON usage_entry (claim_id);
CREATE UNIQUE INDEX uq_usage_entry_opening ON usage_entry (owner_id, subject_id, scope, code, period) WHERE reason = 'opening';

CREATE TABLE account_proposal (
    id UUID NOT NULL,
    area_code BIGINT NOT NULL,
    payout_id UUID NOT NULL,
    payee_sealed BYTEA NOT NULL,
    account_index BYTEA NOT NULL,
    account_last4 TEXT NOT NULL,
    proposed_by TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT business_now() NOT NULL,
    confirmed_by TEXT,
    confirmed_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_account_proposal PRIMARY KEY (id),
    CONSTRAINT ck_account_proposal_two_persons CHECK (confirmed_by <> proposed_by),
    CONSTRAINT fk_account_proposal_payout_id FOREIGN KEY(payout_id) REFERENCES payout (id)
);
CREATE UNIQUE INDEX uq_account_proposal_open ON account_proposal (payout_id) WHERE confirmed_at IS NULL;

CREATE TABLE payout_attempt (
    id UUID NOT NULL,
    area_code BIGINT NOT NULL,
    insurer_code TEXT,
    payout_id UUID NOT NULL,
    seq INTEGER NOT NULL,
    settlement_no TEXT,
    amount_fen BIGINT NOT NULL,
    account_last4 TEXT,
    status TEXT NOT NULL,
    failure_code TEXT,
    reason_zh TEXT,
    paid_on DATE,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT business_now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT business_now() NOT NULL,
    CONSTRAINT pk_payout_attempt PRIMARY KEY (id),
    CONSTRAINT ck_payout_attempt_status_known CHECK (status IN ('sent', 'paid', 'failed', 'returned')),
    CONSTRAINT ck_payout_attempt_failure_code_known CHECK (failure_code IN ('name_mismatch', 'account_wrong', 'account_closed', 'account_frozen', 'other')),
    CONSTRAINT ck_payout_attempt_not_negative CHECK (amount_fen >= 0),
    CONSTRAINT uq_payout_attempt_payout_id_seq UNIQUE (payout_id, seq),
    CONSTRAINT fk_payout_attempt_payout_id FOREIGN KEY(payout_id) REFERENCES payout (id)
);
CREATE UNIQUE INDEX uq_payout_attempt_live ON payout_attempt (payout_id) WHERE status IN ('sent', 'paid');
CREATE UNIQUE INDEX uq_payout_attempt_settlement ON payout_attempt (insurer_code, settlement_no);
CREATE TABLE ledger_entry (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    set_id UUID NOT NULL,
    area_code BIGINT NOT NULL,
    insurer_code TEXT,
    policy_id UUID NOT NULL,
    claim_id UUID NOT NULL,
    booking TEXT NOT NULL,
    account TEXT NOT NULL,
    amount_fen BIGINT NOT NULL,
    actor TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT business_now() NOT NULL,
    CONSTRAINT pk_ledger_entry PRIMARY KEY (id),
    CONSTRAINT ck_ledger_entry_booking_known CHECK (booking IN ('decided', 'paid', 'returned')),
    CONSTRAINT ck_ledger_entry_account_known CHECK (account IN ('incurred', 'payable', 'paid')),
    CONSTRAINT ck_ledger_entry_moves_something CHECK (amount_fen <> 0),
    CONSTRAINT fk_ledger_entry_claim_id FOREIGN KEY(claim_id) REFERENCES claim (id)
);
CREATE INDEX ix_ledger_entry_claim_id ON ledger_entry (claim_id);
CREATE INDEX ix_ledger_entry_policy_id ON ledger_entry (policy_id, account, insurer_code);
CREATE INDEX ix_ledger_entry_set_id ON ledger_entry (set_id);

CREATE TABLE payout_batch (
    id UUID NOT NULL,
    batch_no TEXT NOT NULL,
    policy_id UUID NOT NULL,
    area_lo BIGINT NOT NULL,
    area_hi BIGINT NOT NULL,
    status TEXT NOT NULL,
    count INTEGER NOT NULL,
    total_fen BIGINT NOT NULL,
    sha256 TEXT,
    created_by TEXT NOT NULL,
    version INTEGER DEFAULT 1 NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT business_now() NOT NULL,
    exported_at TIMESTAMP WITH TIME ZONE,
    settled_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_payout_batch PRIMARY KEY (id),
    CONSTRAINT ck_payout_batch_status_known CHECK (status IN ('open', 'exported', 'settled')),
    CONSTRAINT ck_payout_batch_not_negative CHECK (count >= 0 AND total_fen >= 0),
    CONSTRAINT uq_payout_batch_batch_no UNIQUE (batch_no)
);
CREATE INDEX ix_payout_batch_policy_id ON payout_batch (policy_id);

CREATE TABLE policy_payer (
    policy_id UUID NOT NULL,
    place INTEGER NOT NULL,
    code TEXT NOT NULL,
    name_zh TEXT NOT NULL,
    share_bp INTEGER NOT NULL,
    insurer_code TEXT,
    area_lo BIGINT NOT NULL,
    area_hi BIGINT NOT NULL,
    CONSTRAINT pk_policy_payer PRIMARY KEY (policy_id, code),
    CONSTRAINT uq_policy_payer_policy_id_place UNIQUE (policy_id, place),
    CONSTRAINT ck_policy_payer_share_in_range CHECK (share_bp BETWEEN 1 AND 10000),
    CONSTRAINT fk_policy_payer_policy_id FOREIGN KEY(policy_id) REFERENCES policy (id)
);

CREATE TABLE premium_payment (
    id UUID NOT NULL,
    policy_id UUID NOT NULL,
    payer TEXT NOT NULL,
    insurer_code TEXT,
    area_lo BIGINT NOT NULL,
    area_hi BIGINT NOT NULL,
    amount_fen BIGINT NOT NULL,
    paid_on DATE NOT NULL,
    reference TEXT NOT NULL,
    actor TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT business_now() NOT NULL,
    CONSTRAINT pk_premium_payment PRIMARY KEY (id),
    CONSTRAINT ck_premium_payment_moves_something CHECK (amount_fen <> 0),
    CONSTRAINT uq_premium_payment_policy_id_reference UNIQUE (policy_id, reference),
    CONSTRAINT fk_premium_payment_policy_id FOREIGN KEY(policy_id) REFERENCES policy (id)
);

CREATE TABLE endorsement (
    id UUID NOT NULL,
    policy_id UUID NOT NULL,
    endorsement_no TEXT NOT NULL,
    insurer_code TEXT,
    area_lo BIGINT NOT NULL,
    area_hi BIGINT NOT NULL,
    effective_on DATE NOT NULL,
    reason_zh TEXT NOT NULL,
    premium_difference_fen BIGINT NOT NULL,
    policy_version INTEGER NOT NULL,
    actor TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT business_now() NOT NULL,
    CONSTRAINT pk_endorsement PRIMARY KEY (id),
    CONSTRAINT uq_endorsement_policy_id_endorsement_no UNIQUE (policy_id, endorsement_no),
    CONSTRAINT uq_endorsement_policy_id_policy_version UNIQUE (policy_id, policy_version),
    CONSTRAINT fk_endorsement_policy_id FOREIGN KEY(policy_id) REFERENCES policy (id)
);

CREATE TABLE endorsement_line (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    endorsement_id UUID NOT NULL,
    area_code BIGINT NOT NULL,
    insurer_code TEXT,
    enrolment_id UUID NOT NULL,
    person_id UUID NOT NULL,
    act TEXT NOT NULL,
    category TEXT NOT NULL,
    reason TEXT,
    covered_from DATE NOT NULL,
    covered_to DATE,
    premium_difference_fen BIGINT NOT NULL,
    CONSTRAINT pk_endorsement_line PRIMARY KEY (id),
    CONSTRAINT ck_endorsement_line_act_known CHECK (act IN ('add', 'remove')),
    CONSTRAINT ck_endorsement_line_added_for_a_spell CHECK (act = 'remove' OR covered_to IS NOT NULL),
    CONSTRAINT fk_endorsement_line_endorsement_id FOREIGN KEY(endorsement_id) REFERENCES endorsement (id),
    CONSTRAINT fk_endorsement_line_enrolment_id FOREIGN KEY(enrolment_id) REFERENCES enrolment (id)
);
CREATE INDEX ix_endorsement_line_endorsement_id ON endorsement_line (endorsement_id);
CREATE INDEX ix_endorsement_line_enrolment_id ON endorsement_line (enrolment_id);

CREATE TABLE calendar_year (
    year INTEGER NOT NULL,
    days_off JSONB NOT NULL,
    working_days JSONB NOT NULL,
    source_zh TEXT NOT NULL,
    version INTEGER DEFAULT 1 NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT business_now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT business_now() NOT NULL,
    CONSTRAINT pk_calendar_year PRIMARY KEY (year)
);

CREATE TABLE decision_difference (
    claim_id UUID NOT NULL,
    decision_seq INTEGER NOT NULL,
    area_code BIGINT NOT NULL,
    insurer_code TEXT,
    assessed_fen BIGINT NOT NULL,
    decided_fen BIGINT NOT NULL,
    state TEXT DEFAULT 'open' NOT NULL,
    reason_zh TEXT,
    resolved_by TEXT,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT business_now() NOT NULL,
    resolved_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_decision_difference PRIMARY KEY (claim_id, decision_seq),
    CONSTRAINT ck_decision_difference_state_known CHECK (state IN ('open', 'accepted', 'disputed')),
    CONSTRAINT ck_decision_difference_not_negative CHECK (assessed_fen >= 0 AND decided_fen >= 0),
    CONSTRAINT ck_decision_difference_differs CHECK (assessed_fen <> decided_fen),
    CONSTRAINT ck_decision_difference_resolved_by_one CHECK ((state = 'open') = (resolved_by IS NULL AND reason_zh IS NULL)),
    CONSTRAINT fk_decision_difference_claim_id FOREIGN KEY(claim_id) REFERENCES claim (id)
);
CREATE INDEX ix_decision_difference_open ON decision_difference (claim_id) WHERE state = 'open';

CREATE TABLE appeal (
    id UUID NOT NULL,
    area_code BIGINT NOT NULL,
    insurer_code TEXT,
    claim_id UUID NOT NULL,
    seq INTEGER NOT NULL,
    kind TEXT NOT NULL,
    state TEXT DEFAULT 'open' NOT NULL,
    reason_zh TEXT NOT NULL,
    filed_by TEXT NOT NULL,
    filed_at TIMESTAMP WITH TIME ZONE DEFAULT business_now() NOT NULL,
    answer_zh TEXT,
    answered_by TEXT,
    answered_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_appeal PRIMARY KEY (id),
    CONSTRAINT ck_appeal_kind_known CHECK (kind IN ('appeal', 'complaint')),
    CONSTRAINT ck_appeal_state_known CHECK (state IN ('open', 'accepted', 'rejected')),
    CONSTRAINT ck_appeal_answered_by_one CHECK ((state = 'open') = (answered_by IS NULL AND answer_zh IS NULL)),
    CONSTRAINT uq_appeal_claim_id_seq UNIQUE (claim_id, seq),
    CONSTRAINT fk_appeal_claim_id FOREIGN KEY(claim_id) REFERENCES claim (id)
);
CREATE UNIQUE INDEX uq_appeal_open ON appeal (claim_id) WHERE state = 'open';

CREATE TABLE note (
    id UUID NOT NULL,
    area_code BIGINT NOT NULL,
    resource TEXT NOT NULL,
    number TEXT NOT NULL,
    text_zh TEXT NOT NULL,
    actor TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT business_now() NOT NULL,
    CONSTRAINT pk_note PRIMARY KEY (id),
    CONSTRAINT ck_note_resource_known CHECK (resource IN ('notice', 'claim'))
);
CREATE INDEX ix_note_number ON note (number, id);

INSERT INTO sandbox_clock DEFAULT VALUES;
INSERT INTO lane (key, max_running) VALUES ('desk', 4);
"""

# The caller's context: six settings that live as long as the transaction. Unset, or emptied after
# a transaction on a pooled connection, they are NULL, and every comparison with NULL hides the row.
CONTEXT = """
CREATE FUNCTION ctx_lo() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT nullif(current_setting('relief.area_lo', true), '')::bigint $$;
CREATE FUNCTION ctx_hi() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT nullif(current_setting('relief.area_hi', true), '')::bigint $$;
CREATE FUNCTION ctx_insurer() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT nullif(current_setting('relief.insurer', true), '') $$;
CREATE FUNCTION ctx_role() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT nullif(current_setting('relief.role', true), '') $$;
CREATE FUNCTION ctx_actor() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT nullif(current_setting('relief.actor', true), '') $$;
CREATE FUNCTION ctx_request() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT nullif(current_setting('relief.request_id', true), '') $$;

CREATE FUNCTION set_context(
    lo bigint, hi bigint, insurer text, role text, actor text, request_id text
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('relief.area_lo', coalesce(lo::text, ''), true),
            set_config('relief.area_hi', coalesce(hi::text, ''), true),
            set_config('relief.insurer', coalesce(insurer, ''), true),
            set_config('relief.role', coalesce(role, ''), true),
            set_config('relief.actor', coalesce(actor, ''), true),
            set_config('relief.request_id', coalesce(request_id, ''), true);
END $$;

-- Context, the lock on one idempotency key and its kept answer in one round trip.
CREATE FUNCTION open_write(
    lo bigint, hi bigint, insurer text, role text, actor text, request_id text,
    wanted_route text, wanted_key text
) RETURNS TABLE (
    locked boolean, fingerprint bytea, status integer, body_sealed bytea, etag text, location text
) LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_context(lo, hi, insurer, role, actor, request_id);
    IF NOT pg_try_advisory_xact_lock(
        hashtextextended(actor || chr(10) || wanted_route || chr(10) || wanted_key, 0)
    ) THEN
        RETURN QUERY SELECT false, NULL::bytea, NULL::integer, NULL::bytea, NULL::text, NULL::text;
        RETURN;
    END IF;
    RETURN QUERY
        SELECT true, i.fingerprint, i.status, i.body_sealed, i.etag, i.location
        FROM (SELECT 1) AS always
        LEFT JOIN idempotency AS i
            ON i.principal = actor AND i.route = wanted_route AND i.key = wanted_key
            AND i.expires_at > business_now();
END $$;
"""

# Events are the record of every move; the audit row follows each of them by itself, at commit, so
# that the head of the county's chain is the last lock taken and held only while committing.
TRAIL = """
CREATE FUNCTION forbid_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are never changed or deleted', TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE FUNCTION audit_append(
    in_chain bigint, in_actor text, in_action text, in_object text, in_request text, in_detail text
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    head audit_head;
    written timestamptz;
    next_hash bytea;
BEGIN
    SELECT * INTO head FROM audit_head WHERE chain = in_chain FOR UPDATE;
    IF NOT FOUND THEN  -- once in the life of a county
        INSERT INTO audit_head (chain, seq, hash) VALUES (in_chain, 0, '\\x00')
            ON CONFLICT (chain) DO NOTHING;
        SELECT * INTO head FROM audit_head WHERE chain = in_chain FOR UPDATE;
    END IF;
    written := clock_timestamp();
    next_hash := sha256(
        head.hash || int8send(head.seq + 1) || convert_to(
            jsonb_build_array(
                in_chain, extract(epoch FROM written)::text, in_actor, in_action, in_object,
                in_request, in_detail
            )::text, 'UTF8'
        )
    );
    INSERT INTO audit (chain, seq, at, actor, action, object, request_id, detail, prev, hash)
        VALUES (in_chain, head.seq + 1, written, in_actor, in_action, in_object, in_request,
                in_detail, head.hash, next_hash);
    UPDATE audit_head SET seq = head.seq + 1, hash = next_hash WHERE chain = in_chain;
END $$;

-- What does not fit in the chain: a row whose hash is not its own, whose predecessor is missing or
-- another, and a head that is not the last row. Read through this function only.
CREATE FUNCTION audit_faults() RETURNS TABLE (chain bigint, seq bigint, fault text)
    LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH linked AS (
        SELECT a.*, lag(a.hash) OVER w AS before, lag(a.seq) OVER w AS seq_before
        FROM audit AS a WINDOW w AS (PARTITION BY a.chain ORDER BY a.seq)
    )
    SELECT l.chain, l.seq, 'bent' FROM linked AS l
    WHERE l.hash <> sha256(
        l.prev || int8send(l.seq) || convert_to(
            jsonb_build_array(
                l.chain, extract(epoch FROM l.at)::text, l.actor, l.action, l.object,
                l.request_id, l.detail
            )::text, 'UTF8'
        )
    )
    UNION ALL
    SELECT l.chain, l.seq, 'broken' FROM linked AS l
    WHERE l.prev <> coalesce(l.before, '\\x00') OR l.seq <> coalesce(l.seq_before, 0) + 1
    UNION ALL
    SELECT h.chain, h.seq, 'head' FROM audit_head AS h
    LEFT JOIN LATERAL (
        SELECT a.seq, a.hash FROM audit AS a WHERE a.chain = h.chain ORDER BY a.seq DESC LIMIT 1
    ) AS last ON true
    WHERE h.seq > 0 AND (last.seq IS DISTINCT FROM h.seq OR last.hash IS DISTINCT FROM h.hash)
    UNION ALL
    SELECT e.area_code - e.area_code % 1000000, 0, 'unaudited event ' || e.seq
    FROM event AS e
    WHERE NOT EXISTS (
        SELECT FROM audit AS a
        WHERE a.chain = e.area_code - e.area_code % 1000000
          AND a.object = e.resource || ' ' || e.number || ' v' || e.version)
$$;

CREATE FUNCTION event_to_audit() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM audit_append(
        NEW.area_code - NEW.area_code % 1000000, NEW.actor, NEW.type,
        NEW.resource || ' ' || NEW.number || ' v' || NEW.version, NEW.request_id,
        jsonb_build_array(NEW.seq, NEW.txid::text, NEW.was, NEW.now, NEW.detail)::text
    );
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER event_audited AFTER INSERT ON event
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION event_to_audit();

-- Double entry: at commit every set of lines sums to zero, or the whole transaction is refused.
CREATE FUNCTION ledger_balances() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT sum(amount_fen) FROM ledger_entry WHERE set_id = NEW.set_id) <> 0 THEN
        RAISE EXCEPTION 'a set of ledger lines must sum to zero' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER ledger_balanced AFTER INSERT ON ledger_entry
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_balances();

-- What is asked of an insurer is immutable: only the state of the asking may change.
CREATE FUNCTION instruction_immutable() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.id, NEW.claim_id, NEW.insurer_code, NEW.kind, NEW.body_sealed, NEW.area_code)
       IS DISTINCT FROM
       (OLD.id, OLD.claim_id, OLD.insurer_code, OLD.kind, OLD.body_sealed, OLD.area_code) THEN
        RAISE EXCEPTION 'an instruction is never changed: supersede it'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER instruction_kept BEFORE UPDATE ON instruction
    FOR EACH ROW EXECUTE FUNCTION instruction_immutable();
"""

# A claim as it is shown, in one row; whoever asks sees through it only what they may see.
SHOWN = """
CREATE VIEW claim_shown WITH (security_invoker = true) AS
SELECT c.id, c.claim_no, c.notice_id, c.policy_id, c.insurer_code, c.area_code, c.status, c.outcome,
    c.held_from, c.assessed_fen, c.decided_fen, c.paid_fen, c.insurer_case_no, c.papers_asked,
    c.due_on, c.waits_for, c.reopened_count, c.version, c.created_at, c.updated_at,
    p.policy_no, p.kind AS policy_kind, p.approval, p.payer_rank, p.waiting_days, p.check_days,
    p.return_window_days, p.scheme_version_id, v.terms_sha256, s.code AS scheme_code,
    s.name_zh AS scheme_name_zh, c.event_on, c.milestones,
    CASE WHEN ctx_insurer() IS NULL THEN c.assigned_to END AS assigned_to,
    d.outcome AS verdict, d.amount_fen AS verdict_fen, d.clause, d.reason_zh, d.decided_on,
    d.decided_by, d.policy_version AS decided_on_version, f.state AS difference,
    f.assessed_fen AS difference_assessed_fen, f.reason_zh AS difference_reason_zh,
    f.resolved_by AS difference_resolved_by, f.resolved_at AS difference_resolved_at,
    o.payouts, a.paid_on, a.account_last4 AS paid_to,
    p.status AS policy_status, p.premium_due_fen - p.premium_paid_fen AS premium_gap_fen,
    p.premium_due_on, p.day_count, p.papers_stop_clock, p.decide_days, p.pay_days,
    p.limitation_years, CASE WHEN p.day_count = 'working' THEN (
        SELECT jsonb_object_agg(y.year, jsonb_build_array(y.days_off, y.working_days))
        FROM calendar_year AS y WHERE y.year >= extract(year FROM c.created_at) - 1
    ) END AS days_off, business_today() AS today
FROM claim AS c
JOIN policy AS p ON p.id = c.policy_id
JOIN scheme_version AS v ON v.id = p.scheme_version_id
JOIN scheme AS s ON s.code = v.scheme_code
LEFT JOIN LATERAL (
    SELECT * FROM decision WHERE decision.claim_id = c.id ORDER BY seq DESC LIMIT 1
) AS d ON true
LEFT JOIN decision_difference AS f ON f.claim_id = c.id AND f.decision_seq = d.seq
LEFT JOIN LATERAL (
    SELECT jsonb_agg(jsonb_build_object(
        'id', payout.id, 'status', payout.status, 'amount_fen', payout.amount_fen,
        'account_last4', payout.account_last4, 'version', payout.version
    ) ORDER BY payout.seq) AS payouts
    FROM payout WHERE payout.claim_id = c.id
) AS o ON true
LEFT JOIN LATERAL (
    SELECT t.paid_on, t.account_last4
    FROM payout JOIN payout_attempt AS t ON t.payout_id = payout.id
    WHERE payout.claim_id = c.id AND t.status = 'paid'
    ORDER BY t.payout_id DESC, t.seq DESC LIMIT 1
) AS a ON true;

-- A poll is one round trip: context and query go together, in this order. In plain SQL nothing
-- says that the context is set before the first row is looked at.
CREATE FUNCTION poll_claim(
    lo bigint, hi bigint, insurer text, role text, actor text, request_id text, wanted text
) RETURNS SETOF claim_shown LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_context(lo, hi, insurer, role, actor, request_id);
    RETURN QUERY SELECT * FROM claim_shown WHERE claim_no = wanted;
END $$;
"""

APPEND_ONLY = (
    "event",
    "audit",
    "usage_entry",
    "assessment",
    "decision",
    "approval",
    "fund_entry",
    "ledger_entry",
    "premium_payment",
    "endorsement",
    "endorsement_line",
    "note",
)

# Row security, by shape. `area`: rows of the caller's area; an insurer's caller sees nothing.
# `case`: the same, and an insurer's caller sees the rows of its own policies.
AREA_ONLY = (
    "household",
    "person",
    "notice",
    "notice_settlement",
    "document",
    "usage_entry",
    "account_proposal",
    "note",
)
CASES = (
    "enrolment",
    "claim",
    "assessment",
    "decision",
    "approval",
    "payout",
    "payout_attempt",
    "instruction",
    "event",
    "ledger_entry",
    "endorsement_line",
    "decision_difference",
    "appeal",
)
IN_AREA = "area_code >= ctx_lo() AND area_code < ctx_hi()"
OWN = "(ctx_insurer() IS NULL OR insurer_code = ctx_insurer())"
OVERLAPS = "area_lo < ctx_hi() AND area_hi > ctx_lo()"
WITHIN = "area_lo >= ctx_lo() AND area_hi <= ctx_hi()"
POLICIES = {
    **dict.fromkeys(AREA_ONLY, (f"{IN_AREA} AND ctx_insurer() IS NULL", None)),
    **dict.fromkeys(CASES, (f"{IN_AREA} AND {OWN}", None)),
    "policy": (f"{OVERLAPS} AND {OWN}", f"{WITHIN} AND ctx_insurer() IS NULL"),
    "usage_counter": (OVERLAPS + " AND ctx_insurer() IS NULL", None),
    "payout_batch": (OVERLAPS + " AND ctx_insurer() IS NULL", WITHIN),
    **dict.fromkeys(
        ("policy_share", "policy_payer", "premium_payment", "endorsement"),
        (f"{OVERLAPS} AND {OWN}", f"{WITHIN} AND ctx_insurer() IS NULL"),
    ),
    "delegation": (OVERLAPS + " AND ctx_insurer() IS NULL", WITHIN),
    "fund_entry": (OVERLAPS + " AND ctx_insurer() IS NULL", None),
    "insurer_secret": (
        "ctx_role() IN ('system', 'security') OR insurer_code = ctx_insurer()",
        None,
    ),
    "callback_event": ("ctx_role() = 'system' OR insurer_code = ctx_insurer()", None),
    "api_key": ("ctx_role() IN ('door', 'security')", "ctx_role() = 'security'"),
    "idempotency": ("principal = ctx_actor()", None),
}
OPEN = (
    "area",
    "insurer",
    "scheme",
    "scheme_version",
    "notice_serial",
    "job",
    "lane",
    "calendar_year",
)


def run(script: str) -> None:
    """Execute a script statement by statement: the driver prepares, so it takes one at a time.

    A statement ends with a semicolon at a line's end, outside of a $$ body.
    """
    statement: list[str] = []
    for line in script.splitlines():
        statement.append(line)
        whole = "\n".join(statement)
        if line.rstrip().endswith(";") and whole.count("$$") % 2 == 0:
            op.execute(whole)
            statement = []


def upgrade() -> None:
    """Build everything from empty."""
    run(CLOCK)
    run(TABLES)
    run(CONTEXT)
    run(TRAIL)
    run(SHOWN)
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION forbid_change()"
        )
    run(
        """
        DO $$ BEGIN
            CREATE ROLE relief_app NOLOGIN NOBYPASSRLS;
        EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
        END $$;
        GRANT relief_app TO CURRENT_USER;
        GRANT USAGE ON SCHEMA public TO relief_app;
        GRANT SELECT ON sandbox_clock, alembic_version, claim_shown TO relief_app;
        """
    )
    for table in (*POLICIES, *OPEN):
        verbs = "SELECT, INSERT" if table in APPEND_ONLY else "SELECT, INSERT, UPDATE"
        op.execute(f"GRANT {verbs} ON {table} TO relief_app")
    for table, (seen, written) in POLICIES.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY {table}_scope ON {table} USING ({seen}) WITH CHECK ({written or seen})"
        )
    op.execute("GRANT DELETE ON job, idempotency TO relief_app")
    op.execute("REVOKE ALL ON audit, audit_head FROM relief_app")


def downgrade() -> None:
    """Remove everything again; the role stays, as other databases of the server may use it."""
    run(
        """
        DROP FUNCTION poll_claim;
        DROP VIEW claim_shown;
        DO $$ DECLARE t text; BEGIN
            FOR t IN SELECT tablename FROM pg_tables
                WHERE schemaname = 'public' AND tablename <> 'alembic_version' LOOP
                EXECUTE format('DROP TABLE %I CASCADE', t);
            END LOOP;
        END $$;
        DROP FUNCTION business_today, business_now, ctx_lo, ctx_hi, ctx_insurer, ctx_role,
            ctx_actor, ctx_request, set_context, open_write, forbid_change, audit_append,
            event_to_audit, audit_faults, instruction_immutable, ledger_balances;
        """
    )
