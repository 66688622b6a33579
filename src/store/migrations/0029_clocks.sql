-- The promise of first contact of each crossing that was handed over: by when, what was told of it, and what became of it.

CREATE TABLE clocks (
  account uuid NOT NULL,
  model text NOT NULL,
  tier text NOT NULL,
  n integer NOT NULL,              -- the crossing, as in the key of its task
  rule text NOT NULL,              -- id of the promise in handoff.yaml
  route text NOT NULL,             -- where the account went
  received_at timestamptz(3),      -- when the oldest event that the score had waited for came in; null: time alone brought it
  crossed_at timestamptz(3) NOT NULL, -- when it was decided: the promise runs from here. It and what follows never move
  warn_at timestamptz(3) NOT NULL,
  due_at timestamptz(3) NOT NULL,
  escalate_at timestamptz(3),      -- null: it is not passed on
  escalate_to text,
  owner text,                      -- who has the task, as the CRM names them; null: not known (yet)
  made_at timestamptz(3),          -- when its first task stood in a CRM
  warned_at timestamptz(3),        -- what was told, each once, and when
  breached_at timestamptz(3),
  escalated_at timestamptz(3),
  touched_at timestamptz(3),       -- when somebody of ours first got in touch, whenever we learned of it
  touch text,                      -- how: kind of the touch
  replied_at timestamptz(3),       -- when the buyer first wrote or booked
  ended_at timestamptz(3),         -- null: it runs
  ended_why text CHECK (ended_why IN ('touched', 'bought', 'suppressed', 'cooled')),
  next_at timestamptz(3),          -- when it is looked at next; null: not until something happens to it
  PRIMARY KEY (account, model, tier, n)
);
CREATE INDEX clocks_next ON clocks (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX clocks_running ON clocks (due_at) WHERE ended_at IS NULL;
CREATE INDEX clocks_crossed ON clocks (crossed_at);

-- When the oldest of the events came in that the score waits for: how long we took, apart from how long people did.
ALTER TABLE dirty_accounts ADD COLUMN received_at timestamptz(3);

-- A touch that the clocks have not taken account of yet. One that changes is new again, whoever changes it.
ALTER TABLE touches ADD COLUMN noted boolean NOT NULL DEFAULT false;
CREATE INDEX touches_new ON touches (account) WHERE NOT noted;
CREATE FUNCTION touch_is_new() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.noted := false;
  RETURN NEW;
END $$;
CREATE TRIGGER touches_changed BEFORE UPDATE OF account, side, at ON touches FOR EACH ROW
  WHEN ((OLD.account, OLD.side, OLD.at) IS DISTINCT FROM (NEW.account, NEW.side, NEW.at))
  EXECUTE FUNCTION touch_is_new();

-- One that turns out to be none is looked at by whoever went by it.
CREATE FUNCTION touch_is_gone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE clocks SET next_at = '-infinity' WHERE account = OLD.account;
  RETURN NULL;
END $$;
CREATE TRIGGER touches_gone AFTER DELETE ON touches FOR EACH ROW EXECUTE FUNCTION touch_is_gone();
