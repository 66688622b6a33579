CREATE TABLE crm_budgets (         -- the day's calls as an answer last told them, for those who make none (status, plan)
  account text PRIMARY KEY,        -- which portal or org, as the limiter names it
  crm text NOT NULL,
  daily_max integer NOT NULL,
  daily_used integer NOT NULL,
  until timestamptz(3) NOT NULL,   -- when the count starts anew, or is too old to be believed
  told_at timestamptz(3) NOT NULL,
  reserve double precision NOT NULL, -- share that is kept for others
  rolling boolean NOT NULL         -- the CRM counts the last 24 hours
);

-- Counters of the limiter, where there is no Redis; the layout is rate-limiter-flexible's. Losing them is harmless: the
-- next answer's headers tell the count again.
CREATE UNLOGGED TABLE rate_limits (
  key varchar(255) PRIMARY KEY,
  points integer NOT NULL DEFAULT 0,
  expire bigint
);
