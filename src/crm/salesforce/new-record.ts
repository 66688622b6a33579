import type { AccountChange, Beside, FieldValue, Outcome, PersonChange } from '../../sync/crm.ts';
import { requiredMissing } from '../../sync/refused.ts';
import type { Fields } from './describe.ts';
import { lacking, shaped, tooLong } from './shape.ts';

/** `beside`: what it goes without, if anything. */
type NewRecord = { record: Record<string, FieldValue>; beside: Pick<Beside, 'held'> } | { refused: Outcome };

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
  const values = { ...createFields, ...allFields };
  const record = { ...shaped(fields, values), ...own };
  const long = tooLong(fields, values).map((field) => [field, { why: 'too_long' as const }]);
  const missing = lacking(fields, record);
  return missing.length > 0
    ? { refused: requiredMissing(sobject, missing) }
    : { record, beside: long.length === 0 ? {} : { held: Object.fromEntries(long) } };
}
