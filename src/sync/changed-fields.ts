import type { FieldValue } from '../decide/desired.ts';

/**
 * Only what differs from what the CRM last acknowledged (I8). A field it never acknowledged differs.
 *
 * @param stamps fields that go along with others and are no change by themselves (decision 16)
 */
export function changedFields(
  desired: Readonly<Record<string, FieldValue>>,
  acknowledged: Readonly<Record<string, FieldValue>>,
  stamps: readonly string[] = [],
): Record<string, FieldValue> {
  const changed = Object.entries(desired).filter(
    ([field, value]) => !(field in acknowledged) || acknowledged[field] !== value,
  );
  return changed.every(([field]) => stamps.includes(field)) ? {} : Object.fromEntries(changed);
}
