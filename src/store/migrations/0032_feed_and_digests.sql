-- The feed asks for accounts of few tiers among all.
CREATE INDEX scores_tier ON scores (model, tier);

-- Mails of the day. A row is written before its mail goes out, so that one that was perhaps sent is not sent again (I6).
CREATE TABLE digests (
  day date NOT NULL,                 -- by the clocks of the digest's time zone
  recipient text NOT NULL,           -- address in small letters; '': that the day's recipients are known
  state text NOT NULL CHECK (state IN ('planned', 'waiting', 'sending', 'sent', 'empty', 'uncertain', 'failed')),
  accounts integer,                  -- how many it told of
  attempts integer NOT NULL DEFAULT 0,
  next_at timestamptz(3) NOT NULL,   -- real time, as the next two
  tried_at timestamptz(3),
  updated_at timestamptz(3) NOT NULL,
  reason text,                       -- why it stands so, in the mail server's words
  PRIMARY KEY (day, recipient)
);
