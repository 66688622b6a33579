-- What expired is looked for by model: scores of models that are no longer in force expire too and stay so, and would all be
-- read to count the few of the others.
CREATE INDEX scores_expiring ON scores (model, valid_until) WHERE valid_until IS NOT NULL;
DROP INDEX scores_due;
-- Acts that a bulk job owns, which `actions_due` leaves out: few at any time, and counted with what waits.
CREATE INDEX actions_in_bulk ON actions (connection) WHERE bulk_job IS NOT NULL;
