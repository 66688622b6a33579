-- Fields of an account that a trigger touched do not wait for the mass of the others: a rep is told within seconds.
ALTER TABLE actions ADD COLUMN prompt boolean NOT NULL DEFAULT false;
CREATE INDEX actions_prompt ON actions (connection, next_at) WHERE state = 'waiting' AND prompt;
