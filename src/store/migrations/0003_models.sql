-- Model versions and publications: what a score's version said, and who put which model in force, and why.

CREATE TABLE model_versions (
  model text NOT NULL,
  version text NOT NULL,           -- hash of all that decides scores: comments and key order do not count
  title text NOT NULL,
  text text NOT NULL,              -- the file as it was when a process first loaded this version
  first_seen timestamptz(3) NOT NULL,
  PRIMARY KEY (model, version)
);

CREATE TABLE publications (        -- every change of what acts: the champion, or its version
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz(3) NOT NULL,
  how text NOT NULL CHECK (how IN ('publish', 'rollback', 'file')), -- file: somebody edited the files
  author text,
  reason text,
  champion text NOT NULL,
  version text NOT NULL,
  shadows text[] NOT NULL,
  before bigint REFERENCES publications (id) -- what a rollback goes back to; null: nothing
);

CREATE TABLE refused_configurations ( -- processes whose folder is broken, and that run on with the last good one
  process text PRIMARY KEY,        -- host and process id
  since timestamptz(3) NOT NULL,
  seen_at timestamptz(3) NOT NULL, -- a process that died takes no row back: old ones do not count
  problems json NOT NULL
);

-- Told to act also on tiers that were entered without acting (recompute --all --act).
ALTER TABLE dirty_accounts ADD COLUMN catch_up boolean NOT NULL DEFAULT false;
