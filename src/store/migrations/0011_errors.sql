-- What a refusal is about: the CRM's field, when it names one, and whose record it was.

ALTER TABLE actions ADD COLUMN field text;
ALTER TABLE actions ADD COLUMN ref text; -- account key or person ref; of an act that writes several records
