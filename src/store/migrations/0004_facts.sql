-- What others than the events say about companies.

CREATE SEQUENCE fact_runs;

CREATE TABLE fact_rows (           -- lines of the operator's CSV files, also for companies that nobody has met yet
  key uuid NOT NULL,               -- account key: the account's id; domain: hash of domain:<domain>
  source text NOT NULL,            -- id of the file in facts.yaml
  name text NOT NULL,              -- the account key or the domain
  facts jsonb NOT NULL,
  run bigint NOT NULL,             -- the import that last saw it: what a later one does not see is gone from the file
  PRIMARY KEY (key, source)
);

-- By their domain accounts are found whose row changed.
CREATE INDEX accounts_domain ON accounts (domain) WHERE domain IS NOT NULL;
CREATE INDEX former_keys_account ON former_keys (account);

-- What the CRM itself knows of a company that is linked: with the link it moves and goes.
ALTER TABLE crm_records ADD COLUMN facts jsonb, ADD COLUMN facts_read_at timestamptz(3),
  ADD COLUMN facts_backfill boolean NOT NULL DEFAULT false; -- linked before the fields that are read now were read
CREATE INDEX crm_records_facts ON crm_records (connection, facts_read_at NULLS FIRST)
  WHERE object = 'account' AND crm_id <> '';
