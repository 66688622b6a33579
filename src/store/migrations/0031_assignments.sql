-- Who has an account from a pool, and who was seen to be there: chosen before the task is made, and kept. They name people of the
-- operator's own, as handoff.yaml does, and no customer.

CREATE TABLE assignments (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- also whose turn it was: the higher, the later
  account uuid NOT NULL,
  pool text NOT NULL,
  person text NOT NULL,            -- e-mail, in small letters: the same in every CRM
  why text NOT NULL,               -- how they were chosen, and whom it passed over
  at timestamptz(3) NOT NULL,      -- business time
  released_at timestamptz(3),      -- null: they have it
  released_why text
);
CREATE UNIQUE INDEX assignments_held ON assignments (account, pool) WHERE released_at IS NULL; -- safe: the table is new
CREATE INDEX assignments_account ON assignments (account);
CREATE INDEX assignments_turn ON assignments (pool, person, id);
CREATE INDEX assignments_released ON assignments (released_at) WHERE released_at IS NOT NULL;

CREATE TABLE owner_sightings (     -- whether a CRM knew the people of the pools, when it was last asked
  connection text NOT NULL,
  person text NOT NULL,
  active boolean,                  -- null: nobody of that address
  at timestamptz(3) NOT NULL,      -- real time
  PRIMARY KEY (connection, person)
);

-- Who was given a task, by e-mail, and when (business time): counted once, in whichever CRMs it stands.
ALTER TABLE actions ADD COLUMN assignee text;
ALTER TABLE actions ADD COLUMN assigned_at timestamptz(3);
CREATE INDEX actions_assigned ON actions (assignee, assigned_at) WHERE assigned_at IS NOT NULL;
