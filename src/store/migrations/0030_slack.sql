-- Alerts in Slack: conversations, the pace of channels, and presses of buttons.

-- Of an alert: calls whose message may be there, and the last of them, in real time. Written before the call.
ALTER TABLE actions ADD COLUMN sends smallint NOT NULL DEFAULT 0, ADD COLUMN sent_at timestamptz(3);

CREATE TABLE slack_threads (       -- the conversation about each account
  connection text NOT NULL,
  account uuid NOT NULL,
  channel text NOT NULL,           -- as Slack's answer named it
  ts text NOT NULL,                -- the first message: its id in the channel, a text
  card_ts text,                    -- the message with the buttons; null: several accounts share one
  act uuid NOT NULL,               -- the crossing that it tells of
  state text NOT NULL,             -- open, claimed, snoozed, not_a_fit, due_soon, breached, escalated, bought, cooled, suppressed
  by_user text,                    -- Slack's id of whose button it was
  remind_at timestamptz(3),        -- of what is snoozed: until when it is silent (business time)
  at timestamptz(3) NOT NULL,      -- when it was told of the crossing (business time)
  version integer NOT NULL DEFAULT 1,
  shown integer NOT NULL DEFAULT 1, -- the version that the message with the buttons shows
  refresh_at timestamptz(3),       -- when it is changed next, real time
  PRIMARY KEY (connection, account)
);
CREATE INDEX slack_threads_account ON slack_threads (account);
CREATE INDEX slack_threads_stale ON slack_threads (connection, refresh_at) WHERE refresh_at IS NOT NULL;
CREATE INDEX slack_threads_remind ON slack_threads (remind_at) WHERE remind_at IS NOT NULL;

CREATE TABLE slack_channels (      -- the pace of each channel, kept by all workers together
  connection text NOT NULL,
  channel text NOT NULL,
  free_at timestamptz(3) NOT NULL, -- when the next message may go, real time
  sent json NOT NULL DEFAULT '[]', -- messages about new accounts of the last hour, business time
  PRIMARY KEY (connection, channel)
);

CREATE TABLE slack_clicks (        -- presses of buttons: written down before they are acknowledged
  id uuid PRIMARY KEY,             -- hash of what Slack tells apart presses by
  team text NOT NULL,
  act uuid NOT NULL,
  what text NOT NULL CHECK (what IN ('claim', 'snooze', 'not_a_fit')),
  user_id text NOT NULL,
  at timestamptz(3) NOT NULL,      -- business time
  next_at timestamptz(3),          -- when it is worked off, real time; null: it is done
  attempts integer NOT NULL DEFAULT 0
);
CREATE INDEX slack_clicks_waiting ON slack_clicks (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX slack_clicks_at ON slack_clicks (at);
