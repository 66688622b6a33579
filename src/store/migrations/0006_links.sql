-- What an operator asks of a link: how the record was found, since when, and which fields keep what others put there.
ALTER TABLE crm_records ADD COLUMN matched text;
ALTER TABLE crm_records ADD COLUMN since timestamptz(3); -- null: linked before this was kept
ALTER TABLE crm_records ADD COLUMN held json;            -- null: none
