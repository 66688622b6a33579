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

-- A web site counts for an account only while it is the last one declared there, whoever declared it (decision 7).
-- Rows from before stand as they were until their people are folded again.
ALTER TABLE domain_evidence ADD COLUMN source text NOT NULL DEFAULT 'mail'; -- mail, or the account trait website or domain
ALTER TABLE domain_evidence ADD COLUMN is_set boolean; -- web sites: set, or only set_once
ALTER TABLE domain_evidence ADD COLUMN declared boolean;
ALTER TABLE domain_evidence ADD COLUMN at bigint;
ALTER TABLE domain_evidence ADD COLUMN tie text;
ALTER TABLE domain_evidence DROP CONSTRAINT domain_evidence_pkey;
ALTER TABLE domain_evidence ADD PRIMARY KEY (domain, account, person, source); -- domain '': a site that names no company
CREATE INDEX domain_evidence_site ON domain_evidence (account, source, is_set, declared, at, tie COLLATE "C")
  WHERE source <> 'mail';

-- The company domain of the web site in force; '': one that names no company; null: none was ever declared.
CREATE FUNCTION site_in_force(of_account uuid, of_source text) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT coalesce(
    (SELECT domain FROM domain_evidence WHERE account = of_account AND source = of_source AND source <> 'mail' AND is_set
     ORDER BY declared DESC, at DESC, tie COLLATE "C" DESC LIMIT 1),
    (SELECT domain FROM domain_evidence WHERE account = of_account AND source = of_source AND source <> 'mail' AND NOT is_set
     ORDER BY at, tie COLLATE "C" LIMIT 1))
$$;
