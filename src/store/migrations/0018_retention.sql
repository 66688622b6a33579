-- What would change a score is worked out when somebody asks: it cost twenty times the score.
ALTER TABLE scores DROP COLUMN outlook;

-- Days leave the journal by age. What their events came to is saved before, per person, so that a person can be folded again.

CREATE TABLE base_states (
  ref uuid NOT NULL,               -- hash of `name`
  day date NOT NULL,               -- counts once journal_retention.through has come so far; of several the newest
  name text NOT NULL,              -- person, as in people.ref, when the day was saved
  plan text NOT NULL,              -- hash of the signal plan it was folded with: base_plans
  record json NOT NULL,
  PRIMARY KEY (ref, day)
);
CREATE INDEX base_states_day ON base_states (day);
CREATE INDEX base_states_plan ON base_states (plan);

CREATE TABLE base_plans (          -- what each tally counted under a plan: a base keeps those that still count the same
  plan text PRIMARY KEY,
  definitions json NOT NULL
);

CREATE TABLE journal_retention (   -- one row
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  through date,                    -- days up to this one count by base_states, whether or not their rows are gone yet; null: none
  switched_at timestamptz(3),      -- when `through` came to be so (real time)
  saving date,                     -- the day that is being saved; null: none
  cursor bigint NOT NULL DEFAULT 0, -- events of it up to here are in base_states
  days integer,                    -- for how long events are kept, as the last pass was told
  next_at timestamptz(3) NOT NULL DEFAULT '-infinity'
);
INSERT INTO journal_retention DEFAULT VALUES;

-- Who was seen on an anonymous id, as far as only dropped events said so: [{at, id, userId}] by time, the ends of each run.
ALTER TABLE anonymous_ids ADD COLUMN links json;

-- Keys that stand for the other id of an event go with it; all others are found by their events.
CREATE INDEX event_keys_twins ON event_keys (day) WHERE twin_of IS NOT NULL;

-- Found by their age, in the order in which they were written.
CREATE INDEX score_history_at ON score_history USING brin (at);
CREATE INDEX quarantine_received ON quarantine USING brin (received_at);
