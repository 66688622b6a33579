-- Every event passes through the inbox, so every event pays for each byte and index of it. Whose a waiting event is becomes
-- the first 32 bits of its hash: two that share them are folded together, which harms nobody. The order of each source
-- is the primary key itself.
ALTER TABLE inbox
  ALTER COLUMN who TYPE integer USING ('x' || left(who::text, 8))::bit(32)::integer,
  ALTER COLUMN account TYPE integer USING ('x' || left(account::text, 8))::bit(32)::integer,
  DROP CONSTRAINT inbox_pkey,
  ADD PRIMARY KEY (source, seq);
DROP INDEX inbox_source;
