-- Forgetting people (I12), and who decided what.

-- The key of all hashes that stand for forgotten people. It opens nothing: whoever has it and this table can test a guess.
INSERT INTO settings (name, value) VALUES ('forget_key',
  encode(sha256(convert_to(gen_random_uuid()::text || gen_random_uuid()::text || gen_random_uuid()::text, 'UTF8')), 'hex'));
INSERT INTO settings (name, value) VALUES ('forget_epoch', '0'); -- raised with every change of whom to forget

ALTER TABLE forgotten ADD COLUMN sieve integer NOT NULL,          -- a number of the same name, quick to reckon: src/events/forgotten.ts
                      ADD COLUMN epoch bigint NOT NULL DEFAULT 0,   -- with which it came: processes read on from there
                      ADD COLUMN refused bigint NOT NULL DEFAULT 0; -- later events of theirs: counted, not kept
CREATE INDEX forgotten_epoch ON forgotten (epoch);

CREATE TABLE forgettings (         -- the work of forgetting one person, by step, so that it survives a kill
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz(3) NOT NULL,
  author text NOT NULL,
  reason text NOT NULL,
  step text NOT NULL DEFAULT 'asked' CHECK (step IN ('asked', 'removing', 'mentions', 'done')),
  who json,                        -- ids, addresses and names as long as the work goes on; null once it is done
  person text,                     -- keyed hash of the id that was asked for
  done json NOT NULL DEFAULT '{}', -- how much went, and the CRM records that are left to the operator
  done_at timestamptz(3)
);
CREATE INDEX forgettings_open ON forgettings (id) WHERE step <> 'done';

-- Called first by whoever writes what came from outside, in that transaction. The lock lets new names of forgotten people
-- wait for the writers under way; a volatile function reads what was committed until then, and not what its caller saw.
CREATE FUNCTION forget_epoch() RETURNS bigint LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  PERFORM pg_advisory_xact_lock_shared(7215016);
  RETURN (SELECT value::bigint FROM settings WHERE name = 'forget_epoch');
END $$;

-- Deletes that were only journaled until now.
INSERT INTO forgettings (at, author, reason, who)
  SELECT received_at, 'segment', 'delete event', json_build_object('users', coalesce(json_agg(u) FILTER (WHERE u IS NOT NULL), '[]'),
    'anonymous', coalesce(json_agg(a) FILTER (WHERE a IS NOT NULL AND u IS NULL), '[]'))
  FROM (SELECT seq, received_at, event ->> 'userId' AS u, event ->> 'anonymousId' AS a FROM events
        WHERE event::text LIKE '%"kind":"delete"%' AND event ->> 'kind' = 'delete') AS deletes
  GROUP BY seq, received_at;

-- Of every line: who decided, and why; null: nobody did, it followed from events or from a CRM.
ALTER TABLE audit ADD COLUMN author text, ADD COLUMN reason text;
UPDATE audit SET author = detail ->> 'author', reason = detail ->> 'reason' WHERE detail ->> 'author' IS NOT NULL;
CREATE INDEX audit_at ON audit (at);
