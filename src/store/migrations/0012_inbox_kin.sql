-- Whose a waiting event is, as far as it says so itself (hashes): a trigger is folded together with what its person and its
-- account have waiting, so that nothing is decided on half of what was received.
ALTER TABLE inbox ADD COLUMN who uuid, ADD COLUMN account uuid;
CREATE INDEX inbox_who ON inbox (who) WHERE who IS NOT NULL;
CREATE INDEX inbox_account ON inbox (account) WHERE account IS NOT NULL;
