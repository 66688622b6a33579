-- Accounts that an operator merges and separates again, people who were removed from an account, and why nothing
-- named a company for a person.

ALTER TABLE parts ADD COLUMN home text NOT NULL DEFAULT ''; -- key of the account where the part would stand, had no operator merged it into this one
ALTER TABLE parts ADD COLUMN why text;  -- set: the part stands in a personal account, and why
ALTER TABLE parts DROP CONSTRAINT parts_via_check;
ALTER TABLE parts ADD CONSTRAINT parts_via_check CHECK (via IN ('group', 'domain', 'personal', 'left'));
ALTER TABLE parts DROP CONSTRAINT parts_pkey;
ALTER TABLE parts ADD PRIMARY KEY (account, person, home, via);
CREATE INDEX parts_unassigned ON parts (why, person) WHERE why IS NOT NULL;

CREATE TABLE account_merges (
  id uuid PRIMARY KEY,             -- hash of the key of the account that was merged
  key text NOT NULL,
  into_key text NOT NULL,          -- as the operator merged
  root text NOT NULL,              -- where that ends, over any number of merges
  root_id uuid NOT NULL,
  at timestamptz(3) NOT NULL,
  author text NOT NULL,
  reason text NOT NULL,
  kept json NOT NULL               -- what the merged account had of its own: scores, CRM records, acts
);
CREATE INDEX account_merges_root ON account_merges (root_id);
