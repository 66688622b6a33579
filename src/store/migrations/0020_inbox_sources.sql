-- No source waits behind the flood of another: what waits is claimed in turns. One byte, beside the boolean: it makes no row longer.
ALTER TABLE inbox ADD COLUMN source "char" NOT NULL DEFAULT 's'; -- first letter of the vendor
DROP INDEX inbox_order;
CREATE INDEX inbox_source ON inbox (source, seq);
CREATE INDEX inbox_triggers ON inbox (source, seq) WHERE urgent;
-- In order, so that the oldest of a person or an account with a million waiting are found without reading the others.
DROP INDEX inbox_who;
DROP INDEX inbox_account;
CREATE INDEX inbox_who ON inbox (who, seq) WHERE who IS NOT NULL;
CREATE INDEX inbox_account ON inbox (account, seq) WHERE account IS NOT NULL;
