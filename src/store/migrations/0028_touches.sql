-- First touches and replies, as the CRMs (or a button in Slack) tell them. No subject, no text, no address, nobody's name.
CREATE TABLE touches (connection text NOT NULL, id text NOT NULL, account uuid NOT NULL, kind text NOT NULL CHECK (kind IN ('call','email','meeting','task','claim')), side text NOT NULL CHECK (side IN ('ours','theirs')),
  at timestamptz NOT NULL, seen_at timestamptz NOT NULL, owner text, PRIMARY KEY (connection, id)); CREATE INDEX touches_account ON touches (account, at);

CREATE TABLE crm_watches (         -- accounts whose activities are read: those with something handed over and not over
  connection text NOT NULL,
  account uuid NOT NULL,
  crm_id text NOT NULL,            -- the CRM's company or Account
  crossed_at timestamptz(3) NOT NULL, -- the crossing that was handed over; what happened before is not kept
  since timestamptz(3),            -- read up to here, by the CRM's clock; null: not yet
  seen text,                       -- HubSpot: the roll-ups as they were; only a company of which they differ is read in detail
  look_at timestamptz(3),          -- read in detail from here on, whatever the roll-ups say; null: only when they differ
  next_at timestamptz(3) NOT NULL, -- when it is due, real time
  PRIMARY KEY (connection, account)
);
CREATE INDEX crm_watches_due ON crm_watches (connection, next_at);
CREATE INDEX crm_watches_account ON crm_watches (account);
