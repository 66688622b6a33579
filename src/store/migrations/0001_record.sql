-- The record: everything that is true lives here; every queue can be lost (I7).
-- Ids of accounts and people are uuids made by hashing their key, so that a key of any length costs 16 bytes.

CREATE TABLE event_keys (
  key uuid PRIMARY KEY,            -- hash of (vendor, message id): an event counts once (I2)
  day date NOT NULL,
  twin_of uuid                     -- set: no event of its own, but the other id of the event with this key
);

CREATE SEQUENCE event_seq AS bigint CACHE 64;

CREATE TABLE events (              -- the journal, one partition per UTC day of receipt
  day date NOT NULL,
  seq bigint NOT NULL DEFAULT nextval('event_seq'),
  key uuid NOT NULL,
  at timestamptz(3) NOT NULL,
  received_at timestamptz(3) NOT NULL,
  event json NOT NULL,
  PRIMARY KEY (day, seq)
) PARTITION BY RANGE (day);

CREATE TABLE inbox (               -- journal rows not folded yet; claimed with SKIP LOCKED, never by "greater than the last"
  seq bigint PRIMARY KEY,
  day date NOT NULL,
  received_at timestamptz(3) NOT NULL,
  urgent boolean NOT NULL          -- a trigger: folded before whatever waits (order does not matter, I3)
);
CREATE INDEX inbox_order ON inbox (urgent DESC, seq);

CREATE TABLE quarantine (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  received_at timestamptz(3) NOT NULL,
  vendor text NOT NULL,
  route text NOT NULL,
  code text NOT NULL,
  reason text NOT NULL,
  message_id text,
  raw text NOT NULL,
  raw_hash uuid NOT NULL,
  seen integer NOT NULL DEFAULT 1, -- senders repeat a refused element: counted, not stored again
  state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'dismissed', 'retried')),
  UNIQUE (code, raw_hash)
);
CREATE INDEX quarantine_open ON quarantine (received_at) WHERE state = 'open';

CREATE TABLE event_ids (           -- which events carry which id: the way back to the journal
  id uuid NOT NULL,                -- hash of u:<user id>, a:<anonymous id> or g:<account id>
  day date NOT NULL,
  seq bigint NOT NULL,
  PRIMARY KEY (id, seq)
);

CREATE TABLE user_aliases (
  previous text NOT NULL,
  user_id text NOT NULL,
  PRIMARY KEY (previous, user_id)
);
CREATE INDEX user_aliases_user ON user_aliases (user_id);

CREATE TABLE anonymous_ids (
  id uuid PRIMARY KEY,
  anonymous_id text NOT NULL,
  users text[] NOT NULL DEFAULT '{}',        -- user ids seen together with it, sorted
  last_link_at timestamptz(3),
  last_link_id text,                         -- message id: of two links at one instant the greater is the later
  last_link_user text,
  last_solo_at timestamptz(3)                -- newest event without a user id
);
CREATE INDEX anonymous_ids_users ON anonymous_ids USING gin (users);

CREATE TABLE people (
  id uuid PRIMARY KEY,
  ref text NOT NULL,               -- u:<user id>, a:<anonymous id> or g:<account id> (remainder)
  facts json NOT NULL,
  plan text NOT NULL               -- hash of the signal plan its parts were folded with
);
CREATE INDEX people_plan ON people (plan);

CREATE TABLE accounts (
  id uuid PRIMARY KEY,
  key text NOT NULL,
  name text,
  domain text,
  people integer NOT NULL DEFAULT 0,
  owner text,
  first_seen timestamptz(3),
  last_seen timestamptz(3)
);

CREATE TABLE former_keys (
  id uuid PRIMARY KEY,             -- hash of the former key
  key text NOT NULL,
  account uuid NOT NULL
);

CREATE TABLE parts (               -- one person within one account: the unit of the fold
  account uuid NOT NULL,
  person uuid NOT NULL,
  via text NOT NULL CHECK (via IN ('group', 'domain', 'personal')),
  domain text,                     -- via = domain: the work-mail domain by which the person is here
  part json NOT NULL,
  PRIMARY KEY (account, person)
);
CREATE INDEX parts_person ON parts (person);
CREATE INDEX parts_domain ON parts (domain) WHERE domain IS NOT NULL;

CREATE TABLE domains (
  domain text PRIMARY KEY,
  owner uuid,                      -- the one group account that has this domain, if exactly one has
  claimants text[] NOT NULL DEFAULT '{}' -- keys of the group accounts that have it, when several do: it stays its own
);
CREATE INDEX domains_contested ON domains (domain) WHERE claimants <> '{}';
CREATE TABLE domain_evidence (
  domain text NOT NULL,
  account uuid NOT NULL,
  person uuid NOT NULL,
  PRIMARY KEY (domain, account, person)
);
CREATE INDEX domain_evidence_person ON domain_evidence (person);

CREATE TABLE dirty_accounts (      -- accounts whose score is older than their state
  account uuid PRIMARY KEY,
  due_at timestamptz(3) NOT NULL,  -- debounced, never postponed
  act boolean NOT NULL,            -- false: every touch so far was a move, merge, re-fold or publish
  triggers text[] NOT NULL DEFAULT '{}',
  urgent boolean NOT NULL GENERATED ALWAYS AS (triggers <> '{}') STORED,
  joined text[] NOT NULL DEFAULT '{}' -- people who came from another account since the last score: an entry into an
                                   -- acting tier that only their past explains is a merge's, and does not act
);
CREATE INDEX dirty_accounts_due ON dirty_accounts (due_at);
CREATE INDEX dirty_accounts_order ON dirty_accounts (urgent DESC, due_at);

CREATE TABLE scores (
  account uuid NOT NULL,
  model text NOT NULL,
  version text NOT NULL,
  value double precision NOT NULL,
  tier text NOT NULL,
  computed_at timestamptz(3) NOT NULL,
  data_through timestamptz(3) NOT NULL,
  changed_at timestamptz(3) NOT NULL,
  valid_until timestamptz(3),
  evaluation json NOT NULL,        -- as computed; shown verbatim, never recomputed for display (I10)
  standing json NOT NULL,
  route json,
  PRIMARY KEY (account, model)
);
CREATE INDEX scores_due ON scores (valid_until) WHERE valid_until IS NOT NULL;
CREATE INDEX scores_version ON scores (model, version);
CREATE INDEX scores_rank ON scores (model, value DESC, account);

CREATE TABLE score_history (
  account uuid NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY,
  at timestamptz(3) NOT NULL,
  model text NOT NULL,
  version text NOT NULL,
  value double precision NOT NULL,
  tier text NOT NULL,
  crossing text,                   -- tier entered from below, if this change was a crossing
  note text,
  evaluation json NOT NULL,
  PRIMARY KEY (account, id)
);

CREATE TABLE actions (             -- the ledger and the outbox: every act once, each with its reason (I6)
  id uuid PRIMARY KEY,             -- hash of (connection, key)
  key text NOT NULL,
  connection text NOT NULL,        -- portal, org or sandbox the act belongs to
  crm text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('fields', 'campaign', 'task', 'alert')),
  account uuid NOT NULL,
  person text,
  crossing text,
  state text NOT NULL CHECK (state IN ('waiting', 'done', 'parked', 'skipped')),
  why text NOT NULL,               -- as decided
  code text,
  reason text NOT NULL,            -- why it stands as it does: `why`, or the CRM's words
  remedy text,
  payload json NOT NULL,
  rev bigint NOT NULL DEFAULT 1,   -- raised when the payload changes while a write is under way
  attempts integer NOT NULL DEFAULT 0,
  uncertain boolean NOT NULL DEFAULT false,
  first_tried_at timestamptz(3),
  next_at timestamptz(3) NOT NULL,
  crm_id text,
  created_at timestamptz(3) NOT NULL,
  updated_at timestamptz(3) NOT NULL
);
CREATE INDEX actions_waiting ON actions (crm, kind, next_at) WHERE state = 'waiting';
CREATE INDEX actions_account ON actions (account);
CREATE INDEX actions_parked ON actions (updated_at) WHERE state = 'parked';

CREATE TABLE crm_records (         -- which CRM record is ours, and what the CRM last acknowledged (I8)
  connection text NOT NULL,
  object text NOT NULL,            -- account or person
  key uuid NOT NULL,               -- account id, or hash of the person's ref
  account uuid NOT NULL,
  ref text NOT NULL,
  crm_id text NOT NULL,            -- '' while the CRM is known to have no such record
  acknowledged json NOT NULL,
  note text,
  linked_at timestamptz(3) NOT NULL,
  PRIMARY KEY (connection, object, key)
);
CREATE INDEX crm_records_account ON crm_records (account);

CREATE TABLE connections (
  crm text PRIMARY KEY,
  connection text NOT NULL,
  paused_until timestamptz(3),
  paused_code text,
  paused_reason text,
  seen_at timestamptz(3) NOT NULL
);

CREATE TABLE forgotten (           -- keyed hashes only: whom we must not know again (I12)
  id uuid PRIMARY KEY,
  at timestamptz(3) NOT NULL
);

CREATE TABLE audit (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz(3) NOT NULL,
  what text NOT NULL,
  account text,
  detail json NOT NULL
);

CREATE TABLE settings (            -- what one process must leave for the next: plan hash, install secret
  name text PRIMARY KEY,
  value text NOT NULL
);
