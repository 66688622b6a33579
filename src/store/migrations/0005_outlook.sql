-- What would change a score and what will, as computed with it: shown as stored, like the explanation.
ALTER TABLE scores ADD COLUMN outlook json;
