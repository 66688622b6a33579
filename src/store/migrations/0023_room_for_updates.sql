-- Rows that are written again and again find room on their own page: then no index has to learn of the new place.
ALTER TABLE people SET (fillfactor = 80);
ALTER TABLE parts SET (fillfactor = 60);
ALTER TABLE accounts SET (fillfactor = 80);
ALTER TABLE scores SET (fillfactor = 60);
ALTER TABLE actions SET (fillfactor = 70);
ALTER TABLE crm_records SET (fillfactor = 70);
