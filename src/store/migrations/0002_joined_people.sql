-- People who joined an account from another one since its last score: an entry into an acting tier that only
-- their past explains is a merge's, and does not act.
ALTER TABLE dirty_accounts ADD COLUMN joined text[] NOT NULL DEFAULT '{}';
