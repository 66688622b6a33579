CREATE TABLE touches (connection text NOT NULL, id text NOT NULL, account uuid NOT NULL, kind text NOT NULL CHECK (kind IN ('call','email','meeting','task','claim')), side text NOT NULL CHECK (side IN ('ours','theirs')),
  at timestamptz NOT NULL, seen_at timestamptz NOT NULL, owner text, PRIMARY KEY (connection, id)); CREATE INDEX touches_account ON touches (account, at);
