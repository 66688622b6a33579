import type { FieldValue } from '../decide/desired.ts';

/** Only what differs from what the CRM last acknowledged (I8). A field it never acknowledged differs. */
export function changedFields(
  desired: Readonly<Record<string, FieldValue>>,
  acknowledged: Readonly<Record<string, FieldValue>>,
): Record<string, FieldValue> {
  return Object.fromEntries(
    Object.entries(desired).filter(
      ([field, value]) => !(field in acknowledged) || acknowledged[field] !== value,
    ),
  );
}
