import type { AccountChange, FieldValue, Outcome, PersonChange } from '../../sync/crm.ts';
import { requiredMissing } from '../../sync/refused.ts';
import type { Fields } from './present.ts';
import { lacking, shaped } from './shape.ts';

type NewRecord = { record: Record<string, FieldValue> } | { refused: Outcome };

/**
 * A new record as the org can keep it, or that the org would make none of it. Pure.
 *
 * @param own what it gets whatever the mapping says
 */
export function newRecord(
  sobject: 'Account' | 'Contact',
  fields: Fields,
  { createFields, allFields }: AccountChange | PersonChange,
  own: Record<string, FieldValue>,
): NewRecord {
  const record = { ...shaped(fields, { ...createFields, ...allFields }), ...own };
  const missing = lacking(fields, record);
  return missing.length > 0 ? { refused: requiredMissing(sobject, missing) } : { record };
}
