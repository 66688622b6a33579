-- By which domain or address a record was looked for that the CRM did not have ('': by none): a miss says nothing of another.
ALTER TABLE crm_records ADD COLUMN looked_for text NOT NULL DEFAULT '';
