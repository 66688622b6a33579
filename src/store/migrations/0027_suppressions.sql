-- Accounts that somebody wants left alone. The key is kept as text and looked up when it is needed: it may stand for nobody yet.
CREATE TABLE suppressions (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  key text NOT NULL,                 -- key of an account, a key that it had before, or a domain
  key_id uuid NOT NULL,              -- hash of the key
  reason text NOT NULL,
  author text NOT NULL,
  at timestamptz(3) NOT NULL,
  until timestamptz(3),              -- the first instant at which it does not hold any more; null: until it is removed
  removed_at timestamptz(3),         -- removed, or replaced by another of the same key
  removed_by text
);
CREATE UNIQUE INDEX suppressions_open ON suppressions (key_id) WHERE removed_at IS NULL; -- safe: the table is new
