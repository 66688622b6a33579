-- Large changes go by jobs of the CRM's own. A job owns its acts while it lives: nobody else writes those records.
ALTER TABLE actions ADD COLUMN bulk_job uuid,                     -- the job that owns the act; nobody else claims it
                    ADD COLUMN no_bulk boolean NOT NULL DEFAULT false; -- a job could not do it: it goes the ordinary way
DROP INDEX actions_waiting;
CREATE INDEX actions_due ON actions (connection, kind, next_at) WHERE state = 'waiting' AND bulk_job IS NULL;

CREATE INDEX actions_no_bulk ON actions (connection) WHERE state = 'waiting' AND no_bulk;

CREATE TABLE bulk_jobs (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  connection text NOT NULL,
  object text CHECK (object IN ('account', 'person')),
  operation text CHECK (operation IN ('update', 'upsert')),
  state text NOT NULL CHECK (state IN ('claimed', 'ready', 'opened', 'uploaded', 'closed', 'ended')),
  crm_job text,                    -- the CRM's id of it, stored before anything is uploaded
  rows integer NOT NULL DEFAULT 0,
  attempts integer NOT NULL DEFAULT 0, -- failed steps in a row
  checks integer NOT NULL DEFAULT 0,
  message text,                    -- how it ended, in the CRM's words where it has some
  leased_until timestamptz(3) NOT NULL,
  next_at timestamptz(3) NOT NULL,
  created_at timestamptz(3) NOT NULL,
  updated_at timestamptz(3) NOT NULL
);
CREATE INDEX bulk_jobs_due ON bulk_jobs (connection, next_at) WHERE state <> 'ended';

CREATE TABLE bulk_acts (           -- what a job's acts said when it took them; a row leaves when its act is settled
  job uuid NOT NULL REFERENCES bulk_jobs ON DELETE CASCADE,
  act uuid NOT NULL,
  account uuid NOT NULL,
  account_key text NOT NULL,
  rev bigint NOT NULL,
  attempts integer NOT NULL,
  uncertain boolean NOT NULL,      -- before the job took it
  payload json NOT NULL,
  planned boolean NOT NULL DEFAULT false,
  object text,
  operation text,
  parent text NOT NULL DEFAULT '', -- records that share one are sent together
  rows json NOT NULL DEFAULT '[]',
  settled json NOT NULL DEFAULT '{}', -- outcomes known before the job ran, by key
  PRIMARY KEY (job, act)
);
