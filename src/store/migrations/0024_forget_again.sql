-- A person whose forgetting fails stands in nobody's way (I9): it is tried again later, ever more rarely, and says why.
ALTER TABLE forgettings ADD COLUMN attempts integer NOT NULL DEFAULT 0, -- how often it failed
                        ADD COLUMN next_at timestamptz(3),              -- not before; null: at once
                        ADD COLUMN failed text;                         -- why it failed last, naming nobody; null: it did not, or is done
