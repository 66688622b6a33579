import { type Refusal, refusal } from '../../events/refusal.ts';

/** Ids that Amplitude refuses because they stand for nobody: all such events would become one person. */
const JUNK: ReadonlySet<string> = new Set([
  'anonymous',
  'nil',
  'none',
  'null',
  'n/a',
  'na',
  'undefined',
  'unknown',
  '{}',
  '0',
  '-1',
  '00000000-0000-0000-0000-000000000000',
]);

export function refuseJunk(...ids: (string | null)[]): Refusal | null {
  const junk = ids.some((id) => id !== null && JUNK.has(id.trim().toLowerCase()));
  return junk
    ? refusal('junk_id', 'A user or device id is a placeholder such as "null" or "unknown".')
    : null;
}
