-- What would change a score is worked out when somebody asks: it cost twenty times the score.
ALTER TABLE scores DROP COLUMN outlook;
