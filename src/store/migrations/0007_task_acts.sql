-- Who got a task and why, and acts on tasks that were made: lines that join them, and closing them.

ALTER TABLE actions DROP CONSTRAINT actions_kind_check;
ALTER TABLE actions ADD CONSTRAINT actions_kind_check
  CHECK (kind IN ('fields', 'campaign', 'task', 'note', 'close', 'alert'));
ALTER TABLE actions ADD COLUMN owner json; -- {id, name, why} as the CRM was asked for it
