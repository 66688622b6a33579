-- What comes back from the CRMs: deals (opportunities), owners, and how far each was read. Made to be asked with SQL too.

CREATE TABLE crm_deals (
  connection text NOT NULL,
  crm_id text NOT NULL,
  name text,
  account_crm_id text,             -- the CRM's company or Account; null: none. crm_deals_of_accounts finds ours by it
  pipeline text,
  stage text,                      -- as the CRM names it
  state text NOT NULL CHECK (state IN ('open', 'won', 'lost')),
  amount numeric,                  -- in `currency`; null: not known
  currency text,                   -- null: the CRM has one currency
  home_amount numeric,             -- in the CRM's own currency, where the CRM says so
  owner text,                      -- crm_owners.crm_id
  created_at timestamptz(3),
  closes_at timestamptz(3),        -- of an open deal what somebody expects, of a closed one when it was closed
  stage_at timestamptz(3),         -- when the stage last changed, where the CRM says so
  modified_at timestamptz(3) NOT NULL,
  deleted boolean NOT NULL DEFAULT false,
  read_at timestamptz(3) NOT NULL, -- when we learned it (real time)
  checked_at timestamptz(3) NOT NULL, -- when it was last seen to be there
  PRIMARY KEY (connection, crm_id)
);
CREATE INDEX crm_deals_account ON crm_deals (connection, account_crm_id);
CREATE INDEX crm_deals_checked ON crm_deals (connection, state, checked_at) WHERE NOT deleted;

CREATE TABLE crm_owners (
  connection text NOT NULL,
  crm_id text NOT NULL,
  email text,
  name text,
  active boolean,                  -- null: the CRM does not know this id
  read_at timestamptz(3) NOT NULL,
  PRIMARY KEY (connection, crm_id)
);

CREATE TABLE crm_feeds (           -- a stream of changes that is read on from where it was left
  connection text NOT NULL,
  feed text NOT NULL,
  watermark timestamptz(3),        -- the newest change seen, by the CRM's clock
  cursor json,                     -- where the pass under way goes on; null: none is
  filled_at timestamptz(3),        -- when everything had been read for the first time; null: not yet
  rev bigint NOT NULL DEFAULT 0,   -- raised by each claim: whoever lost it saves nothing
  leased_until timestamptz(3),
  next_at timestamptz(3) NOT NULL,
  rows bigint NOT NULL DEFAULT 0,
  calls bigint NOT NULL DEFAULT 0,
  read_at timestamptz(3),
  code text,                       -- why it waits, in the CRM's words
  reason text,
  PRIMARY KEY (connection, feed)
);

CREATE INDEX crm_records_crm_id ON crm_records (connection, crm_id) WHERE crm_id <> '';
CREATE INDEX actions_tasks ON actions (connection, created_at) WHERE kind = 'task';

-- Deals with the account that they belong to; a deal whose company is not linked (yet) has none.
CREATE VIEW crm_deals_of_accounts AS
  SELECT accounts.key AS account, deals.* FROM crm_deals deals
  LEFT JOIN crm_records records ON records.connection = deals.connection AND records.object = 'account'
    AND records.crm_id = deals.account_crm_id AND records.crm_id <> ''
  LEFT JOIN accounts ON accounts.id = records.account;

-- Reconciliation: what stands in the CRM beside what it acknowledged and what is wanted.

CREATE TABLE crm_passes (          -- one pass over what is ours in a connection; only the last one is kept
  connection text PRIMARY KEY,
  started_at timestamptz(3) NOT NULL,
  finished_at timestamptz(3),      -- null: it goes on where `position` says
  position json,                   -- null: from the beginning
  rev bigint NOT NULL DEFAULT 0,
  leased_until timestamptz(3),
  next_at timestamptz(3) NOT NULL,
  records bigint NOT NULL DEFAULT 0,
  calls bigint NOT NULL DEFAULT 0,
  repaired bigint NOT NULL DEFAULT 0,
  code text,
  reason text
);

CREATE TABLE crm_drift (           -- what the last look found
  connection text NOT NULL,
  object text NOT NULL,            -- account, person, task, member
  crm_id text NOT NULL,
  field text NOT NULL,             -- '' for the record itself
  account uuid NOT NULL,
  ref text NOT NULL,
  why text NOT NULL,               -- by_hand, emptied, never_written, gone, merged
  acknowledged json,
  found json,
  wanted json,
  done text NOT NULL,              -- queued, left, reported
  at timestamptz(3) NOT NULL,
  PRIMARY KEY (connection, object, crm_id, field)
);
